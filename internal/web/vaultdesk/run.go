package vaultdesk

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// runBody is an extraction: on its way, failed, or with its report.
type runBody struct {
	page.Head
	Running  bool
	Seen     string // of the run, to notice a change by
	Stage    int    // of the stages, from 1
	Stages   []string
	Attempts int
	Trouble  string
	Failed   string
	By, Spec string
	Released string
	Report   *report
	Ask      *page.Form
	Release  bool
	Replan   bool
}

// report is what the vault has told of finished files.
type report struct {
	Light    string // green, amber or red
	Verdict  string
	Files    []fileRow
	Checks   []check
	Failed   int
	Counts   []count
	Coarsen  []suggestion
	Reach    []string
	Since    string // snapshot of the first delivery; "": nothing is renewed
	Changes  []changeRow
	Exposure *exposed // nil: made before there was one
	Manifest string
}

// changeRow is what has become of an extract's rows since the first delivery.
type changeRow struct{ Extract, Added, Corrected, Deleted string }

type fileRow struct {
	Name, Rows, Persons, Bytes, SHA256 string
	Share                              string // of the most rows, per cent
	Few                                bool
}

type check struct {
	Name, Text string
	OK         bool
}

type count struct {
	Part, Name, Count string
	Share, Told       string // per cent: as a length, and in the reader's figures
}

// suggestion is a variable that could be given coarser.
type suggestion struct{ Table, Variable, Now, To string }

// few is how few persons a file may hold before the light turns amber: smaller
// than any cell that is shown in official tables.
const few = 10

// stages are what the counter knows of a run.
var stages = []string{"ordered", "fetched", "done"}

func runOf(a *page.Ask) (*page.Case, *runBody, error) {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return nil, nil, err
	}
	s := c.State
	if s.Spec == nil {
		return nil, nil, app.ErrNotFound
	}
	b := &runBody{Head: a.HeadOf(c, ""), Running: s.Running, By: a.Name(s.ExtractedBy), Spec: string(s.SpecHash)}
	for _, x := range stages {
		b.Stages = append(b.Stages, a.Word("vaultdesk.stage_"+x))
	}
	j, err := jobOf(a, c)
	if err != nil {
		return nil, nil, err
	}
	b.Seen, b.Attempts = strconv.Itoa(s.Version)+"."+j.State+"."+strconv.Itoa(j.Attempts), j.Attempts
	switch {
	case !s.Running:
		b.Stage = 3
	case j.State == "leased":
		b.Stage = 2
	default:
		b.Stage = 1
	}
	if s.Running && j.Fault != "" {
		b.Trouble = a.Word("vaultdesk.trouble") + " " + j.Fault
	}
	if x := failure(c.Entries); x != nil {
		b.Failed = catalog.Text{SV: x.SV, EN: x.EN}.In(a.Lang) + " (" + x.Code + ")"
	}
	if s.Extracted != nil {
		b.Report = reportOf(a, s)
	}
	if s.Released {
		b.Released = a.Name(s.ReleasedBy)
		if s.ReleasedWhy != "" {
			b.Released += ": " + strings.TrimSuffix(s.ReleasedWhy, ".")
		}
	}
	b.Release = s.Releasable() && a.May(c, order.Release{})
	b.Replan = a.May(c, order.OrderExtraction{}) && (s.Plannable() || s.Releasable())
	if s.Releasable() && a.Role() == order.RoleStatistician && a.May(c, order.Assign{}) {
		b.Ask = askForm(a, c)
	}
	return c, b, nil
}

// jobOf is the vault's job of the extraction that was ordered last, empty when
// the queue does not have it any more.
func jobOf(a *page.Ask, c *page.Case) (app.Job, error) {
	for _, e := range slices.Backward(c.Entries) {
		if _, ok := e.Event.(*order.ExtractionOrdered); ok {
			j, err := a.Orders.Queue.Job(a.R.Context(), fmt.Sprintf("%s.%d", c.ID, e.Version))
			if app.IsNotFound(err) {
				err = nil
			}
			return j, err
		}
	}
	return app.Job{}, nil
}

