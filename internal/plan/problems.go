package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluss/internal/catalog"
)

// Finding is something wrong with one element. Code is stable; Path leads to
// the element in JSON, as extracts[0].window.
type Finding struct {
	Path string `json:"path"`
	Code string `json:"code"`
	SV   string `json:"sv"`
	EN   string `json:"en"`
}

func (f Finding) String() string { return f.Path + ": " + f.EN + " (" + f.Code + ")" }

// findings collects while a specification is walked.
type findings []Finding

func (fs *findings) add(path, code, sv, en string) {
	*fs = append(*fs, Finding{path, code, sv, en})
}

// Problems returns what is wrong with s by itself, given the catalogue: the
// second pass after the JSON Schema, with everything a schema cannot say. An
// empty answer means that the specification can be run.
func (s Spec) Problems(cat *catalog.Catalogue) []Finding {
	var fs findings
	s.headProblems(&fs)
	s.populationProblems(&fs, cat)
	if len(s.Extracts) == 0 {
		fs.add("extracts", "plan.empty", "Specifikationen innehåller inget uttag.", "The specification holds no extract.")
	}
	names, files := map[string]bool{}, map[string]bool{}
	for i, e := range s.Extracts {
		path := fmt.Sprintf("extracts[%d]", i)
		if names[e.Name] {
			fs.add(path+".name", "plan.name_twice", "Uttagets namn används redan.", "The extract's name is used already.")
		}
		if files[e.Output.File] {
			fs.add(path+".output.file", "plan.file_twice", "Filens namn används redan.", "The file's name is used already.")
		}
		names[e.Name], files[e.Output.File] = true, true
		s.extractProblems(&fs, path, e, cat)
	}
	return fs
}

func (s Spec) headProblems(fs *findings) {
	if s.Spec != Version {
		fs.add("spec", "plan.version", "Okänt format på specifikationen.", "Unknown format of specification.")
	}
	if !isOrder(s.Order) {
		fs.add("order", "plan.order", "Ange beställningens nummer.", "Give the order's number.")
	}
	if !slices.Contains(identityKinds, s.Identity.Kind) {
		fs.add("identity.kind", "plan.identity", "Identiteten ska vara project_serial eller personal_number.", "Identity must be project_serial or personal_number.")
	}
	for _, r := range []struct {
		path string
		ref  Ref
	}{{"decision", s.Decision}, {"catalogue", s.Catalogue}} {
		if r.ref.ID == "" || !isHash(string(r.ref.SHA256)) {
			fs.add(r.path, "plan.ref", "Hänvisningen ska ha id och hash.", "The reference needs id and hash.")
		}
	}
	_, noTime := time.Parse(time.RFC3339, s.AsOf.Instant)
	if (s.AsOf.Snapshot == "") == (s.AsOf.Instant == "") || s.AsOf.Snapshot != "" && !isSnapshot(s.AsOf.Snapshot) || s.AsOf.Instant != "" && noTime != nil {
		fs.add("as_of", "plan.as_of", "Ange antingen snapshot eller instant.", "Give either snapshot or instant.")
	}
}

func (s Spec) populationProblems(fs *findings, cat *catalog.Catalogue) {
	f, c := s.Population.File, s.Population.Criteria
	if (f == nil) == (c == nil) {
		fs.add("population", "plan.population", "Ange antingen file eller criteria.", "Give either file or criteria.")
		return
	}
	if c != nil {
		c.problems(fs, "population.criteria", cat)
		return
	}
	if f.Intake.ID == "" || !isHash(string(f.Intake.SHA256)) {
		fs.add("population.file.intake", "plan.ref", "Hänvisningen ska ha id och hash.", "The reference needs id and hash.")
	}
	if f.ID == "" {
		fs.add("population.file.id", "plan.population", "Ange kolumnen med identitetsnummer.", "Name the column with identity numbers.")
	}
	for _, list := range []struct {
		path  string
		names []string
	}{{"anchors", f.Anchors}, {"groups", f.Groups}} {
		for i, n := range list.names {
			if n == "" || slices.Contains(list.names[:i], n) {
				fs.add(fmt.Sprintf("population.file.%s[%d]", list.path, i), "plan.population_column", "Kolumnen saknar namn eller anges två gånger.", "The column has no name or stands twice.")
			}
		}
	}
}

