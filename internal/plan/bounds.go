package plan

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Sources of a population.
const (
	SourceFile     = "file"
	SourceCriteria = "criteria"
)

// Key policies: how long the löpnummer's key lives.
const (
	KeyDeleted   = "delete_after_delivery"
	KeyKeptUntil = "keep_until"
)

// Problems returns what is wrong with a decided scope by itself: a bound that
// the catalogue does not know, two bounds for one thing, or none. A scope
// without problems bounds every element of a specification in one way.
func (s Scope) Problems(cat *catalog.Catalogue) []Finding {
	var fs findings
	if s.Scope != ScopeVersion {
		fs.add("scope", "bounds.version", "Okänt format på omfattningen.", "Unknown format of scope.")
	}
	if s.Catalogue != CatalogueRef(cat) {
		fs.add("catalogue", "bounds.catalogue", "Omfattningen vilar på en annan version av katalogen än den som gäller.", "The scope rests on another version of the catalogue than the one in force.")
	}
	s.Persons.problems(&fs, "persons", cat)
	if i := s.Identity; i.KeyPolicy == KeyKeptUntil {
		if _, err := day.Parse(i.KeepUntil); err != nil {
			fs.add("identity.keep_until", "bounds.keep_until", "Ange till vilket datum nyckeln sparas.", "Give the date until which the key is kept.")
		}
	} else if i.Project != "" {
		fs.add("identity.project", "bounds.project", "Ett tidigare projekts nyckel kan bara användas medan den får sparas.", "The key of an earlier project can only be used while it may be kept.")
	}
	if len(s.Formats) == 0 || slices.ContainsFunc(s.Formats, func(f string) bool { return !slices.Contains(formats, f) }) {
		fs.add("formats", "bounds.format", "Ange filformat: csv, parquet, dta, sav, zsav eller xpt.", "Give file formats: csv, parquet, dta, sav, zsav or xpt.")
	}
	given := map[string]bool{}
	for i, r := range s.Rows {
		if !r.Gives() {
			continue
		}
		path := fmt.Sprintf("rows[%d]", i)
		if given[r.Table] {
			fs.add(path+".table", "bounds.table_twice", "Två rader lämnar ut samma tabell; vilken som gäller går inte att veta.", "Two rows let out one table; which of them holds cannot be told.")
		}
		given[r.Table] = true
		r.problems(&fs, path, s.Persons, cat)
	}
	if s.Persons.Organisations() && s.Identity.Kind != IdentitySerial {
		fs.add("identity.kind", "bounds.organisation_identity", "Organisationer lämnas ut med löpnummer.", "Organisations leave under löpnummer.")
	}
	return fs
}

func (p Persons) problems(fs *findings, path string, cat *catalog.Catalogue) {
	p.kindProblems(fs, path, cat)
	switch p.Source {
	case SourceFile:
		if p.ID == "" || p.Criteria != nil {
			fs.add(path, "bounds.population", "En populationsfil har en kolumn med identitetsnummer och inga kriterier.", "A population file has a column of identity numbers and no criteria.")
		}
	case SourceCriteria:
		if p.Criteria == nil || p.ID != "" || p.Serial != "" || len(p.Columns) > 0 {
			fs.add(path, "bounds.population", "Ett urval ur registren har kriterier och ingen fil.", "A drawing from the registers has criteria and no file.")
			return
		}
		p.Criteria.problems(fs, path+".criteria", cat)
	default:
		fs.add(path+".source", "bounds.population", "Ange om populationen kommer som fil eller väljs ur registren.", "Say whether the population comes as a file or is drawn from the registers.")
	}
	if p.Protected != "" && p.Protected != "exclude" && p.Protected != "include" {
		fs.add(path+".protected", "bounds.protected", "Personer med skyddade uppgifter tas med (include) eller inte (exclude).", "Persons with protected identity are included or excluded.")
	}
	names := map[string]bool{p.ID: true, p.Serial: true}
	for i, c := range p.Columns {
		good := slices.Contains([]string{"date", "int", "code"}, c.Type) && slices.Contains([]string{"steer", "pass", "drop"}, c.Use)
		if names[c.Name] || c.Name == "" || !good || c.Use == "steer" && c.Type != "date" {
			fs.add(fmt.Sprintf("%s.columns[%d]", path, i), "bounds.population_column", "En extra kolumn har eget namn, typ (date, int, code) och bruk (steer, pass, drop); bara datum styr.",
				"A further column has a name of its own, a type (date, int, code) and a use (steer, pass, drop); only dates steer.")
		}
		names[c.Name] = true
	}
}

