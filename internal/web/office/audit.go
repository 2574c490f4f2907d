package office

import (
	"encoding/base64"
	"regexp"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/turn"
	"sluss/internal/web/canal"
	"sluss/internal/web/page"
)

// auditBody is the auditor's first page: find a case, check the log, see who
// has read.
type auditBody struct {
	Search string
	Found  []foundCase
	Tried  bool
	Head   *headView
	Walked *walked
	Verify *page.Form
	F      *page.Form
	Reads  []readRow
	Of     string
	More   *page.Form // earlier reads
}

type foundCase struct{ ID, Title, Principal, Phase string }

// headView is the latest checkpoint.
type headView struct {
	Size, Root, Origin string
}

// walked is what a walk through the whole log found.
type walked struct {
	Entries, Waiting, Erased, Checkpoints string
	OK                                    bool
	Findings                              []string
	Found                                 int
}

type readRow struct{ At, Who, Role, Case, View string }

// readsShown is how many reads a page shows.
const readsShown = 100

func auditOf(a *page.Ask) (*auditBody, error) {
	b := &auditBody{Search: a.Value("q")}
	if len(b.Search) > 60 {
		b.Search = b.Search[:60]
	}
	if a.Proof != nil {
		head, ok, err := a.Proof.Head(a.R.Context())
		if err != nil {
			return nil, err
		}
		if ok {
			b.Head = &headView{page.Thousands(head.Size), base64.StdEncoding.EncodeToString(head.Root[:]), head.Origin}
		}
		b.Verify = a.Form("/audit/verify", a.Word("office.verify"))
		b.Verify.Small = true
	}
	who := &page.Field{ID: "who", Kind: page.Text, Label: a.Word("office.f_who"), Hint: a.Word("office.h_who"), Max: 100}
	b.F = a.Form("/audit/reads", a.Word("office.show_reads"), who)
	b.F.Small = true
	return b, nil
}

func auditView(a *page.Ask, b *auditBody) page.View {
	return page.View{Title: a.Word("office.audit"), Nav: "office.nav_audit", Body: b}
}

// audits finds cases by number and tells how far the log is signed.
func audits(a *page.Ask) error {
	b, err := auditOf(a)
	if err != nil {
		return err
	}
	p := a.Visitor.Person
	if err := a.Orders.LogList(a.R.Context(), p, "audit"); err != nil {
		return err
	}
	if b.Search != "" {
		b.Tried = true
		f := app.WorkFilter{Viewer: app.Viewer{Person: p.ID, Cleared: p.Cleared}, Number: b.Search}
		found, err := a.Cases.WorkList(a.R.Context(), f, app.WorkCursor{}, 50)
		if err != nil {
			return err
		}
		for _, sum := range found {
			b.Found = append(b.Found, foundCase{sum.ID, sum.Title, sum.Principal, page.Phase(a.Lang, sum.Phase)})
		}
	}
	return a.Show("office-audit", auditView(a, b))
}

// verify walks the whole log: every commitment, the tree, every checkpoint.
func verify(a *page.Ask) error {
	b, err := auditOf(a)
	if err != nil {
		return err
	}
	if a.Proof == nil {
		return app.ErrNotFound
	}
	r, err := a.Proof.Verify(a.R.Context())
	if err != nil {
		return err
	}
	n := func(x int64) string { return page.Thousands(x) }
	b.Walked = &walked{Entries: n(r.Entries), Waiting: n(r.Waiting), Erased: n(r.Erased), Checkpoints: n(r.Checkpoints), OK: r.Found == 0, Found: r.Found}
	for _, f := range r.Findings {
		text := catalog.Text{SV: f.SV, EN: f.EN}.In(a.Lang)
		if f.Stream != "" {
			text = f.Stream + ", " + strconv.Itoa(f.Version) + ": " + text
		}
		b.Walked.Findings = append(b.Walked.Findings, text)
	}
	return a.Show("office-audit", auditView(a, b))
}

// reads tells what somebody has read, or who has read a case. It comes by POST:
// addresses end up in logs.
func reads(a *page.Ask) error {
	b, err := auditOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	if !f.Need("who", a.Word("office.n_who")) {
		return a.Refused("office-audit", f, auditView(a, b))
	}
	who := f.Field("who").Value
	after, _ := strconv.ParseInt(a.Value("after"), 10, 64) // 0 = from the latest
	var found []app.Read
	var next app.ReadsPlace
	if caseNumber.MatchString(who) {
		var c *page.Case
		if c, err = a.CaseOf(who, access.ViewReads); err == nil {
			found, next, err = a.Orders.ReadsOf(a.R.Context(), a.Visitor.Person, c.ID, app.ReadsPlace(after), readsShown)
		}
	} else {
		if err = a.Orders.LogList(a.R.Context(), a.Visitor.Person, "reads"); err == nil {
			found, next, err = a.Orders.ReadsBy(a.R.Context(), a.Visitor.Person, who, app.ReadsPlace(after), readsShown)
		}
	}
	if app.IsNotFound(err) {
		f.Wrong("who", a.Word("office.n_no_case"))
		return a.Refused("office-audit", f, auditView(a, b))
	}
	if err != nil {
		return err
	}
	b.Of = who
	for _, r := range found {
		b.Reads = append(b.Reads, readRow{r.At.Format("2006-01-02 15:04:05"), r.Who, page.Role(a.Lang, r.Role), r.Case, string(r.View)})
	}
	if next != 0 {
		b.More = a.Form("/audit/reads", a.Word("office.earlier"), &page.Field{ID: "who", Kind: page.Hidden, Value: who}, &page.Field{ID: "after", Kind: page.Hidden, Value: strconv.FormatInt(int64(next), 10)})
		b.More.Small = true
	}
	return a.Show("office-audit", auditView(a, b))
}

