package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/document"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
)

var registrar = access.Person{ID: "rut", Role: order.RoleRegistrar}

// mailroom is a house whose registrar has a list of letters.
func mailroom(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.app.Beside = app.Beside{Attachments: h.db, Inspect: document.Inspector{}.Inspect, Office: app.Office{Digests: h.db, Staff: h.db, Incoming: h.db}}
	return h
}

// mailOf is a mail with files.
func mailOf(subject string, files ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Message-ID: <1@x.example>\r\nFrom: =?utf-8?q?=C3=85sa_Ek?= <e@x.example>\r\nSubject: %s\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHej på er\r\n", subject)
	for i := 0; i < len(files); i += 2 {
		fmt.Fprintf(&b, "--B\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\n%s\r\n", files[i], files[i+1])
	}
	return []byte(b.String() + "--B--\r\n")
}

// TestFetchedMail: a mail is in the list once, with its bytes and the Swedish
// day of its arrival; it is proposed for the case it names and put there by a
// person only, with each file as a document of its own.
func TestFetchedMail(t *testing.T) {
	t.Parallel()
	h := mailroom(t)
	id := h.submit()
	raw := mailOf("Komplettering i "+id, "svar.txt", "Så här är det.", "logga.gif", "GIF89a\x00\x01", `C:\x\plan.csv`, "a;b\r\n1;2")
	night := time.Date(h.now().Year(), h.now().Month(), h.now().Day(), 0, 0, 0, 0, time.UTC).Add(-30 * time.Minute) // half past midnight or later in Sweden
	for range 2 {
		if err := h.app.TakeMail(t.Context(), app.FetchedMail{Key: "k", At: night, Raw: raw}); err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]bool{"k": true, "annan": false} {
		if has, err := h.app.HasMail(t.Context(), key); has != want || err != nil {
			t.Errorf("%s: %v, %v", key, has, err)
		}
	}
	all, err := h.app.Letters(t.Context(), registrar, "")
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v %v", all, err)
	}
	l := all[0]
	if l.Sender != "e@x.example" || l.Subject != "Komplettering i "+id || l.Arrived != swede.CivilDay(night) || l.Channel != order.ChannelMail || l.Sealed || l.SHA256 != canon.Sum(raw) || l.HarmOf() != "" || l.By != "imap" {
		t.Errorf("%+v", l)
	}
	if _, m, err := h.app.LetterWith(t.Context(), registrar, l.ID); err != nil || len(m) != 1 || m[0].Case != id || len(m[0].Reasons) != 2 {
		t.Errorf("proposed: %+v %v", m, err)
	}
	before := len(h.state(id).Documents)
	text, files, err := h.app.LetterParts(t.Context(), registrar, l.ID)
	if err != nil || text != "Hej på er" || len(files) != 3 || files[2].Name != "plan.csv" {
		t.Errorf("%q %+v %v", text, files, err)
	}
	if _, _, err := h.app.LetterParts(t.Context(), access.Person{ID: "karin", Role: order.RoleHandler}, l.ID); err == nil {
		t.Error("a handler reads the registrar's mail")
	}
	if _, err := h.app.RegisterLetter(t.Context(), registrar, l.ID, id, "letter", ""); err != nil {
		t.Fatal(err)
	}
	docs := h.state(id).Documents[before:]
	if len(docs) != 3 || docs[0].Blob != l.Blob || docs[1].Name != "svar.txt" || docs[2].Name != "plan.csv" || docs[1].On != l.Arrived || docs[1].Party != "e@x.example" {
		t.Errorf("documents: %+v", docs)
	}
	if err := h.app.TakeMail(t.Context(), app.FetchedMail{Key: "k", At: night, Raw: raw}); err != nil {
		t.Error(err)
	}
	if all, err := h.app.Letters(t.Context(), registrar, ""); err != nil || len(all) != 0 {
		t.Errorf("a mail that is settled comes back: %+v %v", all, err)
	}
}

