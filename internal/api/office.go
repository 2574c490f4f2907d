package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/measure"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/queue"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// Office is what staff and orderers ask the counter besides commands; app.App
// has it.
type Office interface {
	Known(ctx context.Context, p access.Person) (access.Person, error)
	SetMember(ctx context.Context, p access.Person, m app.Member) error
	DropMember(ctx context.Context, p access.Person, id string) error
	Colleagues(ctx context.Context, p access.Person) ([]app.Member, []app.Absence, error)
	SetAbsence(ctx context.Context, p access.Person, x app.Absence) (app.Absence, error)
	DropAbsence(ctx context.Context, p access.Person, id int64) error

	Desk(ctx context.Context, p access.Person, role order.Role) (queue.Desk, error)
	Ordering(id string) (queue.Ordering, error)
	Pull(ctx context.Context, p access.Person) (queue.Pick, bool, error)
	TakeOver(ctx context.Context, p access.Person, id string) error

	ClocksOn(s order.State, on day.Day) []clock.Reading
	LeftOn(r clock.Reading, on day.Day) int
	Review(ctx context.Context, p access.Person, s order.State, answers []review.Answer, scope *plan.Scope, withdrawn []string) (app.Worksheet, error)
	Estimate(ctx context.Context, s order.State) (quote.Interval, error)
	Expected(ctx context.Context, s order.State) (clock.Range, error)
	OpenOriginal(ctx context.Context, d app.CaseDocument) (io.ReadCloser, error)
	IssueLetter(ctx context.Context, id string, entries []order.Entry, d app.CaseDocument, lang, format string) (app.Printed, error)
	KeptLetters(ctx context.Context, id string) ([]app.KeptLetter, error)
	MailOf(ctx context.Context, id string) ([]app.Mail, error)

	OrderableYear(ctx context.Context, register string, year int) (app.Orderable, error)
	Supported(ctx context.Context, a intake.Application, file []byte) ([]intake.Finding, error)

	Statistics(ctx context.Context, period day.Span) (measure.Report, error)
	PublicStatistics(ctx context.Context, period day.Span) (measure.Report, error)
	Leads(ctx context.Context) (map[string]map[string]clock.Lead, error)

	TakeLetter(ctx context.Context, p access.Person, l app.Letter, r io.Reader) (app.Letter, error)
	Letters(ctx context.Context, p access.Person, state string) ([]app.Letter, error)
	LetterWith(ctx context.Context, p access.Person, id string) (app.Letter, []app.Match, error)
	OpenLetter(ctx context.Context, p access.Person, id string) (app.Letter, io.ReadCloser, error)
	RegisterLetter(ctx context.Context, p access.Person, id, to, kind, secrecy string) (app.Letter, error)
	OpenCase(ctx context.Context, p access.Person, id string, mk func(*order.Arrival) order.Command) (app.Letter, error)
	ReturnLetter(ctx context.Context, p access.Person, id, reason string) (app.Letter, error)
}

// office registers the queue, the staff and what belongs to no single case.
func (p *programs) office(api huma.API, mux *http.ServeMux) {
	p.staff(api)
	p.queue(api, mux)
	p.caseViews(api, mux)
	p.publicDocuments(api, mux)
	p.outgoing(api)
	p.advice(api, mux)
	p.statistics(api, mux)
	p.incoming(api, mux)
}

// in returns a text in the asker's language.
func in(ctx context.Context, t catalog.Text) string { return t.In(lang(ctx)) }

func texts(ctx context.Context, all []catalog.Text) []string {
	out := []string{}
	for _, t := range all {
		out = append(out, in(ctx, t))
	}
	return out
}