func (s Spec) extractProblems(fs *findings, path string, e Extract, cat *catalog.Catalogue) {
	_, table := cat.Table(e.Table)
	if table == nil {
		fs.add(path+".table", "plan.table", "Tabellen finns inte i katalogen.", "The table is not in the catalogue.")
		return
	}
	shape := e.Shape.Of()
	if !isName(e.Name) {
		fs.add(path+".name", "plan.name", "Namn skrivs med små bokstäver a–z, siffror och understreck och börjar med en bokstav.", "Names are lower-case letters a–z, digits and underscores, and begin with a letter.")
	}
	if !slices.Contains(table.Shapes, shape) {
		fs.add(path+".shape", "plan.shape", "Tabellen kan inte levereras i den formen.", "The table cannot be delivered in that shape.")
	}
	reg, _ := cat.Table(e.Table)
	for i, id := range e.Shape.OwnKey() {
		at := fmt.Sprintf("%s.shape.spell.key[%d]", path, i)
		if !slices.Contains(SpellKeys(reg, table), id) {
			fs.add(at, "plan.spell_key", "Fall kan bara hållas isär av förmånen och av det som skiljer delfall åt i registret.",
				"Spells can be kept apart only by the benefit and by what tells sub-spells apart in the register.")
		}
		if slices.Contains(e.Shape.Spell.Key[:i], id) {
			fs.add(at, "plan.spell_key_twice", "Variabeln står två gånger i nyckeln.", "The variable stands twice in the key.")
		}
	}
	if e.Shape.Spell != nil && (e.Shape.Spell.MaxGapDays < 0 || e.Shape.Spell.MaxGapDays > MaxGap) {
		fs.add(path+".shape.spell.max_gap_days", "plan.gap", "Uppehåll som fogas ihop anges i dagar, 0–366.", "Gaps that join are 0–366 days.")
	}
	if e.Shape.Panel != nil {
		checkOptional(fs, path+".shape.panel.empty_cells", e.Shape.Panel.EmptyCells, emptyCells)
	}
	checkOptional(fs, path+".overlap", e.Overlap, overlaps)
	checkOptional(fs, path+".history", e.History, histories)
	checkOptional(fs, path+".window.mode", e.Window.Mode, modes)
	if !(e.MinCoverage >= 0 && e.MinCoverage <= 1) {
		fs.add(path+".min_coverage", "plan.min_coverage", "Täckningen anges som en andel mellan 0 och 1.", "Coverage is a share between 0 and 1.")
	}
	if e.MinCoverage > 0 && reg.Coverage == nil {
		fs.add(path+".min_coverage", "plan.min_coverage", "Registret mäts inte: det säger till vilken dag det har betalningar.", "The register is not measured: it says to which day it has payments.")
	}
	if e.Window.Mode == ModeOverlap && e.History != "reveal" {
		fs.add(path+".window.mode", "plan.overlap_masked", "Hela fall (overlap) kräver history: reveal.", "Whole spells (overlap) need history: reveal.")
	}
	s.windowProblems(fs, path+".window", e.Window)
	for i, f := range e.Where {
		filterProblems(fs, fmt.Sprintf("%s.where[%d]", path, i), f, table, shape)
	}
	s.columnProblems(fs, path, e, table, shape)
	outputProblems(fs, path+".output", e, table)
}

// isSelf reports whether the column is the person whose row it is.
func isSelf(c Column, table *catalog.Table) bool {
	v := table.Variable(c.Name)
	return v != nil && v.Role == catalog.RolePerson
}

