package showcase

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/signed"
	"sluss/internal/workorder"
)

// act is one thing that happens in a tale. What it does gets the tale, so that
// none acts in another by mistake.
type act struct {
	day    day.Day
	minute int
	do     func(*tale, context.Context) error
	works  bool // something waits for the vault afterwards
}

// tale is one case from its beginning to today. It is written first, act by
// act, with a cursor that goes forward through working days, and played
// together with all others.
type tale struct {
	*stage
	no    int
	shows []Situation

	orderer, representative string
	handler                 string
	application             intake.Application
	papers                  map[string][]byte // attachments by their id in the application
	parent                  *tale

	cursor day.Day
	acts   []act
	way    int // how many steps of the way have been written

	// What the decision is to be like.
	terms   quote.Terms
	decides func(*order.DecisionDraft)
	answers func(*review.Answer)
	expires int     // days after the decision; 0 = a year
	validTo day.Day // last day of the quote; 0 = in 90 days
	wait    map[string]int

	// What the vault is to report.
	rejects, fails, runs int
	keepsPurge           bool // the purge is ordered and not reported

	// While it is played.
	at      int
	id      string
	state   order.State
	seen    day.Day // dates have acted up to and including this day
	planned bool
	next    when
}

func (t *tale) title() string { return fmt.Sprintf("tale %d %q", t.no, t.application.Title) }

// tell begins a tale a number of working days ago.
func (s *stage) tell(ago int, orderer string, a intake.Application, shows ...Situation) *tale {
	t := &tale{
		stage: s, no: len(s.tales) + 1, shows: shows, orderer: orderer, application: a, cursor: s.ago(ago), papers: map[string][]byte{}, wait: map[string]int{},
		representative: Representative, handler: []string{Handler, OtherHandler}[len(s.tales)%2],
	}
	if orderer != Orderer {
		t.representative = OtherPrincipal
	}
	t.terms = quote.Terms{
		Form: quote.FormFixed, VAT: quote.VATStandard, VATReason: "Uppdraget behandlas som en tjänst enligt myndighetens ställningstagande.",
		Hours: []quote.Hours{{Kind: quote.Dialogue, Centis: 350}, {Kind: quote.Review, Centis: 600}, {Kind: quote.Extraction, Centis: int64(1000 + 150*(t.no%7))}},
		Text:  catalog.Text{SV: "Uttag enligt ansökan, med kodbok och startkod.", EN: "Extraction as applied for, with codebook and starter code."},
	}
	s.tales = append(s.tales, t)
	return t
}

// ago is the day that lies a number of working days before the last one.
func (s *stage) ago(n int) day.Day { return s.Authority.Calendar.AddWorkingDays(s.last, -n) }

// then adds an act a number of working days after the one before. Acts of a day
// are twenty minutes apart.
func (t *tale) then(wait int, do func(*tale, context.Context) error) *tale {
	t.cursor = t.Authority.Calendar.AddWorkingDays(t.cursor, wait)
	minute := morning + 7*(t.no%9)
	if n := len(t.acts); n > 0 && t.acts[n-1].day == t.cursor {
		minute = t.acts[n-1].minute + 20
	}
	t.acts = append(t.acts, act{day: t.cursor, minute: minute, do: do})
	return t
}

// works says that the vault has something to do after the act before.
func (t *tale) works() *tale {
	t.acts[len(t.acts)-1].works = true
	return t
}

// held says that the vault does not do it, so that it waits when the demo
// begins. Such acts come last of all, on the last day.
func (t *tale) held() *tale {
	a := &t.acts[len(t.acts)-1]
	a.day, a.minute, a.works = t.last, evening+t.no, false
	return t
}

// give adds a command by somebody in a role. It is made when its time comes,
// from the case as it is then.
func (t *tale) give(wait int, by string, role order.Role, cmd func(*tale) (order.Command, error)) *tale {
	return t.then(wait, func(t *tale, ctx context.Context) error {
		c, err := cmd(t)
		if err != nil {
			return err
		}
		return t.carry(ctx, by, role, c)
	})
}

// carry carries a command out.
func (t *tale) carry(ctx context.Context, by string, role order.Role, cmd order.Command) (err error) {
	if t.state, err = t.app.Do(ctx, as(by, role).Actor(), t.id, cmd); err != nil {
		return fmt.Errorf("%s by %s: %w", cmd.Name(), by, err)
	}
	return nil
}

// simply adds a command that is known beforehand.
func (t *tale) simply(wait int, by string, role order.Role, cmd order.Command) *tale {
	return t.give(wait, by, role, func(*tale) (order.Command, error) { return cmd, nil })
}

