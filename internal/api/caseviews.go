package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

type (
	clocksInput struct {
		CaseInput
		On    string `query:"on" maxLength:"10" doc:"Another day than today, YYYY-MM-DD: how the clocks stood, or will stand if nothing happens."`
		Clock string `query:"clock" maxLength:"40" doc:"Only this one."`
	}
	clocksOutput struct {
		Body struct {
			On     day.Day     `json:"on"`
			Clocks []ClockView `json:"clocks"`
		}
	}
	// ClockView is a clock on a day, with how its date is reached.
	ClockView struct {
		ID      string      `json:"id"`
		Key     string      `json:"key,omitempty" doc:"Which of several, as the number of a supplement."`
		Name    string      `json:"name"`
		Kind    clock.Kind  `json:"kind"`
		Source  string      `json:"source" doc:"Law or page."`
		Status  string      `json:"status"`
		Started string      `json:"started,omitempty" doc:"Day 0."`
		Least   string      `json:"least,omitempty" doc:"First day of the expected span, where there is one."`
		Due     string      `json:"due,omitempty" doc:"Last day in time."`
		Done    string      `json:"done,omitempty"`
		Warn    string      `json:"warn,omitempty" doc:"First day on which to escalate."`
		Left    int         `json:"working_days_left,omitempty"`
		Pauses  []PauseView `json:"pauses"`
		Steps   []StepView  `json:"steps" doc:"The way to the date; enough to reach it with an almanac."`
	}
	// PauseView is time that is not counted.
	PauseView struct {
		Reason string  `json:"reason"`
		First  day.Day `json:"first"`
		Last   day.Day `json:"last"`
		Open   bool    `json:"open,omitempty"`
		Days   int     `json:"days"`
		Work   int     `json:"working_days"`
	}
	// StepView is a line of the explanation.
	StepView struct {
		Kind  string     `json:"kind"`
		First day.Day    `json:"first"`
		Last  day.Day    `json:"last"`
		N     int        `json:"n,omitempty"`
		Unit  clock.Unit `json:"unit,omitempty"`
		Text  string     `json:"text"`
	}
)

// clockView is a reading in a language.
func clockView(r clock.Reading, left int, lang string) ClockView {
	v := ClockView{ID: r.ID, Key: r.Key, Name: r.Def.Name.In(lang), Kind: r.Def.Kind, Source: r.Def.Source, Status: string(r.Status), Pauses: []PauseView{}, Steps: []StepView{}}
	if r.HasStarted() {
		v.Started, v.Due, v.Warn, v.Left = r.Started.String(), r.Due.String(), r.Warn.String(), left
		if r.Def.Least > 0 {
			v.Least = r.Least.String()
		}
	}
	if r.HasDone {
		v.Done, v.Left = r.Done.String(), 0
	}
	for _, x := range r.Pauses {
		v.Pauses = append(v.Pauses, PauseView{x.Reason.In(lang), x.First, x.Last, x.Open, x.Days, x.Work})
	}
	for _, x := range r.Steps {
		v.Steps = append(v.Steps, StepView{x.Kind, x.First, x.Last, x.N, x.Unit, x.Text.In(lang)})
	}
	return v
}

// part looks at a part of a case: what the asker may not know of does not
// exist, what the role may not see is refused, and staff's reading is noted
// before anything is shown.
func (p *programs) part(ctx context.Context, id string, view access.View) ([]order.Entry, order.State, access.Relation, error) {
	entries, s, rel, err := p.look(ctx, id)
	if err != nil {
		return nil, s, rel, err
	}
	if !access.MaySee(who(ctx).Role, view, rel, s) {
		return nil, s, rel, denied(who(ctx).Role, "see "+string(view))
	}
	return entries, s, rel, p.Orders.LogRead(ctx, who(ctx).Person, id, view)
}

