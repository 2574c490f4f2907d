package intake

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
)

// Rules about the data asked for and the population.

func checkData(l *look) {
	if len(l.Data) == 0 {
		l.miss("data", "data")
	}
	for i, w := range l.Data {
		field := fmt.Sprintf("data[%d]", i)
		reg := l.cat.Register(w.Register)
		if reg == nil {
			l.miss(field+".register", "register")
			continue
		}
		if w.From > w.To {
			l.miss(field+".to", "period")
		}
		if len(w.Benefits) == 0 && len(reg.Benefits) > 0 {
			l.miss(field+".benefits", "benefits")
		}
		for j, b := range w.Benefits {
			if reg.Benefit(b) == nil {
				l.miss(fmt.Sprintf("%s.benefits[%d]", field, j), "benefit", reg.Names)
			}
		}
		if w.Table == "" && strings.TrimSpace(w.Need) == "" {
			l.miss(field+".need", "need")
		}
		checkTable(l, field, w)
		checkDiagnosisChapters(l, field, w)
	}
}

// checkTable looks at a wish that names its table: that table, shape and
// variables belong together.
func checkTable(l *look, field string, w Wish) {
	if w.Table == "" {
		return
	}
	reg, table := l.cat.Table(w.Table)
	if table == nil || reg.ID != w.Register {
		l.miss(field+".table", "table")
		return
	}
	if w.Shape != "" && !table.Allows(w.Shape) {
		l.miss(field+".shape", "shape")
	}
	for j, id := range w.Variables {
		at := fmt.Sprintf("%s.variables[%d]", field, j)
		switch v := table.Variable(id); {
		case v == nil:
			l.miss(at, "variable")
		case !v.Deliverable():
			l.miss(at, "variable.never")
		case l.FormVersion() >= 2 && w.Shape != "" && table.Allows(w.Shape) && !v.Allows(w.Shape):
			l.miss(at, "variable.shape")
		}
	}
}

func checkDiagnosisChapters(l *look, field string, w Wish) {
	for j, c := range w.Diagnoses {
		if Chapter(l.cat, c) == nil {
			l.miss(fmt.Sprintf("%s.diagnoses[%d]", field, j), "chapter")
		}
	}
}

func checkMotive(l *look) {
	for i, w := range l.Data {
		if strings.TrimSpace(w.Motive) == "" {
			l.miss(fmt.Sprintf("data[%d].motive", i), "motive")
		}
	}
}

// checkOrderable: data past the coverage limit are not ordered by mistake. An
// orderer who wants them all the same says so, and the authority decides
// (promise 12).
func checkOrderable(l *look) {
	for i, w := range l.Data {
		if reg := l.cat.Register(w.Register); reg != nil && !w.Incomplete && w.From <= w.To {
			if x := l.measured.Of(reg, l.on); x.Limited && w.To > x.Until {
				l.miss(fmt.Sprintf("data[%d].to", i), "orderable", reg.Names, x.Until.String(), x.Words())
			}
		}
	}
}

// Sensitive reports whether the application asks for data concerning health,
// whatever the orderer answered: it is derived from the catalogue (promise 5),
// also for what a wish names in free text. What the catalogue does not know
// counts as health.
func Sensitive(a Application, cat *catalog.Catalogue) bool {
	return slices.ContainsFunc(a.Data, func(w Wish) bool {
		reg := cat.Register(w.Register)
		if reg == nil || len(w.Diagnoses) > 0 || needTellsHealth(w.Need, cat) {
			return true
		}
		if w.Table == "" {
			return reg.Health()
		}
		table := reg.Table(w.Table)
		return table == nil || tellsHealth(table, w.Variables)
	})
}

// tellsHealth reports whether rows of a table with these variables (none =
// all) concern health. A row also tells its benefit, though no column does:
// whoever stands among the recipients of sick pay was ill.
func tellsHealth(t *catalog.Table, variables []string) bool {
	if slices.ContainsFunc(variables, func(id string) bool { return t.Variable(id) == nil }) {
		return true
	}
	return slices.ContainsFunc(t.Variables, func(v catalog.Variable) bool {
		chosen := v.Deliverable() && (len(variables) == 0 || slices.Contains(variables, v.ID))
		return v.Sensitivity == catalog.SensitiveHealth && (chosen || v.Role == catalog.RoleBenefit)
	})
}

