package risk

import (
	"strconv"
	"testing"

	"sluss/internal/exposure"
)

// BenchmarkGather measures a million persons with five traits and ten rows
// each: the whole report of an extract.
func BenchmarkGather(b *testing.B) {
	fields := []Field{{Name: "a", Trait: true}, {Name: "b", Trait: true}, {Name: "c", Trait: true}, {Name: "d", Trait: true}, {Name: "e", Trait: true}, {Name: "from", Event: true}}
	var texts [4096]string
	for i := range texts {
		texts[i] = strconv.Itoa(i)
	}
	const persons, rows = 1_000_000, 10
	for b.Loop() {
		g := NewGather("x", "t", "spell", fields, persons)
		for p := range persons {
			for r := range rows {
				h := p*2654435761 + r
				g.Row(p, []string{texts[p%960], texts[p>>3%2], texts[h>>7%290], texts[p%4], texts[p%7], texts[h>>5%4096]})
			}
		}
		if _, err := g.Part(Setting{Policy: exposure.DefaultPolicy()}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(persons*rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
