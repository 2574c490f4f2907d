package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/letter"
	"sluss/internal/letterpress"
)

// printing is what makes letters into files.
type printing struct {
	Typst       string `env:"SLUSS_TYPST" placeholder:"PROGRAM" help:"Typst 0.14 or later, that makes letters into PDF; without it letters are HTML (docs/letters.md)."`
	Certificate string `env:"SLUSS_CERTIFICATE" placeholder:"FILE" help:"The authority's certificate (PEM), that letters are sealed with."`
	SealingKey  string `env:"SLUSS_SEALING_KEY" placeholder:"FILE" help:"The key of the certificate (PEM, PKCS #8)."`
}

func (p printing) press() (*letterpress.Press, error) {
	var sealer *letterpress.Sealer
	if p.Certificate != "" {
		var err error
		if sealer, err = letterpress.ReadSealer(p.Certificate, p.SealingKey); err != nil {
			return nil, err
		}
	}
	return letterpress.New(p.Typst, sealer, 2), nil
}

// letterCmd writes a letter of a case.
type letterCmd struct {
	office
	printing
	Case   string `arg:"" help:"Number of the case."`
	Number int    `arg:"" optional:"" help:"Number of the document; without it the letters of the case are listed."`
	Format string `enum:"html,pdf,p7s,text" default:"html" help:"html, pdf, p7s (the seal under the PDF) or text."`
	Lang   string `enum:"sv,en" default:"sv" help:"The letter's language, sv or en."`
	Out    string `placeholder:"FILE" help:"Where to write; standard output by default."`
}

// Run writes one letter, or lists them.
func (c *letterCmd) Run(ctx context.Context) error {
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	if a.Press, err = c.press(); err != nil {
		return err
	}
	entries, err := a.Log.Load(ctx, c.Case)
	if err != nil {
		return notThere(err)
	}
	list := app.DocumentList(c.Case, entries)
	if c.Number == 0 {
		for _, d := range list {
			if d.IsLetter() {
				fmt.Printf("%d\t%s\t%s\t%s\n", d.No, d.On, letter.Numbered(a.Authority.DocumentNumber, c.Case, d.No), d.Name.In(c.Lang))
			}
		}
		return nil
	}
	i := slices.IndexFunc(list, func(d app.CaseDocument) bool { return d.No == c.Number && d.IsLetter() })
	if i < 0 {
		return fault.New("letter.unknown", "Det finns inget brev med det numret i ärendet.", "There is no letter with that number in the case.").
			Do("Lista breven: sluss letter "+c.Case, "List the letters: sluss letter "+c.Case)
	}
	var body []byte
	if c.Format == "text" {
		l, err := a.Letter(ctx, c.Case, entries, list[i], c.Lang)
		if err != nil {
			return err
		}
		body = []byte(l.Text())
	} else {
		p, err := a.IssueLetter(ctx, c.Case, entries, list[i], c.Lang, c.Format)
		if err != nil {
			return err
		}
		body = p.Body
	}
	if c.Out == "" {
		_, err = os.Stdout.Write(body)
		return err
	}
	return os.WriteFile(c.Out, body, 0o600)
}
