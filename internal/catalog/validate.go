package catalog

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/day"
)

// Problem is something wrong in a catalogue, with the path to it:
// registers.midas_sjuk.tables.midas_sjp.variables.diagnos.value_set.
type Problem struct {
	Path string
	Text string
}

func (p Problem) String() string { return p.Path + ": " + p.Text }

// Levels are the steps that values can be made coarser to, with the kinds they
// fit (reference extraction §2.2).
var levels = map[string][]Kind{
	"month": {KindDate, KindPeriod}, "quarter": {KindDate, KindPeriod}, "year": {KindDate, KindPeriod},
	"icd_3": {KindCode}, "icd_block": {KindCode}, "icd_chapter": {KindCode}, "county": {KindCode},
	"age_5y": {KindInt}, "age_10y": {KindInt}, "amount_1000": {KindOre},
}

var (
	kinds         = []Kind{KindPerson, KindDate, KindInt, KindOre, KindExtent, KindCode, KindPeriod}
	areas         = []Area{AreaFamily, AreaSickness, AreaDisability, AreaLabour, AreaInternational, AreaPerson}
	overlaps      = []string{"latest", "sum_tracks", "error"}
	sensitivities = []Sensitivity{SensitiveNone, SensitivePersonal, SensitiveHealth}
	derivations   = []string{
		"days", "net_days", "count", "amount_sum", "rank_start", "days_from_anchor", "age_at", "first", "last", "max", "flag_any",
		"gross_days", "spell_seq", "seq", "left_cut", "right_cut", "ongoing", "true_from", "true_tom", "period",
		"spell_from", "spell_tom", "spell_days", "day_amount", DeriveAbsent, "spells", "spells_started", "spells_ended",
	}
	// roleKinds says which kind a role must have.
	roleKinds = map[Role]Kind{
		RolePerson: KindPerson, RoleOther: KindPerson, RoleRowID: KindInt, RoleTrack: KindInt, RoleTx: KindDate, RoleKind: KindCode,
		RoleBenefit: KindCode, RoleFrom: KindDate, RoleTom: KindDate, RoleExtent: KindExtent, RoleAmount: KindOre, RolePaid: KindDate,
	}
)

// checker collects problems.
type checker struct {
	c    *Catalogue
	list []Problem
}

func (k *checker) bad(path, format string, args ...any) {
	k.list = append(k.list, Problem{path, fmt.Sprintf(format, args...)})
}

// Validate returns everything that is wrong with c, in the order of its parts;
// none for a catalogue that can be used.
func (c *Catalogue) Validate() []Problem {
	k := &checker{c: c}
	k.id("id", c.ID, true)
	if c.Version < 1 {
		k.bad("version", "must be 1 or more")
	}
	if _, err := day.Parse(c.ValidFrom); err != nil {
		k.bad("valid_from", "%v", err)
	}
	registers, tables := map[string]bool{}, map[string]bool{}
	for i := range c.Registers {
		r := &c.Registers[i]
		path := "registers." + r.ID
		if registers[r.ID] {
			k.bad(path, "the id stands twice")
		}
		registers[r.ID] = true
		k.register(path, r)
		for _, t := range r.Tables {
			if tables[t.ID] {
				k.bad(path+".tables."+t.ID, "the id stands twice in the catalogue")
			}
			tables[t.ID] = true
		}
	}
	for _, id := range sortedKeys(c.ValueSets) {
		k.valueSet("value_sets."+id, c.ValueSets[id])
	}
	for _, id := range sortedKeys(c.Files) {
		f := c.Files[id]
		k.text("files."+id+".names", f.Names)
		for j := range f.Columns {
			v := &f.Columns[j]
			path := "files." + id + ".columns." + v.ID
			k.variable(path, v, nil)
			if v.Source == "" {
				k.bad(path+".source", "is missing")
			}
		}
	}
	return k.list
}

