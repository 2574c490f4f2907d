package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestBuiltinIsValid(t *testing.T) {
	t.Parallel()
	c := Builtin()
	for _, p := range c.Validate() {
		t.Error(p)
	}
	for _, id := range []string{"midas_sjuk", "midas_foraldra", "midas_sers", "tfp", "tandvard", "person"} {
		if c.Register(id) == nil {
			t.Errorf("register %s is missing", id)
		}
	}
}

// The four sickness benefits form one sjukfall, joined over at most four free
// days, with the precedence of assumption A7.
func TestSjukfall(t *testing.T) {
	t.Parallel()
	c := Builtin()
	r := c.Register("midas_sjuk")
	if g := r.Group("sjukfall"); g == nil || g.MaxGapDays != 4 || g.Overlap != "latest" {
		t.Fatalf("sjukfall = %+v", g)
	}
	order := []string{"FSP", "SJP", "ASP", "RHP"}
	for i, code := range order {
		b := r.Benefit(code)
		if b == nil || b.Group != "sjukfall" {
			t.Fatalf("%s is not a benefit of sjukfall", code)
		}
		if i > 0 && r.Benefit(order[i-1]).Rank >= b.Rank {
			t.Errorf("%s does not outrank %s", code, order[i-1])
		}
	}
	if c.Register("midas_sers").Benefit("SE").Rank <= r.Benefit("RHP").Rank {
		t.Error("sjukersättning does not outrank rehabiliteringspenning")
	}
}

func TestSensitivity(t *testing.T) {
	t.Parallel()
	c := Builtin()
	for _, r := range c.Registers {
		health := !slices.Contains([]string{"midas_foraldra", "midas_foraldraledighet", "person", "barnbidrag", "bostadsbidrag", "underhall", "sjuklonekostnad"}, r.ID)
		if r.Health() != health {
			t.Errorf("%s: health = %v, want %v", r.ID, r.Health(), health)
		}
		for i := range r.Tables {
			tab := &r.Tables[i]
			for _, role := range []Role{RoleRowID, RoleTrack, RoleTx, RoleKind} {
				if v := tab.ByRole(role); v != nil && v.Deliverable() {
					t.Errorf("%s.%s can be delivered", tab.ID, v.ID)
				}
			}
		}
	}
	_, person := c.Table("person")
	for _, v := range person.Variables {
		if v.Source == "birth_date" && v.Level != "year" && v.Deliverable() {
			t.Errorf("person.%s gives the birth date finer than a year", v.ID)
		}
	}
}

// The names that orders and plans use stand in every table of spells.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	want := map[Shape][]string{
		ShapePayment:    {"lopnr", "from_datum", "tom_datum", "delforman", "omfattning", "belopp", "utbetalningsdatum", "dagar", "nettodagar", "bruttodagar"},
		ShapeSpell:      {"lopnr", "from_datum", "tom_datum", "delforman", "dagar", "nettodagar", "bruttodagar", "vanstercensur", "hogercensur", "pagaende"},
		ShapeSubspell:   {"lopnr", "from_datum", "tom_datum", "delforman", "omfattning", "dagar", "nettodagar"},
		ShapePanelDay:   {"lopnr", "dag", "dagar", "nettodagar", "belopp", "omfattning"},
		ShapePanelMonth: {"lopnr", "manad", "dagar", "nettodagar", "belopp", "omfattning"},
		ShapePanelYear:  {"lopnr", "ar", "dagar", "nettodagar", "belopp", "omfattning"},
	}
	for _, id := range []string{"midas_sjp", "midas_fp", "midas_sa", "tfp"} {
		_, tab := Builtin().Table(id)
		for shape, names := range want {
			for _, name := range names {
				if v := tab.Variable(name); v == nil || !v.Allows(shape) {
					t.Errorf("%s.%s is not there as %s", id, name, shape)
				}
			}
		}
	}
}

func TestHashFollowsContent(t *testing.T) {
	t.Parallel()
	a := Builtin().Hash()
	b, err := json.Marshal(Builtin())
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if c.Hash() != a {
		t.Error("written and read again, the catalogue has another hash")
	}
	c.Registers[0].Tables[0].Variables[0].Names.EN += "!"
	if c.Hash() == a {
		t.Error("a changed text did not change the hash")
	}
}

