package coverage

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/day"
)

// TypePublished is the format of [Published].
const TypePublished = "sluss/coverage/v1"

// Published is what the vault tells the counter of how complete its registers
// are: days and shares. It holds no number of rows, persons, days or kronor, and
// no share that rests on fewer than [Enough] days, so that everybody may see it.
type Published struct {
	Type      string              `json:"type"`
	Snapshot  string              `json:"snapshot"`
	Seen      day.Day             `json:"seen"` // what was registered before this day is known
	Synthetic bool                `json:"synthetic"`
	Registers []PublishedRegister `json:"registers"`
}

// PublishedRegister is [Summary] without its counts.
type PublishedRegister struct {
	ID             string   `json:"id"`
	OrderableUntil *day.Day `json:"orderable_until"`
	RuleUntil      *day.Day `json:"rule_until"`
	MeasuredUntil  *day.Day `json:"measured_until"`
	StrictUntil    *day.Day `json:"strict_until"`
	Decides        Stratum  `json:"decides,omitempty"`
	PaymentsTo     *day.Day `json:"payments_to"`
	Drift          bool     `json:"drift,omitempty"` // of all together
	Curves         []Curve  `json:"curves"`          // all together first
}

// Curve is the completeness of net days, month by month, oldest first.
type Curve struct {
	Stratum Stratum `json:"stratum"`
	Points  []Point `json:"points"`
}

// Point is one month of a curve.
type Point struct {
	Month        string   `json:"month"`        // 2026-07
	Completeness *Percent `json:"completeness"` // null: no basis
	Lower        *Percent `json:"lower"`        // null: too few back-tests
}

// publishedMonths is how many months a curve shows.
const publishedMonths = 14

// Publish takes out of the summaries of a snapshot what the counter may know.
func Publish(snapshot string, seen day.Day, synthetic bool, all []Summary) Published {
	p := Published{Type: TypePublished, Snapshot: snapshot, Seen: seen, Synthetic: synthetic, Registers: []PublishedRegister{}}
	for _, s := range all {
		r := PublishedRegister{
			ID: s.ID, OrderableUntil: s.OrderableUntil, RuleUntil: s.RuleUntil, MeasuredUntil: s.MeasuredUntil, StrictUntil: s.StrictUntil,
			Decides: s.Decides, PaymentsTo: s.PaymentsTo, Curves: []Curve{},
		}
		for _, l := range s.Lines {
			if !l.large {
				continue
			}
			c := Curve{Stratum: l.Stratum}
			for _, m := range l.Months[max(0, len(l.Months)-publishedMonths):] {
				c.Points = append(c.Points, Point{m.Month, m.Completeness, m.Lower})
			}
			r.Drift = r.Drift || l.Drift && l.Stratum == All
			r.Curves = append(r.Curves, c)
		}
		p.Registers = append(p.Registers, r)
	}
	return p
}

// Register returns what is published of a register, nil when nothing is.
func (p *Published) Register(id string) *PublishedRegister {
	for i := range p.Registers {
		if p.Registers[i].ID == id {
			return &p.Registers[i]
		}
	}
	return nil
}

// Measured returns, by register, the last day that can be ordered where that was
// measured; nothing for registers that are too small, or have no rule. It is
// nil-safe.
func (p *Published) Measured() map[string]day.Day {
	out := map[string]day.Day{}
	if p == nil {
		return out
	}
	for _, r := range p.Registers {
		if r.MeasuredUntil != nil && r.OrderableUntil != nil {
			out[r.ID] = *r.OrderableUntil
		}
	}
	return out
}

// Curve returns the curve of a stratum, nil without one.
func (r *PublishedRegister) Curve(s Stratum) *Curve {
	for i := range r.Curves {
		if r.Curves[i].Stratum == s {
			return &r.Curves[i]
		}
	}
	return nil
}

// Limits of what is taken in.
const (
	maxRegisters = 500
	maxCurves    = 3
	maxPercent   = 1000_00
)

// Check finds what no vault of ours would publish. The error names the place.
func (p *Published) Check() error {
	if p.Type != TypePublished || p.Snapshot == "" || len(p.Snapshot) > 100 || p.Seen <= 0 || len(p.Registers) > maxRegisters {
		return errors.New("published coverage: type, snapshot or day is missing, or there are too many registers")
	}
	for i := range p.Registers {
		r := &p.Registers[i]
		if r.ID == "" || len(r.ID) > 100 || len(r.Curves) > maxCurves || strata[r.Decides].SV == "" && r.Decides != "" {
			return fmt.Errorf("published coverage: register %d is not as it should be", i+1)
		}
		for _, c := range r.Curves {
			if strata[c.Stratum].SV == "" || len(c.Points) > publishedMonths {
				return fmt.Errorf("published coverage: a curve of register %d is not as it should be", i+1)
			}
			for _, x := range c.Points {
				if _, err := day.Parse(x.Month + "-01"); err != nil || !x.Completeness.sensible() || !x.Lower.sensible() {
					return fmt.Errorf("published coverage: a month of register %d is not as it should be", i+1)
				}
			}
		}
	}
	return nil
}

// sensible reports whether a share can be one; reversals can make it negative
// or more than everything.
func (p *Percent) sensible() bool { return p == nil || *p >= -maxPercent && *p <= maxPercent }

// UnmarshalJSON reads what MarshalJSON writes: a number with two decimals.
func (p *Percent) UnmarshalJSON(b []byte) error {
	text := string(b)
	whole, part, ok := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	n, err := strconv.ParseUint(whole+part, 10, 31)
	if !ok || len(part) != 2 || err != nil {
		return errors.New("per cent is a number with two decimals")
	}
	if *p = Percent(n); text[0] == '-' {
		*p = -*p
	}
	return nil
}

// Name is a stratum in both languages.
func (s Stratum) Name(lang string) string { return strata[s].In(lang) }