// asks is a command by the case's handler, and says one by its orderer.
func (t *tale) asks(wait int, cmd order.Command) *tale {
	return t.simply(wait, t.handler, order.RoleHandler, cmd)
}

func (t *tale) says(wait int, cmd order.Command) *tale {
	return t.simply(wait, t.orderer, order.RoleOrderer, cmd)
}

// takes lets somebody take the case from the queue, in a role.
func (t *tale) takes(wait int, id string, role order.Role) *tale {
	return t.simply(wait, id, role, order.Assign{Role: role, To: id, Why: "pulled"})
}

// opened remembers the case that has been opened.
func (t *tale) opened(id string, s order.State) {
	t.id, t.state = id, s
	t.byID[id] = t
	t.told = append(t.told, t)
}

// handIn writes the application as its orderer does: a draft, the documents, and
// then the whole handed in.
func (t *tale) handIn(ctx context.Context) error {
	p := as(t.orderer, order.RoleOrderer)
	if t.parent != nil {
		t.application.Child.Parent, t.application.Project.Earlier = t.parent.id, t.parent.id
	}
	id, version, err := t.draft(ctx, p, t.application)
	if err != nil {
		return err
	}
	number, state, err := t.app.SubmitDraft(ctx, p, id, version)
	if err != nil {
		return err
	}
	t.opened(number, state)
	return nil
}

// draft begins a draft, uploads the documents that the application names and
// saves it with them.
func (t *tale) draft(ctx context.Context, p access.Person, a intake.Application) (string, int, error) {
	d, err := t.app.CreateDraft(ctx, p, json.RawMessage(`{"form":2}`))
	if err != nil {
		return "", 0, err
	}
	if a, err = t.upload(ctx, p, d.ID, a); err != nil {
		return "", 0, err
	}
	answers, err := canon.JSON(a)
	if err != nil {
		return "", 0, err
	}
	d, err = t.app.SaveDraft(ctx, p, d.ID, d.Version, answers)
	return d.ID, d.Version, err
}

// upload sends the documents in that have been written for the application, and
// names them by the ids that they get.
func (t *tale) upload(ctx context.Context, p access.Person, place string, a intake.Application) (intake.Application, error) {
	a = copied(a)
	ids := map[string]string{}
	for i := range a.Attachments {
		x := &a.Attachments[i]
		file, ok := t.papers[x.ID]
		if !ok {
			continue
		}
		at, err := t.app.TakeAttachment(ctx, p, place, x.Name+".pdf", x.Kind, bytes.NewReader(file))
		if err != nil {
			return a, err
		}
		ids[x.ID], x.ID, x.SHA256 = at.ID, at.ID, string(at.SHA256)
	}
	rename := func(id *string) {
		if given, ok := ids[*id]; ok {
			*id = given
		}
	}
	for i := range a.Attachments {
		rename(&a.Attachments[i].Of)
	}
	for i := range a.Ethics.Approvals {
		rename(&a.Ethics.Approvals[i].Application)
		rename(&a.Ethics.Approvals[i].Decision)
	}
	for i := range a.Ethics.Coverage {
		rename(&a.Ethics.Coverage[i].Attachment)
	}
	return a, nil
}

// copied is an application that shares nothing with a that upload changes.
func copied(a intake.Application) intake.Application {
	a.Attachments = slices.Clone(a.Attachments)
	a.Ethics.Approvals, a.Ethics.Coverage = slices.Clone(a.Ethics.Approvals), slices.Clone(a.Ethics.Coverage)
	return a
}

// byMail registers the application for somebody who wrote it in a mail: the
// registrar keeps the mail and opens the case with it.
func (t *tale) byMail(sender, subject, text string) *tale {
	return t.then(0, func(t *tale, ctx context.Context) error {
		l, err := t.letter(ctx, order.ChannelMail, sender, subject, text)
		if err != nil {
			return err
		}
		return t.openWith(ctx, l, func(arrival *order.Arrival) order.Command {
			return order.Submit{Application: t.application, OnBehalf: true, Arrival: arrival}
		})
	})
}

func (t *tale) openWith(ctx context.Context, l app.Letter, mk func(*order.Arrival) order.Command) error {
	l, err := t.app.OpenCase(ctx, as(Registrar, order.RoleRegistrar), l.ID, mk)
	if err != nil {
		return err
	}
	s, err := t.app.State(ctx, l.Case)
	t.opened(l.Case, s)
	return err
}

