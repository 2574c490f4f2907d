package embedded

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
	"sluss/internal/engine"
)

// Dealing people out by bytes gives the order that comparing them gives.
func TestBySerial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		serial := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(1, 1<<20), rapid.Int64())
		index := rapid.OneOf(rapid.Uint32Range(0, 3), rapid.Uint32())
		people := rapid.SliceOf(rapid.Custom(func(t *rapid.T) engine.Person {
			return engine.Person{Serial: serial.Draw(t, "serial"), Index: index.Draw(t, "index")}
		})).Draw(t, "people")
		want := slices.Clone(people)
		slices.SortStableFunc(want, func(a, b engine.Person) int {
			return cmp.Or(cmp.Compare(a.Serial, b.Serial), cmp.Compare(a.Index, b.Index))
		})
		if got := bySerial(people); !reflect.DeepEqual(append([]engine.Person{}, got...), append([]engine.Person{}, want...)) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
