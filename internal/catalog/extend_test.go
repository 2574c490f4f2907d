package catalog

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// A register that a third party adds: one data file that uses the templates
// and value sets that are there.
const boatAllowance = `{
  "register": {
    "id": "batstod", "area": "funktionsnedsattning", "midas": false,
    "names": {"sv": "Båtstöd", "en": "Boat allowance"},
    "description": {"sv": "Bidrag till båt.", "en": "Grants for boats."},
    "basis": ["Båtstödslagen"],
    "benefits": [{"id": "BAT", "names": {"sv": "Båtstöd", "en": "Boat allowance"}, "group": "tid", "rank": 1, "basis": "1 §"}],
    "spell_groups": [{"id": "tid", "names": {"sv": "Tid", "en": "Time"}, "max_gap_days": 2, "overlap": "latest", "state_by": ["delforman"]}],
    "tables": [{
      "id": "batstod", "names": {"sv": "Båtstöd", "en": "Boat allowance"}, "row_is": {"sv": "En betalning.", "en": "One payment."},
      "shapes": ["payment", "spell"],
      "variables": [
        {"list": "bookkeeping"},
        {"list": "payments", "sensitivity": "health"},
        {"like": "diagnos", "id": "skada"},
        {"list": "measures", "except": ["delfall_nr"]}
      ]
    }]
  }
}`

func TestARegisterIsAddedByAFile(t *testing.T) {
	t.Parallel()
	c, err := Extend(Builtin(), fstest.MapFS{"batstod.json": {Data: []byte(boatAllowance)}})
	if err != nil {
		t.Fatal(err)
	}
	r, tab := c.Table("batstod")
	if r == nil || !r.Health() || c.ID != Builtin().ID || c.Hash() == Builtin().Hash() || c.Hash() != c.hash() {
		t.Fatal("the register is not there, or the catalogue is still the old one")
	}
	if b, _ := Builtin().Table("batstod"); b != nil {
		t.Error("the built-in catalogue has changed")
	}
	for id, want := range map[string]bool{"row_id": true, "lopnr": true, "skada": true, "diagnos": false, "dagar": true, "delfall_nr": false} {
		if (tab.Variable(id) != nil) != want {
			t.Errorf("%s: %v", id, !want)
		}
	}
	for _, v := range tab.Variables {
		for _, s := range v.Shapes {
			if !tab.Allows(s) {
				t.Errorf("%s keeps the shape %s, which the table does not have", v.ID, s)
			}
		}
	}
	if v := tab.Variable("belopp"); v.Sensitivity != SensitiveHealth || !v.Allows(ShapePayment) || v.Role != RoleAmount {
		t.Errorf("belopp = %+v", v)
	}
}

// What is wrong in a data file is told with file, line and field.
func TestFaultsOfDataFilesHaveAPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		from, to string
		line     int
		says     string
	}{
		"not JSON":         {`"midas": false,`, `"midas": false`, 4, "invalid character"},
		"unknown member":   {`"basis":`, `"laws":`, 6, "laws"},
		"area":             {`funktionsnedsattning`, `skola`, 3, "registers.batstod.area"},
		"text":             {`"en": "Grants for boats."`, `"en": ""`, 5, "registers.batstod.description"},
		"gap":              {`"max_gap_days": 2`, `"max_gap_days": -2`, 8, "max_gap_days"},
		"group":            {`"group": "tid"`, `"group": "år"`, 7, "benefits.BAT.group"},
		"no template":      {`"like": "diagnos"`, `"like": "diagnosis"`, 15, "diagnosis"},
		"no list":          {`"list": "payments"`, `"list": "paymants"`, 14, "paymants"},
		"member of a like": {`"id": "skada"`, `"id": "skada", "shape": []`, 15, "shape"},
		"value set":        {`"id": "skada"`, `"id": "skada", "value_set": "skador"`, 15, "variables.skada.value_set"},
		"shape":            {`"shapes": ["payment", "spell"]`, `"shapes": ["payment", "week"]`, 11, "tables.batstod.shapes"},
		"twice":            {`"id": "batstod", "area"`, `"id": "tfp", "area"`, 3, "registers.tfp"},
		"wrong type":       {`"rank": 1`, `"rank": "1"`, 7, "rank"},
		"member twice":     {`"max_gap_days": 2`, `"max_gap_days": 2, "max_gap_days": 3`, 8, `"max_gap_days" stands twice`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(boatAllowance, tt.from, tt.to, 1)
			if text == boatAllowance {
				t.Fatal("nothing was changed")
			}
			_, err := Extend(Builtin(), fstest.MapFS{"batstod.json": {Data: []byte(text)}})
			f, ok := errors.AsType[*FileError](err)
			if !ok || f.File != "batstod.json" || !strings.Contains(f.Error(), tt.says) {
				t.Fatalf("%v", err)
			}
			if f.Line < tt.line-1 || f.Line > tt.line {
				t.Errorf("line %d, want %d: %v", f.Line, tt.line, f)
			}
		})
	}
}

