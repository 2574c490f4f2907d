package rig

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register"
)

// groupRows is how many rows stand in one row group of a source file.
const groupRows = 1 << 17

// Write makes the source files of all registers in dir, which must not hold
// any yet: identity.parquet, person.parquet, relation.parquet, one Parquet file
// per table of the catalogue, and synth.json with their hashes. The columns
// are those of the catalogue, identity numbers stand as text, and rows come in
// the order in which they were registered. It returns the number of rows in all
// of them.
func (w *World) Write(ctx context.Context, dir string, tell Teller) (total int64, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	watch := &watch{ctx: ctx, tell: tell}
	cat := w.cfg.Catalogue
	note := register.Note{Synthetic: true, Persons: w.cfg.Persons, Seed: w.cfg.Seed, Wave: max(w.cfg.Wave, 1), At: w.cfg.At()}
	save := func(name string, vars []catalog.Variable, rows func(out *fileWriter) error) error {
		f, err := create(dir, name+".parquet", vars, w.cfg.Workers)
		if err != nil {
			return err
		}
		watch.begin(name)
		f.watch = watch
		err = rows(f)
		entry, cerr := f.close()
		if err == nil {
			err = cerr
		}
		note.Files = append(note.Files, entry)
		total += entry.Rows
		return err
	}
	if err := save("person", cat.Files["person"].Columns, w.persons); err != nil {
		return 0, err
	}
	if err := save("identity", cat.Files["identity"].Columns, w.identities); err != nil {
		return 0, err
	}
	if err := save("relation", cat.Files["relation"].Columns, w.relations); err != nil {
		return 0, err
	}
	if err := save("organisation", cat.Files["organisation"].Columns, w.listOrganisations); err != nil {
		return 0, err
	}
	for _, r := range cat.Registers {
		for _, t := range r.Tables {
			if w.maker(t.ID) == nil || len(w.cfg.Tables) > 0 && !slices.Contains(w.cfg.Tables, t.ID) {
				continue // person, written above; or nobody said how
			}
			var vars []catalog.Variable
			for _, v := range t.Variables {
				if v.Stored() && !(v.Optional && w.cfg.SickRows > 0) { // dense registers are for measuring: the columns that every file has
					vars = append(vars, v)
				}
			}
			if err := save(t.ID, vars, func(out *fileWriter) error { return w.table(t.ID, out) }); err != nil {
				return 0, err
			}
		}
	}
	slices.SortFunc(note.Files, func(a, b register.SourceFile) int { return strings.Compare(a.Name, b.Name) })
	raw, err := json.MarshalIndent(note, "", "  ")
	if err != nil {
		return 0, err
	}
	return total, os.WriteFile(filepath.Join(dir, register.NoteName), append(raw, '\n'), 0o600)
}

// cell is one value on its way into a file: a number, a text, or nothing.
type cell struct {
	n    int64
	s    string
	null bool
}

func number[T ~int | ~int32 | ~int64 | ~uint8 | ~uint16](v T) cell { return cell{n: int64(v)} }
func text(s string) cell                                           { return cell{s: s, null: s == ""} }

func date(d day.Day) cell { return cell{n: int64(d), null: d == day.Open} }

// known lists the persons who are registered at the wave's day.
func (w *World) known(use func(p Person)) {
	for p := range Person(w.Len()) {
		if w.Arrived[p] < w.cfg.At() {
			use(p)
		}
	}
}

func (w *World) persons(out *fileWriter) error {
	var list []Person
	w.known(func(p Person) { list = append(list, p) })
	return out.write(len(list), func(i int, source string) cell {
		p := list[i]
		switch source {
		case "entity":
			return number(w.Entity(p))
		case "birth_date":
			return date(w.Birth[p])
		case "death_date":
			if w.Death[p] >= w.cfg.At() {
				return cell{null: true}
			}
			return date(w.Death[p])
		case "sex":
			if w.Woman[p] {
				return text("K")
			}
			return text("M")
		case "protected":
			return number(int(b2u(w.Shield[p])))
		default: // county
			return text(fmt.Sprintf("%02d", w.County[p]))
		}
	})
}