func checkSensitiveAnswer(l *look) {
	switch derived := Sensitive(l.Application, l.cat); {
	case l.Sensitive != nil && !*l.Sensitive && derived:
		l.miss("sensitive", "sensitive")
	case l.Sensitive == nil && l.FormVersion() >= 2:
		l.miss("sensitive", "sensitive.unanswered")
	}
}

// checkCategories: the kinds of sensitive data are listed one by one, health
// whenever the catalogue says so, so that each can be found in the approval.
func checkCategories(l *look) {
	for i, c := range l.Categories {
		if !slices.Contains(SensitiveCategories, c) {
			l.miss(fmt.Sprintf("sensitive_categories[%d]", i), "category")
		}
	}
	switch {
	case Sensitive(l.Application, l.cat) && !slices.Contains(l.Categories, CategoryHealth):
		l.miss("sensitive_categories", "category.health")
	case l.Sensitive != nil && *l.Sensitive && len(l.Categories) == 0:
		l.miss("sensitive_categories", "category.none")
	case l.Sensitive != nil && !*l.Sensitive && len(l.Categories) > 0:
		l.miss("sensitive", "category.but_no")
	}
}

func checkPopulation(l *look) {
	p := l.Population
	checkPopulationKind(l)
	if strings.TrimSpace(p.Definition) == "" {
		l.miss("population.definition", "population.definition")
	}
	if p.Size < 1 {
		l.miss("population.size", "population.size")
	}
	switch p.Source {
	case "criteria":
	case "file":
		if strings.TrimSpace(p.Holder) == "" {
			l.miss("population.holder", "population.holder")
		}
		switch {
		case l.Child.Kind == ChildRetention: // no population is asked for
		case p.Ready == nil || p.Ready.By == "":
			l.miss("population.ready", "population.ready")
		case p.Ready.On == 0 || p.Ready.On > l.on:
			l.miss("population.ready.on", "population.ready_on")
		}
	default:
		l.miss("population.source", "population.source")
	}
}

// checkPopulationKind: a population of organisations is for registers whose rows are of
// employers, and says whether sole traders, who are persons, are with them.
func checkPopulationKind(l *look) {
	p := l.Population
	switch {
	case p.Kind == "" || p.Kind == PopulationPersons:
		return
	case !p.Organisations():
		l.miss("population.kind", "population.kind")
		return
	}
	if p.Traders != "include" && p.Traders != "exclude" {
		l.miss("population.traders", "population.traders")
	}
	for i, w := range l.Data {
		reg := l.cat.Register(w.Register)
		if reg == nil {
			continue
		}
		if t := reg.Table(w.Table); t != nil && !t.OfEmployers() || t == nil && !reg.OfEmployers() {
			l.miss(fmt.Sprintf("data[%d].register", i), "population.organisations", reg.Names)
		}
	}
}

// identityWords are names that columns of identity numbers go by.
var identityWords = []string{"personnummer", "pnr", "personnr", "samordningsnummer", "identity_number", "personid", "organisationsnummer", "orgnr", "organisation_number"}

// checkColumns looks at further columns of the population file. Identity and
// löpnummer are not further columns; only dates steer an extraction.
func checkColumns(l *look) {
	seen := map[string]bool{}
	for i, c := range l.Population.Columns {
		field := fmt.Sprintf("population.columns[%d]", i)
		switch name := strings.ToLower(strings.TrimSpace(c.Name)); {
		case name == "" || seen[name]:
			l.miss(field+".name", "column.name")
		case slices.Contains(identityWords, name):
			l.miss(field+".name", "column.identity")
		default:
			seen[name] = true
		}
		if !slices.Contains([]string{"date", "int", "code"}, c.Type) {
			l.miss(field+".type", "column.type")
		}
		if !slices.Contains([]string{"steer", "pass", "drop"}, c.Use) || c.Use == "steer" && c.Type != "date" {
			l.miss(field+".use", "column.use")
		}
	}
}
