package risk

import (
	"cmp"
	"math"
	"slices"

	"sluss/internal/exposure"
)

// specialEffort bounds what a report spends on special uniques, in classes
// looked at: some seconds.
const specialEffort = SUDALimit / 10

// firstTraits is for how many traits it is said who is alone by so few.
const firstTraits = 3

// special tells who is alone by few traits, and which; nil where nobody is alone
// or SUDA was not measured.
func special(r *Report, qi []string) *exposure.Special {
	if r.SUDA == nil || r.Uniques == 0 {
		return nil
	}
	var by [firstTraits + 1]int64
	for _, size := range r.SUDA.least { // a class of its own is one person
		if size > 0 && size <= firstTraits {
			by[size]++
		}
	}
	out := &exposure.Special{}
	n := int64(0)
	for size := 1; size <= min(firstTraits, len(qi)); size++ {
		n += by[size]
		out.Alone = append(out.Alone, exposure.Protect(n))
	}
	all := 0.0
	for _, score := range r.SUDA.Columns {
		all += score
	}
	for i, score := range r.SUDA.Columns {
		t := exposure.Telling{Column: qi[i]}
		if all > 0 {
			t.Share = int64(math.Round(score/all*100)) * (exposure.Whole / 100)
		}
		out.Columns = append(out.Columns, t)
	}
	slices.SortStableFunc(out.Columns, func(a, b exposure.Telling) int { return cmp.Compare(b.Share, a.Share) })
	if each, ok := r.DISScores(); ok {
		sum := 0.0
		for d := range each {
			sum += d
		}
		expected := exposure.Protect(int64(math.Round(sum)))
		out.Register = &expected
	}
	return out
}