// reportOf is the disclosure report in words.
func reportOf(a *page.Ask, s order.State) *report {
	x := s.Extracted
	r := &report{Light: "green", Manifest: string(x.Manifest), Coarsen: coarser(a, s)}
	most, small, verdict := int64(1), false, ""
	for _, f := range x.Files {
		most = max(most, f.Rows)
	}
	for _, f := range x.Files {
		row := fileRow{
			Name: f.Name, Rows: page.Thousands(f.Rows), Persons: page.Thousands(f.Persons), Bytes: page.Size(a.Lang, f.Bytes), SHA256: string(f.SHA256),
			Share: percent(f.Rows, most), Few: f.Persons < few,
		}
		small = small || row.Few
		r.Files = append(r.Files, row)
	}
	for _, y := range x.Egress {
		z := check{checkName(a, y.Check), catalog.Text{SV: y.SV, EN: y.EN}.In(a.Lang), y.OK}
		if !y.OK {
			r.Failed++
		}
		r.Checks = append(r.Checks, z)
	}
	slices.SortStableFunc(r.Checks, func(x, y check) int { return b2i(x.OK) - b2i(y.OK) })
	for _, x := range x.Reach {
		r.Reach = append(r.Reach, reachOf(a, x))
	}
	if x.Compared != nil {
		r.Since = x.Compared.Since
		for _, l := range x.Compared.Lines {
			r.Changes = append(r.Changes, changeRow{l.Extract, countOf(a, l.Added), countOf(a, l.Corrected), countOf(a, l.Deleted)})
		}
	}
	r.Counts, r.Exposure = countsOf(a, x.Counts), exposureOf(a, x)
	switch {
	case r.Failed > 0 || len(x.Egress) == 0:
		r.Light = "red"
	case s.Exposed():
		r.Light, verdict = "red", "exposed"
	case small:
		r.Light = "amber"
	case x.Exposure != nil && x.Exposure.Light == exposure.Amber:
		r.Light, verdict = "amber", "exposed_amber"
	}
	r.Verdict = a.Word("vaultdesk.light_" + cmp.Or(verdict, r.Light))
	return r
}

// checks are those on finished files that have words; a test compares them with
// what the vault does.
var checks = []string{
	"readable", "headers", "shape", "ids", "personal_numbers", "dates", "codes", "resolution", "rows", "persons", "disjoint", "totals", "groups", "order", "metadata",
}

// checkName is what a check looks for; one that the pages have no words for is
// called as the vault calls it.
func checkName(a *page.Ask, name string) string {
	if slices.Contains(checks, name) {
		return a.Word("vaultdesk.check_" + name)
	}
	return name
}

// countsOf are the figures of the delivery note. A code is file.figure, with
// the reason after another dot; figures that the pages have no words for stand
// as they are.
func countsOf(a *page.Ask, lines []order.CountLine) []count {
	var out []count
	of := map[string]int64{}
	stage := func(code string) string { // of a drawing: any, and_1 …
		kind, number, numbered := strings.Cut(code, "_")
		if !slices.Contains(stagesOfDrawing, kind) {
			return code
		}
		text := a.Word("vaultdesk.drawn_" + kind)
		if numbered {
			text += " " + number
		}
		return text
	}
	for _, l := range lines {
		part, name, _ := strings.Cut(l.Code, ".")
		if name == "persons" {
			of[part] = l.Count
		}
	}
	for _, l := range lines {
		part, name, ok := strings.Cut(l.Code, ".")
		if !ok {
			part, name = "", l.Code
		}
		figure, reason, _ := strings.Cut(name, ".")
		text := name
		for _, known := range figures {
			if known == figure {
				text = a.Word("vaultdesk.count_" + figure)
				if reason != "" {
					text += ": " + reasonName(a, reason)
				}
			}
		}
		x := count{Part: part, Name: text, Count: page.Thousands(l.Count)}
		if part == "population" {
			x.Part, x.Name, x.Count = a.Word("vaultdesk.drawn"), stage(name), a.Word("vaultdesk.about")+" "+x.Count
		}
		if whole := of[part]; whole > 0 && strings.HasPrefix(figure, "persons") {
			x.Share = percent(l.Count, whole)
			x.Told = x.Share
			if a.Lang == "sv" {
				x.Told = strings.Replace(strings.TrimSuffix(x.Share, "%"), ".", ",", 1) + "\u00a0%"
			}
		}
		out = append(out, x)
	}
	return out
}

// rowReasons are why rows are put aside, as the delivery notes count them.
var rowReasons = []string{"missing_person", "missing_benefit", "from_after_tom", "unknown_extent", "open_amount"}

// reasonName says in words why rows were put aside.
func reasonName(a *page.Ask, reason string) string {
	if slices.Contains(rowReasons, reason) {
		return a.Word("vaultdesk.reason_" + reason)
	}
	return reason
}

// figures are those of delivery notes that have words.
var figures = []string{"persons", "persons_without_rows", "persons_without_anchor", "persons_outside_period", "payment_dates_masked", "dates_masked", "rows_rejected"}