// caseViews registers what is worked out from a case's log.
func (p *programs) caseViews(api huma.API, _ *http.ServeMux) {
	const base = "/api/v1/orders/{id}"
	register(p, api, http.MethodGet, base+"/clocks", "get_clocks", ScopeRead, "The dates of the case, each with how it is reached.", p.clocks)
	register(p, api, http.MethodGet, base+"/forecast", "get_forecast", ScopeRead, "When the data can be expected and why then; to staff also how many hours cases like it have taken.", p.forecast)
	register(p, api, http.MethodGet, base+"/hours", "get_hours", ScopeRead, "Hours logged, beside those quoted and approved. For: staff.", p.hours)
	register(p, api, http.MethodGet, base+"/differences", "get_differences", ScopeRead, "What differs between two versions of the application, two draft quotes, or the case and the one it continues.", p.differences)
	register(p, api, http.MethodGet, base+"/worksheet", "get_worksheet", ScopeRead, "The worksheet of the confidentiality review with what is known, and earlier decisions like it. For: case staff.", func(ctx context.Context, in *CaseInput) (*worksheetOutput, error) {
		return p.worksheet(ctx, in.ID, nil, nil, nil)
	})
	register(p, api, http.MethodPost, base+"/worksheet", "try_worksheet", ScopeRead, "The worksheet with answers that are not recorded: what is wrong with them and which decision rows they lead to. Nothing is stored.", func(ctx context.Context, in *tryWorksheetInput) (*worksheetOutput, error) {
		answers := in.Body.Answers
		if answers == nil {
			answers = []review.Answer{}
		}
		return p.worksheet(ctx, in.ID, answers, in.Body.Scope, in.Body.Withdrawn)
	})
}

func (p *programs) clocks(ctx context.Context, in *clocksInput) (*clocksOutput, error) {
	entries, s, rel, err := p.part(ctx, in.ID, access.ViewClocks)
	if err != nil {
		return nil, err
	}
	on := p.today()
	if in.On != "" {
		if on, err = day.Parse(in.On); err != nil {
			return nil, failure(http.StatusUnprocessableEntity, "api.day", "on är ingen dag.", "on is no day.").do("Skriv den som 2026-11-02.", "Write it as 2026-11-02.")
		}
	}
	out := &clocksOutput{}
	out.Body.On, out.Body.Clocks = on, []ClockView{}
	for _, r := range p.Orders.ClocksOn(app.AsSeen(who(ctx).Role, rel, entries, s), on) {
		if in.Clock == "" || r.ID == in.Clock {
			out.Body.Clocks = append(out.Body.Clocks, clockView(r, p.Orders.LeftOn(r, on), lang(ctx)))
		}
	}
	return out, nil
}

type (
	forecastOutput struct {
		Body struct {
			Delivery DeliveryForecast `json:"delivery"`
			Hours    *HoursForecast   `json:"hours,omitempty" doc:"For staff."`
		}
	}
	// DeliveryForecast is when the data can be expected.
	DeliveryForecast struct {
		Known    bool     `json:"known"`
		Earliest string   `json:"earliest,omitempty"`
		Latest   string   `json:"latest,omitempty"`
		Measured bool     `json:"measured" doc:"From measured lead times, else from the published ones."`
		Reasons  []string `json:"reasons"`
	}
	// HoursForecast is how many hours cases like it have taken.
	HoursForecast struct {
		Basis  string `json:"basis"`
		Low    int64  `json:"low_centihours"`
		Middle int64  `json:"middle_centihours"`
		High   int64  `json:"high_centihours"`
		Cases  int    `json:"cases" doc:"Finished cases that it rests on."`
		Text   string `json:"text"`
	}
)

func (p *programs) forecast(ctx context.Context, in *CaseInput) (*forecastOutput, error) {
	entries, s, rel, err := p.part(ctx, in.ID, access.ViewClocks)
	if err != nil {
		return nil, err
	}
	role := who(ctx).Role
	r, err := p.Orders.Expected(ctx, app.AsSeen(role, rel, entries, s))
	if err != nil {
		return nil, err
	}
	out := &forecastOutput{}
	out.Body.Delivery = DeliveryForecast{Known: r.Known, Measured: r.Measured, Reasons: texts(ctx, r.Reasons)}
	if r.Known {
		out.Body.Delivery.Earliest, out.Body.Delivery.Latest = r.Earliest.String(), r.Latest.String()
	}
	if access.MaySee(role, access.ViewDesk, rel, s) {
		i, err := p.Orders.Estimate(ctx, s)
		if err != nil {
			return nil, err
		}
		out.Body.Hours = &HoursForecast{i.Basis, i.Low, i.Middle, i.High, i.Cases, i.Text.In(lang(ctx))}
	}
	return out, nil
}

type hoursOutput struct {
	Body struct {
		Kinds []HoursOfKind  `json:"kinds"`
		Log   []quote.Logged `json:"log"`
	}
}

