// Package layoutfile makes a register's source file from a file in its holder's
// own layout ([sluss/internal/layout] says what such a file means).
//
// [Import] reads text with a tab, semicolon or comma between cells, one person
// after the other, in bounded memory, and writes the Parquet file that
// `sluss-engine load` takes. Nothing is left behind when something is wrong.
package layoutfile

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/layout"
)

// Options say what is read and where it goes.
type Options struct {
	layout.Options
	File       string // with lines
	Key        string // CSV of lopnr,personnummer; "" when the file has identity numbers itself
	Dir        string // of the source file; it is called after the table
	Table      string
	Registered day.Day // when the register knew; the file does not say
	Catalogue  *catalog.Catalogue
	// Progress, which may be nil, is told how many lines have been read, and what
	// part of the file, from 0 to 1.
	Progress func(lines int64, part float64)
}

// Result says what was read and made.
type Result struct {
	layout.Counts
	Persons int64
	Unused  []string // columns with values that the register does not take in
	File    string
}

// Import reads, checks and writes. Faults name file, line and column and never a
// cell.
func Import(ctx context.Context, o Options) (res Result, err error) {
	reg, table := o.Catalogue.Table(o.Table)
	if table == nil {
		return res, fault.New("layout.table", "Katalogen har ingen sådan tabell.", "The catalogue has no such table.")
	}
	in := &intake{o: o, reg: reg, unused: map[string]bool{}, done: map[string]bool{}}
	if in.numbers, err = readKey(o.Key); err != nil {
		return res, err
	}
	f, err := os.Open(o.File)
	if err != nil {
		return res, fault.New("layout.file", "Filen går inte att öppna.", "The file cannot be opened.").At(fault.Where{File: filepath.Base(o.File)}).Because(err)
	}
	defer f.Close()
	out, err := create(o.Dir, table)
	if err != nil {
		return res, err
	}
	defer func() {
		if err != nil {
			out.abandon()
			err = inFile(err, o.File)
		}
	}()
	in.out = out
	if err := in.read(ctx, f, table); err != nil {
		return res, err
	}
	if err := out.publish(); err != nil {
		return res, err
	}
	res = Result{Counts: in.counts, Persons: int64(len(in.done)), File: out.path}
	for name := range in.unused {
		res.Unused = append(res.Unused, name)
	}
	slices.Sort(res.Unused)
	return res, nil
}

// inFile adds the file's name to a fault that has none.
func inFile(err error, file string) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Where.File == "" {
		f.Where.File = filepath.Base(file)
	}
	return err
}

// intake is an import while it runs.
type intake struct {
	o       Options
	reg     *catalog.Register
	r       *layout.Reader
	numbers map[string]string // identity numbers by löpnummer, nil without a key
	done    map[string]bool   // persons that have been read
	unused  map[string]bool
	lines   []layout.Line // of the person at hand
	counts  layout.Counts
	rowID   int64
	track   int64
	out     *sourceFile
}

// progressEvery is how many lines lie between two reports.
const progressEvery = 100_000

func (in *intake) read(ctx context.Context, f *os.File, table *catalog.Table) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	rows, err := reader(f)
	if err != nil {
		return err
	}
	header, err := rows.Read()
	if err != nil {
		return unreadable(rows, err)
	}
	if in.r, err = layout.NewReader(in.reg, table, slices.Clone(header), in.o.Options); err != nil {
		return err
	}
	for n := int64(1); ; n++ {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return in.person()
		}
		if err != nil {
			return unreadable(rows, err)
		}
		at, _ := rows.FieldPos(0)
		l, err := in.r.Read(at, cells)
		if err != nil {
			return err
		}
		in.r.Unused(cells, in.unused)
		if len(in.lines) > 0 && in.lines[0].Person != l.Person {
			if err := in.person(); err != nil {
				return err
			}
		}
		if len(in.lines) == 0 && in.done[l.Person] {
			return fault.New("layout.order", "Personens rader står inte tillsammans; ordna filen efter löpnummer.", "The person's lines do not stand together; order the file by löpnummer.").At(fault.Where{Line: at, Column: table.Layout[0].Name})
		}
		// The reader reuses the memory of its cells.
		l.Person, l.Benefit, l.Insured, l.Diagnosis = string([]byte(l.Person)), string([]byte(l.Benefit)), string([]byte(l.Insured)), string([]byte(l.Diagnosis))
		in.lines = append(in.lines, l)
		if n%progressEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if in.o.Progress != nil {
				in.o.Progress(n, float64(rows.InputOffset())/float64(max(size, 1)))
			}
		}
	}
}

// reader finds out what stands between cells from the first line.
func reader(f io.Reader) (*csv.Reader, error) {
	buf := bufio.NewReaderSize(f, 1<<20)
	if b, _ := buf.Peek(3); string(b) == "\xef\xbb\xbf" {
		if _, err := buf.Discard(3); err != nil {
			return nil, err
		}
	}
	head, _ := buf.Peek(4096)
	rows := csv.NewReader(buf)
	rows.ReuseRecord, rows.FieldsPerRecord = true, -1
	for _, c := range "\t;," {
		if slices.Contains(head, byte(c)) {
			rows.Comma = c
			break
		}
	}
	return rows, nil
}

