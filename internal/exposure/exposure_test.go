package exposure

import (
	"testing"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
)

func TestProtect(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]Count{-1: {}, 0: {}, 1: {Few: true}, 4: {Few: true}, 5: {N: 5}, 7: {N: 5}, 8: {N: 10}, 12: {N: 10}, 13: {N: 15}, 1_000_002: {N: 1_000_000}} {
		if got := Protect(n); got != want {
			t.Errorf("%d: %+v, want %+v", n, got, want)
		}
	}
}

// Two protected figures never tell a person apart: what a difference of one
// shows is a difference of nothing, of five, or the step to few.
func TestDifferencesTellNobody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 100_000).Draw(t, "n")
		a, b := Protect(n), Protect(n+1)
		if d := b.N - a.N; d != 0 && d != Cell || a.N%Cell != 0 {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy()
	for k, want := range map[int64]Light{5: Green, 6: Green, 4: Amber, 3: Amber, 2: Red, 1: Red} {
		if got := p.K.AtLeast(k); got != want {
			t.Errorf("k %d: %s", k, got)
		}
	}
	for _, c := range []struct {
		n, whole int64
		want     Light
	}{{0, 10, Green}, {1, 1000, Amber}, {1, 999, Red}, {10, 10_000, Amber}, {11, 10_000, Red}, {0, 0, Green}} {
		if got := p.Uniques.AtMost(c.n, c.whole); got != c.want {
			t.Errorf("%d of %d: %s", c.n, c.whole, got)
		}
	}
	if g := p.Path.Grade(50, 200); g != (Graded{Count{N: 50}, 2500, Amber}) {
		t.Errorf("%+v", g)
	}
	if g := p.Path.Grade(2, 3); g.Share != 0 || !g.Count.Few {
		t.Errorf("a share tells more than its figures: %+v", g)
	}
}

func TestPolicyCheck(t *testing.T) {
	t.Parallel()
	if err := DefaultPolicy().Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Policy){
		"k":       func(p *Policy) { p.K = Limits{3, 5} },
		"uniques": func(p *Policy) { p.Uniques = Limits{10, 0} },
		"share":   func(p *Policy) { p.AtRisk.Amber = Whole + 1 },
		"minus":   func(p *Policy) { p.Match = Limits{-1, 0} },
	} {
		p := DefaultPolicy()
		if change(&p); p.Check() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// The whole is the worst of everything in it, wherever it stands.
func TestJudge(t *testing.T) {
	t.Parallel()
	green := func() Part {
		return Part{K: Graded{Light: Green}, Content: &Content{Light: Green}, Path: &Path{First: []Graded{{Light: Green}}, Whole: Graded{Light: Green}}}
	}
	places := map[string]func(*Report, Light){
		"none":     func(*Report, Light) {},
		"k":        func(r *Report, l Light) { r.Parts[0].K.Light = l },
		"uniques":  func(r *Report, l Light) { r.Parts[0].Uniques.Light = l },
		"at risk":  func(r *Report, l Light) { r.Parts[0].AtRisk.Light = l },
		"content":  func(r *Report, l Light) { r.Parts[0].Content.Light = l },
		"first":    func(r *Report, l Light) { r.Parts[0].Path.First[0].Light = l },
		"whole":    func(r *Report, l Light) { r.Parts[0].Path.Whole.Light = l },
		"together": func(r *Report, l Light) { r.Together.K.Light = l },
		"order":    func(r *Report, l Light) { r.Order[0].Light = l },
		"earlier":  func(r *Report, l Light) { r.Earlier[0].Unique.Light = l },
	}
	for name, set := range places {
		for _, l := range []Light{Amber, Red} {
			r := &Report{Parts: []Part{green()}, Together: green(), Order: []Order{{Light: Green}}, Earlier: []Match{{Unique: Graded{Light: Green}}}}
			set(r, l)
			want := l
			if name == "none" {
				want = Green
			}
			if r.Judge(); r.Light != want {
				t.Errorf("%s %s: %s", name, l, r.Light)
			}
		}
	}
}
