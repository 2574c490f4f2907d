package selection

import (
	"testing"

	"sluss/internal/day"
	"sluss/internal/plan"
)

// BenchmarkDraw draws 10 000 of 50 000 cases among a million people, with three
// controls each.
func BenchmarkDraw(b *testing.B) {
	r := &crowd{}
	for i := range uint32(1_000_000) {
		p := Person{Index: i, Key: uint64(i) * 7919, Born: day.Of(1940+int(i*7%70), 1, 1), Died: day.Open, Sex: []string{"K", "M"}[i%2], County: []string{"01", "12", "14"}[i%3]}
		if i%11 == 0 {
			p.Died = day.Of(2020, 1, 1)
		}
		r.people = append(r.people, p)
		if i%20 == 0 {
			r.met = append(r.met, Met{i, day.Of(2023, 1, 1), day.Of(2023, 1, 1)})
		}
	}
	c := plan.Criteria{
		Any: []plan.Criterion{{Table: "a"}}, Anchor: &plan.AnchorPick{Name: "x", Pick: plan.PickFirst}, Sample: &plan.Sample{Size: 10_000, Seed: "s"},
		Controls: &plan.Controls{PerCase: 3, Match: []string{plan.MatchSex, plan.MatchBirthYear, plan.MatchCounty}, YearsApart: 1, Seed: "s"},
	}
	for b.Loop() {
		d, err := Draw(&c, false, r)
		if err != nil || len(d.Members) != 40_000 {
			b.Fatal(len(d.Members), err)
		}
	}
}

type crowd struct {
	people []Person
	met    []Met
}

func (c *crowd) People() []Person                                  { return c.people }
func (c *crowd) Meets([]plan.Criterion, []Seat) ([][]Met, error)   { return [][]Met{c.met}, nil }
func (c *crowd) Relatives(person uint32, relation string) []uint32 { return nil }