func (k *checker) register(path string, r *Register) {
	k.id(path+".id", r.ID, false)
	k.text(path+".names", r.Names)
	k.text(path+".description", r.Description)
	if !slices.Contains(areas, r.Area) {
		k.bad(path+".area", "unknown: %q", r.Area)
	}
	if len(r.Basis) == 0 {
		k.bad(path+".basis", "names no law")
	}
	if r.Coverage != nil && (r.Coverage.Percent < 1 || r.Coverage.Percent > 100 || r.Coverage.Months < 0 || r.Coverage.Months > 120) {
		k.bad(path+".coverage", "percent must be 1–100 and months 0–120")
	}
	if r.MiDAS && r.Coverage == nil {
		k.bad(path+".coverage", "a MiDAS register must have a coverage rule")
	}
	k.told(path, r)
	spells := slices.ContainsFunc(r.Tables, func(t Table) bool {
		return t.Allows(ShapeSpell) || t.Allows(ShapeSubspell) || t.Allows(ShapeCorrection)
	})
	groups := map[string]bool{}
	for i := range r.SpellGroups {
		g := &r.SpellGroups[i]
		if groups[g.ID] {
			k.bad(path+".spell_groups."+g.ID, "the id stands twice")
		}
		groups[g.ID] = true
		k.group(path+".spell_groups."+g.ID, r, g)
	}
	seen := map[string]bool{}
	for _, b := range r.Benefits {
		p := path + ".benefits." + b.ID
		if b.ID == "" || seen[b.ID] {
			k.bad(p, "the code is empty or stands twice")
		}
		seen[b.ID] = true
		k.text(p+".names", b.Names)
		if b.Basis == "" {
			k.bad(p+".basis", "names no law")
		}
		if b.TopUpMaxSEK < 0 || b.TopUpMaxSEK > 10_000 {
			k.bad(p+".top_up_max_sek", "must be 0–10 000")
		}
		if (spells || b.Group != "") && !groups[b.Group] {
			k.bad(p+".group", "no spell group %q", b.Group)
		}
	}
	if len(r.Tables) == 0 {
		k.bad(path+".tables", "is empty")
	}
	for i := range r.Tables {
		k.table(path+".tables."+r.Tables[i].ID, r, &r.Tables[i])
	}
}

// told checks what a register says of itself.
func (k *checker) told(path string, r *Register) {
	reach := day.Span{From: day.Min, To: day.Open}
	for _, b := range []struct {
		name, text string
		into       *day.Day
	}{{"from", r.From, &reach.From}, {"to", r.To, &reach.To}} {
		if b.text == "" {
			continue
		}
		d, err := day.Parse(b.text)
		if err != nil {
			k.bad(path+"."+b.name, "%v", err)
			continue
		}
		*b.into = d
	}
	if reach.Empty() {
		k.bad(path+".to", "the register ends before it begins")
	}
	if r.Episode != nil {
		k.text(path+".episode", *r.Episode)
	}
	if r.Panel != nil {
		k.text(path+".panel", *r.Panel)
	}
	for i, t := range r.Pitfalls {
		k.text(fmt.Sprintf("%s.pitfalls.%d", path, i), t)
	}
	if r.Assured && !r.MiDAS && r.Coverage == nil {
		k.bad(path+".periods_assured", "periods that are assured need a coverage rule")
	}
}

func (k *checker) group(path string, r *Register, g *SpellGroup) {
	k.id(path+".id", g.ID, false)
	k.text(path+".names", g.Names)
	if g.MaxGapDays < 0 || g.MaxGapDays > 366 {
		k.bad(path+".max_gap_days", "must be 0–366")
	}
	if !slices.Contains(overlaps, g.Overlap) {
		k.bad(path+".overlap", "unknown: %q", g.Overlap)
	}
	if f := g.FarGap; f != nil {
		if f.MaxGapDays <= g.MaxGapDays || f.MaxGapDays > 366 {
			k.bad(path+".far_gap.max_gap_days", "must be greater than max_gap_days and at most 366")
		}
		k.looksAt(path+".far_gap.variable", r, f.Variable, KindCode, f.Codes)
	}
	if s := g.SickPay; s != nil {
		if s.MaxDays < 1 || s.MaxDays > 255 {
			k.bad(path+".sick_pay.max_days", "must be 1–255")
		}
		k.looksAt(path+".sick_pay.ill_from", r, s.IllFrom, KindDate, nil)
		k.looksAt(path+".sick_pay.insured", r, s.Insured, KindCode, s.Codes)
	}
	for _, list := range []struct {
		name string
		ids  []string
	}{{"state_by", g.StateBy}, {"key", g.Key}} {
		for _, id := range list.ids {
			for i := range r.Tables {
				t := &r.Tables[i]
				if v := t.Variable(id); t.Allows(ShapeSpell) && (v == nil || !v.Stored()) {
					k.bad(path+"."+list.name, "table %s has no stored variable %q", t.ID, id)
				}
			}
		}
	}
}