func (s Spec) windowProblems(fs *findings, path string, w Window) {
	if w.From.Relative() != w.To.Relative() || w.From.Anchor != w.To.Anchor {
		fs.add(path, "plan.window_mixed", "Fönstrets båda gränser ska vara datum eller utgå från samma ankare.", "Both bounds of a window are dates or start from the same anchor.")
		return
	}
	if w.From.Relative() {
		if !slices.Contains(s.Population.AnchorNames(), w.From.Anchor) {
			fs.add(path, "plan.anchor", "Ankaret finns inte i populationen.", "The anchor is not in the population.")
		}
		if !before(w.From.Offset, w.To.Offset) {
			fs.add(path, "plan.window_empty", "Fönstret är tomt eller kan bli det: from ska ligga före to för varje ankare.", "The window is empty or may be: from must come before to for every anchor.")
		}
		return
	}
	if w.From.Date >= w.To.Date {
		fs.add(path, "plan.window_empty", "Fönstret är tomt: from ska ligga före to.", "The window is empty: from must come before to.")
	}
}

func filterProblems(fs *findings, path string, f Filter, table *catalog.Table, shape catalog.Shape) {
	v := table.Variable(f.Var)
	if v == nil {
		fs.add(path+".var", "plan.variable", "Variabeln finns inte i tabellen.", "The variable is not in the table.")
		return
	}
	if v.Kind == catalog.KindPerson {
		fs.add(path+".var", "plan.filter_person", "Det går inte att filtrera på identiteter.", "Identities cannot be filtered on.")
	}
	if shape.OfRows() && f.Stage != StageRow {
		fs.add(path+".stage", "plan.filter_stage", "Utbetalningar och korrigeringar filtreras bara i steget row.", "Payments and corrections are filtered at stage row only.")
	}
	if f.Stage == StageRow && !v.Stored() {
		fs.add(path+".stage", "plan.filter_stage", "Variabeln räknas fram och finns inte på raderna.", "The variable is derived and does not stand on the rows.")
	}
	if !shape.OfRows() && (f.Stage == StageSubspell || f.Stage == StageSpell) && v.Kind != catalog.KindPerson && !filtered(v, f.Stage) {
		fs.add(path+".var", "plan.filter_variable", "Delfall och fall har inget värde av variabeln att filtrera på i det steget.", "Sub-spells and spells have no value of the variable to filter on at that stage.")
	}
	if n := countSet(len(f.In) > 0, len(f.CodeIn) > 0, len(f.Between) > 0); n != 1 || countSet(f.In != nil, f.CodeIn != nil, f.Between != nil) != 1 {
		fs.add(path, "plan.filter_kind", "Filtret ska ha exakt en av in, code_in och between.", "A filter has exactly one of in, code_in and between.")
	}
	if f.CodeIn != nil && v.Kind != catalog.KindCode {
		fs.add(path+".code_in", "plan.filter_type", "code_in gäller bara koder.", "code_in is for codes only.")
	}
	if f.CodeIn != nil {
		if _, err := parseRanges(f.CodeIn); err != nil {
			fs.add(path+".code_in", "plan.code_range", "Kodintervallet går inte att läsa.", "The range of codes cannot be read.")
		}
	}
	if f.Between != nil {
		if _, err := parseBetween(f.Between, v.Kind); err != nil {
			fs.add(path+".between", "plan.filter_type", "Gränserna passar inte variabelns typ eller står i fel ordning.", "The limits do not fit the variable's type or stand in the wrong order.")
		}
	}
	if slices.ContainsFunc(f.Between, func(val any) bool { return !ofLevel(val, v) }) {
		fs.add(path+".between", "plan.filter_level", "Perioden ska anges som variabeln har den: år, eller månad som 2024-01.", "The period is given as the variable has it: a year, or a month as 2024-01.")
	}
	for i, val := range f.In {
		if _, err := filterValue(val, v.Kind); err != nil || !ofLevel(val, v) {
			fs.add(fmt.Sprintf("%s.in[%d]", path, i), "plan.filter_type", "Värdet passar inte variabelns typ.", "The value does not fit the variable's type.")
		}
	}
	checkEnum(fs, path+".stage", f.Stage, stages)
	checkOptional(fs, path+".null", f.Null, nulls)
}

