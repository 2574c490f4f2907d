package letterpress

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/letter"
)

var sample = letter.Letter{
	Kind: letter.Receipt, Lang: "sv", Title: `Titel <b> & "citat"`, From: "Myndigheten", To: []string{"<script>alert(1)</script>"}, Case: "FK-2026-00001", Date: "1 maj 2026", Day: "2026-05-01",
	Sections: []letter.Section{{Heading: "Del", Paragraphs: []string{"#import \"x\" $x$ *fet*"}, Table: &letter.Table{Caption: "T", Head: []string{"a", "b"}, Rows: [][]string{{"x", "1"}}, Numbers: []int{1}}}},
}

// TestHTML: all text is text, tables have headings with scope, figures stand to
// the right.
func TestHTML(t *testing.T) {
	t.Parallel()
	html, err := New("", nil, 1).HTML(sample)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<html lang="sv">`, `<title>Titel &lt;b&gt; &amp; &#34;citat&#34; – FK-2026-00001</title>`, `&lt;script&gt;`, `<th scope="col">a</th>`, `<th scope="col" class="number">b</th>`,
		`<th scope="row">x</th><td class="number">1</td>`, `<caption>T</caption>`, `<time datetime="2026-05-01">`, "@media print",
	} {
		if !strings.Contains(string(html), want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(string(html), "<script") {
		t.Error("text became markup")
	}
}

// certificate makes an authority's certificate and key, as files.
func certificate(t *testing.T) (certificate, key string) {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Myndigheten"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, typ string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return put("c.pem", "CERTIFICATE", der), put("k.pem", "PRIVATE KEY", pkcs8)
}

// TestSealIsAcceptedByOpenSSL: openssl verifies the detached seal of a file, and
// refuses it for a file with one byte changed.
func TestSealIsAcceptedByOpenSSL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("skipped: openssl is not on this machine")
	}
	c, k := certificate(t)
	sealer, err := ReadSealer(c, k)
	if err != nil {
		t.Fatal(err)
	}
	file := []byte("%PDF-1.7\nett brev\n\x00\xff")
	seal, err := New("", sealer, 1).Seal(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(seal), "ett brev") {
		t.Error("the file is in the seal")
	}
	dir := t.TempDir()
	verify := func(content []byte) error {
		for name, b := range map[string][]byte{"brev.pdf": content, "brev.pdf.p7s": seal} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "brev.pdf.p7s", "-content", "brev.pdf", "-CAfile", c, "-out", "out")
		cmd.Dir = dir
		return cmd.Run()
	}
	if err := verify(file); err != nil {
		t.Errorf("openssl refuses the seal: %v", err)
	}
	file[10] ^= 1
	if verify(file) == nil {
		t.Error("openssl takes the seal for another file")
	}
}

func TestSealersThatCannotSeal(t *testing.T) {
	t.Parallel()
	c, k := certificate(t)
	_, other := certificate(t)
	for _, files := range [][2]string{{c, other}, {k, k}, {c, c}, {c, "nowhere"}, {"nowhere", k}} {
		if _, err := ReadSealer(files[0], files[1]); err == nil {
			t.Errorf("%v", files)
		}
	}
	if _, err := New("", nil, 1).Seal(nil); !errors.Is(err, app.ErrNoPress) {
		t.Errorf("%v", err)
	}
}

// TestTypstThatFails: a program that fails, hangs, or writes something else
// gives an error without a word of the letter, and leaves nothing behind.
func TestTypstThatFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	program := func(body string) string {
		path := filepath.Join(t.TempDir(), "typst")
		if err := os.WriteFile(path, []byte("#!/bin/sh\nfor out; do :; done\n"+body+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for what, body := range map[string]string{
		"fails": `echo "Titel" >&2; exit 1`, "hangs": "sleep 20", "writes nothing": "true", "writes text": `echo hej > "$out"`, "is too much": `printf '%%PDF-' > "$out"; head -c 21000000 /dev/zero >> "$out"`,
	} {
		p := New(program(body), nil, 1)
		p.Patience = 500 * time.Millisecond
		if what == "is too much" {
			p.Patience = 20 * time.Second
		}
		if pdf, err := p.PDF(t.Context(), sample); err == nil || len(pdf) > 0 || strings.Contains(err.Error(), "Titel") {
			t.Errorf("%s: %v", what, err)
		}
	}
	p := New(program(`cp "$(dirname "$out")/letter.json" "$out.x"; { printf '%%PDF-'; cat "$out.x"; } > "$out"`), nil, 1)
	pdf, err := p.PDF(t.Context(), sample)
	if err != nil || !strings.Contains(string(pdf), "#import") {
		t.Errorf("%v", err)
	}
	if _, err := New("", nil, 1).PDF(t.Context(), sample); !errors.Is(err, app.ErrNoPress) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
