package plan

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
)

// Criteria draws the population from the registers themselves, in stages that
// each leave a count:
//
//	any → and → not → sample → controls → relatives
//
// What follows from whom is worked out in package selection; what a person's
// rows say of a condition is the engine's to read.
type Criteria struct {
	// Ground is the law that lets persons be selected by data concerning
	// health. It is asked for where a condition reads such a table, and the
	// decision maker writes it: selection by health data is forbidden but in
	// stated cases (socialförsäkringsbalken 114 kap. 12 §).
	Ground string      `json:"ground,omitempty"`
	Any    []Criterion `json:"any"`           // a person meets one of these,
	And    []Criterion `json:"and,omitempty"` // each of these,
	Not    []Criterion `json:"not,omitempty"` // and none of these
	Anchor *AnchorPick `json:"anchor,omitempty"`
	Sample *Sample     `json:"sample,omitempty"`
	// Controls and Relatives are people besides those selected. Where there
	// are any, the columns [GroupRole] and [GroupSet] follow into every file.
	Controls  *Controls  `json:"controls,omitempty"`
	Relatives *Relatives `json:"relatives,omitempty"`
}

// Criterion is met by a person with rows as described in the period. Where a
// table forms spells, its spells in the period are what counts, by the
// catalogue's own rules; else its rows, reversals left out. The bounds of the
// period are dates, or in And and Not offsets from the anchor.
type Criterion struct {
	Table   string   `json:"table"`
	Period  Window   `json:"period"`
	Where   []Filter `json:"where,omitempty"`
	AtLeast *AtLeast `json:"at_least,omitempty"` // nil: one row
}

// AtLeast asks for a number of spells (or rows) and of covered days. Of the
// two at least one is given.
type AtLeast struct {
	Rows int `json:"rows,omitempty"`
	Days int `json:"days,omitempty"`
}

// Picks of an anchor.
const (
	PickFirst = "first_start"
	PickLast  = "last_start"
)

// AnchorPick makes an index date of each person: the first day of the first or
// last spell (or row) that met a condition of Any, as the period shows it.
type AnchorPick struct {
	Name string `json:"name"`
	Pick string `json:"pick"`
}

// Sample takes the Size persons with the lowest HMAC-SHA-256(Seed, person), so
// that the same registers give the same persons whatever engine reads them.
type Sample struct {
	Size int    `json:"size"`
	Seed string `json:"seed"`
}

// What controls can be matched on.
const (
	MatchSex       = "sex"
	MatchBirthYear = "birth_year"
	MatchCounty    = "county"
)

// MaxPerCase bounds the controls of a case.
const MaxPerCase = 20

// Controls draws people who meet no condition of Any, are alive and born on
// the case's index date and are equal to the case in what Match names. A
// control belongs to one case and has its index date.
type Controls struct {
	PerCase int      `json:"per_case"`
	Match   []string `json:"match"`
	// YearsApart is how far the years of birth may lie apart, 0 = the same year.
	YearsApart int    `json:"years_apart,omitempty"`
	Seed       string `json:"seed"`
}

// Relations to those selected.
const (
	RelationChildren = "children"
	RelationParents  = "parents"
)

// Relatives adds relatives of those selected (not of controls), as the
// identity register knows them. They have the index date of whom they belong
// to.
type Relatives struct {
	Of []string `json:"of"`
}

// Columns that tell who is who where a population has controls or relatives:
// the role (case, control, child, parent), and a number that a case shares with
// its controls and relatives, and with nobody else.
const (
	GroupRole = "roll"
	GroupSet  = "matchnr"
)

// Roles in [GroupRole].
const (
	RoleCase    = "case"
	RoleControl = "control"
	RoleChild   = "child"
	RoleParent  = "parent"
)

// AnchorNames are the names of the index dates that persons have.
func (p Population) AnchorNames() []string {
	switch {
	case p.File != nil:
		return p.File.Anchors
	case p.Criteria != nil && p.Criteria.Anchor != nil:
		return []string{p.Criteria.Anchor.Name}
	}
	return nil
}

// GroupNames are the columns of the population that follow into every file.
func (p Population) GroupNames() []string {
	switch {
	case p.File != nil:
		return p.File.Groups
	case p.Criteria != nil && (p.Criteria.Controls != nil || p.Criteria.Relatives != nil):
		return []string{GroupRole, GroupSet}
	}
	return nil
}

