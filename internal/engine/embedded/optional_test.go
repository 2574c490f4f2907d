package embedded

import (
	"slices"
	"testing"

	"sluss/internal/engine/enginetest"
)

// TestSnapshotWithoutOptionalColumns: a snapshot from before the catalogue had what
// assumptions A2 and A3 look at gives spells without them.
func TestSnapshotWithoutOptionalColumns(t *testing.T) {
	t.Parallel()
	w := enginetest.Sick(
		enginetest.Pay{From: "2024-01-15", Tom: "2024-01-31", Insured: "8", Ill: "2024-01-01"},
		enginetest.Pay{From: "2024-02-10", Tom: "2024-02-20", Insured: "5", Waits: "30"},
	)
	spells := enginetest.Extract{Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum", "tom_datum", "dagar"}}
	for _, x := range []struct {
		without []string
		want    []string
	}{
		{nil, []string{"100;2024-01-01;2024-02-20;42"}},
		{[]string{"karenstid"}, []string{"100;2024-01-01;2024-01-31;31", "100;2024-02-10;2024-02-20;11"}},
		{[]string{"insjuknad"}, []string{"100;2024-01-15;2024-02-20;28"}},
		{[]string{"karenstid", "insjuknad"}, []string{"100;2024-01-15;2024-01-31;17", "100;2024-02-10;2024-02-20;11"}},
	} {
		src := handmade(t, w)
		for _, id := range x.without {
			delete(src.Table("midas_sjp").Columns, id)
		}
		if got := enginetest.Lines(t, New(src), enginetest.Job(w, spells)); !slices.Equal(got, x.want) {
			t.Errorf("without %v: %q, want %q", x.without, got, x.want)
		}
	}
}