// HoursOfKind compares hours of a kind with those quoted.
type HoursOfKind struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Quoted int64  `json:"quoted_centihours" doc:"Approved changes included."`
	Worked int64  `json:"worked_centihours"`
}

func (p *programs) hours(ctx context.Context, in *CaseInput) (*hoursOutput, error) {
	entries, s, _, err := p.part(ctx, in.ID, access.ViewDesk)
	if err != nil {
		return nil, err
	}
	used, log := app.Hours(entries, s)
	out := &hoursOutput{}
	out.Body.Kinds, out.Body.Log = []HoursOfKind{}, append([]quote.Logged{}, log...)
	for _, u := range used {
		out.Body.Kinds = append(out.Body.Kinds, HoursOfKind{u.Kind, quote.KindName(u.Kind).In(lang(ctx)), u.Quoted, u.Worked})
	}
	return out, nil
}

type (
	differencesInput struct {
		CaseInput
		Of   string `query:"of" enum:"application,draft_quote,parent" default:"application"`
		From int    `query:"from" minimum:"0" doc:"Version, 1 = the first; left out: the last but one."`
		To   int    `query:"to" minimum:"0" doc:"Left out: the last."`
	}
	differencesOutput struct {
		Body struct {
			From     string           `json:"from"`
			To       string           `json:"to"`
			Versions []VersionView    `json:"versions" doc:"Those that there are."`
			Rows     []DifferenceView `json:"rows"`
		}
	}
	// VersionView is a version by its number.
	VersionView struct {
		N    int    `json:"n"`
		On   string `json:"on"`
		Kind string `json:"kind"`
	}
	// DifferenceView is one answer that differs.
	DifferenceView struct {
		Field string `json:"field"`
		Label string `json:"label"`
		Old   string `json:"old,omitempty"`
		New   string `json:"new,omitempty"`
	}
)

func (p *programs) differences(ctx context.Context, in *differencesInput) (*differencesOutput, error) {
	view := access.ViewApplication
	if in.Of == "draft_quote" {
		view = access.ViewDraft
	}
	entries, s, _, err := p.part(ctx, in.ID, view)
	if err != nil {
		return nil, err
	}
	out := &differencesOutput{}
	out.Body.Rows, out.Body.Versions = []DifferenceView{}, []VersionView{}
	if in.Of == "draft_quote" {
		return out, quoteDifferences(ctx, in, app.DraftQuotes(entries), out)
	}
	versions := app.Versions(entries)
	for _, v := range versions {
		out.Body.Versions = append(out.Body.Versions, VersionView{v.N, v.On.String(), v.Kind})
	}
	before, after, err := p.pair(ctx, in, s, versions, out)
	if err != nil {
		return nil, err
	}
	role := who(ctx).Role
	rows, err := intake.Difference(access.NamedOnly(role, before), access.NamedOnly(role, after))
	for _, r := range rows {
		out.Body.Rows = append(out.Body.Rows, DifferenceView{r.Field, r.Label.In(lang(ctx)), r.Old.In(lang(ctx)), r.New.In(lang(ctx))})
	}
	return out, err
}

// pair picks the two applications that are compared.
func (p *programs) pair(ctx context.Context, in *differencesInput, s order.State, versions []app.Version, out *differencesOutput) (before, after intake.Application, err error) {
	if in.Of != "parent" {
		i, j, err := app.Pair(len(versions), in.From, in.To)
		if err != nil {
			return before, after, err
		}
		out.Body.From, out.Body.To = strconv.Itoa(i+1), strconv.Itoa(j+1)
		return versions[i].Application, versions[j].Application, nil
	}
	if s.Parent == nil {
		return before, after, failure(http.StatusUnprocessableEntity, "differences.no_parent", "Ärendet fortsätter inget tidigare.", "The case continues no earlier one.").do("Jämför versioner i stället.", "Compare versions instead.")
	}
	// The earlier case is shown as far as the asker may see it: it may be
	// nothing to them.
	_, parent, _, err := p.part(ctx, s.Parent.Case, access.ViewApplication)
	if err != nil {
		return before, after, err
	}
	out.Body.From, out.Body.To = parent.ID, s.ID
	return parent.Application, s.Application, nil
}