// looksAt checks a variable that a rule of a spell group looks at: every table
// with spells must store it, with the codes.
func (k *checker) looksAt(path string, r *Register, id string, kind Kind, codes []string) {
	if kind == KindCode && len(codes) == 0 {
		k.bad(path, "names no codes")
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		if !t.Allows(ShapeSpell) {
			continue
		}
		v := t.Variable(id)
		if v == nil || !v.Stored() || v.Kind != kind {
			k.bad(path, "table %s has no stored variable %q of kind %s", t.ID, id, kind)
			continue
		}
		set, known := k.c.Values(r, v)
		for _, code := range codes {
			if known && !set.Open && !slices.ContainsFunc(set.Codes, func(c Code) bool { return c.Code == code }) {
				k.bad(path, "code %q is not in the value set %q", code, v.ValueSet)
			}
		}
	}
}

func (k *checker) table(path string, r *Register, t *Table) {
	k.id(path+".id", t.ID, false)
	k.text(path+".names", t.Names)
	k.text(path+".row_is", t.RowIs)
	k.shapes(path+".shapes", t.Shapes)
	if len(t.Shapes) == 0 {
		k.bad(path+".shapes", "is empty: the table could never be delivered")
	}
	ids, sources, roles := map[string]bool{}, map[string]bool{}, map[Role]bool{}
	for i := range t.Variables {
		v := &t.Variables[i]
		p := path + ".variables." + v.ID
		if ids[v.ID] {
			k.bad(p, "the id stands twice")
		}
		ids[v.ID] = true
		if v.Source != "" && sources[v.Source] {
			k.bad(p+".source", "two variables have the source %q", v.Source)
		}
		sources[v.Source] = true
		if v.Role != "" && v.Role != RoleDerived && v.Role != RoleOther && roles[v.Role] {
			k.bad(p+".role", "two variables are %s", v.Role)
		}
		roles[v.Role] = true
		k.variable(p, v, t)
		if v.Role == RoleBenefit && len(r.Benefits) == 0 {
			k.bad(p, "the register has no benefits")
		}
	}
	need := []Role{RolePerson}
	if slices.ContainsFunc(t.Shapes, func(s Shape) bool { return s != ShapePayment }) {
		need = append(need, RoleRowID, RoleTrack, RoleTx, RoleKind, RoleBenefit, RoleFrom, RoleTom, RoleExtent)
	}
	for _, role := range need {
		if !roles[role] {
			k.bad(path+".variables", "no variable is %s", role)
		}
	}
	k.layout(path+".layout", t)
}

// layout checks the columns of a table's own layout.
func (k *checker) layout(path string, t *Table) {
	if t.Allows(ShapeLayout) != (len(t.Layout) > 0) {
		k.bad(path, "a table has a layout exactly when it has the shape %s", ShapeLayout)
	}
	seen := map[string]bool{}
	for _, c := range t.Layout {
		v := t.Variable(c.Variable)
		switch {
		case c.Name == "" || seen[c.Name]:
			k.bad(path, "the column %q has no name or stands twice", c.Name)
		case v == nil || !v.Allows(ShapeLayout):
			k.bad(path, "the column %s has the variable %q, which the layout does not have", c.Name, c.Variable)
		}
		seen[c.Name] = true
	}
}

func (k *checker) variable(path string, v *Variable, t *Table) {
	k.id(path+".id", v.ID, false)
	k.text(path+".names", v.Names)
	k.text(path+".definition", v.Definition)
	if !slices.Contains(kinds, v.Kind) {
		k.bad(path+".kind", "unknown: %q", v.Kind)
	}
	if !slices.Contains(sensitivities, v.Sensitivity) {
		k.bad(path+".sensitivity", "unknown: %q", v.Sensitivity)
	}
	if !slices.Contains([]Identifying{NotIdentifying, Trait, Event}, v.Identifying) {
		k.bad(path+".identifying", "unknown: %q", v.Identifying)
	}
	if !slices.Contains([]Perspective{PerspectivePeriod, PerspectivePayment, PerspectiveNone}, v.Perspective) {
		k.bad(path+".perspective", "unknown: %q", v.Perspective)
	}
	k.shapes(path+".shapes", v.Shapes)
	if t != nil {
		for _, s := range v.Shapes {
			if !t.Allows(s) {
				k.bad(path+".shapes", "the table has no shape %s", s)
			}
		}
	}
	k.role(path, v)
	if v.Optional && (!v.Nullable || !v.Stored() || v.Role != "" && v.Role != RoleOther) {
		k.bad(path+".optional", "only a stored variable that may be missing, and that rows do not rest on, can be optional")
	}
	for i, l := range v.Coarsen {
		if !slices.Contains(levels[l], v.Kind) {
			k.bad(path+".coarsen", "level %q does not fit kind %s", l, v.Kind)
		}
		if slices.Contains(v.Coarsen[:i], l) {
			k.bad(path+".coarsen", "level %q stands twice", l)
		}
	}
	if v.ValueSet != "" {
		if _, ok := k.c.ValueSets[v.ValueSet]; !ok {
			k.bad(path+".value_set", "no value set %q", v.ValueSet)
		}
	} else if v.Kind == KindCode && v.Role != RoleBenefit {
		k.bad(path+".value_set", "a code must name its value set")
	}
}

