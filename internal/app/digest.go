package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/measure"
	"sluss/internal/order"
	"sluss/internal/queue"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/swede"
)

// Digest is what the office asks of every case at once: who has something to
// do in it, what statistics count, what was decided, what it took. It is a
// copy of what the log says, written with the entries, so that nobody has to
// fold thirty thousand cases to answer one question. Each part is canonical
// JSON, or "" where the case has none.
type Digest struct {
	Roles     string // that have something to do, as ",handler,registrar,"; "" = nobody
	Tasks     string
	Fact      string // of a submitted order; [measure.Fact]
	Decided   string // of a decision that has been dispatched; [review.Decided]
	Past      string // of a finished order; [quote.Past]
	Marks     string // what mail about the case may name: dnr:…, title:…
	Conflicts string // who must not know of the case (jäv)
	Stands    string // the case's places in lists by date; a list of [Stand]
}

// Part names a part of the digest that is read for many cases at once.
type Part string

// Parts.
const (
	PartTasks   Part = "tasks"
	PartFact    Part = "fact"
	PartDecided Part = "decided"
	PartPast    Part = "past"
)

// Viewer is who a list is for. Cases that the person is disqualified in (jäv),
// and protected ones without clearance, are left out of it: they do not exist
// to the person. The zero value has no clearance.
type Viewer struct {
	Person  string
	Cleared bool
}

// Everything is the viewer of the counter's own sums, in which no case shows.
var Everything = Viewer{Cleared: true}

// Digests reads digests one at a time, never all of them into memory.
type Digests interface {
	Stands
	// EachDigest calls yield with the part of every case that has it and that
	// the viewer may know of, in no particular order. Of tasks, role keeps the
	// cases in which the role has something to do; "" keeps all.
	EachDigest(ctx context.Context, part Part, role order.Role, v Viewer, yield func(id, text string) error) error
	// SomeDigests is EachDigest of these cases only.
	SomeDigests(ctx context.Context, part Part, ids []string, v Viewer, yield func(id, text string) error) error
	// EachWhole calls yield with the whole digest of every case that has one.
	EachWhole(ctx context.Context, yield func(id string, d Digest) error) error
	// Undigested returns cases that have no digest, at most limit: those stored
	// before there were any. PutDigest stores one, unless the case has moved on
	// from the version.
	Undigested(ctx context.Context, limit int) ([]string, error)
	PutDigest(ctx context.Context, id string, version int, d Digest) error
	// Marked returns the cases that one of the marks stands for.
	Marked(ctx context.Context, marks []string) ([]string, error)
}

// DigestOf works the digest of a case out from its state alone. today is the
// day of its last entry.
func DigestOf(s order.State, a *order.Authority, cat *catalog.Catalogue, today day.Day) Digest {
	var d Digest
	if tasks := tasksOf(s, a, today); len(tasks) > 0 {
		for _, t := range tasks {
			d.Roles += "," + t.Role
		}
		d.Roles += ","
		d.Tasks = compact(tasks)
	}
	if s.Submitted {
		d.Fact = compact(FactOf(s))
	}
	if s.Decision != nil && s.Announced {
		d.Decided = compact(DecidedOf(s, cat))
	}
	if s.Delivery != nil && s.Invoice != nil {
		if used := hoursOf(s.Hours); used > 0 {
			d.Past = compact(quote.Past{Features: FeaturesOf(s, cat), Centis: used})
		}
	}
	if m := marksOf(s); len(m) > 0 {
		d.Marks = compact(m)
	}
	if stands := standsOf(s, a, today); len(stands) > 0 {
		d.Stands = compact(stands)
	}
	if len(s.Conflicts) > 0 {
		d.Conflicts = compact(slices.Compact(slices.Sorted(slices.Values(s.Conflicts))))
	}
	return d
}

// compact is v as canonical JSON. What a digest holds always has one.
func compact(v any) string {
	b, err := canon.JSON(v)
	if err != nil {
		panic(fmt.Sprintf("app: digest: %v", err))
	}
	return string(b)
}

// taskDigest is a task as it is stored; case number and protection stand with
// the case.
type taskDigest struct {
	Kind      string      `json:"k"`
	Role      string      `json:"r"`
	Assignee  string      `json:"to,omitempty"`
	Principal string      `json:"p,omitempty"`
	Protected bool        `json:"s,omitempty"`
	Arrived   day.Day     `json:"a"`
	Waiting   day.Day     `json:"w"`
	Due       day.Day     `json:"d,omitempty"`
	Priority  int         `json:"u,omitempty"`
	Did       []queue.Act `json:"did,omitempty"`
}

