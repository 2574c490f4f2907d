// Package letterpress makes letters (room letter) into files: a page of HTML,
// which is the master, and from the same data a PDF by Typst; and it seals
// files with the authority's certificate.
//
// The HTML is one file without anything fetched: a title, a language, headings
// in order, table headings with scope, a style for screen and print. The same
// letter gives the same bytes.
//
// The PDF declares PDF/UA-1 (accessible) and PDF/A-2a (to be kept) at once, so
// one file is read out loud and archived. Whether it is what it declares is
// checked by veraPDF in tools/letters. Typst is a program of its own that is
// run for each letter; the letter reaches it as data in a file, never as
// source, since Typst is a programming language.
//
// The seal is a detached CMS signature (RFC 5652) that stands beside the PDF:
// openssl cms -verify -binary -inform DER -in brev.pdf.p7s -content brev.pdf.
package letterpress

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/letter"
)

// Press implements [app.Press]. Its zero value makes HTML only.
type Press struct {
	// Typst is the program (Typst 0.14 or later), "" = no PDF.
	Typst string
	// Patience is how long it may take for a letter; 0 = 30 seconds.
	Patience time.Duration
	// Sealer signs, nil = no seal.
	Sealer *Sealer

	turns chan struct{}
}

// New returns a press that has at most n letters under way in Typst at once.
func New(typst string, sealer *Sealer, n int) *Press {
	return &Press{Typst: typst, Sealer: sealer, turns: make(chan struct{}, max(1, n))}
}

//go:embed letter.html
var htmlSource string

//go:embed letter.css
var style string

//go:embed letter.typ
var typstSource []byte

var page = template.Must(template.New("letter").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"number": func(t *letter.Table, i int) bool { return slices.Contains(t.Numbers, i) },
}).Parse(htmlSource))

// Makes reports whether letters can be made in a format here.
func (p *Press) Makes(format string) bool {
	switch format {
	case app.LetterHTML:
		return true
	case app.LetterPDF:
		return p.Typst != ""
	case app.LetterSeal:
		return p.Typst != "" && p.Sealer != nil
	}
	return false
}

// HTML is the letter as a page of its own.
func (*Press) HTML(l letter.Letter) ([]byte, error) {
	var b bytes.Buffer
	if err := page.Execute(&b, l); err != nil {
		return nil, fmt.Errorf("letter as HTML: %w", err)
	}
	return b.Bytes(), nil
}

// StylePolicy is how a content security policy lets the page's own style
// through and nothing else.
func StylePolicy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

// largest is how big a PDF may be, bytes.
const largest = 20 << 20

// PDF runs Typst in an empty folder of its own.
func (p *Press) PDF(ctx context.Context, l letter.Letter) ([]byte, error) {
	if p.Typst == "" {
		return nil, app.ErrNoPress
	}
	if p.turns != nil {
		select {
		case p.turns <- struct{}{}:
			defer func() { <-p.turns }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	day, err := time.Parse(time.DateOnly, l.Day)
	if err != nil {
		return nil, fmt.Errorf("letter as PDF: %w", err)
	}
	dir, err := os.MkdirTemp("", "letter-")
	if err != nil {
		return nil, fmt.Errorf("letter as PDF: %w", err)
	}
	defer os.RemoveAll(dir)
	data, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("letter as PDF: %w", err)
	}
	err = errors.Join(os.WriteFile(filepath.Join(dir, "letter.json"), data, 0o600), os.WriteFile(filepath.Join(dir, "letter.typ"), typstSource, 0o600))
	if err != nil {
		return nil, fmt.Errorf("letter as PDF: %w", err)
	}
	return p.run(ctx, dir, day)
}

func (p *Press) run(ctx context.Context, dir string, day time.Time) ([]byte, error) {
	patience := p.Patience
	if patience == 0 {
		patience = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := filepath.Join(dir, "letter.pdf")
	cmd := exec.CommandContext(ctx, p.Typst, "compile", "--root", dir, "--ignore-system-fonts", "--pdf-standard", "ua-1,a-2a", "--creation-timestamp", fmt.Sprint(day.Unix()), filepath.Join(dir, "letter.typ"), out)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8"}
	// What Typst says can hold the letter's text: it goes nowhere.
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("typst: %w", err)
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, fmt.Errorf("typst: %w", err)
	}
	defer f.Close()
	pdf, err := io.ReadAll(io.LimitReader(f, largest+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("typst: %w", err)
	case len(pdf) > largest || !bytes.HasPrefix(pdf, []byte("%PDF-")):
		return nil, errors.New("typst: what it wrote is no PDF or too large")
	}
	return pdf, nil
}

// Seal is a detached CMS signature over a file.
func (p *Press) Seal(file []byte) ([]byte, error) {
	if p.Sealer == nil {
		return nil, app.ErrNoPress
	}
	return p.Sealer.Seal(file)
}

// Sealer has the authority's certificate and key.
type Sealer struct {
	chain []*x509.Certificate // the authority's first
	key   crypto.PrivateKey
}

// ReadSealer reads a certificate (with those above it, PEM) and its key (PEM,
// PKCS #8) from files.
func ReadSealer(certificate, key string) (*Sealer, error) {
	unusable := func(name string, err error) error {
		return fault.New("letter.certificate", "Myndighetens certifikat eller nyckel går inte att läsa.", "The authority's certificate or key cannot be read.").
			At(fault.Where{File: filepath.Base(name)}).Do("Ange ett X.509-certifikat och en PKCS #8-nyckel, båda PEM.", "Name an X.509 certificate and a PKCS #8 key, both PEM.").Because(err)
	}
	raw, err := os.ReadFile(certificate)
	if err != nil {
		return nil, unusable(certificate, err)
	}
	var s Sealer
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, unusable(certificate, err)
		}
		s.chain = append(s.chain, c)
	}
	if raw, err = os.ReadFile(key); err != nil {
		return nil, unusable(key, err)
	}
	block, _ := pem.Decode(raw)
	if block == nil || len(s.chain) == 0 {
		return nil, unusable(key, errors.New("no PEM block"))
	}
	if s.key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return nil, unusable(key, err)
	}
	signer, ok := s.key.(crypto.Signer)
	public, same := s.chain[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !same || !public.Equal(signer.Public()) {
		return nil, unusable(key, errors.New("the key is not that of the certificate"))
	}
	return &s, nil
}

// Seal signs a file with SHA-256 and leaves the file itself out.
func (s *Sealer) Seal(file []byte) ([]byte, error) {
	d, err := pkcs7.NewSignedData(file)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	d.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := d.AddSignerChain(s.chain[0], s.key, s.chain[1:], pkcs7.SignerInfoConfig{}); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	d.Detach()
	return d.Finish()
}

// Subject is whose certificate it is, for a page that says who seals.
func (s *Sealer) Subject() string { return strings.TrimSpace(s.chain[0].Subject.CommonName) }