// Templates are shorthand of the files: no register keeps any.
func TestTemplatesAreGone(t *testing.T) {
	t.Parallel()
	for _, r := range Builtin().Registers {
		for _, tab := range r.Tables {
			if len(tab.Variables) < 5 {
				t.Errorf("%s has %d variables", tab.ID, len(tab.Variables))
			}
			for _, v := range tab.Variables {
				if v.ID == "" || v.Source == "" && v.Derive == "" {
					t.Errorf("%s: a variable without name or origin", tab.ID)
				}
			}
		}
	}
}

// Every register of the ordering pages is there, with what the pages say of it.
func TestAllRegistersOfTheOrderingPages(t *testing.T) {
	t.Parallel()
	areas := map[Area]int{}
	for _, id := range []string{
		"midas_sjuk", "midas_foraldra", "midas_foraldraledighet", "midas_sers", "tfp", "assistans", "bilstod", "merkostnad", "omvardnad", "lakarintyg",
		"arbetsskada", "tandvard", "barnbidrag", "bostadsbidrag", "graviditet", "underhall", "narstaende", "smittbarare", "sjuklonekostnad",
		"bostadstillagg", "aktivitetsstod", "utvecklingsersattning", "etablering", "utlandsvard",
	} {
		r := Builtin().Register(id)
		if r == nil {
			t.Errorf("register %s is missing", id)
			continue
		}
		areas[r.Area]++
		if midas := strings.HasPrefix(id, "midas_"); midas != r.MiDAS || midas != r.Assured || midas != r.Documented || midas != (r.Coverage != nil) {
			t.Errorf("%s: what belongs to MiDAS is not as it should be", id)
		}
		if r.From == "" || len(r.Pitfalls) == 0 || len(r.SpellGroups) > 0 && (r.Episode == nil || r.Panel == nil) {
			t.Errorf("%s says too little of itself", id)
		}
		amount, paid := false, false
		for i := range r.Tables {
			amount = amount || r.Tables[i].ByRole(RoleAmount) != nil
			paid = paid || r.Tables[i].ByRole(RolePaid) != nil
		}
		if !(amount && paid) && id != "lakarintyg" && id != "midas_foraldraledighet" {
			t.Errorf("%s has no amount or no date of payment", id)
		}
	}
	for _, a := range []Area{AreaFamily, AreaSickness, AreaDisability, AreaLabour, AreaInternational} {
		if areas[a] == 0 {
			t.Errorf("no register in %s", a)
		}
	}
}

// A code may stand several times in a value set, valid on different days.
func TestACodeIsValidOnceOnADay(t *testing.T) {
	t.Parallel()
	names := Text{"n", "n"}
	code := func(from, to string) Code { return Code{Code: "A", Names: names, From: from, To: to} }
	for _, x := range []struct {
		a, b Code
		bad  bool
	}{
		{code("", ""), code("", ""), true},
		{code("", "2020-01-01"), code("2020-01-01", ""), false},
		{code("2020-01-01", ""), code("", "2020-01-01"), false},
		{code("", "2020-01-02"), code("2020-01-01", ""), true},
		{code("2020-01-01", ""), code("", "2020-01-02"), true},
		{code("2020-01-01", "2021-01-01"), code("2021-01-01", "2022-01-01"), false},
		{code("2021-01-01", "2022-01-01"), code("2020-01-01", "2021-01-01"), false},
		{code("2020-01-01", "2021-01-01"), code("2022-01-01", ""), false},
		{code("2022-01-01", ""), code("2020-01-01", "2021-01-01"), false},
		{code("2020-01-01", "2023-01-01"), code("2021-01-01", "2022-01-01"), true},
		{code("2021-01-01", "2022-01-01"), code("2020-01-01", "2023-01-01"), true},
		{code("", ""), code("2021-01-01", "2022-01-01"), true},
		{code("", "2020-01-01"), code("", "2019-01-01"), true},
		{code("2020-01-01", ""), code("2021-01-01", ""), true},
	} {
		k := &checker{}
		k.valueSet("set", ValueSet{Names: names, Codes: []Code{x.a, x.b}})
		if (len(k.list) > 0) != x.bad {
			t.Errorf("%s–%s and %s–%s: %v", x.a.From, x.a.To, x.b.From, x.b.To, k.list)
		}
	}
}