// letter puts a mail or a scanned letter into the registrar's list.
func (s *stage) letter(ctx context.Context, channel, sender, subject, text string) (app.Letter, error) {
	return s.app.TakeLetter(ctx, as(Registrar, order.RoleRegistrar), app.Letter{
		Channel: channel, Sender: sender, Subject: subject, Name: "brev.pdf", Arrived: today(s),
	}, bytes.NewReader(paper(text)))
}

// sign signs a document as one of the cast.
func (s *stage) sign(id string, doc any) (string, error) { return signed.Sign(doc, s.keys[id]) }

// decision writes and signs the decision that the review leads to.
func (t *tale) decision() (order.Decision, string, *quote.Quote, error) {
	s := t.state
	c := order.Context{At: t.Clock(), By: as(Decider, order.RoleDecider).Actor(), Authority: t.Authority, Catalogue: t.app.Catalogue}
	in := order.FromReview(s)
	in.Rapporteur, in.Persons.ID = persona(Reviewer).Name, "personnummer"
	in.RecipientKey, in.VaultSigner = t.recipients[t.orderer], signed.Fingerprint(t.vault.public)
	in.Expires = c.Day() + day.Day(cmp.Or(t.expires, 365))
	in.Reasons = catalog.Text{
		SV: "Uppgifterna behövs för ändamålet, och det står klart att de kan lämnas ut utan att den enskilde eller någon närstående lider skada eller men.",
		EN: "The data are needed for the purpose, and it is clear that they can be disclosed without harm to the individual or somebody close.",
	}
	in.Provisions = []string{"24 kap. 8 § offentlighets- och sekretesslagen (2009:400)", "114 kap. socialförsäkringsbalken"}
	terms := t.terms
	terms.ValidTo = cmp.Or(t.validTo, c.Day()+90)
	in.Terms = &terms
	if t.decides != nil {
		t.decides(&in)
	}
	d, q, err := order.PrepareDecision(s, c, in)
	if err != nil {
		return d, "", nil, err
	}
	note, err := t.sign(Decider, d)
	return d, note, q, err
}

// spec writes and signs the specification: one extract for each row that is
// disclosed, as fine as decided.
func (t *tale) spec() (order.Command, error) {
	s := t.state
	in := order.SpecDraft{Snapshot: fmt.Sprintf("%d-%02d", s.DispatchedOn.Year(), (int(s.DispatchedOn.Month())%12)+1)}
	for _, r := range s.Decision.Scope.Rows {
		if r.Gives() {
			in.Extracts = append(in.Extracts, extractOf(r))
		}
	}
	spec, err := order.PrepareSpec(s, t.app.Catalogue, in)
	if err != nil {
		return nil, err
	}
	note, err := t.sign(Statistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: Statistician, Spec: spec})
	return order.OrderExtraction{Spec: spec, Note: note}, err
}

func extractOf(r plan.Row) plan.Extract {
	e := plan.Extract{
		Name: r.Table, Table: r.Table, Window: plan.Window{From: plan.Bound{Date: r.Period.From}, To: plan.Bound{Date: r.Period.To}},
		Columns: []plan.Column{{Name: "lopnr"}}, Output: plan.Output{File: r.Table, Format: "csv"},
	}
	switch r.Shape {
	case catalog.ShapeSpell:
		e.Shape.Spell = &plan.SpellShape{MaxGapDays: 4}
	case catalog.ShapePanelMonth:
		e.Shape.Panel = &plan.PanelShape{Unit: "month"}
	case catalog.ShapePanelYear:
		e.Shape.Panel = &plan.PanelShape{Unit: "year"}
	default:
		e.Shape.Simple = string(r.Shape)
	}
	var in []any
	for _, b := range r.Benefits {
		in = append(in, b)
	}
	e.Where = []plan.Filter{{Var: "delforman", Stage: plan.StageRow, In: in}}
	for _, v := range r.Variables {
		c := plan.Column{Name: v.ID}
		if v.Level != "" {
			c.Coarsen = &plan.Coarsen{To: v.Level}
		}
		e.Columns = append(e.Columns, c)
	}
	return e
}

// release signs exactly the manifest that lies ready.
func (t *tale) release() (order.Command, error) {
	o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: Releaser, Order: t.id, Manifest: t.state.Extracted.Manifest}
	note, err := t.sign(Releaser, o)
	return order.Release{Manifest: o.Manifest, Note: note, Why: "Små grupper är bedömda i beslutet; sekretess gäller hos mottagaren."}, err
}