var caseNumber = regexp.MustCompile(`^[A-Z]{1,10}-\d{4}-\d{3,}$`)

// replayBody is a case as it was in the end of a day.
type replayBody struct {
	page.Head
	F            *page.Form
	On           string
	Now          bool
	Phase, Turn  string
	Canal        page.CanalView
	Facts        []fact
	Steps        []step
	Later        int
	Version      int
	Included     string // yes, no or unknown
	First, Last  string
	Before, Next string // days on which something else happened
}

type fact struct{ Name, Value string }

type step struct{ ISO, What, Who, Law string }

// replay shows the case from its log alone: what stood there in the end of the
// day is folded, nothing else.
func replay(a *page.Ask) error {
	c, err := a.Case(access.ViewEvents)
	if err != nil {
		return err
	}
	first, last := swede.CivilDay(c.Entries[0].At), swede.CivilDay(c.Entries[len(c.Entries)-1].At)
	b := &replayBody{Head: a.HeadOf(c, "office.replay_lead"), First: first.String(), Last: last.String()}
	b.F = a.Form("/cases/"+c.ID+"/replay", a.Word("office.replay_show"), &page.Field{ID: "on", Kind: page.Date, Label: a.Word("office.f_on"), Hint: a.Word("office.h_on") + " " + b.First + "–" + b.Last + "."})
	on := max(last, a.Today)
	v := page.View{Title: a.Word("office.replay"), Nav: "office.nav_audit", Body: b}
	if text := a.Value("on"); text != "" {
		f := b.F.Read(a)
		if on = f.Day("on", a.Word("office.n_on")); f.OK() && on < first {
			f.Wrong("on", a.Word("office.n_before")+" "+b.First+".")
		}
		if !f.OK() {
			return a.Refused("office-replay", f, v)
		}
	}
	b.fill(a, c, on)
	b.F.Field("on").Value = on.String()
	if err := b.proof(a, c); err != nil {
		return err
	}
	return a.Show("office-replay", v)
}

func (b *replayBody) fill(a *page.Ask, c *page.Case, on day.Day) {
	n := 0
	for n < len(c.Entries) && swede.CivilDay(c.Entries[n].At) <= on {
		n++
	}
	seen := c.Entries[:n]
	s := order.Fold(c.ID, seen)
	b.On, b.Now, b.Later, b.Version = on.String(), n == len(c.Entries), len(c.Entries)-n, s.Version
	if n < len(c.Entries) {
		b.Next = swede.CivilDay(c.Entries[n].At).String()
	}
	if lastDay := swede.CivilDay(seen[n-1].At); lastDay > swede.CivilDay(c.Entries[0].At) {
		b.Before = (lastDay - 1).String()
	}
	b.Phase = page.Phase(a.Lang, s.Phase())
	known := a.Orders.HouseOn(on) // days as they were counted then
	t := turn.Of(s, known, on, a.Role())
	b.Turn = t.Where.In(a.Lang)
	b.Canal = a.Canal(canal.Of(s, a.Role(), t.Late), nil)
	add := func(key, value string) {
		if value != "" {
			b.Facts = append(b.Facts, fact{a.Word("office.fact_" + key), value})
		}
	}
	if due := order.NextDue(s, known, on); due != 0 {
		add("due", due.String())
	}
	add("application", string(s.AppHash))
	if s.Quote != nil {
		add("quote", string(s.QuoteHash))
	} else if s.Draft != nil {
		add("draft", string(s.DraftHash))
	}
	add("decision", string(s.DecisionHash))
	add("decided_by", a.NameAndID(s.DecidedBy))
	add("spec", string(s.SpecHash))
	add("extracted_by", a.NameAndID(s.ExtractedBy))
	add("released_by", a.NameAndID(s.ReleasedBy))
	if s.Extracted != nil {
		add("manifest", string(s.Extracted.Manifest))
	}
	if s.Delivery != nil {
		add("purge_on", s.Delivery.PurgeOn.String())
	}
	for _, v := range access.Read(a.Role(), c.Relation, seen, s) {
		e := v.Entry
		l := order.Tell(e)
		x := step{e.At.Format("2006-01-02 15:04:05"), l.What.In(a.Lang), a.NameAndID(e.By.ID) + ", " + page.Role(a.Lang, e.By.Role), l.Law}
		b.Steps = append(b.Steps, x)
	}
}

// proof says whether every entry of the case stands in the signed tree.
func (b *replayBody) proof(a *page.Ask, c *page.Case) error {
	b.Included = "unknown"
	if a.Orders.Tree == nil {
		return nil
	}
	ok, err := a.Orders.Tree.Included(a.R.Context(), c.ID, c.State.Version)
	if err != nil {
		return err
	}
	if b.Included = "no"; ok {
		b.Included = "yes"
	}
	return nil
}
