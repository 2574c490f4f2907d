package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// checkBody is the completeness check: what each part of the order lacks, and
// where the ethics documents support it.
type checkBody struct {
	page.Head
	Parts    []checked
	Coverage []covered
	Missing  int
	Open     *order.Supplement
	F        *page.Form // confirms; nil when the visitor cannot
	AskMore  bool
}

// checked is a part of the order with what it lacks.
type checked struct {
	Name     string
	Problems []problem
}

type problem struct{ Label, Text, Do, Law string }

// covered is a row of the coverage matrix.
type covered struct {
	Item, Name, Quote, Limit, File, Path, Note string
	Page                                       int
	Met, Answered, Source, SourceNo            bool
	Current                                    bool
}

// sections are the parts of an order with the questions that belong to them.
var sections = []struct {
	key       string
	questions []string
}{
	{"desk.section_project", []string{"purpose", "title", "form", "child", "principal", "orderer", "co_applicants", "recipient", "project", "statistics"}},
	{"desk.section_ethics", []string{"ethics", "sensitive", "sensitive_categories"}},
	{"desk.section_data", []string{"data", "identified"}},
	{"desk.section_population", []string{"population"}},
	{"desk.section_delivery", []string{"delivery", "invoice"}},
	{"desk.section_attachments", []string{"attachments"}},
}

func sectionOf(field string) int {
	return slices.IndexFunc(sections, func(s struct {
		key       string
		questions []string
	},
	) bool {
		return slices.ContainsFunc(s.questions, func(q string) bool { return intake.Below(field, q) })
	})
}

// label is a question's text, and which of several it is: data[1].from is the
// second.
func label(a *page.Ask, field string) string {
	t, ok := intake.Label(field)
	if !ok {
		if head, _, cut := strings.Cut(field, "["); cut {
			t, ok = intake.Label(head)
		}
	}
	if !ok {
		return field
	}
	name := t.In(a.Lang)
	if _, rest, cut := strings.Cut(field, "["); cut {
		if n, err := strconv.Atoi(rest[:max(strings.IndexByte(rest, ']'), 0)]); err == nil {
			name += " (" + strconv.Itoa(n+1) + ")"
		}
	}
	return name
}

func checkOf(a *page.Ask, c *page.Case) checkBody {
	b := checkBody{Head: headOf(a, c, ""), Open: c.State.OpenSupplement()}
	for _, s := range sections {
		b.Parts = append(b.Parts, checked{Name: a.Word(s.key)})
	}
	for _, p := range c.State.Problems(a.Today, a.Catalogue, a.Measured()) {
		i := max(sectionOf(p.Field), 0)
		b.Parts[i].Problems = append(b.Parts[i].Problems, problem{label(a, p.Field), catalog.Text{SV: p.SV, EN: p.EN}.In(a.Lang), catalog.Text{SV: p.DoSV, EN: p.DoEN}.In(a.Lang), p.Law})
		b.Missing++
	}
	b.Coverage = coverage(a, c)
	b.AskMore = a.May(c, order.RequestSupplement{}) && b.Open == nil && c.State.Decision == nil && c.State.Ended == ""
	if b.Missing == 0 && b.Open == nil && !c.State.Complete && c.State.Ended == "" && a.May(c, order.ConfirmComplete{}) {
		b.F = a.Form("/cases/"+c.ID+"/check", a.Word("desk.confirm"))
		b.F.Version = c.Version
	}
	return b
}

// coverage is the matrix of what the ethics documents must support, as the
// orderer has filled it in.
func coverage(a *page.Ask, c *page.Case) []covered {
	app := c.State.Application
	var out []covered
	for _, item := range intake.Items(app, a.Catalogue) {
		x := covered{Item: item.ID, Name: item.Names.In(a.Lang)}
		if i := slices.IndexFunc(app.Ethics.Coverage, func(v intake.Coverage) bool { return v.Item == item.ID }); i >= 0 {
			v := app.Ethics.Coverage[i]
			x.Answered, x.Met, x.Page, x.Quote, x.Limit, x.Note = true, v.Met, v.Page, v.Quote, v.Limit, v.Note
			if v.FromAuthority != nil {
				x.Source, x.SourceNo = *v.FromAuthority, !*v.FromAuthority
			}
			if v.From != 0 || v.To != 0 {
				x.Limit = v.From.String() + "–" + v.To.String()
			}
			if j := slices.IndexFunc(app.Attachments, func(at intake.Attachment) bool { return at.ID == v.Attachment }); j >= 0 {
				x.File = app.Attachments[j].Name
				x.Path = ethicsPath(c.ID, v.Attachment, v.Page, item.ID)
			}
		}
		out = append(out, x)
	}
	return out
}

// showCheck is the page of the completeness check.
func showCheck(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	return a.Show("desk-check", page.View{Title: a.Word("desk.check_title"), Nav: "nav.cases", Body: checkOf(a, c)})
}

// confirmComplete confirms that nothing is missing.
func confirmComplete(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	err = a.Do(c, order.ConfirmComplete{})
	if err == nil {
		return a.Go("/cases/"+c.ID, "done.desk_complete")
	}
	b := checkOf(a, c)
	f := cmp.Or(b.F, a.Form("/cases/"+c.ID+"/check", a.Word("desk.confirm")))
	if err := b.Taken(a, c, f, err); err != nil {
		return err
	}
	if b.F == nil {
		b.F = f
	}
	return a.Refused("desk-check", f, page.View{Title: a.Word("desk.check_title"), Nav: "nav.cases", Body: b})
}

// askBody is the supplement composer.
type askBody struct {
	page.Head
	F        *page.Form
	Problems []problem
}

