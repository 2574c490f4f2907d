package plan

import (
	"fmt"
	"slices"

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

// functions are the derivations with the shapes they make sense in; nil
// stands for every shape but payment.
var functions = map[string][]catalog.Shape{
	"days": nil, "net_days": nil, "count": nil, "max": nil, "first": nil, "last": nil, "flag_any": nil,
	"amount_sum":       {catalog.ShapePanelDay, catalog.ShapePanelMonth, catalog.ShapePanelYear},
	"rank_start":       {catalog.ShapeSubspell, catalog.ShapeSpell},
	"days_from_anchor": {catalog.ShapePayment, catalog.ShapeSubspell, catalog.ShapeSpell},
	"age_at":           {catalog.ShapePayment, catalog.ShapeSubspell, catalog.ShapeSpell},
}

// Problems returns what is wrong with s by itself, given the catalogue: the
// second pass after the JSON Schema, with everything a schema cannot say. An
// empty answer means that the specification can be run.
func (s Spec) Problems(cat *catalog.Catalogue) []Finding {
	var fs findings
	if s.Spec != Version {
		fs.add("spec", "plan.version", "Okänt format på specifikationen.", "Unknown format of specification.")
	}
	if s.Identity.Kind != IdentitySerial && s.Identity.Kind != IdentityPersonalNumber {
		fs.add("identity.kind", "plan.identity", "Identiteten ska vara project_serial eller personal_number.", "Identity must be project_serial or personal_number.")
	}
	if (s.AsOf.Snapshot == "") == (s.AsOf.Instant == "") {
		fs.add("as_of", "plan.as_of", "Ange antingen snapshot eller instant.", "Give either snapshot or instant.")
	}
	if (s.Population.File == nil) == (s.Population.Criteria == nil) {
		fs.add("population", "plan.population", "Ange antingen file eller criteria.", "Give either file or criteria.")
	}
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

func (s Spec) anchors() []string {
	switch {
	case s.Population.File != nil:
		return s.Population.File.Anchors
	case s.Population.Criteria != nil && s.Population.Criteria.Anchor != nil:
		return []string{s.Population.Criteria.Anchor.Name}
	}
	return nil
}

func (s Spec) extractProblems(fs *findings, path string, e Extract, cat *catalog.Catalogue) {
	_, table := cat.Table(e.Table)
	if table == nil {
		fs.add(path+".table", "plan.table", "Tabellen finns inte i katalogen.", "The table is not in the catalogue.")
		return
	}
	shape := e.Shape.Of()
	if !slices.Contains(table.Shapes, shape) {
		fs.add(path+".shape", "plan.shape", "Tabellen kan inte levereras i den formen.", "The table cannot be delivered in that shape.")
	}
	if e.Shape.Spell != nil && len(e.Shape.Spell.Key) > 0 {
		fs.add(path+".shape.spell.key", "plan.spell_key", "Egna nycklar för fall stöds inte i den här versionen av specifikationen; katalogens fallgrupper gäller.",
			"Own spell keys are not part of this version of the specification; the catalogue's spell groups apply.")
	}
	checkEnum(fs, path+".overlap", e.Overlap, "", "latest", "sum_tracks", "error")
	checkEnum(fs, path+".history", e.History, "", "mask", "reveal")
	checkEnum(fs, path+".window.mode", e.Window.Mode, "", ModeClip, ModeOverlap, ModeStartIn, ModeEndIn)
	if e.MinCoverage < 0 || e.MinCoverage > 1 {
		fs.add(path+".min_coverage", "plan.min_coverage", "Täckningen anges som en andel mellan 0 och 1.", "Coverage is a share between 0 and 1.")
	}
	if e.Window.Mode == ModeOverlap && e.History != "reveal" {
		fs.add(path+".window.mode", "plan.overlap_masked", "Hela fall (overlap) kräver history: reveal.", "Whole spells (overlap) need history: reveal.")
	}
	s.windowProblems(fs, path+".window", e.Window)
	for i, f := range e.Where {
		filterProblems(fs, fmt.Sprintf("%s.where[%d]", path, i), f, table, shape)
	}
	s.columnProblems(fs, path, e, table, shape)
	outputProblems(fs, path+".output", e)
}

func (s Spec) windowProblems(fs *findings, path string, w Window) {
	if w.From.Relative() != w.To.Relative() || w.From.Anchor != w.To.Anchor {
		fs.add(path, "plan.window_mixed", "Fönstrets båda gränser ska vara datum eller utgå från samma ankare.", "Both bounds of a window are dates or start from the same anchor.")
		return
	}
	if w.From.Relative() {
		if !slices.Contains(s.anchors(), w.From.Anchor) {
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
	if shape == catalog.ShapePayment && f.Stage != StageRow {
		fs.add(path+".stage", "plan.filter_stage", "Utbetalningsrader filtreras bara i steget row.", "Payment rows are filtered at stage row only.")
	}
	if n := countSet(f.In != nil, f.CodeIn != nil, f.Between != nil); n != 1 {
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
	for i, val := range f.In {
		if _, err := filterValue(val, v.Kind); err != nil {
			fs.add(fmt.Sprintf("%s.in[%d]", path, i), "plan.filter_type", "Värdet passar inte variabelns typ.", "The value does not fit the variable's type.")
		}
	}
	checkEnum(fs, path+".stage", f.Stage, StageRow, StageSubspell, StageSpell)
	checkEnum(fs, path+".null", f.Null, "", "drop", "keep")
}

func (s Spec) columnProblems(fs *findings, path string, e Extract, table *catalog.Table, shape catalog.Shape) {
	out := map[string]bool{}
	for i, c := range e.Columns {
		p := fmt.Sprintf("%s.columns[%d]", path, i)
		if out[c.Out()] {
			fs.add(p, "plan.column_twice", "Kolumnens namn används redan i filen.", "The column's name is used already in the file.")
		}
		out[c.Out()] = true
		v := table.Variable(c.Name)
		if v == nil {
			fs.add(p+".name", "plan.variable", "Variabeln finns inte i tabellen.", "The variable is not in the table.")
			continue
		}
		if !slices.Contains(v.Shapes, shape) {
			fs.add(p+".name", "plan.variable_shape", "Variabeln kan inte levereras i den formen.", "The variable cannot be delivered in that shape.")
		}
		if (v.Derive == "true_from" || v.Derive == "true_to") && e.History != "reveal" {
			fs.add(p+".name", "plan.reveal", "Fallets hela utsträckning kräver history: reveal.", "The whole extent of the spell needs history: reveal.")
		}
		if c.Derive != nil {
			s.deriveProblems(fs, p+".derive", c, v, shape)
		}
		if c.Coarsen != nil && !slices.Contains(v.Coarsen, c.Coarsen.To) {
			fs.add(p+".coarsen", "plan.coarsen", "Variabeln kan inte göras grövre på det sättet.", "The variable cannot be made coarser that way.")
		}
	}
}

func (s Spec) deriveProblems(fs *findings, path string, c Column, v *catalog.Variable, shape catalog.Shape) {
	shapes, ok := functions[c.Derive.Fn]
	switch {
	case !ok:
		fs.add(path+".fn", "plan.function", "Funktionen finns inte.", "There is no such function.")
	case shapes == nil && shape == catalog.ShapePayment, shapes != nil && !slices.Contains(shapes, shape):
		fs.add(path+".fn", "plan.function_shape", "Funktionen går inte att använda i den formen.", "The function cannot be used in that shape.")
	case v.Derive != "" && v.Derive != c.Derive.Fn:
		fs.add(path+".fn", "plan.function_variable", "Variabeln är en annan härledning.", "The variable is another derivation.")
	case c.Derive.Fn == "days_from_anchor":
		name, _ := c.Derive.Args["anchor"].(string)
		if !slices.Contains(s.anchors(), name) {
			fs.add(path+".args", "plan.anchor", "Ankaret finns inte i populationen.", "The anchor is not in the population.")
		}
	}
}

func outputProblems(fs *findings, path string, e Extract) {
	o := e.Output
	out := make([]string, len(e.Columns))
	for i, c := range e.Columns {
		out[i] = c.Out()
	}
	for i, name := range o.Sort {
		if !slices.Contains(out, name) {
			fs.add(fmt.Sprintf("%s.sort[%d]", path, i), "plan.sort", "Sorteringskolumnen levereras inte.", "The sort column is not delivered.")
		}
	}
	checkEnum(fs, path+".format", o.Format, "csv", "parquet")
	checkEnum(fs, path+".delimiter", o.Delimiter, "", ";", ",", "\t")
	checkEnum(fs, path+".encoding", o.Encoding, "", "utf-8", "utf-8-bom", "iso-8859-1")
	checkEnum(fs, path+".date", o.Date, "", "iso", "yyyymmdd")
	checkEnum(fs, path+".decimal", o.Decimal, "", ",", ".")
	if o.Decimal == "," && o.Delimiter == "," {
		fs.add(path+".decimal", "plan.decimal", "Decimalkomma och kommaseparator går inte ihop.", "Decimal comma and comma separator do not go together.")
	}
	if o.SplitRows != 0 && o.SplitRows < 1000 {
		fs.add(path+".split_rows", "plan.split", "En delfil rymmer minst 1 000 rader.", "A part holds at least 1,000 rows.")
	}
}

func checkEnum(fs *findings, path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		fs.add(path, "plan.value", "Värdet finns inte bland de tillåtna.", "The value is not among those allowed.")
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
