package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluss/internal/access"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Draft is an application that has not been handed in. It is the orderers' own
// and no case: staff do not see that it exists, it stands in no log, and it is
// gone after a while when nothing is done with it.
type Draft struct {
	ID string
	// Owner is who began it, and Email that person's address.
	Owner, Email string
	// Members are the addresses of co-applicants; they read and write, and do
	// nothing else.
	Members []string
	Version int // 1 when it is begun, one more for every time it is saved
	Form    int // version of the form that the answers belong to
	// Answers are kept as they were given, JSON of an intake.Application; what
	// has the wrong type as well.
	Answers json.RawMessage
	// Aside are answers of older forms that today's has no place for. They stay
	// beside the answers, for a person to look at.
	Aside   []intake.Moved
	Updated time.Time
}

// Drafts keeps drafts.
type Drafts interface {
	// PutDraft stores a new draft.
	PutDraft(ctx context.Context, d Draft) error
	// Draft returns a draft; ErrNotFound when there is none.
	Draft(ctx context.Context, id string) (Draft, error)
	// SaveDraft replaces answers, form and time of a draft that stands at the
	// version before d's; ErrConflict when it has another.
	SaveDraft(ctx context.Context, d Draft) error
	// Invite and Uninvite change who belongs to a draft. Doing it twice
	// changes nothing.
	Invite(ctx context.Context, id, email string) error
	Uninvite(ctx context.Context, id, email string) error
	// DraftsOf returns the drafts that one of the keys (of access.Keys) belongs
	// to, latest change first.
	DraftsOf(ctx context.Context, keys []string) ([]Draft, error)
	// DeleteDraft removes a draft and marks its attachments for removal.
	DeleteDraft(ctx context.Context, id string) error
	// AppendDraft does what [Log.Append] does and turns the draft, which must
	// stand at the version, into the case: its attachments become the case's
	// and the draft is gone, all or nothing. ErrConflict when it stands at
	// another version, ErrNotFound when it is gone.
	AppendDraft(ctx context.Context, draft Draft, id string, entries []order.Entry, sum Summary, jobs []Job) error
	// Became returns the case that a draft was turned into, and who began the
	// draft; ErrNotFound when it was not.
	Became(ctx context.Context, draft string) (id, owner string, err error)
	// DraftsBefore returns the drafts that nobody has saved since a time.
	DraftsBefore(ctx context.Context, t time.Time) ([]string, error)
}

// Seen is a draft as its orderers see it: with everything that keeps it from
// being handed in, and notes on what carrying it over to a new form did.
type Seen struct {
	Draft
	Problems []intake.Problem
	Notes    []intake.Problem
}

// StaleDraft is the refusal to save over what somebody else has saved
// meanwhile. It holds both texts, so that nothing is lost.
type StaleDraft struct {
	Stored Draft
	Sent   json.RawMessage
}

// Error tells that the draft has been saved by somebody else.
func (*StaleDraft) Error() string {
	return "the draft has been saved by somebody else since it was read"
}

// Unwrap makes it an ErrConflict.
func (*StaleDraft) Unwrap() error { return ErrConflict }

const (
	maxMembers = 20
	// draftDays is how long a draft that nobody touches is kept.
	draftDays = 30
)

// belongs reports whether a person may see a draft: who began it, and those
// invited by address, all of them as orderers.
func belongs(p access.Person, d Draft) bool {
	return owns(p, d) || slices.ContainsFunc(d.Members, func(m string) bool { return shareKey(p, access.Person{Email: m, Role: order.RoleOrderer}) })
}

// owns reports whether a person began the draft.
func owns(p access.Person, d Draft) bool {
	return shareKey(access.Person{ID: p.ID, Role: p.Role}, access.Person{ID: d.Owner, Role: order.RoleOrderer})
}

func shareKey(a, b access.Person) bool {
	theirs := access.Keys(b)
	return slices.ContainsFunc(access.Keys(a), func(k string) bool { return slices.Contains(theirs, k) })
}