// askForm proposes what to ask for: the parts with problems, and the words for
// each.
func askForm(a *page.Ask, c *page.Case) *page.Form {
	problems := c.State.Problems(a.Today, a.Catalogue, a.Measured())
	lacking, more := field(a, "lacking", page.Checks), hinted(a, field(a, "more", page.Checks))
	var words []string
	ethical := false
	for _, p := range problems {
		text := catalog.Text{SV: p.SV, EN: p.EN}.In(a.Lang)
		words = append(words, strings.TrimSpace("– "+label(a, p.Field)+": "+p.SV+" "+p.DoSV))
		ethical = ethical || intake.Below(p.Field, "ethics")
		if i := slices.IndexFunc(lacking.Options, func(o page.Option) bool { return o.Value == partOf(p.Field) }); i >= 0 {
			lacking.Options[i].Hint += " " + text
			continue
		}
		lacking.Options = append(lacking.Options, page.Option{Value: partOf(p.Field), Label: label(a, partOf(p.Field)), Hint: text, On: true})
	}
	research := c.State.Application.Purpose == intake.Research
	for _, s := range sections {
		for _, q := range s.questions {
			if q == "form" || q == "statistics" && research || q == "ethics" && !research {
				continue // no question, or not of this purpose
			}
			more.Options = append(more.Options, page.Option{Value: q, Label: partName(a, q, s.key), On: q == "attachments" && ethical})
		}
	}
	text := hinted(a, field(a, "text", page.Area))
	text.Rows = max(6, len(words)+3)
	if len(words) > 0 {
		text.Value = a.Word("desk.ask_opening") + "\n" + strings.Join(words, "\n")
	}
	days := field(a, "days", page.Select)
	for _, n := range []int{5, 10, 15, 20, 30} {
		due := a.Authority.Calendar.AddWorkingDays(a.Today, n)
		days.Options = append(days.Options, page.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n) + " " + a.Word("desk.working_days") + ": " + page.LongDay(a.Lang, due), On: n == 15})
	}
	days.Value = "15"
	fields := []*page.Field{text, days, a.Optional(more)}
	if len(lacking.Options) > 0 {
		fields = append([]*page.Field{lacking}, fields...)
	}
	f := a.Form("/cases/"+c.ID+"/ask-more", a.Word("desk.ask_send"), fields...)
	f.Version = c.Version
	return f
}

// partName names a part that can be unlocked.
func partName(a *page.Ask, question, section string) string {
	if t, ok := intake.Questions()[question]; ok {
		return t.In(a.Lang)
	}
	if t, ok := intake.Questions()[question+"[]"]; ok {
		return t.In(a.Lang)
	}
	return a.Word(section) + " (" + question + ")"
}

// partOf is the part that is unlocked for a problem in a field: a row of the
// matrix of coverage stands under its item in problems, and by its place in the
// application, so that the whole matrix is unlocked.
func partOf(field string) string {
	if intake.Below(field, "ethics.coverage") {
		return "ethics.coverage"
	}
	return field
}

func showAskMore(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	if !a.May(c, order.RequestSupplement{}) {
		return a.Denied(order.RequestSupplement{}.Name())
	}
	b := askBody{Head: headOf(a, c, "desk.ask_lead"), F: askForm(a, c)}
	return a.Show("desk-ask", page.View{Title: a.Word("desk.ask_title"), Nav: "nav.cases", Body: b})
}

// askMore asks the orderer for more.
func askMore(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	b := askBody{Head: headOf(a, c, "desk.ask_lead"), F: askForm(a, c).Read(a)}
	f := b.F
	parts := f.Field("more").Chosen()
	if x := f.Field("lacking"); x != nil {
		parts = append(x.Chosen(), parts...)
	}
	if len(parts) == 0 {
		f.Wrong(f.Fields[0].ID, a.Word("desk.n_parts"))
	}
	text := needed(a, f, "text")
	days := f.Whole("days", 1, 60, a.Word("desk.n_days"))
	if f.OK() {
		err := a.Do(c, order.RequestSupplement{Parts: parts, Text: text, DueDays: days})
		if err == nil {
			return a.Go("/cases/"+c.ID, "done.desk_asked")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-ask", f, page.View{Title: a.Word("desk.ask_title"), Nav: "nav.cases", Body: b})
}

// orderBody is what is asked for, as it stands and as it was.
type orderBody struct {
	page.Head
	Parts    []answers
	Versions []version
	Changes  []change
	From, To int
}

type answers struct {
	Name string
	Rows []answer
}

type answer struct{ Label, Value string }

type version struct {
	N        int
	On, Kind string
}

type change struct{ Label, Old, New string }

// showOrder is the order with every answer, and what its latest version
// changed.
func showOrder(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	b := orderBody{Head: headOf(a, c, "")}
	if b.Parts, err = answered(a, c.State.Application); err != nil {
		return err
	}
	if err := b.compare(a, c); err != nil {
		return err
	}
	return a.Show("desk-order", page.View{Title: a.Word("desk.part_order"), Nav: "nav.cases", Body: b})
}

// answered are the answers of an application in the order of its parts: what
// differs from an empty one.
func answered(a *page.Ask, now intake.Application) ([]answers, error) {
	rows, err := intake.Difference(intake.Application{}, access.NamedOnly(a.Role(), now))
	if err != nil {
		return nil, err
	}
	out := make([]answers, len(sections))
	for i, s := range sections {
		out[i].Name = a.Word(s.key)
	}
	for _, r := range rows {
		i := max(sectionOf(r.Field), 0)
		out[i].Rows = append(out[i].Rows, answer{label(a, r.Field), a.Answer(r.Field, r.New)})
	}
	return slices.DeleteFunc(out, func(x answers) bool { return len(x.Rows) == 0 }), nil
}
