package plan

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Facts are what the vault knows when it compares: the population that was
// accepted for this decision, and the decision's own reference.
type Facts struct {
	Decision Ref // of the decision that holds the scope
	Intake   Ref // accepted population, zero where the scope draws it by criteria
	Persons  int // accepted persons
	Today    day.Day
	Earlier  int // deliveries already made under this decision
}

// CatalogueRef pins a catalogue: id, version and the hash of its content.
func CatalogueRef(cat *catalog.Catalogue) Ref {
	return Ref{ID: cat.ID, Version: cat.Version, SHA256: cat.Hash()}
}

// Within returns every place where s asks for more than scope gives. An empty
// answer is a proof, element by element: persons, variables, resolution,
// period, rows, shape, identity, recipient, format, number and date. What is
// unknown is refused (promise 3).
func Within(s Spec, scope Scope, facts Facts, cat *catalog.Catalogue) []Finding {
	var fs findings
	if s.Order != scope.Order {
		fs.add("order", "scope.order", "Specifikationen gäller en annan beställning än beslutet.", "The specification is for another order than the decision.")
	}
	if s.Decision != facts.Decision {
		fs.add("decision", "scope.decision", "Specifikationen är bunden till ett annat beslut.", "The specification is bound to another decision.")
	}
	if scope.Scope != ScopeVersion {
		fs.add("decision", "scope.version", "Beslutets omfattning är skriven i ett okänt format.", "The decision's scope is written in an unknown format.")
	}
	if s.Catalogue != scope.Catalogue {
		fs.add("catalogue", "scope.catalogue", "Specifikationen använder en annan version av katalogen än beslutet.", "The specification uses another version of the catalogue than the decision.")
	}
	if scope.Catalogue != CatalogueRef(cat) {
		fs.add("catalogue", "scope.catalogue_loaded", "Beslutet vilar på en annan version av katalogen än den som används här.", "The decision rests on another version of the catalogue than the one in use here.")
	}
	if facts.Today >= scope.Expires {
		fs.add("decision", "scope.expired", "Beslutets tid för uttag har gått ut.", "The decision's time for extraction has run out.")
	}
	if facts.Earlier >= scope.Deliveries {
		fs.add("decision", "scope.deliveries", "Alla leveranser som beslutet medger är gjorda.", "All deliveries that the decision allows have been made.")
	}
	if s.Identity.Kind != scope.Identity.Kind {
		fs.add("identity.kind", "scope.identity", "Beslutet medger inte att personer anges på det sättet.", "The decision does not let persons be named that way.")
	}
	personsWithin(&fs, s, scope, facts)
	for i, e := range s.Extracts {
		extractWithin(&fs, fmt.Sprintf("extracts[%d]", i), e, scope, cat)
	}
	return fs
}

func personsWithin(fs *findings, s Spec, scope Scope, facts Facts) {
	if facts.Persons > scope.Persons.Max {
		fs.add("population", "scope.persons_max", "Populationen är större än beslutet medger.", "The population is larger than the decision allows.")
	}
	switch p := s.Population; {
	case p.File != nil:
		if scope.Persons.Source != "file" {
			fs.add("population", "scope.population", "Beslutet gäller inte en populationsfil.", "The decision is not for a population file.")
			return
		}
		if p.File.Intake != facts.Intake || facts.Intake.SHA256 == "" {
			fs.add("population.file.intake", "scope.intake", "Populationen är inte den som togs emot och kontrollerades.", "The population is not the one that was received and checked.")
		}
		if p.File.ID != scope.Persons.ID || p.File.Serial != scope.Persons.Serial {
			fs.add("population.file", "scope.population_columns", "Populationsfilens kolumner är andra än beslutets.", "The columns of the population file differ from the decision's.")
		}
		for i, a := range p.File.Anchors {
			if !scope.Persons.has(a, "date", "steer") {
				fs.add(fmt.Sprintf("population.file.anchors[%d]", i), "scope.anchor", "Beslutet låter inte kolumnen styra uttaget.", "The decision does not let the column steer the extraction.")
			}
		}
		for i, g := range p.File.Groups {
			if !scope.Persons.has(g, "", "pass") {
				fs.add(fmt.Sprintf("population.file.groups[%d]", i), "scope.group", "Beslutet låter inte kolumnen följa med i leveransen.", "The decision does not let the column pass into the delivery.")
			}
		}
	case p.Criteria != nil:
		if scope.Persons.Source != "criteria" || !sameJSON(p.Criteria, scope.Persons.Criteria) {
			fs.add("population.criteria", "scope.criteria", "Urvalet är ett annat än beslutets.", "The criteria differ from the decision's.")
		}
	}
}