func unreadable(rows *csv.Reader, err error) error {
	line := 1
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		line = p.Line
	} else if errors.Is(err, io.EOF) {
		return fault.New("layout.empty", "Filen är tom.", "The file is empty.")
	} else {
		return err
	}
	return fault.New("layout.unreadable", "Raden går inte att läsa: ett citattecken står fel.", "The line cannot be read: a quotation mark stands where it cannot.").At(fault.Where{Line: line})
}

// person turns the lines of the person at hand into rows.
func (in *intake) person() error {
	if len(in.lines) == 0 {
		return nil
	}
	first := in.lines[0]
	number, ok := first.Person, isNumber(first.Person)
	if in.numbers != nil {
		if number, ok = in.numbers[first.Person]; !ok {
			return fault.New("layout.key", "Nyckelfilen har inte löpnumret.", "The key file does not have the löpnummer.").At(fault.Where{Line: first.At, Column: "lopnr"})
		}
	}
	if !ok {
		return fault.New("layout.number", "Cellen är inget identitetsnummer med tolv siffror.", "The cell is no identity number of twelve digits.").
			Do("Ge en nyckelfil med --key om filen har löpnummer.", "Give a key file with --key if the file has löpnummer.").At(fault.Where{Line: first.At, Column: "lopnr"})
	}
	gap := layout.Gap{}
	for _, g := range in.reg.SpellGroups {
		if gap.Max = g.MaxGapDays; g.FarGap != nil {
			gap.Far = g.FarGap.MaxGapDays
		}
	}
	rows, err := in.r.Rows(in.lines, gap, &in.counts)
	if err != nil {
		return err
	}
	spell := -1
	for i := range rows {
		if rows[i].Spell != spell {
			spell = rows[i].Spell
			in.track++
		}
		in.rowID++
		if err := in.out.add(in.source(&rows[i], number)); err != nil {
			return err
		}
	}
	in.done[first.Person] = true
	in.lines = in.lines[:0]
	return nil
}

// readKey reads a file of löpnummer and identity numbers; nil without a file.
func readKey(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New("layout.key_file", "Nyckelfilen går inte att öppna.", "The key file cannot be opened.").At(fault.Where{File: filepath.Base(path)}).Because(err)
	}
	defer f.Close()
	bad := func(line int, column, sv, en string) error {
		return fault.New("layout.key_file", sv, en).At(fault.Where{File: filepath.Base(path), Line: line, Column: column})
	}
	rows, err := reader(f)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := 1; ; line++ {
		cells, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF) && line > 1:
			return out, nil
		case err != nil:
			return nil, bad(line, "", "Nyckelfilen går inte att läsa.", "The key file cannot be read.")
		case line == 1:
			if !slices.Equal(cells, []string{"lopnr", "personnummer"}) {
				return nil, bad(1, "", "Nyckelfilen ska ha rubrikerna lopnr och personnummer.", "The key file must have the header lopnr and personnummer.")
			}
			continue
		case len(cells) != 2 || cells[0] == "":
			return nil, bad(line, "lopnr", "Raden ska ha ett löpnummer och ett identitetsnummer.", "The line must have a löpnummer and an identity number.")
		case !isNumber(cells[1]):
			return nil, bad(line, "personnummer", "Cellen är inget identitetsnummer med tolv siffror.", "The cell is no identity number of twelve digits.")
		}
		if _, twice := out[cells[0]]; twice {
			return nil, bad(line, "lopnr", "Löpnumret står två gånger.", "The löpnummer stands twice.")
		}
		out[string([]byte(cells[0]))] = string([]byte(cells[1]))
	}
}

// isNumber reports whether s has the twelve digits of an identity number; the
// load finds out whose it is.
func isNumber(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// moreThanOneDay is the chosen waiting period of who has more than one day, nobody
// knows how many: the file only shows that a spell goes on over a longer gap.
const moreThanOneDay = "2+"

// source is a row as the table's source columns have it, by column.
func (in *intake) source(r *layout.Row, number string) func(v *catalog.Variable) (n int64, text string, missing bool) {
	return func(v *catalog.Variable) (int64, string, bool) {
		code := func(s string) (int64, string, bool) { return 0, s, s == "" }
		switch v.Role {
		case catalog.RolePerson:
			return 0, number, false
		case catalog.RoleRowID:
			return in.rowID, "", false
		case catalog.RoleTrack:
			return in.track, "", false
		case catalog.RoleTx, catalog.RolePaid:
			if r.Earlier {
				return int64(in.o.Registered) - 1, "", false
			}
			return int64(in.o.Registered), "", false
		case catalog.RoleKind:
			if r.Reversal {
				return code("rev")
			}
			return code("pay")
		case catalog.RoleBenefit:
			return code(r.Benefit)
		case catalog.RoleFrom:
			return int64(r.Days.From), "", false
		case catalog.RoleTom:
			return int64(r.Days.To) - 1, "", r.Days.To == day.Open
		case catalog.RoleExtent:
			return int64(r.Extent), "", false
		case catalog.RoleAmount:
			return r.Ore, "", false
		}
		switch v.ID {
		case "karenstid":
			if r.Far {
				return code(moreThanOneDay)
			}
			return code("")
		case "forsakradtyp":
			return code(r.Insured)
		case "diagnos":
			return code(r.Diagnosis)
		}
		return 0, "", true
	}
}

// String tells the result to a person.
func (r Result) String() string {
	return fmt.Sprintf("%d lines of %d persons: %d spells, %d gaps, %d repeated; %d rows", r.Lines, r.Persons, r.Spells, r.Gaps, r.Repeated, r.Rows)
}
