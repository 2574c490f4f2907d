package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/console"
	"sluss/internal/coverage"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/swede"
	"sluss/internal/variablelist"
)

// catalogCmd shows what can be ordered, and takes it out and in as lists.
type catalogCmd struct {
	List    catalogListCmd    `cmd:"" help:"List registers, tables and variables."`
	Export  catalogExportCmd  `cmd:"" help:"Write the catalogue as an Excel list of variables, or as pages of documentation."`
	Publish catalogPublishCmd `cmd:"" help:"Write the catalogue as open data: DCAT-AP-SE and HealthDCAT-AP, as Turtle and JSON-LD (docs/registers.md)."`
	Mapping catalogMappingCmd `cmd:"" help:"Print what the columns mean of the list that export writes, for one register (docs/registers.md)."`
	Import  catalogImportCmd  `cmd:"" help:"Make a data file of the catalogue from an Excel list of variables (docs/registers.md)."`
}

type catalogListCmd struct {
	JSON     bool   `name:"json" help:"Print as JSON."`
	Coverage string `placeholder:"FILE" help:"What has been measured, as sluss-engine coverage --json prints it; without it the catalogue's rule says until when can be ordered."`
}

// Run prints the catalogue.
func (c *catalogListCmd) Run() error {
	cat := console.Catalogue()
	today := swede.CivilDay(time.Now())
	measured, err := measuredIn(c.Coverage)
	if err != nil {
		return err
	}
	orderable, told := map[string]string{}, map[string]string{}
	for i := range cat.Registers {
		if x := measured.Of(&cat.Registers[i], today); x.Limited {
			orderable[cat.Registers[i].ID] = x.Until.String()
			told[cat.Registers[i].ID] = x.Until.String() + " (" + x.Words().In(console.Language()) + ")"
		}
	}
	if c.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(cat.ListJSON(orderable))
	}
	lang := console.Language()
	for i := range cat.Registers {
		r := &cat.Registers[i]
		fmt.Printf("%s  %s\n  %s\n", r.ID, r.Names.In(lang), marks(r, told[r.ID], lang))
		for _, t := range r.Tables {
			fmt.Printf("  %s  %s\n", t.ID, t.Names.In(lang))
			for _, v := range t.Variables {
				if v.Deliverable() {
					fmt.Printf("    %-20s %s\n", v.ID, v.Names.In(lang))
				}
			}
		}
	}
	return nil
}

// measuredIn reads what has been measured; nothing without a file.
func measuredIn(path string) (intake.Measured, error) {
	if path == "" {
		return nil, nil
	}
	bad := fault.New("catalog.coverage", "Filen är inte vad sluss-engine coverage --json skriver.", "The file is not what sluss-engine coverage --json prints.").At(fault.Where{File: filepath.Base(path)})
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, bad.Because(err)
	}
	var p coverage.Published
	if err := json.Unmarshal(raw, &p); err != nil || p.Seen <= 0 || len(p.Registers) == 0 {
		return nil, bad.Because(err)
	}
	return app.MeasuredOf(&p), nil
}

// marks are a register's attributes on one line.
func marks(r *catalog.Register, until, lang string) string {
	sv := lang == "sv"
	word := func(on bool, s, e string) string {
		switch {
		case !on:
			return ""
		case sv:
			return s
		}
		return e
	}
	out := []string{string(r.Area)}
	for _, w := range []string{
		word(r.MiDAS, "MiDAS", "MiDAS"), word(r.Listed, "variabellista", "list of variables"), word(r.Documented, "dokumentation", "documentation"),
		word(r.Assured, "kvalitetssäkrade perioder", "periods quality-assured"), word(r.Health(), "hälsouppgifter", "health data"),
		word(until != "", "kan beställas till och med "+until, "can be ordered until "+until),
		word(r.Coverage == nil && r.Area != catalog.AreaPerson, "betalningar till och med senaste utbetalningsdag", "payments up to the last date of payment"),
	} {
		if w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, " · ")
}

