package quote

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// workshop makes up finished cases with another idea of what drives the hours
// than Estimate has: a sum of tasks, some trouble that no feature shows, and
// now and then a case that goes wrong.
type workshop struct{ r *rand.Rand }

func (w workshop) next() Past {
	f := Features{Purpose: "research", Registers: 1 + w.r.IntN(3), Deliveries: 1, FromFile: w.r.IntN(10) < 8, Sensitive: w.r.IntN(10) < 7, Linked: w.r.IntN(2) == 0, Renewed: w.r.IntN(6) == 0}
	f.Tables = f.Registers + w.r.IntN(3)
	f.Variables = f.Tables * (4 + w.r.IntN(12))
	f.Persons = int(math.Exp(w.r.NormFloat64()*1.5 + 10))
	if w.r.IntN(5) == 0 {
		f.Deliveries = 2 + w.r.IntN(3)
	}
	hours := 7 + 4*float64(f.Registers) + 0.15*float64(f.Variables) + 2*float64(f.Deliveries-1)
	if f.FromFile {
		hours += 3
	}
	if f.Linked {
		hours += 2.5
	}
	if f.Sensitive {
		hours += 2
	}
	if f.Renewed {
		hours *= 0.45
	}
	hours *= math.Exp(0.25 * w.r.NormFloat64())
	if w.r.IntN(20) == 0 {
		hours *= 1.5 + w.r.Float64()
	}
	return Past{f, int64(math.Round(hours*4)) * 25}
}

// Eight of ten held-out cases lie inside the interval, which is narrower than
// the hours themselves spread.
func TestEstimateIsCalibrated(t *testing.T) {
	t.Parallel()
	var cover, all int
	var width float64
	var hours []int64
	for _, n := range []int{60, 150, 400, 1000} {
		inside, total := 0, 0
		for seed := range 16 {
			w := workshop{rand.New(rand.NewPCG(uint64(n), uint64(seed)))}
			past := make([]Past, n)
			for i := range past {
				past[i] = w.next()
			}
			for range 30 {
				p := w.next()
				v := Estimate(past, p.Features)
				if v.Low <= p.Centis && p.Centis <= v.High {
					inside++
				}
				total++
				width += float64(v.High - v.Low)
				hours = append(hours, p.Centis)
			}
		}
		share := float64(inside) / float64(total)
		t.Logf("%d finished cases: %.1f %% of %d inside", n, 100*share, total)
		if share < 0.80 || share > 0.93 {
			t.Errorf("%d finished cases: %.1f %% inside, want 80–93", n, 100*share)
		}
		cover, all = cover+inside, all+total
	}
	slices.Sort(hours)
	at := func(p float64) float64 { return float64(hours[int(p*float64(len(hours)))]) }
	relative := width / float64(all) / at(0.5)
	t.Logf("in all %.1f %%, mean width %.2f of the median %.1f h; eight of ten of all cases spread over %.2f", 100*float64(cover)/float64(all), relative, at(0.5)/100, (at(0.9)-at(0.1))/at(0.5))
	if relative > 1.1 || relative > 0.95*(at(0.9)-at(0.1))/at(0.5) {
		t.Errorf("the interval is %.2f of the median wide", relative)
	}
}

func TestEstimateWithFewCases(t *testing.T) {
	t.Parallel()
	w := workshop{rand.New(rand.NewPCG(1, 1))}
	var past []Past
	for range leastCases - 1 {
		past = append(past, w.next())
	}
	f := past[0].Features
	if v := Estimate(past, f); v.Basis != FromPublished || v.Low != 1600 || v.High != 4000 || !strings.Contains(v.Text.SV, "16–40") {
		t.Errorf("research with few cases: %+v", v)
	}
	if v := Estimate(append(past, w.next()), f); v.Basis != FromSimilar {
		t.Errorf("research with enough cases: %+v", v)
	}
	f.Purpose = "statistics" // the published span is for research
	if v := Estimate(append(past, w.next()), f); v.Basis != FromNothing || v.High != 0 {
		t.Errorf("statistics with cases of research only: %+v", v)
	}
}

func TestEstimateDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	w := workshop{r}
	var past []Past
	for range 300 {
		past = append(past, w.next())
	}
	for range 20 {
		f := w.next().Features
		before := Estimate(past, f)
		r.Shuffle(len(past), func(i, j int) { past[i], past[j] = past[j], past[i] })
		if after := Estimate(past, f); after != before {
			t.Fatalf("%+v\n%+v", before, after)
		}
		if before.Low > before.Middle || before.Middle > before.High || before.Low%25 != 0 || before.High%25 != 0 {
			t.Fatalf("%+v", before)
		}
	}
}

func TestDoublings(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{-3: 0, 0: 0, 1: 0, 2: 100, 3: 150, 4: 200, 1024: 1000, 1536: 1050} {
		if got := doublings(n); got != want {
			t.Errorf("doublings(%d) = %d, want %d", n, got, want)
		}
	}
}

func BenchmarkEstimate(b *testing.B) {
	w := workshop{rand.New(rand.NewPCG(1, 2))}
	past := make([]Past, 10_000)
	for i := range past {
		past[i] = w.next()
	}
	f := w.next().Features
	for b.Loop() {
		Estimate(past, f)
	}
}

// A case is never predicted from itself.
func TestPredictionLeavesTheCaseOut(t *testing.T) {
	t.Parallel()
	var cases []Past
	var at []place
	for i := range 5 {
		cases = append(cases, Past{Centis: int64(100 * (i + 1))})
		at = append(at, placed(Features{}))
	}
	if got := predict(at, cases, at[0], 0); got != 350 { // median of 200, 300, 400, 500
		t.Errorf("without the first: %d, want 350", got)
	}
	if got := predict(at, cases, at[0], -1); got != 300 {
		t.Errorf("all five: %d, want 300", got)
	}
}