type (
	// StaffMember is somebody who works at the authority.
	StaffMember struct {
		ID        string       `json:"id" required:"true" maxLength:"100"`
		Name      string       `json:"name,omitempty" maxLength:"100" doc:"As colleagues and letters say it."`
		Roles     []order.Role `json:"roles" required:"true" doc:"Roles that the person may have."`
		Teams     []string     `json:"teams,omitempty"`
		Clearance bool         `json:"clearance,omitempty" doc:"May see cases with protected personal data. Shown to the administrator, and of oneself."`
	}
	// StaffAbsence is a stretch of days away, both included.
	StaffAbsence struct {
		ID         int64   `json:"id,omitempty"`
		Person     string  `json:"person,omitempty" maxLength:"100" doc:"Left out: the asker."`
		First      day.Day `json:"first" required:"true"`
		Last       day.Day `json:"last" required:"true"`
		Substitute string  `json:"substitute,omitempty" maxLength:"100" doc:"Who stands in; somebody of the staff."`
	}
	staffOutput struct {
		Body struct {
			Staff    []StaffMember  `json:"staff"`
			Absences []StaffAbsence `json:"absences"`
		}
	}
	memberBody struct {
		Body StaffMember
	}
	dropMemberInput struct {
		Body struct {
			ID string `json:"id" required:"true" maxLength:"100"`
		}
	}
	absenceInput struct {
		Body StaffAbsence
	}
	absenceOutput struct {
		Body StaffAbsence
	}
	dropAbsenceInput struct {
		ID int64 `path:"id" minimum:"1"`
	}
)

// staff registers who works here. Names come in bodies: addresses end up in
// logs.
func (p *programs) staff(api huma.API) {
	const base = "/api/v1/staff"
	list := func(ctx context.Context) (*staffOutput, error) {
		members, away, err := p.Orders.Colleagues(ctx, who(ctx).Person)
		out := &staffOutput{}
		out.Body.Staff, out.Body.Absences = []StaffMember{}, []StaffAbsence{}
		for _, m := range members {
			out.Body.Staff = append(out.Body.Staff, StaffMember{m.ID, m.Name, m.Roles, m.Teams, m.Cleared})
		}
		for _, x := range away {
			out.Body.Absences = append(out.Body.Absences, StaffAbsence(x))
		}
		return out, err
	}
	register(p, api, http.MethodGet, base, "list_staff", ScopeRead, "Staff with roles, teams and absences. For: administrator (all), staff (their own teams).", func(ctx context.Context, _ *struct{}) (*staffOutput, error) {
		return list(ctx)
	})
	register(p, api, http.MethodPost, base, "set_member", ScopeAct, "Sets the name, roles, teams and clearance of a member of staff. For: administrator.", func(ctx context.Context, in *memberBody) (*staffOutput, error) {
		b := in.Body
		if err := p.Orders.SetMember(ctx, who(ctx).Person, app.Member{ID: b.ID, Name: b.Name, Roles: b.Roles, Teams: b.Teams, Cleared: b.Clearance}); err != nil {
			return nil, err
		}
		return list(ctx)
	})
	register(p, api, http.MethodPost, base+"/remove", "drop_member", ScopeAct, "Removes a member of staff, and clearance and teams with it. For: administrator.", func(ctx context.Context, in *dropMemberInput) (*staffOutput, error) {
		if err := p.Orders.DropMember(ctx, who(ctx).Person, in.Body.ID); err != nil {
			return nil, err
		}
		return list(ctx)
	})
	register(p, api, http.MethodPost, base+"/absences", "set_absence", ScopeAct, "Notes days away, with a substitute. For: the person, administrator.", func(ctx context.Context, in *absenceInput) (*absenceOutput, error) {
		b := in.Body
		b.ID = 0
		x, err := p.Orders.SetAbsence(ctx, who(ctx).Person, app.Absence(b))
		return &absenceOutput{StaffAbsence(x)}, err
	})
	register(p, api, http.MethodDelete, base+"/absences/{id}", "drop_absence", ScopeAct, "Removes days away. For: the person, administrator.", func(ctx context.Context, in *dropAbsenceInput) (*struct{}, error) {
		return &struct{}{}, p.Orders.DropAbsence(ctx, who(ctx).Person, in.ID)
	})
}