// catalogExportCmd writes lists and pages.
type catalogExportCmd struct {
	XLSX string `name:"xlsx" placeholder:"FILE" help:"Write one Excel list of all registers, variables and codes."`
	HTML string `name:"html" placeholder:"DIR" help:"Write index.html and one page per register."`
}

// Run writes what was asked for; nothing is written over.
func (c *catalogExportCmd) Run() error {
	if c.XLSX == "" && c.HTML == "" {
		return fault.New("catalogue.export", "Ange --xlsx FIL eller --html MAPP.", "Give --xlsx FILE or --html DIR.")
	}
	if c.XLSX != "" {
		var b bytes.Buffer
		if err := variablelist.WriteExcel(&b, console.Catalogue()); err != nil {
			return err
		}
		if err := writeNew(c.XLSX, b.Bytes()); err != nil {
			return err
		}
	}
	if c.HTML == "" {
		return nil
	}
	if err := os.MkdirAll(c.HTML, 0o755); err != nil {
		return err
	}
	return variablelist.WritePages(console.Catalogue(), func(name string, content []byte) error {
		return writeNew(filepath.Join(c.HTML, name), content)
	})
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fault.New("catalogue.exists", "Filen finns redan.", "The file exists already.").At(fault.Where{File: filepath.Base(path)})
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// catalogMappingCmd prints the mapping with which a register comes back from our own
// list.
type catalogMappingCmd struct {
	Register string `arg:"" help:"The register's id, as catalog list gives it."`
}

// Run prints the mapping.
func (c *catalogMappingCmd) Run() error {
	cat := console.Catalogue()
	i := slices.IndexFunc(cat.Registers, func(r catalog.Register) bool { return r.ID == c.Register })
	if i < 0 {
		return fault.New("catalogue.register", "Katalogen har inget sådant register.", "The catalogue has no such register.").
			Do("sluss catalog list visar dem som finns.", "sluss catalog list shows those that there are.").At(fault.Where{Column: c.Register})
	}
	m, err := variablelist.Own(&cat.Registers[i])
	if err != nil {
		return err
	}
	raw, err := m.YAML()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(raw)
	return err
}

// catalogImportCmd reads a list of variables.
type catalogImportCmd struct {
	List    string `arg:"" placeholder:"FILE.xlsx" help:"The list of variables."`
	Mapping string `required:"" placeholder:"MAP.yaml" help:"What the columns of the list mean."`
	Out     string `placeholder:"FILE.json" help:"The data file to write (default: standard output)."`
}

// Run makes the data file. What is wrong is told cell by cell, and nothing is
// written then.
func (c *catalogImportCmd) Run() error {
	raw, err := os.ReadFile(c.Mapping)
	if err != nil {
		return noFile(c.Mapping)
	}
	m, err := variablelist.ReadMapping(raw)
	if err != nil {
		return fault.New("catalogue.mapping", "Kolumnbeskrivningen kan inte användas:"+listed(err, "sv"), "The mapping of columns cannot be used:"+listed(err, "en")).At(fault.Where{File: filepath.Base(c.Mapping)})
	}
	f, err := os.Open(c.List)
	if err != nil {
		return noFile(c.List)
	}
	defer f.Close()
	data, err := variablelist.Import(f, m, console.Catalogue())
	if err != nil {
		return fault.New("catalogue.list", "Variabellistan kan inte läsas in:"+listed(err, "sv"), "The list of variables cannot be imported:"+listed(err, "en")).At(fault.Where{File: filepath.Base(c.List)})
	}
	if c.Out == "" {
		_, err = os.Stdout.Write(data)
		return err
	}
	return writeNew(c.Out, data)
}

// listed is every fault of a list or a mapping, a line each.
func listed(err error, lang string) string {
	return "\n  " + strings.ReplaceAll(strings.Join(variablelist.Told(err, lang), "\n"), "\n", "\n  ")
}

func noFile(path string) error {
	return fault.New("catalogue.no_file", "Filen finns inte eller går inte att läsa.", "The file does not exist or cannot be read.").At(fault.Where{File: filepath.Base(path)})
}