// draft returns a draft that the person belongs to. To everybody else, staff
// among them, it does not exist.
func (a *App) draft(ctx context.Context, p access.Person, id string) (Draft, error) {
	if p.Role != order.RoleOrderer || a.Drafts == nil {
		return Draft{}, ErrNotFound
	}
	d, err := a.Drafts.Draft(ctx, id)
	if err == nil && !belongs(p, d) {
		err = ErrNotFound
	}
	return d, err
}

// ownDraft is draft for what only who began it may do.
func (a *App) ownDraft(ctx context.Context, p access.Person, id string) (Draft, error) {
	d, err := a.draft(ctx, p, id)
	if err == nil && !owns(p, d) {
		err = (&fault.Fault{
			Code: "draft.owner_only", Class: fault.Gate, Rule: "access", SV: "Bara den som började utkastet får göra det här.", EN: "Only who began the draft may do this.",
		}).Do("Be den personen.", "Ask that person.")
	}
	return d, err
}

// CreateDraft begins a draft with answers, which may be an empty object.
func (a *App) CreateDraft(ctx context.Context, p access.Person, answers json.RawMessage) (Seen, error) {
	if p.Role != order.RoleOrderer || a.Drafts == nil {
		return Seen{}, (&fault.Fault{
			Code: "access.denied", Class: fault.Gate, Rule: "access", SV: "Rollen " + string(p.Role) + " skriver inga utkast.", EN: "The role " + string(p.Role) + " writes no drafts.",
		}).Do("Registrera ansökan i stället.", "Register the application instead.")
	}
	d := Draft{ID: "U-" + rand.Text()[:16], Owner: p.ID, Email: p.Email, Version: 1, Form: formOf(answers, a.Form), Answers: answers, Updated: a.Clock()}
	if err := a.Drafts.PutDraft(ctx, d); err != nil {
		return Seen{}, err
	}
	return a.seen(ctx, d), nil
}

// ReadDraft returns a draft, carried over to the form in use, with what keeps
// it from being handed in. Reading changes nothing: the answers that are stored
// stay as they are until somebody saves.
func (a *App) ReadDraft(ctx context.Context, p access.Person, id string) (Seen, error) {
	d, err := a.draft(ctx, p, id)
	if err != nil {
		return Seen{}, err
	}
	return a.seen(ctx, d), nil
}

// OwnDrafts returns the drafts that a person belongs to, latest change first.
func (a *App) OwnDrafts(ctx context.Context, p access.Person) ([]Draft, error) {
	if p.Role != order.RoleOrderer || a.Drafts == nil {
		return nil, nil
	}
	return a.Drafts.DraftsOf(ctx, access.Keys(p))
}

// SaveDraft stores new answers in a draft that stands at the version. What the
// answers hold never keeps them from being saved; the problems tell. It
// returns a *StaleDraft when somebody else has saved since.
func (a *App) SaveDraft(ctx context.Context, p access.Person, id string, version int, answers json.RawMessage) (Seen, error) {
	d, err := a.draft(ctx, p, id)
	if err != nil {
		return Seen{}, err
	}
	// What the form in use has no place for stays beside the new answers.
	next, _ := a.carried(d)
	next.Version, next.Form, next.Answers, next.Updated = version+1, formOf(answers, next.Form), answers, a.Clock()
	if d.Version == version {
		err = a.Drafts.SaveDraft(ctx, next)
	} else {
		err = ErrConflict
	}
	if errors.Is(err, ErrConflict) {
		if d, err = a.draft(ctx, p, id); err != nil {
			return Seen{}, err
		}
		return Seen{}, &StaleDraft{d, answers}
	}
	if err != nil {
		return Seen{}, err
	}
	return a.seen(ctx, next), nil
}

// DeleteDraft removes a draft and what was uploaded to it.
func (a *App) DeleteDraft(ctx context.Context, p access.Person, id string) error {
	if _, err := a.ownDraft(ctx, p, id); err != nil {
		return err
	}
	if err := a.Drafts.DeleteDraft(ctx, id); err != nil {
		return err
	}
	return a.SweepAttachments(ctx)
}

