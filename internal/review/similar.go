package review

import (
	"cmp"
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Decided is an earlier decision as it is compared with others. Lists are sorted
// and hold each value once; [Decided.Sorted] makes them so.
type Decided struct {
	Order      string
	Date       day.Day
	Project    string // "" = none
	Principal  string
	Purpose    string
	Population string // file or criteria
	Sensitive  bool
	Registers  []string
	Benefits   []string
	Variables  []string // as table.variable
	Outcome    string
	Reasons    catalog.Text
}

// Sorted returns d with its lists sorted, each value once.
func (d Decided) Sorted() Decided {
	for _, l := range []*[]string{&d.Registers, &d.Benefits, &d.Variables} {
		*l = slices.Compact(slices.Sorted(slices.Values(*l)))
	}
	return d
}

// Hit is an earlier decision with how alike it is, in points, and why.
type Hit struct {
	Decided
	Points int
	Why    []catalog.Text
}

// Points for what two cases have in common. Lists count by the share of values
// that are in both among those that are in either.
const (
	sameProject    = 100
	sameVariables  = 60
	sameRegisters  = 40
	sameBenefits   = 30
	samePrincipal  = 30
	samePurpose    = 20
	samePopulation = 10
	sameSensitive  = 10
)

// Similar returns the n earlier decisions most like the case, most alike first;
// of equally alike the latest, then by order number. Only decisions that share
// project, principal, a register, a benefit or a variable are told. The case
// itself is left out. past must hold sorted lists; see [Decided.Sorted].
func Similar(past []Decided, of Decided, n int) []Hit {
	of = of.Sorted()
	type scored struct{ at, points int }
	compare := func(a, b scored) int {
		x, y := &past[a.at], &past[b.at]
		return cmp.Or(cmp.Compare(b.points, a.points), cmp.Compare(y.Date, x.Date), cmp.Compare(x.Order, y.Order))
	}
	best := make([]scored, 0, n+1)
	for i := range past {
		s := scored{i, points(&past[i], &of)}
		if s.points == 0 || past[i].Order == of.Order || n <= 0 || len(best) == n && compare(s, best[n-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, s, compare)
		best = slices.Insert(best, at, s)
		best = best[:min(n, len(best))]
	}
	out := make([]Hit, 0, len(best))
	for _, b := range best {
		out = append(out, Hit{past[b.at], b.points, why(&past[b.at], &of)})
	}
	return out
}

func points(a, b *Decided) int {
	p := sameVariables*overlap(a.Variables, b.Variables) + sameRegisters*overlap(a.Registers, b.Registers) + sameBenefits*overlap(a.Benefits, b.Benefits)
	p = (p + 500) / 1000
	if b.Project != "" && a.Project == b.Project {
		p += sameProject
	}
	if b.Principal != "" && a.Principal == b.Principal {
		p += samePrincipal
	}
	if p == 0 {
		return 0
	}
	if a.Purpose == b.Purpose {
		p += samePurpose
	}
	if a.Population == b.Population {
		p += samePopulation
	}
	if a.Sensitive == b.Sensitive {
		p += sameSensitive
	}
	return p
}

// overlap is the share of values in both among those in either, in thousandths.
func overlap(a, b []string) int {
	both, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			both, i, j = both+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if either := len(a) + len(b) - both; either > 0 {
		return both * 1000 / either
	}
	return 0
}

func why(a, b *Decided) []catalog.Text {
	var out []catalog.Text
	add := func(yes bool, sv, en string) {
		if yes {
			out = append(out, catalog.Text{SV: sv, EN: en})
		}
	}
	share := func(x, y []string, sv, en string) {
		o := overlap(x, y)
		add(o > 0, fmt.Sprintf("%d %% av %s är gemensamma", (o+5)/10, sv), fmt.Sprintf("%d%% of the %s are common", (o+5)/10, en))
	}
	add(b.Project != "" && a.Project == b.Project, "samma projekt", "the same project")
	add(b.Principal != "" && a.Principal == b.Principal, "samma huvudman", "the same principal")
	share(a.Variables, b.Variables, "variablerna", "variables")
	share(a.Registers, b.Registers, "registren", "registers")
	share(a.Benefits, b.Benefits, "förmånerna", "benefits")
	add(a.Purpose == b.Purpose, "samma ändamål", "the same purpose")
	add(a.Population == b.Population, "samma slags population", "the same kind of population")
	add(a.Sensitive == b.Sensitive, "lika känsliga uppgifter", "equally sensitive data")
	return out
}