func (s Spec) columnProblems(fs *findings, path string, e Extract, table *catalog.Table, shape catalog.Shape) {
	if len(e.Columns) == 0 {
		fs.add(path+".columns", "plan.no_columns", "Uttaget har inga kolumner.", "The extract has no columns.")
	} else if !slices.ContainsFunc(e.Columns, func(c Column) bool { return isSelf(c, table) }) {
		fs.add(path+".columns", "plan.no_person", "Varje fil ska ha en kolumn med personens löpnummer.", "Every file has a column with the person's löpnummer.")
	}
	out := map[string]bool{}
	for _, g := range s.Population.GroupNames() { // they follow into every file
		out[g] = true
	}
	for i, c := range e.Columns {
		p := fmt.Sprintf("%s.columns[%d]", path, i)
		if out[c.Out()] {
			fs.add(p, "plan.column_twice", "Kolumnens namn används redan i filen.", "The column's name is used already in the file.")
		}
		out[c.Out()] = true
		if !isColumnName(c.Out()) {
			fs.add(p+".as", "plan.name", "Namn skrivs med bokstäver a–z, siffror och understreck och börjar med en bokstav.", "Names are letters a–z, digits and underscores, and begin with a letter.")
		}
		v := table.Variable(c.Name)
		if v == nil {
			fs.add(p+".name", "plan.variable", "Variabeln finns inte i tabellen.", "The variable is not in the table.")
			continue
		}
		if !slices.Contains(v.Shapes, shape) {
			fs.add(p+".name", "plan.variable_shape", "Variabeln kan inte levereras i den formen.", "The variable cannot be delivered in that shape.")
		}
		if tellsWholeSpell(v) && e.History != "reveal" {
			fs.add(p+".name", "plan.reveal", "Fallets hela utsträckning kräver history: reveal.", "The whole extent of the spell needs history: reveal.")
		}
		if c.Derive != nil {
			s.deriveProblems(fs, p, c, v, shape)
		}
		if c.Coarsen != nil && !slices.Contains(v.Coarsen, c.Coarsen.To) {
			fs.add(p+".coarsen", "plan.coarsen", "Variabeln kan inte göras grövre på det sättet.", "The variable cannot be made coarser that way.")
		}
	}
}

// tellsWholeSpell reports whether the variable is a bound of the uncut spell.
func tellsWholeSpell(v *catalog.Variable) bool {
	return v.Derive == "true_from" || v.Derive == "true_tom"
}

func (s Spec) deriveProblems(fs *findings, path string, c Column, v *catalog.Variable, shape catalog.Shape) {
	fn, ok := functions[c.Derive.Fn]
	if !ok {
		fs.add(path+".derive.fn", "plan.function", "Funktionen finns inte.", "There is no such function.")
		return
	}
	if !fn.in(shape) {
		fs.add(path+".derive.fn", "plan.function_shape", "Funktionen går inte att använda i den formen.", "The function cannot be used in that shape.")
	}
	if !fn.fits(v) {
		fs.add(path+".derive.fn", "plan.function_variable", "Funktionen hämtar inte sitt värde ur variabeln.", "The function does not take its value from the variable.")
	}
	if c.Coarsen != nil && !fn.keeps {
		fs.add(path+".coarsen", "plan.function_coarsen", "Funktionens värde kan inte göras grövre.", "The function's value cannot be made coarser.")
	}
	for name := range c.Derive.Args {
		if !slices.Contains(fn.args, name) {
			fs.add(path+".derive.args", "plan.argument", "Funktionen tar inte argumentet.", "The function does not take the argument.")
		}
	}
	if codes, ok := c.Derive.Codes(); !ok || codes != nil && v.Kind != catalog.KindCode {
		fs.add(path+".derive.args", "plan.argument_codes", "code_in är en lista av koder eller intervall och gäller bara koder.", "code_in is a list of codes or ranges, and for codes only.")
	} else if _, err := parseRanges(codes); err != nil {
		fs.add(path+".derive.args", "plan.code_range", "Kodintervallet går inte att läsa.", "The range of codes cannot be read.")
	}
	if name, given := c.Derive.Args[ArgAnchor]; c.Derive.Fn == "days_from_anchor" || given {
		if text, isText := name.(string); !isText || !slices.Contains(s.Population.AnchorNames(), text) {
			fs.add(path+".derive.args", "plan.anchor", "Ankaret finns inte i populationen.", "The anchor is not in the population.")
		}
	}
}