// duty is something that a role may have to do in a case.
type duty struct {
	kind   string
	role   order.Role
	urgent int
	open   func(s order.State) bool
}

// duties are looked through in order; a role has at most one task in a case,
// because a case is assigned to a role and not to a task.
var duties = []duty{
	{"incident", order.RoleHandler, 2, func(s order.State) bool { return s.OpenIncident() != nil }},
	{"appeal", order.RoleHandler, 1, func(s order.State) bool {
		return slices.ContainsFunc(s.Appeals, func(a order.Appeal) bool { return a.InTime && !a.Forwarded && !a.Settled })
	}},
	{"dismiss_appeal", order.RoleDecider, 1, func(s order.State) bool {
		return slices.ContainsFunc(s.Appeals, func(a order.Appeal) bool { return !a.InTime && !a.Settled })
	}},
	{"request", order.RoleRegistrar, 1, func(s order.State) bool {
		return slices.ContainsFunc(s.Requests, func(r order.DocumentRequest) bool { return !r.Decided })
	}},
	{"settle_medium", order.RoleRegistrar, 0, func(s order.State) bool {
		return slices.ContainsFunc(s.Early, func(e order.Early) bool { return e.How == "" })
	}},
	{"fault", order.RoleHandler, 1, func(s order.State) bool {
		return s.Ended == "" && slices.ContainsFunc(s.Faults, func(f order.FaultReport) bool { return f.Outcome == "" })
	}},
	{"answer", order.RoleHandler, 0, func(s order.State) bool {
		return s.Ended == "" && slices.ContainsFunc(s.Questions, func(q order.Question) bool { return q.Outside && !q.Answered })
	}},
	{"close_enquiry", order.RoleHandler, 0, in(order.PhaseEnquiry)},
	{"check", order.RoleHandler, 0, in(order.PhaseReceived)},
	{"draft", order.RoleHandler, 0, in(order.PhaseComplete)},
	{"review", order.RoleReviewer, 0, in(order.PhaseReview)},
	{"decide", order.RoleDecider, 0, in(order.PhaseDecision)},
	{"dispatch", order.RoleHandler, 0, func(s order.State) bool { return s.Phase() == order.PhaseDecided && !s.Dispatched }},
	{"extract", order.RoleStatistician, 0, func(s order.State) bool {
		return (s.Phase() == order.PhaseExtraction || s.Replacing) && !s.Running && s.Ended == ""
	}},
	{"release", order.RoleReleaser, 0, func(s order.State) bool { return s.Phase() == order.PhaseRelease && !s.Released }},
	{"reseal", order.RoleReleaser, 0, order.State.AwaitsReseal},
	{"post", order.RoleRegistrar, 0, order.State.AwaitsPosting},
	{"confirm_key", order.RoleHandler, 0, func(s order.State) bool { return s.Delivery != nil && s.KeyToConfirm() }},
	{"invoice", order.RoleFinance, 0, func(s order.State) bool {
		return s.Delivery != nil && s.Invoice == nil && s.Quote != nil && s.Quote.NetOre > 0
	}},
}

func in(p order.Phase) func(order.State) bool {
	return func(s order.State) bool { return s.Phase() == p }
}

// tasksOf are what the authority has to do in the case now.
func tasksOf(s order.State, a *order.Authority, today day.Day) []taskDigest {
	var out []taskDigest
	due := order.NextDue(s, a, today)
	did := actsOf(s)
	for _, d := range duties {
		if !d.open(s) || slices.ContainsFunc(out, func(t taskDigest) bool { return t.Role == string(d.role) }) {
			continue
		}
		urgent := d.urgent
		if s.RulingAsked { // four weeks, förvaltningslagen 12 §
			urgent++
		}
		due := due
		if i := s.OpenIncident(); i != nil && d.kind == "incident" {
			due = i.ReportBy // 72 hours, the General Data Protection Regulation, article 33
		}
		out = append(out, taskDigest{
			Kind: d.kind, Role: string(d.role), Assignee: s.Has(d.role), Principal: s.Application.Principal.OrgNo, Protected: s.Protected,
			Arrived: s.ReceivedOn, Waiting: waitingSince(s), Due: due, Priority: urgent, Did: did,
		})
	}
	return out
}

// actsOf tells who has done what four eyes are needed for.
func actsOf(s order.State) []queue.Act {
	var out []queue.Act
	for _, x := range []queue.Act{{Kind: "review", Person: s.ReviewedBy}, {Kind: "decide", Person: s.DecidedBy}, {Kind: "extract", Person: s.ExtractedBy}, {Kind: "release", Person: s.ReleasedBy}} {
		if x.Person != "" {
			out = append(out, x)
		}
	}
	return out
}