func (w *World) identities(out *fileWriter) error {
	type entry struct {
		p Person
		n *Number
	}
	var list []entry
	w.known(func(p Person) {
		for k := range w.numbers[p] {
			if n := &w.numbers[p][k]; n.From < w.cfg.At() {
				list = append(list, entry{p, n})
			}
		}
	})
	return out.write(len(list), func(i int, source string) cell {
		e := list[i]
		switch source {
		case "entity":
			return number(w.Entity(e.p))
		case "id_value":
			return text(e.n.text)
		case "id_kind":
			if e.n.Value.Coordination() {
				return text("samnr")
			}
			return text("pnr")
		case "valid_from":
			return date(e.n.From)
		default: // valid_to
			if e.n.To >= w.cfg.At() {
				return cell{null: true}
			}
			return date(e.n.To)
		}
	})
}

func (w *World) relations(out *fileWriter) error {
	var list [][2]Person
	w.known(func(c Person) {
		for _, parent := range []Person{w.Mother[c], w.Father[c]} {
			if parent != Nobody && w.Arrived[parent] < w.cfg.At() {
				list = append(list, [2]Person{parent, c})
			}
		}
	})
	return out.write(len(list), func(i int, source string) cell {
		if source == "parent" {
			return number(w.Entity(list[i][0]))
		}
		return number(w.Entity(list[i][1]))
	})
}

func (w *World) listOrganisations(out *fileWriter) error {
	return out.write(len(w.organisations), func(o int, source string) cell {
		if source == "entity" {
			return number(w.OrganisationEntity(o))
		}
		return text(w.organisations[o])
	})
}

// sliceRows bounds how many rows are held at once: the years are made in
// slices of about so many rows.
const sliceRows = 3_000_000

// table writes the rows of one table. Rows are numbered as they come, so a
// later wave gives the same numbers to the rows that were there before.
func (w *World) table(id string, out *fileWriter) error {
	from, to := w.cfg.start(), w.cfg.At()
	perPerson := map[string]int{"midas_sjp": 5 + w.cfg.SickRows, "midas_fp": 16, "midas_sa": 6, "tfp": 9, "tandvard": 14, "lakarintyg": 3, "midas_fl": 6}[id]
	if r := w.cfg.Recipes[id]; r != nil {
		perPerson = r.RowsPerPerson
	}
	slices := 1 + w.Len()*perPerson/sliceRows
	row := int64(0)
	for k := range slices {
		// Making the rows of a slice is half of it, writing them the other.
		out.from, out.share = (float64(k)+.5)/float64(slices), .5/float64(slices)
		making := func(part float64) error { return out.watch.came(0, out.from-out.share*(1-part)) }
		lo := from + day.Day(int(to-from)*k/slices)
		hi := from + day.Day(int(to-from)*(k+1)/slices)
		rows, err := w.between(id, lo, hi, making)
		if err != nil {
			return err
		}
		ids := make([]int64, len(rows))
		for i := range ids {
			row++
			ids[i] = 100_000 + row
		}
		rows, ids = w.edits(rows, ids)
		if err := out.write(len(rows), func(i int, source string) cell { return w.cell(&rows[i], ids[i], source) }); err != nil {
			return err
		}
	}
	return nil
}

