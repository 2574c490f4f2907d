package office

import (
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// peopleBody is who works here.
type peopleBody struct {
	Members  []member
	Absences []absence
	F, Away  *page.Form
}

type member struct {
	ID, Name, Roles, Teams string
	Cleared                bool
	Drop                   *page.Form
}

type absence struct {
	Who, First, Last, Substitute string
	Drop                         *page.Form
}

func peopleOf(a *page.Ask) (*peopleBody, error) {
	members, away, err := a.Orders.Colleagues(a.R.Context(), a.Visitor.Person)
	if err != nil {
		return nil, err
	}
	b := &peopleBody{}
	for _, m := range members {
		var roles []string
		for _, r := range m.Roles {
			roles = append(roles, strings.ToLower(page.Role(a.Lang, r)))
		}
		x := member{ID: m.ID, Name: m.Name, Roles: strings.Join(roles, ", "), Teams: strings.Join(m.Teams, ", "), Cleared: m.Cleared, Drop: a.Form("/admin/members/remove", a.Word("office.remove"), &page.Field{ID: "gone", Kind: page.Hidden, Value: m.ID})}
		x.Drop.Small, x.Drop.Danger = true, true
		b.Members = append(b.Members, x)
	}
	for _, x := range away {
		y := absence{Who: a.Name(x.Person), First: x.First.String(), Last: x.Last.String(), Substitute: a.Name(x.Substitute), Drop: a.Form("/admin/absences/remove", a.Word("office.remove"), &page.Field{ID: "absence", Kind: page.Hidden, Value: strconv.FormatInt(x.ID, 10)})}
		y.Drop.Small, y.Drop.Danger = true, true
		b.Absences = append(b.Absences, y)
	}
	roles := &page.Field{ID: "roles", Kind: page.Checks, Label: a.Word("office.f_roles")}
	for _, r := range append(slices.Clone(page.Handling), access.RoleAdministrator) {
		roles.Options = append(roles.Options, page.Option{Value: string(r), Label: page.Role(a.Lang, r)})
	}
	b.F = a.Form("/admin/members", a.Word("office.save_member"),
		&page.Field{ID: "id", Kind: page.Text, Label: a.Word("office.f_member"), Hint: a.Word("office.h_member"), Max: 100},
		a.Optional(&page.Field{ID: "name", Kind: page.Text, Label: a.Word("office.f_name"), Hint: a.Word("office.h_name"), Max: 100}), roles,
		a.Optional(&page.Field{ID: "teams", Kind: page.Text, Label: a.Word("office.f_teams"), Hint: a.Word("office.h_teams")}),
		&page.Field{ID: "cleared", Kind: page.Check, Label: a.Word("office.f_cleared")})
	b.Away = a.Form("/admin/absences", a.Word("office.save_absence"),
		&page.Field{ID: "person", Kind: page.Text, Label: a.Word("office.f_person"), Max: 100}, &page.Field{ID: "first", Kind: page.Date, Label: a.Word("office.f_first")},
		&page.Field{ID: "last", Kind: page.Date, Label: a.Word("office.f_last")}, a.Optional(&page.Field{ID: "substitute", Kind: page.Text, Label: a.Word("office.f_substitute"), Max: 100}))
	return b, nil
}

func peopleView(a *page.Ask, b *peopleBody) page.View {
	return page.View{Title: a.Word("office.people"), Nav: "office.nav_admin", Body: b}
}

func people(a *page.Ask) error {
	b, err := peopleOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-people", peopleView(a, b))
}

// setMember stores or changes somebody who works here.
func setMember(a *page.Ask) error {
	b, err := peopleOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	f.Need("id", a.Word("office.n_member"))
	f.Need("roles", a.Word("office.n_roles"))
	if f.OK() {
		m := app.Member{ID: f.Field("id").Value, Name: f.Field("name").Value, Cleared: f.Field("cleared").Value == "yes"}
		for _, r := range f.Field("roles").Chosen() {
			m.Roles = append(m.Roles, order.Role(r))
		}
		for _, t := range strings.Split(f.Field("teams").Value, ",") {
			if t = strings.TrimSpace(t); t != "" {
				m.Teams = append(m.Teams, t)
			}
		}
		err := a.Orders.SetMember(a.R.Context(), a.Visitor.Person, m)
		if err == nil {
			return a.Go("/admin", "done.office_member")
		}
		if !f.Take(err) {
			return err
		}
	}
	return a.Refused("office-people", f, peopleView(a, b))
}

func dropMember(a *page.Ask) error {
	if err := a.Orders.DropMember(a.R.Context(), a.Visitor.Person, a.Value("gone")); err != nil {
		return err
	}
	return a.Go("/admin", "done.office_dropped")
}

// setAbsence notes days away.
func setAbsence(a *page.Ask) error {
	b, err := peopleOf(a)
	if err != nil {
		return err
	}
	f := b.Away.Read(a)
	f.Need("person", a.Word("office.n_person"))
	first, last := f.Day("first", a.Word("office.n_day")), f.Day("last", a.Word("office.n_day"))
	if f.OK() {
		_, err := a.Orders.SetAbsence(a.R.Context(), a.Visitor.Person, app.Absence{Person: f.Field("person").Value, First: first, Last: last, Substitute: f.Field("substitute").Value})
		if err == nil {
			return a.Go("/admin", "done.office_absence")
		}
		if !f.Take(err) {
			return err
		}
	}
	return a.Refused("office-people", f, peopleView(a, b))
}

func dropAbsence(a *page.Ask) error {
	n, _ := strconv.ParseInt(a.Value("absence"), 10, 64) // 0 is the number of no absence
	if err := a.Orders.DropAbsence(a.R.Context(), a.Visitor.Person, n); err != nil {
		return err
	}
	return a.Go("/admin", "done.office_absence_gone")
}

// rulesBody is what the authority's configuration says: read only.
type rulesBody struct {
	Facts     []fact
	Clocks    []clockRow
	Appeals   []appealRow
	Suppliers []fact
	Levels    []fact
	Off       []string
}

type clockRow struct{ Name, Length, Warn, From, Source string }

type appealRow struct{ From, Party, Forum, Days, Law string }

func rules(a *page.Ask) error {
	au := a.Authority
	b := rulesBody{Facts: []fact{
		{a.Word("office.authority"), au.Name.In(a.Lang)},
		{a.Word("office.prefix"), au.CasePrefix},
		{a.Word("office.retention"), strconv.Itoa(au.RetentionMonths)},
		{a.Word("office.purge_rule"), au.PurgeRule},
		{a.Word("office.deciders"), strings.Join(au.Deciders, ", ")},
		{a.Word("office.sealed_days"), strconv.Itoa(au.SealedFor())},
	}}
	for _, d := range au.Book() {
		b.Clocks = append(b.Clocks, clockRow{d.Name.In(a.Lang), strconv.Itoa(d.Length) + " " + a.Word("office.unit_"+string(d.Unit)), strconv.Itoa(d.Warn), d.From.String(), d.Source})
	}
	for _, r := range au.Appeals {
		b.Appeals = append(b.Appeals, appealRow{r.From.String(), r.Party, r.Forum.In(a.Lang), strconv.Itoa(r.Days), r.Law})
	}
	for _, s := range au.Suppliers {
		b.Suppliers = append(b.Suppliers, fact{s.Name, s.ID})
	}
	for _, c := range order.Commands {
		if n := au.LevelFor(c.Name()); n > 0 {
			b.Levels = append(b.Levels, fact{c.Name(), strconv.Itoa(n)})
		}
	}
	for _, d := range au.Disabled {
		b.Off = append(b.Off, strings.TrimSpace(d.Command+" "+string(d.Role)+" "+string(d.Phase)))
	}
	return a.Show("office-rules", page.View{Title: a.Word("office.rules"), Nav: "office.nav_admin", Body: b})
}

// registersBody is the catalogue in use.
type registersBody struct {
	ID, Version, From, Hash string
	Registers               []registerRow
}

type registerRow struct {
	ID, Name, Coverage string
	Tables, Variables  int
}

func registers(a *page.Ask) error {
	c := a.Catalogue
	b := registersBody{ID: c.ID, Version: strconv.Itoa(c.Version), From: c.ValidFrom, Hash: string(c.Hash())}
	for _, r := range c.Registers {
		x := registerRow{ID: r.ID, Name: r.Names.In(a.Lang), Tables: len(r.Tables)}
		for _, t := range r.Tables {
			x.Variables += len(t.Variables)
		}
		if r.Coverage != nil {
			x.Coverage = strconv.Itoa(r.Coverage.Percent) + " %, " + strconv.Itoa(r.Coverage.Months) + " " + a.Word("office.months")
		}
		b.Registers = append(b.Registers, x)
	}
	return a.Show("office-registers", page.View{Title: a.Word("office.registers"), Nav: "office.nav_admin", Body: b})
}

// healthBody is how the counter is.
type healthBody struct {
	Lines   []healthLine
	Dead    []deadJob
	Failing []deadJob
	F       *page.Form // with a refusal
}

type healthLine struct {
	Name, Value string
	OK          bool
}

type deadJob struct {
	ID, Kind, Fault string
	Attempts        int
	Again           *page.Form
}

func healthOf(a *page.Ask) (*healthBody, error) {
	b := &healthBody{F: &page.Form{Lang: a.Lang, Heading: a.Word("form.heading")}}
	add := func(key, value string, ok bool) {
		b.Lines = append(b.Lines, healthLine{a.Word("office.health_" + key), value, ok})
	}
	ctx, q := a.R.Context(), a.Orders.Queue
	began := a.Clock()
	waiting, err := q.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	add("database", a.Word("office.answers")+" "+strconv.FormatInt(a.Clock().Sub(began).Milliseconds(), 10)+" ms", true)
	add("queue", strconv.Itoa(waiting), true)
	dead, err := q.Dead(ctx)
	if err != nil {
		return nil, err
	}
	failing, err := q.Failing(ctx)
	if err != nil {
		return nil, err
	}
	add("failing", strconv.Itoa(len(failing)), len(failing) == 0)
	add("dead", strconv.Itoa(len(dead)), len(dead) == 0)
	if a.Proof != nil {
		head, ok, err := a.Proof.Head(ctx)
		switch {
		case err != nil:
			add("checkpoint", a.Word("office.bad_checkpoint"), false)
		case !ok:
			add("checkpoint", a.Word("office.no_checkpoint"), false)
		default:
			add("checkpoint", page.Thousands(head.Size)+" "+a.Word("office.entries"), true)
		}
	}
	b.Dead, b.Failing = jobs(a, dead, true), jobs(a, failing, false)
	return b, nil
}

// jobs names work by the vault, by its number and fault: the administrator sees
// nothing of the case.
func jobs(a *page.Ask, all []app.Job, again bool) []deadJob {
	var out []deadJob
	for _, j := range all {
		x := deadJob{ID: j.ID, Kind: a.Word("office.job_" + string(j.Kind)), Fault: j.Fault, Attempts: j.Attempts}
		if again {
			x.Again = a.Form("/admin/requeue", a.Word("office.requeue"), &page.Field{ID: "job", Kind: page.Hidden, Value: j.ID})
			x.Again.Small = true
		}
		out = append(out, x)
	}
	return out
}

func healthView(a *page.Ask, b *healthBody) page.View {
	return page.View{Title: a.Word("office.health"), Nav: "office.nav_admin", Body: b}
}

func health(a *page.Ask) error {
	b, err := healthOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-health", healthView(a, b))
}

// requeue hands a dead job to the vault once more.
func requeue(a *page.Ask) error {
	if a.Role() != access.RoleAdministrator {
		return app.ErrNotFound
	}
	err := a.Orders.Requeue(a.R.Context(), a.Visitor.Person.ID, a.Value("job"))
	if err == nil {
		return a.Go("/admin/health", "done.office_requeued")
	}
	b, err2 := healthOf(a)
	if err2 != nil {
		return err2
	}
	if app.IsNotFound(err) {
		err = fault.New("office.no_job", "Uppdraget finns inte.", "There is no such job.").Do("Ladda om sidan.", "Reload the page.")
	}
	if !b.F.Take(err) {
		return err
	}
	return a.Refused("office-health", b.F, healthView(a, b))
}