// waitingSince is the day of the last thing that the clocks saw: since then the
// case waits for us. What no clock sees (a finished review, a finished
// extraction) does not move it, so it is never later than the truth.
func waitingSince(s order.State) day.Day {
	since := s.ReceivedOn
	for _, m := range s.Marks {
		since = max(since, m.Day)
	}
	return since
}

// task is a stored task as room queue knows tasks.
func (t taskDigest) task(id string) queue.Task {
	out := queue.Task{
		Case: id, Kind: t.Kind, State: queue.New, Role: t.Role, Assignee: t.Assignee, Principal: t.Principal, Protected: queue.Unprotected,
		Arrived: t.Arrived, Waiting: t.Waiting, Due: t.Due, HasDue: t.Due != 0, Priority: t.Priority, Did: t.Did,
	}
	if t.Assignee != "" {
		out.State = queue.Assigned
	}
	if t.Protected {
		out.Protected = queue.Protected
	}
	return out
}

func tasksFrom(id, text string) ([]queue.Task, error) {
	var stored []taskDigest
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("tasks of %s: %w", id, err)
	}
	out := make([]queue.Task, 0, len(stored))
	for _, t := range stored {
		out = append(out, t.task(id))
	}
	return out, nil
}

// FactOf is what statistics count of an order. A cause is the question that a
// supplement asked for, without its place in a list.
func FactOf(s order.State) measure.Fact {
	f := measure.Fact{
		Purpose: string(s.Application.Purpose), Party: s.Application.Principal.Kind, On: milestones(s),
		CompleteFirst: s.Complete && len(s.Supplements) == 0, Quoted: quoted(s), Used: hoursOf(s.Hours), Outcome: outcome(s),
	}
	for _, x := range s.Supplements {
		for _, part := range x.Parts {
			f.Causes = append(f.Causes, cause(part))
		}
	}
	slices.Sort(f.Causes)
	f.Causes = slices.Compact(f.Causes)
	return f
}

// cause is a question id without places in lists: data[2].variables becomes
// data.variables. What is no question id stays out of statistics.
func cause(part string) string {
	var b strings.Builder
	depth := 0
	for _, r := range part {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0 && (r >= 'a' && r <= 'z' || r == '_' || r == '.'):
			b.WriteRune(r)
		case depth == 0:
			return "other"
		}
	}
	return b.String()
}

// milestones are the days on which the order came so far: the first time, but
// the last for what can be taken back before the decision.
func milestones(s order.State) map[string]day.Day {
	on := map[string]day.Day{measure.Arrived: s.ReceivedOn}
	first := map[string]string{clock.Decided: measure.Decided, clock.QuoteAccepted: measure.Accepted, clock.FileAccepted: measure.FileHere, clock.Delivered: measure.Delivered}
	for _, m := range s.Marks {
		if m.Event == clock.DraftAgreed {
			on[measure.Agreed] = m.Day
		}
		name, ok := first[m.Event]
		if _, had := on[name]; !ok || had {
			continue
		}
		on[name] = m.Day
		if d, err := day.Parse(m.Attrs["on"]); err == nil {
			on[name] = d
		}
	}
	if s.Complete {
		on[measure.Completed] = s.CompleteOn
	}
	return on
}

func outcome(s order.State) string {
	switch {
	case s.Ended == order.PhaseDismissed:
		return measure.Dismissed
	case s.Ended == order.PhaseWithdrawn:
		return measure.Withdrawn
	case s.Ended == order.PhaseRefused:
		return measure.Refused
	case s.Decision == nil || !s.Dispatched:
		return measure.Open
	}
	return map[string]string{"disclose": measure.Disclosed, "partly": measure.Partly, "refuse": measure.Refused}[s.Decision.Outcome()]
}

func quoted(s order.State) int64 {
	if s.Quote == nil {
		return 0
	}
	sum := int64(0)
	for _, u := range quote.Used(*s.Quote, s.Amendments(), nil) {
		sum += u.Quoted
	}
	return sum
}

func hoursOf(hours []quote.Hours) int64 {
	sum := int64(0)
	for _, h := range hours {
		sum += h.Centis
	}
	return sum
}