// Invite lets somebody else, known by an address, read and write a draft.
func (a *App) Invite(ctx context.Context, p access.Person, id, email string) (Seen, error) {
	d, err := a.ownDraft(ctx, p, id)
	if err != nil {
		return Seen{}, err
	}
	if len(access.Keys(access.Person{Role: order.RoleOrderer, Email: email})) == 0 || !slices.Contains([]byte(email), '@') || len(email) > 254 || swede.Contains(email) {
		return Seen{}, fault.New("draft.address", "Adressen går inte att läsa.", "The address cannot be read.").Do("Skriv en e-postadress.", "Write an e-mail address.")
	}
	if len(d.Members) >= maxMembers {
		return Seen{}, fault.New("draft.members", fmt.Sprintf("Utkastet har redan %d medsökande.", maxMembers), fmt.Sprintf("The draft has %d co-applicants already.", maxMembers)).
			Do("Ta bort någon först.", "Remove somebody first.")
	}
	if err := a.Drafts.Invite(ctx, id, email); err != nil {
		return Seen{}, err
	}
	return a.ReadDraft(ctx, p, id)
}

// Uninvite takes somebody's access to a draft away, at once. Who began it
// stays.
func (a *App) Uninvite(ctx context.Context, p access.Person, id, email string) (Seen, error) {
	d, err := a.ownDraft(ctx, p, id)
	if err != nil {
		return Seen{}, err
	}
	them := access.Person{Role: order.RoleOrderer, Email: email}
	if shareKey(them, access.Person{Role: order.RoleOrderer, Email: d.Email}) {
		return Seen{}, fault.New("draft.owner_stays", "Den som började utkastet kan inte tas bort.", "Who began the draft cannot be removed.").
			Do("Radera utkastet om det inte behövs.", "Delete the draft if it is not needed.")
	}
	if err := a.Drafts.Uninvite(ctx, id, email); err != nil {
		return Seen{}, err
	}
	return a.ReadDraft(ctx, p, id)
}

// SubmitDraft hands a draft in: it becomes a case, which it does once however
// often it is asked for. Answers that cannot be read, documents that are not
// there and whatever [App.Submit] refuses leave the draft as it is.
func (a *App) SubmitDraft(ctx context.Context, p access.Person, id string, version int) (string, order.State, error) {
	done, err := a.turns.take(ctx, "draft/"+id)
	if err != nil {
		return "", order.State{}, err
	}
	defer done()
	d, err := a.ownDraft(ctx, p, id)
	if errors.Is(err, ErrNotFound) {
		return a.submittedBefore(ctx, p, id)
	}
	if err != nil {
		return "", order.State{}, err
	}
	if d.Version != version {
		return "", order.State{}, &StaleDraft{Stored: d}
	}
	current, _ := a.carried(d)
	application, misfits := read(current)
	if len(misfits) > 0 {
		x := misfits[0]
		return "", order.State{}, (&fault.Fault{Code: x.Rule, Class: fault.Gate, Rule: x.Rule, SV: x.SV, EN: x.EN, Where: fault.Where{Column: x.Field}}).
			Do("Rätta svaret och lämna in igen.", "Mend the answer and submit again.")
	}
	if err := a.checkAttachments(ctx, id, application, intake.Application{}); err != nil {
		return "", order.State{}, err
	}
	number, s, err := a.open(ctx, p.Actor(), order.Submit{Application: application, Aside: current.Aside}, func(ctx context.Context, id string, entries []order.Entry, sum Summary, jobs []Job) error {
		return a.Drafts.AppendDraft(ctx, d, id, entries, sum, jobs)
	})
	if errors.Is(err, ErrNotFound) { // another process was first
		return a.submittedBefore(ctx, p, id)
	}
	if err != nil {
		return "", order.State{}, err
	}
	// The case is stored; what cannot be removed now is removed by its date.
	_ = a.SweepAttachments(context.WithoutCancel(ctx))
	return number, s, nil
}

// submittedBefore returns the case that a draft has become.
func (a *App) submittedBefore(ctx context.Context, p access.Person, draft string) (string, order.State, error) {
	if p.Role != order.RoleOrderer || a.Drafts == nil {
		return "", order.State{}, ErrNotFound
	}
	id, owner, err := a.Drafts.Became(ctx, draft)
	if err == nil && !owns(p, Draft{Owner: owner}) {
		err = ErrNotFound
	}
	if err != nil {
		return "", order.State{}, err
	}
	s, err := a.State(ctx, id)
	return id, s, err
}