// stagesOfDrawing are the steps in which the vault draws a population.
var stagesOfDrawing = []string{"register", "protected", "any", "and", "not", "sample", "controls", "short", "children", "parents", "total"}

// percent writes a share of a whole, 0–100, as lengths in drawings are written.
func percent(n, whole int64) string {
	t := max(min(n*1000/max(whole, 1), 1000), 0)
	return strconv.FormatInt(t/10, 10) + "." + strconv.FormatInt(t%10, 10) + "%"
}

// coarser are the variables of the specification that could be given coarser
// than they are: what to try when a report shows too few.
func coarser(a *page.Ask, s order.State) []suggestion {
	var out []suggestion
	for _, e := range s.Spec.Extracts {
		_, table := a.Catalogue.Table(e.Table)
		if table == nil {
			continue
		}
		for _, c := range e.Columns {
			v := table.Variable(c.Name)
			if v == nil || len(v.Coarsen) == 0 {
				continue
			}
			now := ""
			if c.Coarsen != nil {
				now = c.Coarsen.To
			}
			next := slices.Index(v.Coarsen, now) + 1 // "" is before the first
			if next < len(v.Coarsen) {
				x := suggestion{table.Names.In(a.Lang), v.Names.In(a.Lang), a.Word("vaultdesk.as_catalogue"), a.Level(v.Coarsen[next])}
				if now != "" {
					x.Now = a.Level(now)
				}
				out = append(out, x)
			}
		}
	}
	return out
}

// runView is the page of a run. Script fetches its state when something has
// happened; without script a link does, so that nothing moves under a reader's
// eyes (WCAG 2.2.1).
func runView(a *page.Ask, b *runBody) page.View {
	return page.View{Title: a.Word("vaultdesk.run"), Nav: "vaultdesk.nav", Body: b}
}

func showRun(a *page.Ask) error {
	_, b, err := runOf(a)
	if err != nil {
		return err
	}
	return a.Show("vaultdesk-run", runView(a, b))
}

// How often a run is looked at, and how long one request follows it.
const (
	glance  = 2 * time.Second
	follows = 10 * time.Minute
)

// follow tells a browser when a run is no longer as its page shows it
// (server-sent events); a run that does not go on is told at once.
func follow(a *page.Ask) error {
	_, b, err := runOf(a)
	if err != nil {
		return err
	}
	h := a.W.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	seen := a.R.URL.Query().Get("seen")
	t := time.NewTicker(glance)
	defer t.Stop()
	for began := a.Clock(); b.Running && b.Seen == seen && a.Clock().Sub(began) < follows; {
		if _, err := io.WriteString(a.W, ": still\n\n"); err != nil {
			return nil // the reader is gone
		}
		_ = http.NewResponseController(a.W).Flush() // what cannot flush sends at the end
		select {
		case <-a.R.Context().Done():
			return nil
		case <-t.C:
		}
		if _, b, err = runOf(a); err != nil {
			return nil // the page will say why
		}
	}
	_, _ = io.WriteString(a.W, "event: over\ndata: \n\n")
	return nil
}

// askForm asks somebody to look at the finished files.
func askForm(a *page.Ask, c *page.Case) *page.Form {
	to := field(a, "to", "to", page.Select, "")
	members, _, err := a.Orders.Colleagues(a.R.Context(), a.Visitor.Person)
	if err == nil {
		for _, m := range members {
			if slices.Contains(m.Roles, order.RoleReleaser) && m.ID != c.State.ExtractedBy && m.ID != c.State.Has(order.RoleReleaser) && !c.State.Barred(m.ID) {
				to.Options = append(to.Options, page.Option{Value: m.ID, Label: a.NameAndID(m.ID)})
			}
		}
	}
	if len(to.Options) == 0 {
		return nil
	}
	f := a.Form("/cases/"+c.ID+"/run/ask", a.Word("vaultdesk.ask"), to, field(a, "words", "words", page.Text, a.Word("vaultdesk.ask_words")))
	f.Version, f.Small = c.Version, true
	return f
}

// askRelease gives the case to a releaser.
func askRelease(a *page.Ask) error {
	c, b, err := runOf(a)
	if err != nil {
		return err
	}
	if b.Ask == nil {
		return app.ErrNotFound
	}
	f := b.Ask.Read(a)
	if f.Need("words", a.Word("vaultdesk.n_words")); f.OK() {
		err := a.Do(c, order.Assign{Role: order.RoleReleaser, To: f.Field("to").Value, Why: f.Field("words").Value})
		if err == nil {
			return a.Go("/cases/"+c.ID+"/run", "done.vaultdesk_asked")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("vaultdesk-run", f, runView(a, b))
}