// zipped is an archive with files of these names.
func zipped(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: n, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("<x/>")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// named is a refusal by a scanner that names what it found.
type named struct{ *fault.Fault }

func (n named) Unwrap() error { return n.Fault }
func (named) Name() string    { return "Eicar-Test" }

// TestThreat17HarmfulMail: mail with something malicious or with macros is
// kept apart, sealed, where it can only be returned; while the scanner is down
// nothing is stored; what nobody can read stays as it came.
func TestThreat17HarmfulMail(t *testing.T) {
	t.Parallel()
	h := mailroom(t)
	down := false
	h.app.Malware = func(_ context.Context, data []byte) error {
		switch {
		case down:
			return fault.New("scan.later", "x", "x")
		case strings.Contains(string(data), "skadligt"):
			return named{fault.New("scan.found", "x", "x")}
		}
		return nil
	}
	numbers := ""
	for i := range app.MaxNumbers + 1 {
		numbers += fmt.Sprintf("%012d\r\n", swede.Make(start-12_000+day.Day(i), 120, false, swede.Real).Reveal())
	}
	take := func(key string, raw []byte) error {
		return h.app.TakeMail(t.Context(), app.FetchedMail{Key: key, At: h.app.Clock(), Raw: raw})
	}
	down = true
	if err := take("clean", mailOf("rent")); err == nil {
		t.Error("mail is taken unseen")
	}
	if has, err := h.app.HasMail(t.Context(), "clean"); has || err != nil {
		t.Errorf("stored while the scanner is down: %v", err)
	}
	down = false
	key := h.app.VaultKey
	for _, tt := range []struct {
		key, harm, subject, vault string
		sealed                    bool
		raw                       []byte
	}{
		{"clean", "", "rent", key, false, mailOf("rent")},
		{"found", "scan.found Eicar-Test", "virus", key, true, mailOf("virus", "x.txt", "skadligt")},
		{"no key", "scan.found Eicar-Test", "virus", "", true, mailOf("virus", "x.txt", "skadligt")},
		{"macros", "attachment.active", "makro", key, true, mailOf("makro", "x.docx", string(zipped(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")))},
		{"numbers", "", "", key, true, mailOf("lista", "x.txt", numbers)},
		{"hidden numbers", "", "", key, true, mailOf("lista", "x.gif", "GIF89a\x00\r\n"+numbers)},
		{"broken", "", "trasigt", key, false, []byte("From: e@x.example\r\nSubject: trasigt\r\nContent-Type: multipart/mixed\r\n\r\nx")},
		{"broken numbers", "", "", key, true, []byte("From: e@x.example\r\nSubject: trasigt\r\nContent-Type: multipart/mixed\r\n\r\n" + numbers)},
		{"no mail", "", "", key, false, []byte("\x00\x01")},
	} {
		h.app.VaultKey = tt.vault
		if err := take(tt.key, tt.raw); err != nil {
			t.Errorf("%s: %v", tt.key, err)
			continue
		}
		all, err := h.app.Letters(t.Context(), registrar, "")
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %+v %v", tt.key, all, err)
		}
		l := all[0]
		if l.Sealed != tt.sealed || l.HarmOf() != tt.harm || l.Subject != tt.subject {
			t.Errorf("%s: %+v", tt.key, l)
		}
		_, r, err := h.app.OpenLetter(t.Context(), registrar, l.ID)
		if err == nil {
			_ = r.Close()
		}
		if app.IsNotFound(err) != tt.sealed {
			t.Errorf("%s: opened: %v", tt.key, err)
		}
		if _, err := h.app.RegisterLetter(t.Context(), registrar, l.ID, "FK-2026-00001", "letter", ""); err == nil {
			t.Errorf("%s: is registered", tt.key)
		}
		if _, err := h.app.ReturnLetter(t.Context(), registrar, l.ID, "hör inte hit"); err != nil {
			t.Errorf("%s: %v", tt.key, err)
		}
	}
}

// TestEveryWayInIsScanned: each use case that takes a file asks the scanner
// before it does anything else with it.
func TestEveryWayInIsScanned(t *testing.T) {
	t.Parallel()
	h := mailroom(t)
	id := h.submit()
	stop := errors.New("looked at")
	h.app.Malware = func(context.Context, []byte) error { return stop }
	h.app.Unsent, h.app.UnsentKey = h.db, make([]byte, 32)
	h.app.Pages = func(context.Context, []byte) ([]string, error) { return nil, nil }
	text := func() *strings.Reader { return strings.NewReader("x") }
	for name, f := range map[string]func() error{
		"letter": func() error {
			_, err := h.app.TakeLetter(t.Context(), registrar, app.Letter{Channel: "post", Arrived: h.day, Sender: "E", Name: "b.txt"}, text())
			return err
		},
		"mail": func() error {
			return h.app.TakeMail(t.Context(), app.FetchedMail{Key: "k", At: h.app.Clock(), Raw: []byte("x")})
		},
		"original": func() error {
			_, err := h.app.TakeOriginal(t.Context(), registrar, id, order.Document{Kind: "letter", On: h.day, Party: "E", Channel: "post"}, "b.txt", text())
			return err
		},
		"kept for a form": func() error {
			_, _, err := h.app.KeepUnsentFile(t.Context(), registrar, "/letters", "original", "b.txt", []byte("x"))
			return err
		},
		"ethics text": func() error {
			_, err := h.app.Supported(t.Context(), h.state(id).Application, []byte("x"))
			return err
		},
		"form": func() error { return h.app.Scan(t.Context(), []byte("x")) },
	} {
		if err := f(); !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