func quoteDifferences(ctx context.Context, in *differencesInput, quotes []quote.Quote, out *differencesOutput) error {
	for i, q := range quotes {
		out.Body.Versions = append(out.Body.Versions, VersionView{i + 1, q.Date.String(), "draft_quote"})
	}
	i, j, err := app.Pair(len(quotes), in.From, in.To)
	if err != nil {
		return err
	}
	out.Body.From, out.Body.To = strconv.Itoa(i+1), strconv.Itoa(j+1)
	for _, c := range quote.Diff(quotes[i], quotes[j]) {
		out.Body.Rows = append(out.Body.Rows, DifferenceView{Field: c.Field, Label: catalog.Text{SV: c.SV, EN: c.EN}.In(lang(ctx))})
	}
	return nil
}

type (
	tryWorksheetInput struct {
		CaseInput
		Body struct {
			Answers   []review.Answer `json:"answers" required:"true"`
			Scope     *plan.Scope     `json:"scope,omitempty" doc:"That the answers are to lead to; left out: the one recorded, or what is asked for."`
			Withdrawn []string        `json:"withdrawn,omitempty" doc:"Tables that the orderer has taken back."`
		}
	}
	worksheetOutput struct {
		Body struct {
			Questions []QuestionView  `json:"questions"`
			Answers   []review.Answer `json:"answers"`
			Problems  []SheetProblem  `json:"problems"`
			Rows      []RowView       `json:"rows" doc:"Decision rows that the answers lead to."`
			Similar   []SimilarView   `json:"similar" doc:"Earlier decisions, most alike first."`
			Scope     plan.Scope      `json:"scope"`
		}
	}
	// QuestionView is a question of the worksheet with what is known.
	QuestionView struct {
		ID      string   `json:"id"`
		Section string   `json:"section"`
		Text    string   `json:"text"`
		Law     string   `json:"law"`
		Promise int      `json:"promise,omitempty"`
		Facts   []string `json:"facts"`
	}
	// SheetProblem is what keeps the review from being done.
	SheetProblem struct {
		Code     string `json:"code"`
		Question string `json:"question,omitempty"`
		Detail   string `json:"detail"`
		Law      string `json:"law"`
		Promise  int    `json:"promise,omitempty"`
	}
	// RowView is a decision row that is proposed.
	RowView struct {
		Row        plan.Row `json:"row"`
		Withdrawn  bool     `json:"withdrawn,omitempty"`
		Dropped    []string `json:"dropped,omitempty"`
		Appealable bool     `json:"appealable,omitempty"`
	}
	// SimilarView is an earlier decision to compare with.
	SimilarView struct {
		Case      string   `json:"case"`
		Date      day.Day  `json:"date"`
		Principal string   `json:"principal"`
		Purpose   string   `json:"purpose"`
		Outcome   string   `json:"outcome"`
		Reasons   string   `json:"reasons"`
		Points    int      `json:"points"`
		Why       []string `json:"why"`
	}
)

func (p *programs) worksheet(ctx context.Context, id string, answers []review.Answer, scope *plan.Scope, withdrawn []string) (*worksheetOutput, error) {
	_, s, _, err := p.part(ctx, id, access.ViewReview)
	if err != nil {
		return nil, err
	}
	w, err := p.Orders.Review(ctx, who(ctx).Person, s, answers, scope, withdrawn)
	if err != nil {
		return nil, err
	}
	l := lang(ctx)
	out := &worksheetOutput{}
	b := &out.Body
	b.Scope, b.Answers = w.Scope, append([]review.Answer{}, w.Answers...)
	b.Questions, b.Problems, b.Rows, b.Similar = []QuestionView{}, []SheetProblem{}, []RowView{}, []SimilarView{}
	for _, q := range w.Questions {
		b.Questions = append(b.Questions, QuestionView{q.ID, q.Section, q.Text.In(l), q.Law, q.Promise, texts(ctx, q.Facts)})
	}
	for _, x := range w.Problems {
		b.Problems = append(b.Problems, SheetProblem{x.Code, x.Question, catalog.Text{SV: x.SV, EN: x.EN}.In(l), x.Law, x.Promise})
	}
	for _, x := range w.Proposed {
		b.Rows = append(b.Rows, RowView{x.Row, x.Withdrawn, x.Dropped, x.Appealable})
	}
	for _, h := range w.Similar {
		b.Similar = append(b.Similar, SimilarView{h.Order, h.Date, h.Principal, h.Purpose, h.Outcome, h.Reasons.In(l), h.Points, texts(ctx, h.Why)})
	}
	return out, nil
}