func outputProblems(fs *findings, path string, e Extract, table *catalog.Table) {
	o := e.Output
	out := make([]string, len(e.Columns))
	for i, c := range e.Columns {
		out[i] = c.Out()
		if !HoldsName(o.Format, out[i]) {
			rule := nameRules[o.Format]
			fs.add(
				path+".format", "plan.format_name",
				fmt.Sprintf("%s kan inte ha en kolumn som heter %s: %s. Ge den ett annat namn med as, eller välj ett annat format.", o.Format, out[i], rule.SV),
				fmt.Sprintf("%s cannot have a column that is called %s: %s. Give it another name with as, or choose another format.", o.Format, out[i], rule.EN),
			)
		}
	}
	for i, name := range o.Sort {
		if !slices.Contains(out, name) {
			fs.add(fmt.Sprintf("%s.sort[%d]", path, i), "plan.sort", "Sorteringskolumnen levereras inte.", "The sort column is not delivered.")
		} else if i == 0 && slices.Index(out, name) != slices.IndexFunc(e.Columns, func(c Column) bool { return isSelf(c, table) }) {
			fs.add(path+".sort[0]", "plan.sort_person", "Filer ordnas först efter personens löpnummer.", "Files are ordered by the person's löpnummer first.")
		}
	}
	if !isFileName(o.File) {
		fs.add(path+".file", "plan.file_name", "Filnamn skrivs med små bokstäver a–z, siffror och understreck, utan ändelse.", "File names are lower-case letters a–z, digits and underscores, without an extension.")
	}
	checkEnum(fs, path+".format", o.Format, formats)
	checkOptional(fs, path+".delimiter", o.Delimiter, delimiters)
	checkOptional(fs, path+".encoding", o.Encoding, encodings)
	checkOptional(fs, path+".date", o.Date, dates)
	checkOptional(fs, path+".decimal", o.Decimal, decimals)
	if len(o.Null) > 10 || strings.ContainsAny(o.Null, "\r\n\"\x00") {
		fs.add(path+".null", "plan.null_text", "Texten för saknat värde är högst tio tecken utan radslut och citattecken.", "The text for a missing value has at most ten characters, no line break and no quote.")
	}
	if o.Format == "csv" && strings.Contains(o.Null, cmp.Or(o.Delimiter, delimiters[0])) {
		fs.add(path+".null", "plan.null_delimiter", "Texten för saknat värde kan inte innehålla skiljetecknet.", "The text for a missing value cannot hold the separator.")
	}
	if o.Decimal == "," && o.Delimiter == "," {
		fs.add(path+".decimal", "plan.decimal", "Decimalkomma och kommaseparator går inte ihop.", "Decimal comma and comma separator do not go together.")
	}
	if o.SplitRows != 0 && o.SplitRows < minSplit {
		fs.add(path+".split_rows", "plan.split", "En delfil rymmer minst 1 000 rader.", "A part holds at least 1,000 rows.")
	}
}

func checkEnum(fs *findings, path, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		fs.add(path, "plan.value", "Värdet finns inte bland de tillåtna.", "The value is not among those allowed.")
	}
}

// checkOptional is checkEnum for what has a default, written "".
func checkOptional(fs *findings, path, value string, allowed []string) {
	if value != "" {
		checkEnum(fs, path, value, allowed)
	}
}

func countSet(bs ...bool) int {
	n := 0
	for _, b := range bs {
		if b {
			n++
		}
	}
	return n
}
