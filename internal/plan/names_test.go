package plan_test

import (
	"slices"
	"testing"

	"sluss/internal/plan"
)

// The names of a SAS transport file.
func TestShortNames(t *testing.T) {
	t.Parallel()
	got := plan.ShortNames([]string{"lopnr", "from_datum", "utbetalningsdatum", "from_dagar", "total_ab", "Kon", "abcdefgh"})
	want := []string{"LOPNR", "FROM__01", "UTBET_02", "FROM__03", "TOTAL_04", "KON___05", "ABCDEFGH"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