// PurgeDrafts removes drafts that nobody has touched for a while and returns
// how many there were.
func (a *App) PurgeDrafts(ctx context.Context) (int, error) {
	if a.Drafts == nil {
		return 0, nil
	}
	days := a.DraftDays
	if days == 0 {
		days = draftDays
	}
	ids, err := a.Drafts.DraftsBefore(ctx, a.Clock().AddDate(0, 0, -days))
	if err != nil {
		return 0, err
	}
	for i, id := range ids {
		if err := a.Drafts.DeleteDraft(ctx, id); err != nil {
			return i, err
		}
	}
	return len(ids), a.SweepAttachments(ctx)
}

// seen carries a draft over to the form in use and looks for problems.
func (a *App) seen(ctx context.Context, d Draft) Seen {
	out := Seen{}
	out.Draft, out.Notes = a.carried(d)
	application, misfits := read(out.Draft)
	out.Problems = misfits
	for _, x := range a.Problems(ctx, application) {
		if !slices.ContainsFunc(misfits, func(m intake.Problem) bool { return m.Field == x.Field }) {
			out.Problems = append(out.Problems, x)
		}
	}
	return out
}

// carried is a draft carried over to the form in use. What the new form has no
// place for is put aside, and every move is told. A draft that cannot be
// carried over, or would lose an answer on the way, stays on its old form.
func (a *App) carried(d Draft) (Draft, []intake.Problem) {
	if a.Upgrade == nil || d.Form >= a.Form {
		return d, notes(d.Aside)
	}
	upgraded, moved, err := a.Upgrade(d.Answers, d.Form)
	if err != nil || !keepsAnswers(d.Answers, upgraded, moved) {
		return d, append(notes(d.Aside), intake.Problem{
			Rule: "draft.old_form", SV: "Utkastet kunde inte föras över till det nya formuläret och visas som det skrevs.", EN: "The draft could not be carried over to the new form and is shown as it was written.",
		})
	}
	d.Answers, d.Form = upgraded, a.Form
	all := append(slices.Clone(d.Aside), moved...)
	d.Aside = slices.DeleteFunc(slices.Clone(all), func(m intake.Moved) bool { return !m.NeedsAttention() })
	return d, notes(all)
}

// notes tell what became of answers, each with its question as today's form
// words it, or as the old one named it.
func notes(moved []intake.Moved) []intake.Problem {
	var out []intake.Problem
	for _, m := range moved {
		n := intake.Problem{Rule: "draft.moved", SV: m.Texts.SV, EN: m.Texts.EN}
		if m.NeedsAttention() {
			n.Rule = "draft.aside"
			n.DoSV, n.DoEN = "Svaret ligger kvar bredvid: skriv in det där det hör hemma, om det behövs.", "The answer lies beside: write it in where it belongs, if it is needed."
		}
		for _, id := range slices.Concat(m.To, m.From) {
			if text, ok := intake.Label(id); n.Field == "" && ok {
				n.Field, n.SV, n.EN = id, text.SV+": "+n.SV, text.EN+": "+n.EN
			}
		}
		if n.Field == "" && len(m.From) > 0 {
			n.Field = clip(m.From[0])
		}
		out = append(out, n)
	}
	return out
}

// read is the draft as an application on its form.
func read(d Draft) (intake.Application, []intake.Problem) {
	application, misfits := Fit(d.Answers)
	if application.Form == 0 && d.Form > 1 {
		application.Form = d.Form
	}
	return application, misfits
}

// formOf is the form that answers say they belong to, or the one given when
// they say none that there is.
func formOf(answers json.RawMessage, otherwise int) int {
	var says struct {
		Form json.RawMessage `json:"form"`
	}
	n := 0
	if json.Unmarshal(answers, &says) != nil || json.Unmarshal(says.Form, &n) != nil || n < 1 || n > otherwise {
		return otherwise
	}
	return n
}
