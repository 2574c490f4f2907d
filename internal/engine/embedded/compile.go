package embedded

import (
	"fmt"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/episode"
	"sluss/internal/fault"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// program is a job made ready to run.
type program struct {
	src     *Source
	job     *engine.Job
	people  []engine.Person // in the order of the files
	anchors []string
	passes  []*pass
	groups  []groupColumn
	serials []int64 // of the population by person, 0 for others; nil when no column names other persons
	// numbers holds identity numbers where they are delivered: texts in
	// bytewise order after the missing value, and the place of each person's.
	numbers  []string
	numberOf map[uint32]int32
	// naming: other persons are written as their index + 1 instead of their
	// löpnummer, to find out who they are.
	naming bool
}

// groupColumn is a column of the population that follows into every file.
type groupColumn struct {
	name string
	dict []string
	code []int32 // by place in people
}

// pass is one reading of a table: outputs that need the same spells share it.
type pass struct {
	table   *catalog.Table
	src     *Table
	feed    *feed // nil for payments
	rows    *rowReader
	rule    episode.Rule
	rules   []episode.Rule // by spell group, where they differ
	staged  []stageFilter
	window  window // of the staged filters
	outputs []*output
}

// output is one extract.
type output struct {
	extract *plan.Extract
	shape   catalog.Shape
	unit    episode.Unit
	zero    bool // periods without days are written too
	window  window
	columns []*column
	schema  *format.Schema
	options format.Options
	sort    []int // columns after the person's, in the order of comparison
	order   bool  // lines are numbered: some column needs their order
	counts  bool  // some column counts the spells of periods
	byLine  bool  // control totals are wanted line by line, not only in sum
}

// refuse is the fault for what the engine does not understand.
func refuse(e *plan.Extract, code, sv, en string) *fault.Fault {
	return fault.New("engine."+code, sv, en).At(fault.Where{Column: e.Name})
}

// gate is the fault for what the decision does not give.
func gate(code, sv, en string) *fault.Fault {
	f := fault.New("engine."+code, sv, en).Of(fault.Gate)
	f.Rule, f.Promise, f.Law = "engine."+code, 3, "offentlighets- och sekretesslagen (2009:400) 8 kap. 1 §"
	return f
}

// compile checks the job and makes it ready.
func compile(src *Source, j *engine.Job, naming bool) (*program, error) {
	if found := j.Spec.Problems(j.Catalogue); len(found) > 0 {
		f := found[0]
		return nil, fault.New("engine."+f.Code, f.SV, f.EN).At(fault.Where{Column: f.Path})
	}
	if j.Spec.AsOf.Snapshot != src.ID {
		return nil, gate("snapshot", "Specifikationen gäller en annan ögonblicksbild.", "The specification is for another snapshot.")
	}
	if j.Spec.Identity.Kind != j.Scope.Identity.Kind {
		return nil, gate("identity", "Beslutet medger inte att personer anges på det sättet.", "The decision does not let persons be named that way.")
	}
	p := &program{src: src, job: j, naming: naming, anchors: j.Spec.Population.AnchorNames()}
	for i := range j.Spec.Extracts {
		if err := p.addExtract(&j.Spec.Extracts[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// addExtract compiles one extract and puts it into the pass that it shares
// with others, or a new one.
func (p *program) addExtract(e *plan.Extract) error {
	reg, table := p.job.Catalogue.Table(e.Table)
	row, ok := p.job.Scope.RowFor(e.Table)
	switch {
	case !ok || row.Period == nil:
		return gate("table", "Beslutet lämnar inte ut något ur tabellen.", "The decision lets nothing out of the table.")
	case e.History == "reveal" && !row.Reveal:
		return gate("history", "Uppgifter från tid utanför perioden kräver att beslutet medger det.", "Data from outside the period need the decision's leave.")
	case p.src.Table(e.Table) == nil:
		return refuse(e, "no_table", "Ögonblicksbilden saknar tabellen.", "The snapshot does not hold the table.")
	}
	o := &output{extract: e, shape: e.Shape.Of()}
	o.unit = unitOf[o.shape]
	o.byLine = e.Output.SplitRows > 0
	o.zero = e.Shape.Panel != nil && e.Shape.Panel.EmptyCells == "zero"
	var err error
	if o.window, err = p.compileWindow(e, &row); err != nil {
		return err
	}
	if o.options, err = format.OptionsOf(e.Output); err != nil {
		return refuse(e, "format", "Filformatet stöds inte.", "The file format is not supported.").Because(err)
	}
	ps, err := p.passFor(e, o, reg, table, &row)
	if err != nil {
		return err
	}
	if err := p.compileColumns(o, ps, reg); err != nil {
		return err
	}
	ps.outputs = append(ps.outputs, o)
	return nil
}

// unitOf is the length of a panel's periods.
var unitOf = map[catalog.Shape]episode.Unit{
	catalog.ShapePanelDay: episode.ByDay, catalog.ShapePanelWeek: episode.ByWeek, catalog.ShapePanelMonth: episode.ByMonth,
	catalog.ShapePanelQuarter: episode.ByQuarter, catalog.ShapePanelYear: episode.ByYear,
}

// passKey is what two extracts must have in common to share a pass.
type passKey struct {
	Table  string
	Kernel bool
	Where  []plan.Filter
	Rules  []episode.Rule
	Key    []string // of spells, besides the group's own
	Window *plan.Window
	Reveal bool
}

// passFor returns the pass that e shares with earlier extracts, or a new one.
func (p *program) passFor(e *plan.Extract, o *output, reg *catalog.Register, table *catalog.Table, row *plan.Row) (*pass, error) {
	where := withBounds(e, row, table)
	kernel := o.shape != catalog.ShapePayment
	key := passKey{Table: e.Table, Kernel: kernel, Where: where}
	ps := &pass{table: table, src: p.src.Table(e.Table)}
	if kernel {
		var err error
		if key.Rules, err = groupRules(e, reg); err != nil {
			return nil, err
		}
		key.Key = e.Shape.OwnKey()
		if slices.ContainsFunc(where, func(f plan.Filter) bool { return f.Stage != plan.StageRow }) {
			key.Window, key.Reveal = &e.Window, e.History == "reveal"
		}
	}
	id, err := canon.Of(key)
	if err != nil {
		return nil, err
	}
	for _, old := range p.passes {
		if old.rows.id == id {
			return old, nil
		}
	}
	if ps.rows, err = p.compileRows(e, reg, table, where); err != nil {
		return nil, err
	}
	ps.rows.id = id
	ps.window = o.window
	if kernel {
		if ps.feed, err = compileFeed(e, reg, table, ps.src); err != nil {
			return nil, err
		}
		ps.feed.load = ps.feed.loader(ps.rows)
		ps.rule = key.Rules[0]
		if slices.ContainsFunc(key.Rules, func(r episode.Rule) bool { return r != ps.rule }) {
			ps.rules = key.Rules
		}
		for _, f := range where {
			if f.Stage == plan.StageRow {
				continue
			}
			s, err := p.compileStage(e, f, ps, reg)
			if err != nil {
				return nil, err
			}
			ps.staged = append(ps.staged, s)
		}
	}
	p.passes = append(p.passes, ps)
	return ps, nil
}

// withBounds returns the extract's filters and, beside them, the decision's
// own. Where the extract has been shown to lie within the decision they change
// nothing.
func withBounds(e *plan.Extract, row *plan.Row, table *catalog.Table) []plan.Filter {
	out := slices.Clone(e.Where)
	for _, b := range row.Where {
		if !slices.ContainsFunc(out, func(f plan.Filter) bool { return sameFilter(f, b) }) {
			out = append(out, b)
		}
	}
	if v := table.ByRole(catalog.RoleBenefit); v != nil && len(row.Benefits) > 0 {
		b := plan.Filter{Var: v.ID, Stage: plan.StageRow}
		for _, id := range row.Benefits {
			b.In = append(b.In, id)
		}
		if !slices.ContainsFunc(out, func(f plan.Filter) bool { return sameFilter(f, b) }) {
			out = append(out, b)
		}
	}
	return out
}

func sameFilter(a, b plan.Filter) bool {
	x, err := canon.Of(a)
	y, err2 := canon.Of(b)
	return err == nil && err2 == nil && x == y
}

// groupRules returns the rule of each spell group of the register: the
// catalogue's, unless the extract says otherwise.
func groupRules(e *plan.Extract, reg *catalog.Register) ([]episode.Rule, error) {
	if len(reg.SpellGroups) == 0 {
		return nil, refuse(e, "no_groups", "Registret har inga fallgrupper.", "The register has no spell groups.")
	}
	out := make([]episode.Rule, len(reg.SpellGroups))
	for i := range reg.SpellGroups {
		g := &reg.SpellGroups[i]
		overlap := g.Overlap
		if e.Overlap != "" {
			overlap = e.Overlap
		}
		switch overlap {
		case "latest":
			out[i].Overlap = episode.Latest
		case "sum_tracks":
			out[i].Overlap = episode.SumTracks
		case "error":
			out[i].Overlap = episode.Conflict
		default:
			return nil, refuse(e, "overlap", "Regeln för överlappande dagar är okänd.", "The rule for overlapping days is unknown.")
		}
		out[i].MaxGap = int32(g.MaxGapDays)
		if s := e.Shape.Spell; s != nil {
			out[i].MaxGap = int32(s.MaxGapDays)
		}
		if g.Far(int(out[i].MaxGap)) {
			out[i].FarGap = int32(g.FarGap.MaxGapDays)
		}
	}
	return out, nil
}

// window says how the window of each person is found.
type window struct {
	bound  plan.Window
	anchor int // of bound, −1 for an absolute window
	period day.Span
	around *plan.Window // the decision's own, relative to an anchor
	at     int          // anchor of around
	mode   episode.Mode
	reveal bool
	days   day.Span // of everybody, where no anchor moves it
}

func (p *program) compileWindow(e *plan.Extract, row *plan.Row) (window, error) {
	w := window{bound: e.Window, anchor: -1, period: row.Period.Span(), at: -1, reveal: e.History == "reveal"}
	if e.Window.From.Relative() {
		w.anchor = slices.Index(p.anchors, e.Window.From.Anchor)
	}
	if row.Around != nil {
		w.around = row.Around
		if w.at = slices.Index(p.anchors, row.Around.From.Anchor); w.at < 0 || row.Around.To.Anchor != row.Around.From.Anchor {
			return w, gate("around", "Beslutets period utgår från ett datum som specifikationen inte har.", "The decision's period starts from a date that the specification does not have.")
		}
	}
	switch e.Window.Mode {
	case plan.ModeOverlap:
		w.mode = episode.Overlapped
	case plan.ModeStartIn:
		w.mode = episode.StartIn
	case plan.ModeEndIn:
		w.mode = episode.EndIn
	}
	w.days = w.span(0, 0)
	return w, nil
}

// span is the window where its anchors lie on these days.
func (w *window) span(anchor, at day.Day) day.Span {
	span := day.Span{From: w.bound.From.Resolve(anchor), To: w.bound.To.Resolve(anchor)}.Intersect(w.period)
	if w.around != nil {
		span = span.Intersect(day.Span{From: w.around.From.Resolve(at), To: w.around.To.Resolve(at)})
	}
	return span
}

// placement says whether a person has a window.
type placement uint8

const (
	placed placement = iota
	noAnchor
	outside
)

// of returns the window of a person: the specification's, cut to what the
// decision gives.
func (w *window) of(p *engine.Person) (episode.Window, placement) {
	out := episode.Window{Mode: w.mode}
	if w.reveal {
		out.History = episode.Reveal
	}
	span := w.days
	if w.anchor >= 0 || w.at >= 0 {
		var anchor, at day.Day
		for _, a := range []struct {
			i    int
			into *day.Day
		}{{w.anchor, &anchor}, {w.at, &at}} {
			if a.i < 0 {
				continue
			}
			if !p.Anchors[a.i].Set {
				return out, noAnchor
			}
			*a.into = p.Anchors[a.i].Day
		}
		span = w.span(anchor, at)
	}
	out.From, out.To = span.From, span.To
	if span.Empty() {
		return out, outside
	}
	return out, placed
}

// checkPeople checks what the caller promises about the people. Messages tell
// no löpnummer.
func (p *program) checkPeople() error {
	for i := range p.job.People {
		a := &p.job.People[i]
		switch {
		case int(a.Index) >= p.src.Persons:
			return fmt.Errorf("engine: person %d of the job is not in the snapshot", i)
		case len(a.Anchors) != len(p.anchors):
			return fmt.Errorf("engine: person %d of the job has %d anchors, the specification %d", i, len(a.Anchors), len(p.anchors))
		case len(a.Groups) != len(p.groupNames()):
			return fmt.Errorf("engine: person %d of the job has %d groups, the specification %d", i, len(a.Groups), len(p.groupNames()))
		case !p.naming && a.Serial < 1:
			return fmt.Errorf("engine: person %d of the job has no löpnummer", i)
		}
	}
	return nil
}

func (p *program) groupNames() []string { return p.job.Spec.Population.GroupNames() }
