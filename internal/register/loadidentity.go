package register

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// loadIdentity reads the identity register and writes the identity folder.
func (b *builder) loadIdentity(ctx context.Context, srcs []*source) error {
	b.o.Progress(Progress{"identity", 0, srcs[0].rows()})
	d := &Identity{}
	if err := b.loadPersons(ctx, srcs[0], d); err != nil {
		return err
	}
	list, err := b.loadOrganisations(ctx, srcs, d)
	if err != nil {
		return err
	}
	if b.parent != nil {
		d.keep(b.parent.identity)
	}
	if err := b.loadNumbers(ctx, srcs[1], d, list); err != nil {
		return err
	}
	if err := b.loadRelations(ctx, srcs[2], d); err != nil {
		return err
	}
	b.ids = d
	b.m.Persons, b.m.Numbers, b.m.Relations = d.Len(), len(d.number), len(d.children.who)
	b.m.Organisations = d.organisations()
	for _, f := range identityFiles() {
		w, err := b.create("identity/"+f.name+".seg", f.width)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.bytes(d)); err != nil {
			w.abandon()
			return err
		}
		if err := b.finish("identity/"+f.name+".seg", w); err != nil {
			return err
		}
	}
	return nil
}

// wholeFile reads a whole identity file, column by column: whole numbers and dates
// as numbers, texts through text, which returns the number to keep.
func wholeFile(ctx context.Context, s *source, columns []catalog.Variable, text func(col int, c *cursor, dst []int64) error) ([][]int64, error) {
	out := make([][]int64, len(columns))
	for i := range out {
		out[i] = make([]int64, s.rows())
	}
	at := 0
	for g := range s.pq.RowGroups() {
		err := s.scan(ctx, g, func(cols []*cursor, n int) error {
			for i, c := range cols {
				dst := out[i][at : at+n]
				if sourceForm(&columns[i]) == formText {
					if err := text(i, c, dst); err != nil {
						return err
					}
				} else if err := c.ints(dst); err != nil {
					return err
				}
			}
			at += n
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// codeReader reads the texts of an identity file through one code book per
// column.
type codeReader struct {
	books map[int]*codeBook
	buf   []uint16
}

func (r *codeReader) read(col int, c *cursor, dst []int64) error {
	if r.books[col] == nil {
		r.books[col] = newCodeBook(nil)
	}
	r.buf = slices.Grow(r.buf[:0], len(dst))[:len(dst)]
	if err := c.codes(r.buf, newCodeCache(r.books[col])); err != nil {
		return err
	}
	for i, v := range r.buf {
		dst[i] = int64(v)
	}
	return nil
}

func (r *codeReader) text(col int, v int64) string {
	if b := r.books[col]; b != nil && v < int64(len(b.texts)) {
		return b.texts[v]
	}
	return ""
}

// loadPersons reads the persons and adds those of the parent who are gone:
// closed row versions still speak of them.
func (b *builder) loadPersons(ctx context.Context, s *source, d *Identity) error {
	columns := b.o.Catalogue.Files["person"].Columns
	texts := &codeReader{books: map[int]*codeBook{}}
	cols, err := wholeFile(ctx, s, columns, texts.read)
	if err != nil {
		return err
	}
	const entity, birth, death, sex, protected, county = 0, 1, 2, 3, 4, 5
	rows := make([]int, s.rows())
	for i := range rows {
		rows[i] = i
	}
	rows = slices.DeleteFunc(rows, func(i int) bool {
		bad := cols[entity][i] == NoInt64 || cols[birth][i] == NoInt64
		if bad {
			b.m.Rejected[ReasonMissingValue]++
		}
		return bad
	})
	slices.SortStableFunc(rows, func(x, y int) int { return cmp.Compare(cols[entity][x], cols[entity][y]) })
	rows = slices.CompactFunc(rows, func(x, y int) bool {
		same := cols[entity][x] == cols[entity][y]
		if same {
			b.m.Rejected[ReasonRowConflict]++
		}
		return same
	})
	for _, i := range rows {
		to := NoDay
		if cols[death][i] != NoInt64 {
			to = day.Day(cols[death][i])
		}
		flag := uint8(0)
		if cols[protected][i] == 1 {
			flag = 1
		}
		d.addPerson(cols[entity][i], day.Day(cols[birth][i]), to, sexCode(texts.text(sex, cols[sex][i])), flag, countyCode(texts.text(county, cols[county][i])))
	}
	return nil
}

// organisation is a line of the file of organisations.
type organisation struct {
	key    int64
	number uint64
}

// loadOrganisations adds the organisations to the entities: an organisation is
// one that was never born. It returns them with their numbers.
func (b *builder) loadOrganisations(ctx context.Context, srcs []*source, d *Identity) ([]organisation, error) {
	if !b.organisations {
		return nil, nil
	}
	columns := b.o.Catalogue.Files[organisationSource].Columns
	cols, err := wholeFile(ctx, srcs[len(srcs)-1], columns, func(_ int, c *cursor, dst []int64) error {
		buf := make([]uint64, len(dst))
		err := c.numbers(buf)
		for i := range dst {
			dst[i] = int64(buf[i])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	mode := swede.Real
	if b.m.Synthetic {
		mode = swede.Synthetic
	}
	var list []organisation
	others := &Identity{}
	for i, key := range cols[0] {
		n := uint64(cols[1][i])
		_, taken := d.ByEntity(key)
		switch {
		case key == NoInt64 || taken:
			b.m.Rejected[ReasonRowConflict]++
		case !validOrganisation(n, mode):
			b.m.Rejected[ReasonBadNumber]++
		default:
			list = append(list, organisation{key, n})
		}
	}
	slices.SortFunc(list, func(x, y organisation) int { return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.number, y.number)) })
	for i, o := range list {
		if i == 0 || list[i-1].key != o.key {
			others.addPerson(o.key, NoDay, NoDay, 0, 0, 0)
		}
	}
	d.keep(others)
	return list, nil
}

// validOrganisation reports whether n is sixteen and an organisation number of
// a legal person, with the check digit of mode.
func validOrganisation(n uint64, mode swede.Mode) bool {
	if n/10_000_000_000 != 16 {
		return false
	}
	o, err := swede.ParseOrganisation(strconv.FormatUint(n, 10), day.Max, mode)
	if err != nil {
		return false
	}
	_, sole := o.Person()
	return !sole
}

func (d *Identity) addPerson(key int64, birth, death day.Day, sex, protected, county uint8) {
	d.entity, d.birth, d.death = append(d.entity, key), append(d.birth, birth), append(d.death, death)
	d.sex, d.protected, d.county = append(d.sex, sex), append(d.protected, protected), append(d.county, county)
}

// keep adds the persons of old that d lacks.
func (d *Identity) keep(old *Identity) {
	out := &Identity{}
	i := 0
	put := func(from *Identity, k int) {
		out.addPerson(from.entity[k], from.birth[k], from.death[k], from.sex[k], from.protected[k], from.county[k])
	}
	for k, key := range old.entity {
		for ; i < len(d.entity) && d.entity[i] < key; i++ {
			put(d, i)
		}
		if i == len(d.entity) || d.entity[i] != key {
			put(old, k)
		}
	}
	for ; i < len(d.entity); i++ {
		put(d, i)
	}
	d.entity, d.birth, d.death, d.sex, d.protected, d.county = out.entity, out.birth, out.death, out.sex, out.protected, out.county
}

// loadNumbers reads the identity numbers and adds those of organisations. Real data must have right check
// digits and synthetic data wrong ones; a number of the other kind is not
// loaded, so nobody can be reached by it.
func (b *builder) loadNumbers(ctx context.Context, s *source, d *Identity, organisations []organisation) error {
	columns := b.o.Catalogue.Files["identity"].Columns
	texts := &codeReader{books: map[int]*codeBook{}}
	buf := make([]uint64, batchRows)
	cols, err := wholeFile(ctx, s, columns, func(col int, c *cursor, dst []int64) error {
		if columns[col].Kind != catalog.KindPerson {
			return texts.read(col, c, dst)
		}
		if err := c.numbers(buf[:len(dst)]); err != nil {
			return err
		}
		for i := range dst {
			dst[i] = int64(buf[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	const entity, number, from, to = 0, 1, 3, 4
	mode := swede.Real
	if b.m.Synthetic {
		mode = swede.Synthetic
	}
	var list []alias
	for i := range cols[entity] {
		holder, ok := d.ByEntity(cols[entity][i])
		if !ok {
			b.m.Rejected[ReasonUnknownEntity]++
			continue
		}
		n := uint64(cols[number][i])
		if !validNumber(n, mode) {
			b.m.Rejected[ReasonBadNumber]++
			continue
		}
		a := alias{n, holder, day.Min, day.Open}
		if cols[from][i] != NoInt64 {
			a.from = day.Day(cols[from][i])
		}
		if cols[to][i] != NoInt64 {
			a.to = day.Day(cols[to][i])
		}
		list = append(list, a)
	}
	for _, o := range organisations {
		if holder, ok := d.ByEntity(o.key); ok {
			list = append(list, alias{o.number, holder, day.Min, day.Open})
		}
	}
	d.setAliases(list)
	return nil
}

// validNumber reports whether n is an identity number with the check digit of
// mode.
func validNumber(n uint64, mode swede.Mode) bool {
	if n == numberMissing || n == numberBad || dayIndex(n) < 0 {
		return false
	}
	var text [12]byte
	for i := range text {
		text[11-i] = '0' + byte(n%10)
		n /= 10
	}
	_, err := swede.Parse(text[:], day.Max, mode)
	return err == nil
}

func (b *builder) loadRelations(ctx context.Context, s *source, d *Identity) error {
	cols, err := wholeFile(ctx, s, b.o.Catalogue.Files["relation"].Columns, nil)
	if err != nil {
		return err
	}
	var pairs [][2]uint32
	for i := range cols[0] {
		parent, ok1 := d.ByEntity(cols[0][i])
		child, ok2 := d.ByEntity(cols[1][i])
		if !ok1 || !ok2 {
			b.m.Rejected[ReasonUnknownEntity]++
			continue
		}
		pairs = append(pairs, [2]uint32{parent, child})
	}
	d.setRelations(pairs)
	return nil
}

func sexCode(s string) uint8 {
	return uint8(max(slices.Index(sexes[:], s), 0))
}

// countyCode returns the number of a county code of two digits, 0 for others.
func countyCode(s string) uint8 {
	if len(s) != 2 || s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0
	}
	return (s[0]-'0')*10 + s[1] - '0'
}
