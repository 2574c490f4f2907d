package app_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/document"
	"sluss/internal/order"
)

// pack returns the package of a case.
func (h *house) pack(id string) []byte {
	h.t.Helper()
	var b bytes.Buffer
	if err := h.app.Archive(h.t.Context(), &b, id); err != nil {
		h.t.Fatal(err)
	}
	return b.Bytes()
}

// unpack reads a package as an archive would: nothing of ours but the names.
func unpack(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		if on := f.Modified.UTC(); on.Format("2006-01-02 15:04") != start.String()+" 09:00" { // of the last event, not of today
			t.Errorf("%s is of %s", f.Name, on)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// verify checks every file against the index, as sha256sum -c does.
func verify(t *testing.T, files map[string][]byte) {
	t.Helper()
	listed := map[string]bool{}
	for line := range strings.Lines(string(files["SHA256SUMS"])) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		got := sha256.Sum256(files[name])
		if !ok || files[name] == nil || hex.EncodeToString(got[:]) != sum {
			t.Errorf("%q is not what the index says", line)
		}
		listed[name] = true
	}
	for name := range files {
		if name != "SHA256SUMS" && !listed[name] {
			t.Errorf("%s is not in the index", name)
		}
	}
}

// TestArchivePackage: every document, the log, decision and quote as they were
// signed, and a hash for each; the same bytes every time; nothing that was
// purged.
func TestArchivePackage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.app.Beside = app.Beside{Attachments: h.db, Inspect: document.Inspector{}.Inspect, Office: app.Office{Digests: h.db, Staff: h.db, Incoming: h.db}}
	id := h.submit()
	registrar := access.Person{ID: "registrar.1", Role: order.RoleRegistrar}
	letter, err := h.app.TakeLetter(t.Context(), registrar, app.Letter{Channel: "post", Arrived: h.day, Sender: "=E", Subject: "s", Name: "brev.txt"}, strings.NewReader("Kära myndighet"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.app.RegisterLetter(t.Context(), registrar, letter.ID, id, "letter", "OSL 24:8"); err != nil {
		t.Fatal(err)
	}
	h.do(id, order.RoleHandler, order.Acknowledge{})
	raw := h.pack(id)
	if !bytes.Equal(raw, h.pack(id)) {
		t.Error("the same case gives other bytes")
	}
	files := unpack(t, raw)
	verify(t, files)
	if string(files["handlingar/0002-letter.txt"]) != "Kära myndighet" || !strings.Contains(string(files["handlingar/0001-application.json"]), "e@x.example") {
		t.Errorf("documents: %v", names(files))
	}
	r := csv.NewReader(bytes.NewReader(files["handlingar.csv"]))
	r.Comma = ';'
	table, err := r.ReadAll()
	if err != nil || len(table) != 4 || table[2][5] != "'=E" || table[2][6] != "OSL 24:8" || table[2][7] != "handlingar/0002-letter.txt" {
		t.Errorf("%v, %v", table, err)
	}
	var tree struct {
		Documents []struct {
			No   int    `xml:"nr,attr"`
			File string `xml:"fil"`
		} `xml:"handling"`
	}
	if err := xml.Unmarshal(files["handlingar.xml"], &tree); err != nil || len(tree.Documents) != 3 || files[tree.Documents[1].File] == nil {
		t.Errorf("%+v, %v", tree, err)
	}
	lines := bufio.NewScanner(bytes.NewReader(files["handelser.jsonl"]))
	n := 0
	for lines.Scan() {
		n++
		var e map[string]any
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e["number"] != float64(n) || e["what"] == "" || e["type"] == "" {
			t.Errorf("%s: %v", lines.Text(), err)
		}
		if raw, err := canon.Normalise(lines.Bytes()); err != nil || !bytes.Equal(raw, lines.Bytes()) {
			t.Error("a line is not canonical")
		}
	}
	if n != h.state(id).Version {
		t.Errorf("%d events of %d", n, h.state(id).Version)
	}
	// what has been purged is told and not there; what was changed is found
	if err := h.blobs.Delete(t.Context(), letter.Blob); err != nil {
		t.Fatal(err)
	}
	files = unpack(t, h.pack(id))
	verify(t, files)
	if files["handlingar/0002-letter.txt"] != nil || !strings.Contains(string(files["handlingar.csv"]), ";;ja\r\n") {
		t.Errorf("%s", files["handlingar.csv"])
	}
	if _, _, err := h.blobs.Put(t.Context(), letter.Blob, strings.NewReader("något annat")); err != nil {
		t.Fatal(err)
	}
	if err := h.app.Archive(t.Context(), io.Discard, id); err == nil {
		t.Error("a changed original is archived")
	}
	if err := h.app.Archive(t.Context(), io.Discard, "FK-2026-99999"); !app.IsNotFound(err) {
		t.Errorf("%v", err)
	}
}

func names(files map[string][]byte) (out []string) {
	for n := range files {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