type (
	queueInput struct {
		View     string `query:"view" enum:"mine,team,all" default:"mine" doc:"mine: the asker's, and those stood in for; team: of the asker's teams, and nobody's; all: every task of the asker's role."`
		Ordering string `query:"ordering" maxLength:"40" doc:"Another ordering than the one in use, as a preview; nothing is changed."`
		Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	// QueueTask is a task with its place in the queue, and why it is there.
	QueueTask struct {
		Case     string   `json:"case"`
		Kind     string   `json:"kind"`
		Role     string   `json:"role"`
		Assignee string   `json:"assignee,omitempty"`
		Arrived  day.Day  `json:"arrived"`
		Waiting  day.Day  `json:"waiting" doc:"Since when it waits for the authority."`
		Due      string   `json:"due,omitempty" doc:"YYYY-MM-DD"`
		Points   int      `json:"points"`
		Why      []string `json:"why" doc:"What the points are for, in the asker's language."`
	}
	queueOutput struct {
		Body struct {
			Ordering  string         `json:"ordering"`
			Orderings []NamedOrder   `json:"orderings" doc:"Those that can be looked at."`
			Tasks     []QueueTask    `json:"tasks"`
			More      int            `json:"more,omitempty" doc:"Tasks beyond the limit."`
			Waiting   int            `json:"waiting" doc:"Tasks of the asker's role that nobody has."`
			Kinds     map[string]int `json:"kinds" doc:"All tasks of the view, by kind."`
		}
	}
	// NamedOrder is an ordering by name.
	NamedOrder struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	// Pulled is the case that the asker was given, with the explanation.
	Pulled struct {
		QueueTask
		Place  int       `json:"place" doc:"1 = first of those that nobody had."`
		Text   string    `json:"text" doc:"The whole explanation in the asker's language."`
		Passed []NotThis `json:"passed" doc:"Tasks before it that the asker may know of but may not have."`
	}
	// NotThis is a task that was passed by, and why.
	NotThis struct {
		Case    string   `json:"case"`
		Kind    string   `json:"kind"`
		Reasons []string `json:"reasons"`
	}
	loadInput struct {
		Team string `query:"team" required:"true" maxLength:"100"`
	}
	loadOutput struct {
		Body struct {
			Team   string     `json:"team"`
			People []WorkLoad `json:"people"`
		}
	}
	// WorkLoad is how much of the open work somebody has.
	WorkLoad struct {
		Person   string `json:"person"`
		Assigned int    `json:"assigned"`
		StandsIn int    `json:"stands_in"`
		Late     int    `json:"late"`
		Away     bool   `json:"away"`
		Fair     int    `json:"fair_hundredths" doc:"What an even share would be, in hundredths of a task."`
	}
	takeOverInput struct {
		CaseInput
		Body struct{}
	}
)

func queueTask(lang string, r queue.Ranked) QueueTask {
	t := QueueTask{Case: r.Task.Case, Kind: r.Task.Kind, Role: r.Task.Role, Assignee: r.Task.Assignee, Arrived: r.Task.Arrived, Waiting: r.Task.Waiting, Points: r.Points, Why: []string{}}
	if r.Task.HasDue {
		t.Due = r.Task.Due.String()
	}
	for _, x := range r.Terms {
		t.Why = append(t.Why, x.Text.In(lang))
	}
	return t
}

// queue registers who takes which case next.
func (p *programs) queue(api huma.API, mux *http.ServeMux) {
	register(p, api, http.MethodGet, "/api/v1/queue", "get_queue", ScopeRead, "Tasks of the asker's role, first to last, with what puts each in its place. For: staff.", p.getQueue)
	mux.HandleFunc("POST /api/v1/queue/next", p.raw(ScopeAct, p.pull))
	register(p, api, http.MethodGet, "/api/v1/queue/load", "get_load", ScopeRead, "How the open work of one of the asker's teams is spread. For: staff of the team, administrator.", p.load)
	register(p, api, http.MethodPost, "/api/v1/orders/{id}/take-over", "take_over", ScopeAct,
		"Takes the case over in the asker's role, from a colleague of the same team or from somebody absent whom the asker stands in for.", func(ctx context.Context, in *takeOverInput) (*caseOutput, error) {
			_, _, rel, err := p.look(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			if !access.May(who(ctx).Role, order.Assign{}, rel) {
				return nil, denied(who(ctx).Role, "take_over")
			}
			if err := p.Orders.LogRead(ctx, who(ctx).Person, in.ID, access.ViewCase); err != nil {
				return nil, err
			}
			if err := p.Orders.TakeOver(ctx, who(ctx).Person, in.ID); err != nil {
				return nil, err
			}
			return p.show(ctx, in.ID)
		})
	o := api.OpenAPI()
	answers := problems(api)
	answers["200"] = &huma.Response{Description: "The case is the asker's now.", Content: map[string]*huma.MediaType{"application/json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[Pulled](), true, "")}}}
	answers["204"] = &huma.Response{Description: "Nothing waits that the asker may have."}
	o.AddOperation(&huma.Operation{
		OperationID: "pull_next", Method: http.MethodPost, Path: "/api/v1/queue/next", Summary: "Gives the asker the next case of their role and explains why that one. Two who ask at once get different cases. The body is an empty object.",
		Security: []map[string][]string{{"token": {ScopeAct}}}, Responses: answers,
	})
}

func (p *programs) getQueue(ctx context.Context, in *queueInput) (*queueOutput, error) {
	by := who(ctx)
	if !access.May(by.Role, order.Assign{}, access.Staff) && by.Role != access.RoleAuditor {
		return nil, denied(by.Role, "get_queue")
	}
	d, err := p.Orders.Desk(ctx, by.Person, by.Role)
	if err != nil {
		return nil, err
	}
	if by.Role == access.RoleAuditor {
		if d, err = p.Orders.Desk(ctx, by.Person, ""); err != nil {
			return nil, err
		}
	}
	o := d.Ordering
	if in.Ordering != "" {
		if o, err = p.Orders.Ordering(in.Ordering); err != nil {
			return nil, err
		}
	}
	mine := map[[2]string]bool{}
	for _, t := range d.List(by.ID, true) {
		mine[[2]string{t.Case, t.Kind}] = true
	}
	out := &queueOutput{}
	b := &out.Body
	b.Ordering, b.Tasks, b.Kinds, b.Orderings = o.ID, []QueueTask{}, map[string]int{}, []NamedOrder{}
	for _, x := range app.BuiltinOrderings() {
		if y, err := p.Orders.Ordering(x.ID); err == nil {
			b.Orderings = append(b.Orderings, NamedOrder{y.ID, y.Name.In(lang(ctx))})
		}
	}
	team := mates(d, by.ID)
	for _, r := range d.Order(by.ID, o) {
		if r.Task.State == queue.New {
			b.Waiting++
		}
		switch {
		case in.View == "mine" && !mine[[2]string{r.Task.Case, r.Task.Kind}], in.View == "team" && r.Task.Assignee != "" && !slices.Contains(team, r.Task.Assignee):
			continue
		}
		b.Kinds[r.Task.Kind]++
		if len(b.Tasks) < min(max(in.Limit, 1), maxPage) {
			b.Tasks = append(b.Tasks, queueTask(lang(ctx), r))
		} else {
			b.More++
		}
	}
	return out, nil
}

// mates are those who share a team with a person, the person too.
func mates(d queue.Desk, person string) []string {
	out := []string{person}
	var teams []string
	for _, p := range d.People {
		if p.ID == person {
			teams = p.Teams
		}
	}
	for _, p := range d.People {
		if slices.ContainsFunc(p.Teams, func(t string) bool { return slices.Contains(teams, t) }) {
			out = append(out, p.ID)
		}
	}
	return out
}

// pull answers with the next case, or with nothing.
func (p *programs) pull(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	pick, ok, err := p.Orders.Pull(ctx, who(ctx).Person)
	if err != nil {
		return err
	}
	if !ok {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	l := tongue(r.Header.Get("Accept-Language"))
	pick.Task.Assignee = who(ctx).ID
	out := Pulled{QueueTask: queueTask(l, pick.Ranked), Place: pick.Place, Text: pick.Text.In(l), Passed: []NotThis{}}
	for _, x := range pick.Passed {
		n := NotThis{Case: x.Case, Kind: x.Kind, Reasons: []string{}}
		for _, y := range x.Reasons {
			n.Reasons = append(n.Reasons, y.Text.In(l))
		}
		out.Passed = append(out.Passed, n)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Language", l)
	return json.NewEncoder(w).Encode(out)
}

// load shows how a team's work is spread: to the team.
func (p *programs) load(ctx context.Context, in *loadInput) (*loadOutput, error) {
	by := who(ctx)
	if !access.Works(by.Role) {
		return nil, denied(by.Role, "get_load")
	}
	members, _, err := p.Orders.Colleagues(ctx, by.Person)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(members, func(m app.Member) bool { return m.ID == by.ID && slices.Contains(m.Teams, in.Team) }) {
		return nil, denied(by.Role, "get_load")
	}
	d, err := p.Orders.Desk(ctx, by.Person, "")
	if err != nil {
		return nil, err
	}
	out := &loadOutput{}
	out.Body.Team, out.Body.People = in.Team, []WorkLoad{}
	for _, s := range d.Load(in.Team, by.ID) {
		out.Body.People = append(out.Body.People, WorkLoad(s))
	}
	return out, nil
}
