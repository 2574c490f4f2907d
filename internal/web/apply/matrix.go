package apply

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

// The coverage matrix: what the ethics documents must support for what lies in
// the basket, and where they do.

type matrixBody struct {
	partBody
	Rows    []matrixRow
	Wording string
	Unread  []string // documents whose text could not be read
	None    bool
	Found   int
}

type matrixRow struct {
	ID, Name, item          string
	Met, From, Doc, Page    *page.Field
	Quote, Note             *page.Field
	Limit, First, Last, Org *page.Field
	Found                   bool   // by machine, for a person to confirm
	Sure                    string // how sure the machine is
	Wording                 string // what the case handler looks for
}

// showMatrix is the matrix.
func showMatrix(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	if s.app.Purpose == intake.Statistics {
		return app.ErrNotFound
	}
	back, err := a.Continues(s.path("matrix/save"))
	if err != nil {
		return err
	}
	var b matrixBody
	if !back {
		b, err = s.matrix()
	} else {
		_, err = s.yours(s.applyRows, func() (partBody, error) { var err error; b, err = s.matrix(); return b.partBody, err })
		b.Seen = a.Value("seen")
	}
	if err != nil {
		return err
	}
	return s.showMatrix(b, nil)
}

// applyRows reads the posted matrix into the answers.
func (s *scene) applyRows(t answers) {
	for _, item := range intake.Items(s.app, s.Catalogue) {
		s.applyRow(t, item)
	}
}

func (s *scene) showMatrix(b matrixBody, problems []page.Problem) error {
	v := page.View{Title: s.Word("apply.matrix"), Nav: "nav.drafts", Body: &b}
	for _, p := range problems {
		b.Form.Wrong(p.ID, p.Text)
	}
	switch {
	case len(b.Conflict) > 0:
		v.Status, v.Error = 409, true
		return s.Show("matrix", v)
	case len(problems) > 0:
		return s.Refused("matrix", b.Form, v)
	}
	return s.Show("matrix", v)
}

func (s *scene) matrix() (matrixBody, error) {
	b := matrixBody{partBody: partBody{Draft: s.ID, Title: s.title(), Back: s.path(""), Lead: s.Word("apply.matrix_lead"), Seen: s.tree.seen([]string{matrix})}}
	items := intake.Items(s.app, s.Catalogue)
	b.None = len(items) == 0 || len(s.app.Data) == 0
	found, unread, err := s.search(items)
	if err != nil {
		return b, err
	}
	b.Unread = unread
	sec := section{}
	for _, item := range items {
		r := s.matrixRow(item)
		if f, ok := found[item.ID]; ok {
			s.suggest(&r, f)
			b.Found++
		}
		for _, f := range []*page.Field{r.Met, r.From, r.Doc, r.Page, r.Quote, r.Limit, r.First, r.Last, r.Org, r.Note} {
			if f != nil {
				f.Bare, f.Optional = f.Kind != page.Check, ""
				sec.Fields = append(sec.Fields, f)
			}
		}
		b.Rows = append(b.Rows, r)
	}
	wording := intake.Underlag(s.app, s.Catalogue)
	for _, p := range wording {
		for i := range b.Rows {
			if b.Rows[i].item == p.Items[0] {
				b.Rows[i].Wording = p.Text.In(s.Lang)
			}
		}
	}
	b.Wording = intake.UnderlagText(wording, "sv")
	b.Sections = []section{sec}
	return b, s.finish(&b.partBody, "matrix")
}

// matrixRow is the row of an item with the answers that the draft has.
func (s *scene) matrixRow(item intake.Item) matrixRow {
	at := matrix + "." + item.ID
	r := matrixRow{ID: "row-" + strings.ReplaceAll(item.ID, ":", "-"), Name: item.Names.In(s.Lang), item: item.ID}
	for _, q := range matrixQuestions {
		f := s.field(q, at+"."+q.id)
		f.Label = s.shortLabel(q.id) + ": " + r.Name
		switch q.id {
		case "met":
			r.Met, f.Label = f, s.Word("apply.met")
		case "from_authority":
			if item.FromAuthority {
				r.From, f.Label = f, s.Word("apply.from_authority")
			}
		case "attachment":
			r.Doc = f
		case "page":
			r.Page = f
		case "quote":
			r.Quote = f
		case "note":
			r.Note = f
		case "limit":
			if item.ID == intake.CoverDiagnosis {
				r.Limit = f
			}
		case "period_from":
			if item.ID == intake.CoverPeriod {
				r.First = f
			}
		case "period_to":
			if item.ID == intake.CoverPeriod {
				r.Last = f
			}
		case "principal_org_nos":
			if item.ID == intake.CoverPrincipal {
				r.Org = f
			}
		}
	}
	return r
}

