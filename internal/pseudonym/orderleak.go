package pseudonym

import (
	"math"
	"sync"
)

// Ordering is something the löpnummer must not follow: personnummer, date of
// birth, income, first event, place in the file.
type Ordering struct {
	Name string
	Keys []uint64 // one per löpnummer, in the same order; equal keys are ties
}

// Leak is the outcome of one test. Rho is Spearman's rank correlation, with
// mean ranks for ties, and Score is |Rho|·√(n−1), which is about normal for a
// random numbering.
//
// Rho and Score are statistics, the one place in this package where floating
// point is right; no löpnummer depends on them.
type Leak struct {
	Ordering string
	N        int
	Rho      float64
	Score    float64
	Leaks    bool
}

const (
	// LeakScore is the score above which a numbering leaks: p ≈ 7·10⁻⁶.
	LeakScore = 4.5
	// perfectFrom is the size from which a numbering in perfect order leaks,
	// though its score cannot reach LeakScore below 22: p = 2/9! ≈ 6·10⁻⁶.
	perfectFrom = 9
)

// OrderLeak tests a numbering against orderings, one Leak for each. Every
// Keys must be as long as lopnr.
//
// Source: reference pseudonym §2.4, order leak.
func OrderLeak(lopnr []uint64, orderings ...Ordering) []Leak {
	ranks := meanRanks(lopnr)
	out := make([]Leak, len(orderings))
	var all sync.WaitGroup
	turns := make(chan struct{}, 2) // each needs forty bytes a person
	for i, o := range orderings {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			l := Leak{Ordering: o.Name, N: len(lopnr)}
			var perfect bool
			l.Rho, perfect = spearman(ranks, meanRanks(o.Keys))
			if l.N > 1 {
				l.Score = math.Abs(l.Rho) * math.Sqrt(float64(l.N-1))
			}
			l.Leaks = l.Score > LeakScore || perfect && l.N >= perfectFrom
			out[i] = l
		})
	}
	all.Wait()
	return out
}

// spearman returns the correlation of two lists of doubled ranks, and whether
// the lists are the same or each other's reverse.
func spearman(a, b []int64) (rho float64, perfect bool) {
	mean := int64(len(a)) + 1 // of doubled ranks 2, 4, … 2n
	same, reverse := true, true
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-mean, b[i]-mean
		same, reverse = same && x == y, reverse && x == -y
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	if aa == 0 || bb == 0 {
		return 0, false
	}
	return ab / math.Sqrt(aa*bb), same || reverse
}

// meanRanks returns twice the rank of every key, 2 for the least; ties share
// their mean.
func meanRanks(keys []uint64) []int64 {
	sorted := ascending(keys)
	out := make([]int64, len(keys))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j].key == sorted[i].key {
			j++
		}
		for _, k := range sorted[i:j] {
			out[k.at] = int64(i + 1 + j)
		}
		i = j
	}
	return out
}

// keyAt is a key and its place.
type keyAt struct {
	key uint64
	at  uint32
}

// digit is how many bits ascending sorts by at a time.
const digit = 11

// ascending returns the keys with their places, sorted by radix.
func ascending(keys []uint64) []keyAt {
	from, to := make([]keyAt, len(keys)), make([]keyAt, len(keys))
	for i, k := range keys {
		from[i] = keyAt{k, uint32(i)}
	}
	for shift := uint(0); shift < 64 && len(keys) > 0; shift += digit {
		const mask = 1<<digit - 1
		var count [mask + 1]int
		for _, p := range from {
			count[p.key>>shift&mask]++
		}
		if count[from[0].key>>shift&mask] == len(from) {
			continue
		}
		sum := 0
		for i, n := range count {
			count[i], sum = sum, sum+n
		}
		for _, p := range from {
			k := p.key >> shift & mask
			to[count[k]] = p
			count[k]++
		}
		from, to = to, from
	}
	return from
}