// edits makes what a register does to rows behind everybody's back between
// two waves: some amounts, diagnoses and extents are changed, some rows vanish.
func (w *World) edits(rows []Row, ids []int64) ([]Row, []int64) {
	n := 0
	for i := range rows {
		r, gone := rows[i], false
		for wave := uint64(2); wave <= uint64(w.cfg.Wave); wave++ {
			if r.Tx >= First.AddMonths(int(wave)-2) {
				continue // not there before this wave
			}
			switch x := mix(uint64(ids[i])*31+wave+w.cfg.Seed) % 2000; {
			case x == 0:
				gone = true
			case x <= 3:
				r.Amount = r.Amount * 101 / 100
			case x == 4 && r.Diagnosis == "F43":
				r.Diagnosis = "F48"
			case x == 5 && r.Extent == 1000:
				r.Extent = 500
			}
		}
		if !gone {
			rows[n], ids[n] = r, ids[i]
			n++
		}
	}
	return rows[:n], ids[:n]
}

// cell returns the value of a row in a column of the source.
func (w *World) cell(r *Row, id int64, source string) cell {
	if r.recipe != nil {
		if i := r.recipe.column(source); i >= 0 {
			return w.cooked(r, i)
		}
	}
	switch source {
	case "rad_id":
		return number(id)
	case "arende_id":
		return number(r.Track)
	case "registrerad":
		return date(r.Tx)
	case "transaktion":
		if r.Reversal {
			return text("rev")
		}
		return text("pay")
	case "personnummer", "arbetsgivare_orgnr":
		return text(w.written(r))
	case "barn_personnummer":
		if r.Child == Nobody {
			return cell{null: true}
		}
		return text(w.numberOn(r.Child, r.Tx).text)
	case "delforman":
		return text(r.Benefit)
	case "fran", "behandlad", "datum":
		return date(r.From)
	case "till":
		return date(r.Tom)
	case "omfattning":
		return number(r.Extent)
	case "niva", "ersattningstyp":
		return text(r.Level)
	case "forsakradtyp":
		return text(r.Insured)
	case "karenstid":
		return text(r.Waits)
	case "insjuknad":
		return date(r.Ill)
	case "diagnos", "atgardskod":
		return text(r.Diagnosis)
	case "tand":
		return cell{n: int64(r.Tooth), null: r.Tooth == 0}
	case "pris_ore":
		return number(r.Price)
	case "referenspris_ore":
		return number(r.Reference)
	case "belopp_ore":
		return number(r.Amount)
	case "utbetald":
		return date(r.Paid)
	}
	return w.own(r, source)
}

// written returns the number that the source has about a row: the one in
// force on the day of registration, at times an older one, seldom one that
// nobody has.
func (w *World) written(r *Row) string {
	if r.Organisation != 0 {
		return w.organisations[r.Organisation-1]
	}
	n := w.numberOn(r.Person, r.Tx)
	if r.OldNumber {
		n = w.numberOn(r.Person, r.Tx-366)
	}
	if r.Typo {
		return "17" + n.text[2:] // a century that no number has
	}
	return n.text
}