func (p Persons) has(name, kind, use string) bool {
	return slices.ContainsFunc(p.Columns, func(c PopulationExtra) bool {
		return c.Name == name && (kind == "" || c.Type == kind) && c.Use == use
	})
}

func extractWithin(fs *findings, path string, e Extract, scope Scope, cat *catalog.Catalogue) {
	row, ok := scope.RowFor(e.Table)
	if !ok {
		fs.add(path+".table", "scope.table", "Beslutet lämnar inte ut något ur tabellen, eller gör det på två sätt.", "The decision lets nothing out of the table, or does so in two ways.")
		return
	}
	_, table := cat.Table(e.Table)
	if table == nil {
		fs.add(path+".table", "scope.table", "Tabellen finns inte i katalogen.", "The table is not in the catalogue.")
		return
	}
	if scope.Persons.Organisations() && !table.OfEmployers() {
		fs.add(path+".table", "scope.organisations", "Beslutet gäller organisationer, men tabellens rader gäller personer.", "The decision is on organisations, but the table's rows are of persons.")
	}
	if !e.Shape.Of().Within(row.Shape) {
		fs.add(path+".shape", "scope.shape", "Formen är finare än beslutet medger.", "The shape is finer than the decision allows.")
	}
	if !slices.Contains(scope.Formats, e.Output.Format) {
		fs.add(path+".output.format", "scope.format", "Beslutet medger inte filformatet.", "The decision does not allow the file format.")
	}
	if e.History == "reveal" && !row.Reveal {
		fs.add(path+".history", "scope.history", "Uppgifter från tid utanför perioden kräver att beslutet medger det.", "Data from outside the period need the decision's leave.")
	}
	for i, id := range e.Shape.OwnKey() {
		// Where one spell ends and another begins tells the variable as it is.
		if !slices.ContainsFunc(row.Variables, func(b VariableBound) bool { return b.ID == id && b.Level == "" }) {
			fs.add(fmt.Sprintf("%s.shape.spell.key[%d]", path, i), "scope.spell_key", "Fall hålls isär av en variabel som inte får lämnas ut, eller inte så noggrant.", "Spells are kept apart by a variable that may not leave, or not as exactly.")
		}
	}
	windowWithin(fs, path+".window", e.Window, row)
	for i, c := range e.Columns {
		columnWithin(fs, fmt.Sprintf("%s.columns[%d]", path, i), c, row, table, cat)
	}
	for i, f := range e.Where {
		filterWithin(fs, fmt.Sprintf("%s.where[%d]", path, i), f, row, table, cat)
	}
	for _, bound := range row.Where {
		if !slices.ContainsFunc(e.Where, func(f Filter) bool { return tighter(f, bound, table) }) {
			fs.add(path+".where", "scope.rows", "Beslutets begränsning av rader på "+bound.Var+" saknas eller är vidare i specifikationen.",
				"The decision's limit of rows on "+bound.Var+" is missing or wider in the specification.")
		}
	}
	if len(row.Benefits) > 0 && !slices.ContainsFunc(e.Where, func(f Filter) bool { return benefitsWithin(f, row, table) }) {
		fs.add(path+".where", "scope.benefits", "Specifikationen begränsar inte förmånerna till dem som beslutet lämnar ut.", "The specification does not limit benefits to those that the decision lets out.")
	}
}

// filterWithin refuses a filter that tells more than the decision lets out. A
// filter tells the value of its variable about every row that is left, so it
// is either the decision's own, or on a variable that may leave, and no finer
// than it may leave.
func filterWithin(fs *findings, path string, f Filter, row Row, table *catalog.Table, cat *catalog.Catalogue) {
	if slices.ContainsFunc(row.Where, func(b Filter) bool { return sameJSON(f, b) }) || allBenefits(f, row, table) {
		return
	}
	i := slices.IndexFunc(row.Variables, func(b VariableBound) bool { return b.ID == f.Var })
	switch {
	case i < 0:
		fs.add(path, "scope.filter_variable", "Filtret gäller en variabel som inte får lämnas ut.", "The filter is on a variable that may not leave.")
	case row.Variables[i].Level != "" && !coarseCodes(f.CodeIn, row.Variables[i].Level, cat):
		fs.add(path, "scope.filter_resolution", "Filtret är noggrannare än variabeln får lämnas ut.", "The filter is more exact than the variable may leave.")
	}
}