// problems finds what is wrong with a drawing of the population.
func (c Criteria) problems(fs *findings, path string, cat *catalog.Catalogue) {
	if len(c.Any) == 0 {
		fs.add(path+".any", "plan.criteria", "Urvalet har inget villkor.", "The criteria hold no condition.")
	}
	for i, k := range c.Any {
		k.problems(fs, fmt.Sprintf("%s.any[%d]", path, i), "", cat)
	}
	anchor := ""
	if c.Anchor != nil {
		anchor = c.Anchor.Name
	}
	for i, k := range c.And {
		k.problems(fs, fmt.Sprintf("%s.and[%d]", path, i), anchor, cat)
	}
	for i, k := range c.Not {
		k.problems(fs, fmt.Sprintf("%s.not[%d]", path, i), anchor, cat)
	}
	if c.Ground == "" && c.Health(cat) {
		fs.add(path+".ground", "plan.ground", "Urvalet görs med uppgifter om hälsa. Ange stödet: 114 kap. 12 § socialförsäkringsbalken förbjuder sådana sökningar utom i vissa fall.",
			"Persons are selected by data concerning health. Name the ground: 114 kap. 12 § socialförsäkringsbalken forbids such searches but in stated cases.")
	}
	if a := c.Anchor; a != nil && (!isName(a.Name) || !slices.Contains(picks, a.Pick)) {
		fs.add(path+".anchor", "plan.criteria", "Ankaret ska ha ett namn och first_start eller last_start.", "The anchor needs a name and first_start or last_start.")
	}
	if a := c.Anchor; a != nil && !c.dated(cat) {
		fs.add(path+".anchor", "plan.criteria_dated", "Ankaret tas ur rader med datum; en av tabellerna i any har inga.", "The anchor is taken from rows with dates; one of the tables of any has none.")
	}
	if x := c.Sample; x != nil && (x.Size < 1 || x.Seed == "") {
		fs.add(path+".sample", "plan.criteria", "Ett stickprov ska ha storlek och frö.", "A sample needs size and seed.")
	}
	if x := c.Controls; x != nil {
		x.problems(fs, path+".controls")
	}
	if x := c.Relatives; x != nil && (len(x.Of) == 0 || !distinct(x.Of, relations)) {
		fs.add(path+".relatives.of", "plan.criteria_relatives", "Ange vilka anhöriga som tas med: children, parents.", "Say which relatives are taken: children, parents.")
	}
}

func (k Criterion) problems(fs *findings, path, anchor string, cat *catalog.Catalogue) {
	_, table := cat.Table(k.Table)
	if table == nil {
		fs.add(path+".table", "plan.table", "Tabellen finns inte i katalogen.", "The table is not in the catalogue.")
		return
	}
	w := k.Period
	switch {
	case w.From.Relative() && w.From.Anchor == w.To.Anchor && anchor != "":
		if w.From.Anchor != anchor || !before(w.From.Offset, w.To.Offset) {
			fs.add(path+".period", "plan.criteria", "Perioden utgår från urvalets ankare, med från före till.", "The period starts from the anchor of the criteria, with from before to.")
		}
	case w.From.Relative() || w.To.Relative() || w.From.Date >= w.To.Date:
		fs.add(path+".period", "plan.criteria", "Villkorets period ska vara två datum i rätt ordning.", "The period of a condition is two dates in the right order.")
	}
	checkOptional(fs, path+".period.mode", w.Mode, modes)
	if w.Mode == ModeOverlap {
		fs.add(path+".period.mode", "plan.criteria_mode", "Ett villkor ser bara det som ligger i perioden; välj clip, start_in eller end_in.", "A condition sees only what lies in the period; choose clip, start_in or end_in.")
	}
	if a := k.AtLeast; a != nil && (a.Rows < 0 || a.Days < 0 || a.Rows+a.Days == 0) {
		fs.add(path+".at_least", "plan.criteria", "Ange ett antal rader eller dagar, minst ett.", "Give a number of rows or days, at least one.")
	} else if a != nil && a.Days > 0 && table.ByRole(catalog.RoleFrom) == nil {
		fs.add(path+".at_least.days", "plan.criteria_days", "Tabellens rader har inga dagar att räkna.", "The table's rows have no days to count.")
	}
	for j, f := range k.Where {
		filterProblems(fs, fmt.Sprintf("%s.where[%d]", path, j), f, table, k.Counts(table))
	}
}

// Counts is what a condition counts in the table: spells where it forms them,
// else rows.
func (k Criterion) Counts(table *catalog.Table) catalog.Shape {
	if table.Allows(catalog.ShapeSpell) {
		return catalog.ShapeSpell
	}
	return catalog.ShapePayment
}

func (x Controls) problems(fs *findings, path string) {
	if x.PerCase < 1 || x.PerCase > MaxPerCase {
		fs.add(path+".per_case", "plan.criteria_controls", "Varje fall får 1–20 kontroller.", "Each case gets 1–20 controls.")
	}
	if len(x.Match) == 0 || !distinct(x.Match, matches) {
		fs.add(path+".match", "plan.criteria_controls", "Ange vad kontroller matchas på: sex, birth_year, county.", "Say what controls are matched on: sex, birth_year, county.")
	}
	if x.YearsApart < 0 || x.YearsApart > 10 || x.YearsApart > 0 && !slices.Contains(x.Match, MatchBirthYear) {
		fs.add(path+".years_apart", "plan.criteria_controls", "Åren mellan födelseåren är 0–10 och gäller matchning på birth_year.", "The years between years of birth are 0–10 and go with a match on birth_year.")
	}
	if x.Seed == "" {
		fs.add(path+".seed", "plan.criteria_controls", "Dragningen av kontroller ska ha ett frö.", "The drawing of controls needs a seed.")
	}
}

// Health reports whether some condition selects by data concerning health: it
// reads a table that holds such data.
func (c Criteria) Health(cat *catalog.Catalogue) bool {
	for _, list := range [][]Criterion{c.Any, c.And, c.Not} {
		for _, k := range list {
			if _, table := cat.Table(k.Table); table != nil && table.Health() {
				return true
			}
		}
	}
	return false
}

// dated reports whether every condition of Any is on rows with dates.
func (c Criteria) dated(cat *catalog.Catalogue) bool {
	return !slices.ContainsFunc(c.Any, func(k Criterion) bool {
		_, table := cat.Table(k.Table)
		return table != nil && table.ByRole(catalog.RoleFrom) == nil
	})
}

// distinct reports whether the words are among those allowed, each once.
func distinct(words, allowed []string) bool {
	for i, w := range words {
		if !slices.Contains(allowed, w) || slices.Contains(words[:i], w) {
			return false
		}
	}
	return true
}