// DecidedOf is the decision as it is compared with others.
func DecidedOf(s order.State, cat *catalog.Catalogue) review.Decided {
	d := CompareOf(s, cat)
	d.Date, d.Outcome, d.Reasons = s.Decision.Date, s.Decision.Outcome(), s.Decision.Reasons
	for _, r := range s.Decision.Scope.Rows {
		d.Registers = append(d.Registers, r.Register)
		d.Benefits = append(d.Benefits, r.Benefits...)
		for _, v := range r.Variables {
			d.Variables = append(d.Variables, r.Table+"."+v.ID)
		}
	}
	return d.Sorted()
}

// CompareOf is a case, decided or not, as it is compared with decided ones: by
// what was asked for. Orders under one ethics approval are of one project.
func CompareOf(s order.State, cat *catalog.Catalogue) review.Decided {
	a := s.Application
	d := review.Decided{
		Order: s.ID, Principal: a.Principal.Name, Purpose: string(a.Purpose), Population: a.Population.Source, Sensitive: intake.Sensitive(a, cat),
	}
	for _, x := range a.Ethics.Approvals {
		d.Project = cmp.Or(d.Project, strings.TrimSpace(x.Number))
	}
	for _, w := range a.Data {
		d.Registers = append(d.Registers, w.Register)
		d.Benefits = append(d.Benefits, w.Benefits...)
		for _, v := range w.Variables {
			d.Variables = append(d.Variables, w.Table+"."+v)
		}
	}
	return d.Sorted()
}

// FeaturesOf is what the hours of the order are estimated from: of what was
// decided, and before that of what is asked for.
func FeaturesOf(s order.State, cat *catalog.Catalogue) quote.Features {
	a := s.Application
	f := quote.Features{
		Purpose: string(a.Purpose), Persons: a.Population.Size, Deliveries: a.Project.Deliveries, FromFile: a.Population.Source == "file",
		Sensitive: intake.Sensitive(a, cat), Linked: len(a.Project.Linkage) > 0, Renewed: s.Parent != nil && s.Parent.Kind == order.KinRenewal,
	}
	if s.Population != nil && s.Population.Accepted {
		f.Persons = s.Population.Persons
	}
	registers, tables, variables := map[string]bool{}, map[string]bool{}, map[string]bool{}
	if s.Discloses() {
		for _, r := range s.Decision.Scope.Rows {
			if !r.Gives() {
				continue
			}
			registers[r.Register], tables[r.Table] = true, true
			for _, v := range r.Variables {
				variables[r.Table+"."+v.ID] = true
			}
		}
	} else {
		for _, w := range a.Data {
			registers[w.Register] = true
			if w.Table != "" {
				tables[w.Table] = true
			}
			for _, v := range w.Variables {
				variables[w.Table+"."+v] = true
			}
		}
	}
	f.Registers, f.Tables, f.Variables = len(registers), len(tables), len(variables)
	return f
}

// marksOf are what a letter about the case may name besides its number.
func marksOf(s order.State) []string {
	var out []string
	for _, x := range s.Application.Ethics.Approvals {
		if n := diary(x.Number); n != "" {
			out = append(out, "dnr:"+n)
		}
	}
	if words := wordsOf(s.Application.Title); len(words) > 1 {
		out = append(out, "title:"+strings.Join(words[:min(len(words), maxTitleWords)], " "))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sum is the hash of a digest.
func (d Digest) sum() canon.Hash { return canon.Sum([]byte(compact(d))) }

// digestSums are the hashes of all digests.
func (a *App) digestSums(ctx context.Context) (map[string]canon.Hash, error) {
	if a.Digests == nil {
		return nil, nil
	}
	out := map[string]canon.Hash{}
	return out, a.Digests.EachWhole(ctx, func(id string, d Digest) error {
		out[id] = d.sum()
		return nil
	})
}

// fillStretch is how many digests are written between rests: each is a
// transaction of its own, which commands would otherwise wait for.
const fillStretch = 2

// FillDigests writes the digest of every case that has none, with rests, and
// returns how many there were.
func (a *App) FillDigests(ctx context.Context) (int, error) {
	filled := 0
	for a.Digests != nil {
		ids, err := a.Digests.Undigested(ctx, fillStretch)
		if err != nil || len(ids) == 0 {
			return filled, err
		}
		for _, id := range ids {
			entries, err := a.Log.Load(ctx, id)
			if err != nil {
				return filled, err
			}
			s := order.Fold(id, entries)
			d := DigestOf(s, a.House(), a.Catalogue, swede.CivilDay(entries[len(entries)-1].At))
			if err := a.Digests.PutDigest(ctx, id, s.Version, d); err != nil {
				return filled, err
			}
			filled++
			if err := rest(ctx, dueRest); err != nil {
				return filled, err
			}
		}
	}
	return filled, nil
}