// coarseCodes reports whether ranges of codes tell no more than the level:
// prefixes of three characters for icd_3, whole blocks or chapters for
// icd_block, whole chapters for icd_chapter. For other levels only the
// decision's own filters will do.
func coarseCodes(codes []string, level string, cat *catalog.Catalogue) bool {
	return len(codes) > 0 && !slices.ContainsFunc(codes, func(t string) bool {
		chapter := cat.ValueSets[catalog.ICDChapters].Find(t) != nil
		switch level {
		case "icd_3":
			low, high, _ := strings.Cut(t, "-")
			return len(low) > 3 || len(high) > 3
		case "icd_block":
			return !chapter && cat.ValueSets[catalog.ICDBlocks].Find(t) == nil
		case "icd_chapter":
			return !chapter
		}
		return true
	})
}

func windowWithin(fs *findings, path string, w Window, row Row) {
	if row.Period == nil {
		fs.add(path, "scope.period", "Beslutet anger ingen period för tabellen.", "The decision gives no period for the table.")
		return
	}
	if !w.From.Relative() {
		if row.Around != nil {
			fs.add(path, "scope.period", "Beslutet räknar perioden från ett datum för varje person; det gör inte specifikationen.", "The decision counts the period from a date of each person; the specification does not.")
			return
		}
		if !row.Period.Span().Contains(day.Span{From: w.From.Date, To: w.To.Date}) {
			fs.add(path, "scope.period", "Perioden är längre än beslutet medger.", "The period is longer than the decision allows.")
		}
		return
	}
	// A relative window is cut to the decision's period for each person when it
	// is run, so only a relative bound remains to compare here.
	if a := row.Around; a != nil {
		if a.From.Anchor != w.From.Anchor || !notAfter(a.From.Offset, w.From.Offset) || !notAfter(w.To.Offset, a.To.Offset) {
			fs.add(path, "scope.period", "Perioden runt ankaret är längre än beslutet medger, eller kan bli det.", "The period around the anchor is longer than the decision allows, or may be.")
		}
	}
}

// notAfter reports whether a never lies after b, whatever the day they are
// added to: k months are at least 28·k days.
func notAfter(a, b day.Offset) bool {
	months := b.Months - a.Months
	if months < 0 {
		// a has more months: at most 31·k days more, which b's days must outweigh.
		return b.Days-a.Days >= 31*-months
	}
	return a.Days-b.Days <= 28*months
}

// before is notAfter with at least one day between.
func before(a, b day.Offset) bool {
	b.Days--
	return notAfter(a, b)
}

func columnWithin(fs *findings, path string, c Column, row Row, table *catalog.Table, cat *catalog.Catalogue) {
	v := table.Variable(c.Name)
	if v == nil {
		fs.add(path, "scope.variable", "Variabeln finns inte i katalogen.", "The variable is not in the catalogue.")
		return
	}
	level := ""
	if c.Coarsen != nil {
		level = c.Coarsen.To
	}
	if c.Derive != nil {
		fn, ok := functions[c.Derive.Fn]
		if !ok || !fn.fits(v) {
			fs.add(path+".derive", "scope.derivation", "Härledningen hämtar sitt värde ur något annat än variabeln.", "The derivation takes its value from something else than the variable.")
			return
		}
		if !fn.keeps {
			level = "" // as exact as the variable itself
		}
	}
	if v.Role == catalog.RolePerson {
		return // the person column follows Identity
	}
	if v.Derive == FnAbsent || c.Derive != nil && c.Derive.Fn == FnAbsent {
		return // a column without values tells nothing
	}
	if tellsWholeSpell(v) && !row.Reveal {
		fs.add(path, "scope.history", "Uppgifter från tid utanför perioden kräver att beslutet medger det.", "Data from outside the period need the decision's leave.")
	}
	i := slices.IndexFunc(row.Variables, func(b VariableBound) bool { return b.ID == c.Name })
	if i < 0 {
		fs.add(path, "scope.variable", "Beslutet lämnar inte ut variabeln.", "The decision does not let the variable out.")
		return
	}
	if c.Derive != nil {
		// How many rows have a code of a block tells no more than the block.
		if codes, ok := c.Derive.Codes(); ok && codes != nil && coarseCodes(codes, row.Variables[i].Level, cat) {
			return
		}
	}
	if !AtLeastAsCoarse(v, level, row.Variables[i].Level) {
		fs.add(path+".coarsen", "scope.resolution", "Variabeln är noggrannare än beslutet medger.", "The variable is more exact than the decision allows.")
	}
}

// AtLeastAsCoarse reports whether level is as coarse as bound or coarser for
// v. Levels are listed from the finest in the catalogue; "" is finer than all.
// An unknown level is never coarse enough.
func AtLeastAsCoarse(v *catalog.Variable, level, bound string) bool {
	rank := func(l string) int {
		if l == "" {
			return 0
		}
		return slices.Index(v.Coarsen, l) + 1
	}
	have, want := rank(level), rank(bound)
	if level != "" && have == 0 || bound != "" && want == 0 {
		return false
	}
	return have >= want
}