// TestScenario20NothingInUseIsTakenAway: what other parts of the catalogue use
// (a value set, a level, a group, a state) cannot be taken out of it: the fault
// names who uses it. The catalogue is a file with a version; what orders of
// earlier versions use stays in theirs.
func group(c *Catalogue) *SpellGroup { return &c.Register("midas_sjuk").SpellGroups[0] }

func TestScenario20NothingInUseIsTakenAway(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		harm func(c *Catalogue)
		path string
	}{
		{"version", func(c *Catalogue) { c.Version = 0 }, "version"},
		{"date", func(c *Catalogue) { c.ValidFrom = "2026-13-01" }, "valid_from"},
		{"register twice", func(c *Catalogue) { c.Registers = append(c.Registers, c.Registers[0]) }, "registers."},
		{"area", func(c *Catalogue) { c.Register("tfp").Area = "skola" }, "registers.tfp.area"},
		{"group", func(c *Catalogue) { c.Register("midas_sjuk").Benefit("SJP").Group = "x" }, "registers.midas_sjuk.benefits.SJP.group"},
		{"coverage", func(c *Catalogue) { c.Register("midas_sjuk").Coverage = nil }, "registers.midas_sjuk.coverage"},
		{"gap", func(c *Catalogue) { c.Register("midas_sjuk").SpellGroups[0].MaxGapDays = -1 }, "registers.midas_sjuk.spell_groups.sjukfall.max_gap_days"},
		{"overlap", func(c *Catalogue) { c.Register("midas_sjuk").SpellGroups[0].Overlap = "sum" }, "registers.midas_sjuk.spell_groups.sjukfall.overlap"},
		{"state", func(c *Catalogue) { c.Register("midas_sjuk").SpellGroups[0].StateBy = []string{"dagar"} }, "registers.midas_sjuk.spell_groups.sjukfall.state_by"},
		{"far gap no greater", func(c *Catalogue) { group(c).FarGap.MaxGapDays = 4 }, "registers.midas_sjuk.spell_groups.sjukfall.far_gap.max_gap_days"},
		{"far gap of a date", func(c *Catalogue) { group(c).FarGap.Variable = "insjuknad" }, "registers.midas_sjuk.spell_groups.sjukfall.far_gap.variable"},
		{"far gap of another code", func(c *Catalogue) { group(c).FarGap.Codes = []string{"8"} }, "registers.midas_sjuk.spell_groups.sjukfall.far_gap.variable"},
		{"far gap without codes", func(c *Catalogue) { group(c).FarGap.Codes = nil }, "registers.midas_sjuk.spell_groups.sjukfall.far_gap.variable"},
		{"sick pay for ever", func(c *Catalogue) { group(c).SickPay.MaxDays = 256 }, "registers.midas_sjuk.spell_groups.sjukfall.sick_pay.max_days"},
		{"sick pay from a code", func(c *Catalogue) { group(c).SickPay.IllFrom = "diagnos" }, "registers.midas_sjuk.spell_groups.sjukfall.sick_pay.ill_from"},
		{"sick pay of nobody", func(c *Catalogue) { group(c).SickPay.Insured = "x" }, "registers.midas_sjuk.spell_groups.sjukfall.sick_pay.insured"},
		{"top-up", func(c *Catalogue) { c.Register("midas_sjuk").Benefit("ASP").TopUpMaxSEK = -1 }, "registers.midas_sjuk.benefits.ASP.top_up_max_sek"},
		{"optional but never missing", variable("karenstid", func(v *Variable) { v.Nullable = false }), ".karenstid.optional"},
		{"optional, and rows rest on it", variable("tom_datum", func(v *Variable) { v.Optional = true }), ".tom_datum.optional"},
		{"value set", variable("diagnos", func(v *Variable) { v.ValueSet = "icd9" }), ".diagnos.value_set"},
		{"no value set", variable("diagnos", func(v *Variable) { v.ValueSet = "" }), ".diagnos.value_set"},
		{"level", variable("diagnos", func(v *Variable) { v.Coarsen = []string{"year"} }), ".diagnos.coarsen"},
		{"shape", variable("diagnos", func(v *Variable) { v.Shapes = []Shape{"week"} }), ".diagnos.shapes"},
		{"role kind", variable("from_datum", func(v *Variable) { v.Kind = KindInt; v.Coarsen = nil }), ".from_datum.kind"},
		{"role twice", variable("tom_datum", func(v *Variable) { v.Role = RoleFrom }), ".tom_datum.role"},
		{"derive", variable("dagar", func(v *Variable) { v.Derive = "sum" }), ".dagar.derive"},
		{"source", variable("diagnos", func(v *Variable) { v.Source = "" }), ".diagnos.source"},
		{"entity", variable("lopnr", func(v *Variable) { v.Entity = "" }), ".lopnr.entity"},
		{"text", variable("diagnos", func(v *Variable) { v.Names.SV = "" }), ".diagnos.names"},
		{"id", variable("diagnos", func(v *Variable) { v.ID = "Diagnos" }), ".Diagnos.id"},
		{"code twice", func(c *Catalogue) {
			s := c.ValueSets["kon"]
			s.Codes = append(slices.Clone(s.Codes), s.Codes[0])
			c.ValueSets["kon"] = s
		}, "value_sets.kon.codes.K"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := clone(t)
			tt.harm(c)
			if !slices.ContainsFunc(c.Validate(), func(p Problem) bool { return strings.Contains(p.Path, tt.path) }) {
				t.Errorf("no problem at %s in %v", tt.path, c.Validate())
			}
		})
	}
}