// kindProblems: organisations are named by löpnummer of our own, have no
// relatives and no matched controls, and somebody has said whether sole
// traders, who are persons, are with them.
func (p Persons) kindProblems(fs *findings, path string, cat *catalog.Catalogue) {
	switch {
	case p.Kind == "" || p.Kind == KindPersons:
		if p.Traders != "" {
			fs.add(path+".traders", "bounds.traders", "Enskilda näringsidkare anges bara i en population av organisationer.", "Sole traders are stated in a population of organisations only.")
		}
		return
	case p.Kind != KindOrganisations:
		fs.add(path+".kind", "bounds.kind", "Populationen är personer (persons) eller organisationer (organisations).", "The population is persons or organisations.")
		return
	}
	if p.Traders != "exclude" && p.Traders != "include" {
		fs.add(path+".traders", "bounds.traders", "Ange om enskilda näringsidkare, som är personer, tas med (include) eller inte (exclude).", "Say whether sole traders, who are persons, are included or excluded.")
	}
	if p.Serial != "" {
		fs.add(path+".serial", "bounds.organisation_serial", "Organisationer får våra egna löpnummer; någon annans tas inte emot.", "Organisations get löpnummer of our own; those of another holder are not accepted.")
	}
	c := p.Criteria
	if c == nil {
		return
	}
	if slices.ContainsFunc(slices.Concat(c.Any, c.And, c.Not), func(k Criterion) bool {
		_, t := cat.Table(k.Table)
		return t != nil && !t.OfEmployers()
	}) {
		fs.add(path+".criteria", "bounds.organisation_criteria", "Organisationer väljs ut ur tabeller vars rader gäller organisationer.", "Organisations are selected from tables whose rows are of organisations.")
	}
	if c.Controls != nil || c.Relatives != nil {
		fs.add(path+".criteria", "bounds.organisation_kin", "Organisationer har inga anhöriga, och kontroller matchas på uppgifter som bara personer har.", "Organisations have no relatives, and controls are matched on what only persons have.")
	}
}

// steers reports whether the population has an anchor of that name.
func (p Persons) steers(anchor string) bool {
	if p.Source == SourceCriteria {
		return p.Criteria != nil && p.Criteria.Anchor != nil && p.Criteria.Anchor.Name == anchor
	}
	return p.has(anchor, "date", "steer")
}

func (r Row) problems(fs *findings, path string, p Persons, cat *catalog.Catalogue) {
	reg, table := cat.Table(r.Table)
	if table == nil || reg.ID != r.Register {
		fs.add(path+".table", "bounds.table", "Tabellen finns inte i registret.", "The table is not in the register.")
		return
	}
	if p.Organisations() && !table.OfEmployers() {
		fs.add(path+".table", "bounds.organisation_table", "Tabellens rader gäller personer, inte organisationer.", "The table's rows are of persons, not of organisations.")
	}
	if !slices.Contains(table.Shapes, r.Shape) {
		fs.add(path+".shape", "bounds.shape", "Tabellen kan inte levereras i den formen.", "The table cannot be delivered in that shape.")
	}
	if r.Period == nil || r.Period.Span().Empty() {
		fs.add(path+".period", "bounds.period", "Ange perioden, som inte får vara tom.", "Give the period, which may not be empty.")
	}
	if a := r.Around; a != nil {
		if !a.From.Relative() || a.From.Anchor != a.To.Anchor || !p.steers(a.From.Anchor) || !before(a.From.Offset, a.To.Offset) {
			fs.add(path+".around", "bounds.around", "Perioden runt ett ankare har två avstånd i rätt ordning från samma styrande kolumn.", "The period around an anchor has two offsets in the right order from one steering column.")
		}
	}
	for i, b := range r.Benefits {
		if reg.Benefit(b) == nil || slices.Contains(r.Benefits[:i], b) {
			fs.add(fmt.Sprintf("%s.benefits[%d]", path, i), "bounds.benefit", "Förmånen finns inte i registret eller anges två gånger.", "The benefit is not in the register or stands twice.")
		}
	}
	if len(r.Benefits) > 0 && table.ByRole(catalog.RoleBenefit) == nil {
		fs.add(path+".benefits", "bounds.benefit", "Tabellen har ingen förmån att begränsa.", "The table has no benefit to limit.")
	}
	for i, b := range r.Variables {
		v := table.Variable(b.ID)
		twice := slices.ContainsFunc(r.Variables[:i], func(o VariableBound) bool { return o.ID == b.ID })
		if v == nil || !v.Deliverable() || twice || b.Level != "" && !slices.Contains(v.Coarsen, b.Level) {
			fs.add(fmt.Sprintf("%s.variables[%d]", path, i), "bounds.variable", "Variabeln finns inte i tabellen, anges två gånger eller har inte den nivån.", "The variable is not in the table, stands twice or does not have the level.")
		}
	}
	for i, f := range r.Where {
		filterProblems(fs, fmt.Sprintf("%s.where[%d]", path, i), f, table, r.Shape)
	}
}