func (s *scene) shortLabel(question string) string {
	return s.Word("apply.m_" + question)
}

// finding is what a search found, and in which document.
type finding struct {
	intake.Finding
	attachment string
}

// search looks in the attached ethics applications for the items that nobody
// has said anything of yet. Documents that cannot be read are named.
func (s *scene) search(items []intake.Item) (map[string]finding, []string, error) {
	out, unread := map[string]finding{}, []string(nil)
	if !slices.ContainsFunc(items, func(x intake.Item) bool { return s.tree.get(matrix+"."+x.ID) == nil }) {
		return out, nil, nil
	}
	for _, at := range s.app.Attachments {
		if !slices.Contains([]string{intake.AttachEthicsApplication, intake.AttachEthicsAmendment, intake.AttachEthicsSupplement, intake.AttachEthicsAnnex}, at.Kind) {
			continue
		}
		found, err := s.supported(at.ID)
		if _, told := errors.AsType[*fault.Fault](err); told || errors.Is(err, app.ErrNotFound) {
			unread = append(unread, at.Name)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, f := range found {
			if was, ok := out[f.Item]; s.tree.get(matrix+"."+f.Item) != nil || f.Page == 0 || ok && (was.Met || !f.Met) {
				continue
			}
			if swede.Contains(f.Quote) { // an ethics document names no persons, but may
				f.Quote = swede.Mask(f.Quote)
			}
			out[f.Item] = finding{f, at.ID}
		}
	}
	return out, unread, nil
}

// supported searches one document of the draft.
func (s *scene) supported(id string) ([]intake.Finding, error) {
	_, r, err := s.Orders.OpenDocument(s.R.Context(), s.Visitor.Person, s.ID, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, app.MaxAttachment))
	if err != nil {
		return nil, err
	}
	return s.Orders.Supported(s.R.Context(), s.app, data)
}

// suggest fills a row with what was found. The box that says that there is
// support stays empty: a person reads the quote and ticks it.
func (s *scene) suggest(r *matrixRow, f finding) {
	c := f.Coverage(f.attachment)
	r.Found, r.Sure = true, s.Word("apply.sure_"+string(f.Sure))
	r.Doc.With(f.attachment)
	r.Page.Value = shownInt(c.Page)
	r.Quote.Value = c.Quote
	r.Note.Value = s.Word("apply.found_note") + " " + f.Why.In(s.Lang)
	if r.From != nil && c.FromAuthority != nil && *c.FromAuthority {
		r.From.Value = "yes"
	}
	if r.Limit != nil {
		r.Limit.Value = c.Limit
	}
	if r.First != nil && c.From != 0 {
		r.First.Value, r.Last.Value = c.From.String(), c.To.String()
	}
	if r.Org != nil {
		r.Org.Value = strings.Join(c.OrgNos, "\n")
	}
}

// saveMatrix stores the matrix.
func saveMatrix(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	apply := s.applyRows
	if a.SavesItself() {
		return s.saveItself([]string{matrix}, nil, apply)
	}
	conflict, err := s.save([]string{matrix}, a.Value("seen"), apply)
	if err != nil {
		return err
	}
	if conflict {
		theirs := s.tree.clone()
		var b matrixBody
		_, err := s.yours(apply, func() (partBody, error) { var err error; b, err = s.matrix(); return b.partBody, err })
		if err != nil {
			return err
		}
		b.Seen, b.Conflict = theirs.seen([]string{matrix}), s.clashes(b.Form.Fields, theirs)
		return s.showMatrix(b, nil)
	}
	if problems := s.refused("matrix", nil); len(problems) > 0 {
		b, err := s.matrix()
		if err != nil {
			return err
		}
		return s.showMatrix(b, problems)
	}
	return s.onward("matrix")
}

// applyRow reads a row of the matrix. A row that was not on the form is left
// as it is.
func (s *scene) applyRow(t answers, item intake.Item) {
	at := matrix + "." + item.ID
	if _, sent := s.R.Form[at+".page"]; !sent {
		return
	}
	t.set(at+".item", item.ID)
	empty := true
	for _, q := range matrixQuestions {
		if _, sent := s.R.Form[at+"."+q.id]; !sent && q.as != yes {
			continue
		}
		v := q.answer(s.Values(at + "." + q.id))
		if q.id == "from_authority" && item.FromAuthority && v == nil {
			v = false
		}
		empty = empty && (v == nil || v == false)
		t.set(at+"."+q.id, v)
	}
	if t.get(at+".met") == nil && !empty {
		t.set(at+".met", false)
	}
	if empty {
		t.set(at, nil)
	}
}

func shownInt(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
