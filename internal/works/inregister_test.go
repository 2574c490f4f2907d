package works_test

import (
	"slices"
	"testing"

	"sluss/internal/exposure"
	"sluss/internal/plan"
	"sluss/internal/works"
)

// TestInRegister: the delivered persons are counted in the whole register by the
// lasting traits that the plan delivers as they stand there, and by nothing else.
func TestInRegister(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s, err := h.s.Registers.Open(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	job := works.Extraction{}
	for e := range uint64(200) {
		job.People = append(job.People, works.Delivered{Entity: e + 1, Serial: e + 1})
	}
	columns := func(table string, c ...plan.Column) plan.Extract { return plan.Extract{Table: table, Columns: c} }
	for _, x := range []struct {
		name     string
		extracts []plan.Extract
		traits   []string
		left     []string
	}{
		{"no lasting traits", []plan.Extract{columns("midas_sjp", plan.ColumnAt("lopnr", ""), plan.ColumnAt("forsakradtyp", ""))}, nil, nil},
		{"only what is worked out", []plan.Extract{columns("person", plan.ColumnAt("alder", "age_5y"))}, nil, nil},
		{"traits of the person", []plan.Extract{columns("person", plan.ColumnAt("kon", ""), plan.ColumnAt("dodsmanad", "year"), plan.ColumnAt("alder", ""))}, []string{"dodsmanad", "kon"}, []string{"alder"}},
		{"of several files", []plan.Extract{columns("person", plan.ColumnAt("kon", "")), columns("midas_sjp", plan.ColumnAt("forsakradtyp", "")), columns("person", plan.ColumnAt("lan", ""), plan.ColumnAt("kon", ""))}, []string{"kon", "lan"}, nil},
	} {
		job.Plan.Extracts = x.extracts
		got := h.s.InRegister(job, s)
		if x.traits == nil {
			if got != nil {
				t.Errorf("%s: %+v", x.name, got)
			}
			continue
		}
		if got == nil || !slices.Equal(got.Traits, x.traits) || !slices.Equal(got.Left, x.left) {
			t.Fatalf("%s: %+v", x.name, got)
		}
		// In that register as many are alike as the last digit of the key: of 180
		// persons with a row 20 are alone, and 80 among fewer than five.
		if got.Persons.N != 1000 || got.Uniques.Count.N != 20 || got.AtRisk.Count.N != 80 || got.Uniques.Share != 20*exposure.Whole/180 || got.Uniques.Light != exposure.Red {
			t.Errorf("%s: %+v", x.name, got)
		}
	}
}