func (k *checker) role(path string, v *Variable) {
	if want, ok := roleKinds[v.Role]; ok && v.Kind != want {
		k.bad(path+".kind", "a variable that is %s must be of kind %s", v.Role, want)
	} else if !ok && v.Role != "" && v.Role != RoleDerived {
		k.bad(path+".role", "unknown: %q", v.Role)
	}
	switch {
	case v.Role == RoleDerived && (v.Source != "" || !slices.Contains(derivations, v.Derive)):
		k.bad(path+".derive", "a derived variable has no source and names a known function")
	case v.Role != RoleDerived && (v.Source == "" || v.Derive != ""):
		k.bad(path+".source", "a variable has either a source or the role derived")
	}
	if v.Kind == KindPerson && v.Deliverable() && v.Entity == "" {
		k.bad(path+".entity", "a person column must name its entity type")
	}
	if v.SourceKey != SourceNumber && (v.SourceKey != SourceEntity || v.Kind != KindPerson) {
		k.bad(path+".source_key", "unknown, or not a person: %q", v.SourceKey)
	}
	if v.Kind == KindPeriod && v.Source != "" && v.Level != "month" && v.Level != "year" {
		k.bad(path+".level", "a period from the source must say month or year")
	}
	if v.Level != "" && (v.Kind != KindPeriod || v.Source == "") {
		k.bad(path+".level", "only a period from the source has a level")
	}
}

func (k *checker) shapes(path string, list []Shape) {
	for i, s := range list {
		if !slices.Contains(Shapes(), s) || slices.Contains(list[:i], s) {
			k.bad(path, "unknown or twice: %q", s)
		}
	}
}

func (k *checker) valueSet(path string, s ValueSet) {
	k.text(path+".names", s.Names)
	seen := map[string][]day.Span{}
	for _, c := range s.Codes {
		p := path + ".codes." + c.Code
		if c.Code == "" {
			k.bad(p, "the code is empty")
		}
		if len(c.Code) > MaxCodeBytes || strings.ContainsRune(c.Code, 0) {
			k.bad(p, "the code is longer than %d bytes or has a NUL", MaxCodeBytes)
		}
		k.text(p+".names", c.Names)
		span := day.Span{From: day.Min, To: day.Open}
		for _, b := range []struct {
			text string
			into *day.Day
		}{{c.From, &span.From}, {c.To, &span.To}} {
			if b.text == "" {
				continue
			}
			d, err := day.Parse(b.text)
			if err != nil {
				k.bad(p, "%v", err)
			}
			*b.into = d
		}
		if span.Empty() {
			k.bad(p, "is valid on no day")
		}
		if slices.ContainsFunc(seen[c.Code], func(o day.Span) bool { return !o.Intersect(span).Empty() }) {
			k.bad(p, "the code is valid twice on the same day")
		}
		seen[c.Code] = append(seen[c.Code], span)
	}
}

// id checks a name that stands in orders, files and columns: lower-case
// letters, digits and underscores, at most 63; hyphens where dash is true.
func (k *checker) id(path, s string, dash bool) {
	ok := len(s) > 0 && len(s) <= 63 && s[0] >= 'a' && s[0] <= 'z'
	for i := range len(s) {
		b := s[i]
		ok = ok && (b >= 'a' && b <= 'z' || digit(b) || b == '_' || dash && b == '-')
	}
	if !ok {
		k.bad(path, "must be lower-case letters, digits and _, beginning with a letter: %q", s)
	}
}

func (k *checker) text(path string, t Text) {
	if t.SV == "" || t.EN == "" {
		k.bad(path, "is missing in Swedish or English")
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
