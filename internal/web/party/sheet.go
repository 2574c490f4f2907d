package party

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// sheet is a page about a case, put together heading by heading.
type sheet struct {
	*page.Ask
	*page.Case
	// refused is the form that was sent and has to be mended; it stands in the
	// place of the one with the same address.
	refused *page.Form
	// looked is a form that is shown again, filled in, and nothing wrong with it.
	looked *page.Form
	body
}

type body struct {
	Number, Case string
	Lead         string
	News         []string
	Problems     *page.Form
	Blocks       []*block
}

// block is what stands under one heading.
type block struct {
	ID, Heading string
	Look        string // "", note or warn
	Text        []string
	List        []string
	Facts       []fact
	Table       *table
	Commands    []string
	Form        *page.Form
	Extra       []extra // further buttons of the form, to other addresses
	Links       []page.Link
	Closed      string // what opens it; "" = it is open
}

type fact struct {
	Name, Value string
	Code, Late  bool
}

type table struct {
	Caption string
	Head    []string
	Rows    [][]cell
	Narrow  bool // a few short columns
}

// Figures reports whether a column holds numbers, which stand to the right.
func (t *table) Figures(column int) bool {
	for _, r := range t.Rows {
		if column >= len(r) || !r[column].Number {
			return false
		}
	}
	return len(t.Rows) > 0
}

type cell struct {
	Label, Text string
	Path        string // where the text leads, "" = nowhere
	Number      bool
}

type extra struct{ Path, Text string }

// open is a page about the case in the address, as far as the visitor may see
// the view of it.
func open(a *page.Ask, view access.View) (*sheet, error) {
	c, err := a.Case(view)
	if err != nil {
		return nil, err
	}
	return about(a, c), nil
}

func about(a *page.Ask, c *page.Case) *sheet {
	s := &sheet{Ask: a, Case: c}
	s.Number = c.ID
	s.body.Case = cmp.Or(c.State.Application.Title, a.Word("party.untitled"))
	if a.Role() == order.RoleSupplier { // knows the case by its call
		s.body.Case = a.Word("party.the_population")
	}
	return s
}

// path is an address in the case.
func (s *sheet) path(rest string) string { return "/cases/" + s.ID + "/" + rest }

// add begins a heading; key "" has none.
func (s *sheet) add(id, key string) *block {
	b := &block{ID: id}
	if key != "" {
		b.Heading = s.Word(key)
	}
	s.Blocks = append(s.Blocks, b)
	return b
}

// say adds paragraphs.
func (b *block) say(texts ...string) *block {
	for _, t := range texts {
		if t != "" {
			b.Text = append(b.Text, t)
		}
	}
	return b
}

// note and warn set the paragraphs off.
func (b *block) note() *block { b.Look = "note"; return b }
func (b *block) warn() *block { b.Look = "warn"; return b }

// fact adds a line of facts, unless it says nothing.
func (b *block) fact(name, value string) *block {
	if value != "" {
		b.Facts = append(b.Facts, fact{Name: name, Value: value})
	}
	return b
}

// code adds a fact that is copied rather than read: a key, a checksum.
func (b *block) code(name, value string) *block {
	if value != "" {
		b.Facts = append(b.Facts, fact{Name: name, Value: value, Code: true})
	}
	return b
}

// rows begins a table.
func (b *block) rows(caption string, head ...string) *table {
	b.Table = &table{Caption: caption, Head: head}
	return b.Table
}

// row adds a line; what is a number stands to the right.
func (t *table) row(cells ...string) *table {
	var out []cell
	for i, text := range cells {
		c := cell{Text: text}
		if i < len(t.Head) {
			c.Label = t.Head[i]
		}
		c.Number = i > 0 && text != "" && strings.Trim(text, "0123456789,.\u00a0 −krtimhMGB") == ""
		out = append(out, c)
	}
	t.Rows = append(t.Rows, out)
	return t
}

// link lets a cell of the last row lead somewhere.
func (t *table) link(column int, path string) *table {
	t.Rows[len(t.Rows)-1][column].Path = path
	return t
}

// ask puts a form under the heading, or the one that was refused in its place.
func (s *sheet) ask(b *block, f *page.Form) *block {
	if s.refused != nil && s.refused.Action == f.Action {
		f = s.refused
	}
	if s.looked != nil && s.looked.Action == f.Action {
		f = s.looked
	}
	b.Form = f
	return b
}

// form begins a form that acts in the case as it is.
func (s *sheet) form(rest, verb string, fields ...*page.Field) *page.Form {
	f := s.Form(s.path(rest), s.Word(verb), fields...)
	f.Version = s.Version
	return f
}

// show answers with the page.
func (s *sheet) show(title string) error {
	nav := "nav.cases"
	if s.Role() == order.RoleSupplier {
		nav = "party.nav_calls"
	}
	v := page.View{Title: title, Nav: nav, Body: &s.body}
	if s.refused == nil {
		return s.Show("sheet", v)
	}
	s.Problems = s.refused
	return s.Refused("sheet", s.refused, v)
}

// give carries a command out that a form asks for, and goes to a page that says
// so. What is refused shows the page again, with what was typed and, when the
// case has changed meanwhile, what is new.
func (s *sheet) give(f *page.Form, cmd order.Command, path, done string, again func(*sheet) error) error {
	if f.OK() {
		err := s.Do(s.Case, cmd)
		if err == nil {
			return s.Go(path, done)
		}
		if x, ok := errors.AsType[*fault.Fault](err); ok && x.Rule == "access" || !f.Take(err) {
			return err
		}
		for i, p := range f.Problems { // a refusal may name what the form does not ask for
			if f.Field(p.ID) == nil {
				f.Problems[i].ID = ""
			}
		}
		if err := s.renew(f); err != nil {
			return err
		}
	}
	s.refused = f
	return again(s)
}

// renew looks at the case again and tells what has happened since the form was
// made; the form then belongs to the case as it is now.
func (s *sheet) renew(f *page.Form) error {
	c, err := s.CaseOf(s.ID, access.ViewCase)
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(s.Value("version"))
	if err == nil && seen != c.Version {
		for _, v := range access.Read(s.Role(), c.Relation, c.Entries, c.State) {
			if v.Number > seen {
				s.News = append(s.News, order.Headline(v.Entry.Event.Type()).In(s.Lang))
			}
		}
	}
	s.Case, f.Version = c, c.Version
	return nil
}

// long writes a day, "" when there is none.
func (s *sheet) long(d day.Day) string {
	if d == 0 {
		return ""
	}
	return page.LongDay(s.Lang, d)
}

// span writes a stretch of days, both ends in it: 2011–2024 for whole years.
func (s *sheet) span(from, to day.Day) string {
	y, m, d := from.YMD()
	if y2, m2, d2 := to.YMD(); m == 1 && d == 1 && m2 == 12 && d2 == 31 {
		if y == y2 {
			return strconv.Itoa(y)
		}
		return strconv.Itoa(y) + "–" + strconv.Itoa(y2)
	}
	return s.long(from) + "–" + s.long(to)
}

// events are the entries that the reader sees the content of, oldest first.
func (s *sheet) events() []order.Entry {
	var out []order.Entry
	for _, v := range access.Read(s.Role(), s.Relation, s.Entries, s.State) {
		if v.Depth == access.Full {
			out = append(out, v.Entry)
		}
	}
	return out
}

// errGone is the answer to what is not there.
var errGone = app.ErrNotFound

// hashOf is the hash that a form carries: what was shown is what is answered.
func hashOf(a *page.Ask) canon.Hash { return canon.Hash(a.Value("hash")) }