// fileWriter writes one Parquet file, row groups side by side.
type fileWriter struct {
	name    string
	f       *os.File
	buf     *bufio.Writer
	sum     interface{ Sum([]byte) []byte }
	size    *counter
	pq      *parquet.GenericWriter[any]
	vars    []catalog.Variable // in the order of the file's columns
	rows    int64
	workers int
	watch   *watch
	// What is written next is this share of the file, from there on.
	from, share float64
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func create(dir, name string, vars []catalog.Variable, workers int) (*fileWriter, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	group := parquet.Group{}
	for _, v := range vars {
		group[v.Source] = node(&v)
	}
	schema := parquet.NewSchema(strings.TrimSuffix(name, ".parquet"), group)
	out := &fileWriter{name: name, f: f, buf: bufio.NewWriterSize(f, 1<<20), workers: workers, share: 1}
	for _, path := range schema.Columns() {
		k := slices.IndexFunc(vars, func(v catalog.Variable) bool { return v.Source == path[0] })
		out.vars = append(out.vars, vars[k])
	}
	h := sha256.New()
	out.sum, out.size = h, &counter{w: io.MultiWriter(out.buf, h)}
	out.pq = parquet.NewGenericWriter[any](out.size, schema, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("sluss", "synth", "1"))
	return out, nil
}

// node returns the Parquet type of a source column.
func node(v *catalog.Variable) parquet.Node {
	var n parquet.Node
	switch {
	case v.Kind == catalog.KindCode:
		n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case v.Kind == catalog.KindPerson && v.SourceKey == catalog.SourceNumber:
		n = parquet.String()
	case v.Kind == catalog.KindDate, v.Kind == catalog.KindPeriod:
		n = parquet.Date()
	case wide(v):
		n = parquet.Int(64)
	default:
		n = parquet.Int(32)
	}
	if v.Nullable {
		n = parquet.Optional(n)
	}
	return n
}

func wide(v *catalog.Variable) bool {
	return v.Kind == catalog.KindOre || v.Role == catalog.RoleRowID || v.Role == catalog.RoleTrack || v.Kind == catalog.KindPerson || v.ID == "entity" || v.ID == "parent" || v.ID == "child"
}

// value turns a cell into a value of the i'th column.
func (f *fileWriter) value(i int, c cell) parquet.Value {
	v := &f.vars[i]
	level := 0
	if v.Nullable {
		if c.null {
			return parquet.NullValue().Level(0, 0, i)
		}
		level = 1
	}
	var out parquet.Value
	switch {
	case v.Kind == catalog.KindCode, v.Kind == catalog.KindPerson && v.SourceKey == catalog.SourceNumber:
		out = parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(c.s), len(c.s))) // only read
	case wide(v):
		out = parquet.Int64Value(c.n)
	default:
		out = parquet.Int32Value(int32(c.n))
	}
	return out.Level(0, level, i)
}

// write adds rows, whose cells value gives.
func (f *fileWriter) write(rows int, value func(row int, source string) cell) error {
	n := (rows + groupRows - 1) / groupRows
	for at := 0; at < n; at += f.workers {
		groups := make([]*parquet.ConcurrentRowGroupWriter, min(f.workers, n-at))
		errs := make([]error, len(groups))
		var wg sync.WaitGroup
		for k := range groups {
			groups[k] = f.pq.BeginRowGroup()
			lo := (at + k) * groupRows
			wg.Go(func() { errs[k] = f.fill(groups[k], lo, min(lo+groupRows, rows), value) })
		}
		wg.Wait()
		for k, g := range groups {
			if errs[k] != nil {
				return errs[k]
			}
			if _, err := g.Commit(); err != nil {
				return err
			}
			written := min((at+k+1)*groupRows, rows)
			if err := f.watch.came(int64(written-(at+k)*groupRows), f.from+f.share*float64(written)/float64(rows)); err != nil {
				return err
			}
		}
	}
	f.rows += int64(rows)
	return nil
}

// fill writes rows [lo, hi) into a row group, column by column.
func (f *fileWriter) fill(g *parquet.ConcurrentRowGroupWriter, lo, hi int, value func(row int, source string) cell) error {
	buf := make([]parquet.Value, 0, 1<<12)
	for i, c := range g.ColumnWriters() {
		for row := lo; row < hi; {
			if err := f.watch.ctx.Err(); err != nil {
				return err
			}
			buf = buf[:0]
			for ; row < hi && len(buf) < cap(buf); row++ {
				buf = append(buf, f.value(i, value(row, f.vars[i].Source)))
			}
			if _, err := c.WriteRowValues(buf); err != nil {
				return err
			}
		}
	}
	return g.Flush()
}

func (f *fileWriter) close() (register.SourceFile, error) {
	err := f.pq.Close()
	if e := f.buf.Flush(); err == nil {
		err = e
	}
	if e := f.f.Close(); err == nil {
		err = e
	}
	return register.SourceFile{Name: f.name, Bytes: f.size.n, SHA256: canon.Hash(hex.EncodeToString(f.sum.Sum(nil))), Rows: f.rows}, err
}