func variable(id string, harm func(*Variable)) func(*Catalogue) {
	return func(c *Catalogue) {
		_, t := c.Table("midas_sjp")
		harm(t.Variable(id))
	}
}

func clone(t *testing.T) *Catalogue {
	t.Helper()
	b, err := json.Marshal(Builtin())
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseRefusesUnknownMembers(t *testing.T) {
	t.Parallel()
	_, err := ParseFS(fstest.MapFS{"a.json": {Data: []byte(`{"id":"x","version":1,"valid_from":"2026-01-01","registres":[]}`)}})
	if err == nil {
		t.Error("a misspelt member went unnoticed")
	}
	if _, err := Parse([]byte(`{} {}`)); err == nil {
		t.Error("two documents went unnoticed")
	}
}

func TestICD(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ code, three, block, chapter string }{
		{"F432", "F43", "F40-F48", "F00-F99"},
		{"F43.2", "F43", "F40-F48", "F00-F99"},
		{"C50", "C50", "C50-C50", "C00-D48"},
		{"D50", "D50", "D50-D53", "D50-D89"},
		{"T98", "T98", "T90-T98", "S00-T98"},
		{"H60", "H60", "H60-H62", "H60-H95"},
		{"U071", "U07", "U00-U49", "U00-U99"},
		{"43F", "", "", ""},
		{"", "", "", ""},
	} {
		three, _ := ICD3(tt.code)
		block, _ := Builtin().ICDRange(ICDBlocks, tt.code)
		chapter, _ := Builtin().ICDRange(ICDChapters, tt.code)
		if three != tt.three || block != tt.block || chapter != tt.chapter {
			t.Errorf("%s: %q %q %q, want %q %q %q", tt.code, three, block, chapter, tt.three, tt.block, tt.chapter)
		}
	}
}

// Every block of ICD-10 lies within one chapter, and ranges do not overlap.
func TestICDRangesAreOrdered(t *testing.T) {
	t.Parallel()
	for _, set := range []string{ICDChapters, ICDBlocks} {
		last := ""
		for _, r := range Builtin().ValueSets[set].Codes {
			lo, hi := r.Code[:3], r.Code[4:]
			if len(r.Code) != 7 || lo > hi || lo <= last {
				t.Errorf("%s: %s is out of order", set, r.Code)
			}
			last = hi
			a, _ := Builtin().ICDRange(ICDChapters, lo)
			b, _ := Builtin().ICDRange(ICDChapters, hi)
			if a == "" || a != b {
				t.Errorf("%s: %s lies in the chapters %q and %q", set, r.Code, a, b)
			}
		}
	}
}

func TestListJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(Builtin().ListJSON(map[string]string{"midas_sjuk": "2026-07-31"}))
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		for _, key := range []string{"id", "names", "area", "benefits", "tables", "coverage_rule", "orderable_until"} {
			if _, ok := r[key]; !ok {
				t.Errorf("%v has no %s", r["id"], key)
			}
		}
		if (r["id"] == "midas_sjuk") != (r["orderable_until"] != nil) {
			t.Errorf("%v: orderable_until = %v", r["id"], r["orderable_until"])
		}
	}
	if strings.Contains(string(b), `"row_id"`) {
		t.Error("a column that is never delivered is listed")
	}
}
