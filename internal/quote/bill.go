package quote

import (
	"errors"
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Logged is time somebody has worked on an order.
type Logged struct {
	Day    day.Day `json:"day"`
	Kind   string  `json:"kind"`
	Centis int64   `json:"centihours"`
	Note   string  `json:"note,omitempty"`
}

// Totals sums the log by kind, in the order dialogue, review, extraction; kinds
// without time are left out.
func Totals(log []Logged) []Hours {
	sum := map[string]int64{}
	for _, l := range log {
		sum[l.Kind] += l.Centis
	}
	var out []Hours
	for _, k := range kinds {
		if sum[k] != 0 {
			out = append(out, Hours{k, sum[k]})
		}
	}
	return out
}

// Usage compares the hours of a kind with what was quoted and approved.
type Usage struct {
	Kind   string
	Quoted int64 // hundredths of an hour, approved changes included
	Worked int64
}

// Used compares the log with the quote and the approved changes, kind by kind.
func Used(q Quote, changes []Amendment, log []Logged) []Usage {
	quoted, worked := hoursOf(q.Lines), map[string]int64{}
	for _, a := range changes {
		if a.Approved() {
			for _, h := range a.Hours {
				quoted[h.Kind] += h.Centis
			}
		}
	}
	for _, l := range log {
		worked[l.Kind] += l.Centis
	}
	var out []Usage
	for _, k := range kinds {
		if quoted[k] != 0 || worked[k] != 0 {
			out = append(out, Usage{k, quoted[k], worked[k]})
		}
	}
	return out
}

// Amendment is a change of an accepted quote, agreed while the work is done.
// Hours are added to the quote or, negative, taken off.
type Amendment struct {
	ID         string       `json:"id"`
	Hours      []Hours      `json:"hours"`
	Reason     catalog.Text `json:"reason"`
	ApprovedOn day.Day      `json:"approved_on,omitzero"`
	ApprovedBy string       `json:"approved_by,omitempty"` // for the principal; "" = not approved
}

// Approved reports whether the principal has approved the change.
func (a Amendment) Approved() bool { return a.ApprovedBy != "" }

// ChangeLine is a line of an invoice that comes from an approved change.
type ChangeLine struct {
	Change string `json:"change"` // id of the amendment
	Line
}

// ErrBelowZero is returned when changes take off more than was quoted.
var ErrBelowZero = errors.New("approved changes take off more than was quoted")

// BillWith makes the invoice basis from the accepted quote, the changes and the
// hours worked, all in öre without VAT:
//
//   - fixed: the quote's sum plus the approved changes;
//   - ceiling: the hours worked, at most the quote's sum plus the approved
//     changes; what is taken off stands in CapOre, so that lines − CapOre is
//     the net sum;
//   - actual: the hours worked; changes are not priced;
//   - a quote with a ground for no fee stays at nothing.
//
// Changes that are not approved, or approved after the day of the invoice, do
// not count. Changes are priced as the quote is, whatever the price list says
// later, each line rounded to the nearest öre; VAT is rounded once, on the sum.
//
// It returns an error for hours that are not positive, an unknown kind, and
// [ErrBelowZero].
func BillWith(q Quote, changes []Amendment, worked []Hours, on day.Day) (Invoice, error) {
	inv, agreed, err := begun(q, changes, on)
	if err != nil {
		return Invoice{}, err
	}
	switch {
	case q.NoFee != nil:
		inv.Lines, inv.Changes = q.Lines, nil
	case q.Form == FormFixed:
		inv.Lines, inv.NetOre = q.Lines, agreed
	default:
		sum, err := inv.work(worked, q.HourOre)
		if err != nil {
			return Invoice{}, err
		}
		inv.NetOre = sum
		if q.Form == FormCeiling {
			inv.NetOre = min(sum, agreed)
			inv.CapOre = sum - inv.NetOre
		} else {
			inv.Changes = nil
		}
	}
	return inv.taxed(q.VAT)
}

// begun starts an invoice and returns the agreed sum: quote plus approved
// changes.
func begun(q Quote, changes []Amendment, on day.Day) (Invoice, int64, error) {
	hash, err := q.Hash()
	if err != nil {
		return Invoice{}, 0, err
	}
	inv := Invoice{Invoice: "sluss/invoice/v1", Order: q.Order, Date: on, Quote: hash, Scope: q.Scope, VAT: q.VAT}
	agreed := q.NetOre
	for i, a := range changes {
		if !a.Approved() || a.ApprovedOn > on {
			continue
		}
		for _, h := range a.Hours {
			if !slices.Contains(kinds, h.Kind) || h.Centis == 0 || h.Centis > 1_000_000 || h.Centis < -1_000_000 {
				return Invoice{}, 0, fmt.Errorf("change %d: hours are of a known kind and not zero", i+1)
			}
			l := Line{h.Kind, h.Centis, Cost(h.Centis, q.HourOre)}
			inv.Changes = append(inv.Changes, ChangeLine{a.ID, l})
			agreed += l.Ore
		}
	}
	if agreed < 0 {
		return Invoice{}, 0, ErrBelowZero
	}
	return inv, agreed, nil
}

// work adds a line for each of the hours worked and returns their sum.
func (inv *Invoice) work(worked []Hours, hourOre int64) (int64, error) {
	var sum int64
	for i, h := range worked {
		if !slices.Contains(kinds, h.Kind) || h.Centis <= 0 || h.Centis > 1_000_000 {
			return 0, fmt.Errorf("hours worked %d: want a known kind and 1 to 1,000,000 hundredths", i+1)
		}
		l := Line{h.Kind, h.Centis, Cost(h.Centis, hourOre)}
		inv.Lines = append(inv.Lines, l)
		sum += l.Ore
	}
	return sum, nil
}

func (inv Invoice) taxed(vat string) (Invoice, error) {
	var err error
	inv.VATOre, err = VAT(inv.NetOre, vat)
	inv.GrossOre = inv.NetOre + inv.VATOre
	return inv, err
}

// Rules for what is taken when an order is taken back.
const (
	WithdrawalFree   = "none"   // nothing
	WithdrawalWorked = "worked" // after acceptance, hours worked up to the agreed sum
)

// WithdrawalPolicy is the authority's rule for orders that are taken back, from
// a day on. A refusal is never invoiced: it has no quote.
//
// No public rule was found; the policy is the authority's own standpoint and
// stands in its configuration with its source.
type WithdrawalPolicy struct {
	From   day.Day      `json:"from"`
	Rule   string       `json:"rule"`
	Text   catalog.Text `json:"text"` // as the orderer is told, on the quote
	Source string       `json:"source"`
}

// WithdrawalPolicies are the authority's policies, oldest first.
type WithdrawalPolicies []WithdrawalPolicy

// On returns the policy in force on d; without any, nothing is taken.
func (l WithdrawalPolicies) On(d day.Day) WithdrawalPolicy {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].From <= d {
			return l[i]
		}
	}
	return WithdrawalPolicy{Rule: WithdrawalFree}
}

// Acceptance is the principal's acceptance of a quote.
type Acceptance struct{ On day.Day }

// BillEnded makes the invoice basis of an order that was taken back, under the
// policy in force on the day the quote was accepted. due is false when nothing
// is to be paid: not accepted (acceptance nil), no fee, a policy that takes
// nothing, or no hours worked.
func BillEnded(q Quote, acceptance *Acceptance, policies WithdrawalPolicies, changes []Amendment, worked []Hours, on day.Day) (inv Invoice, due bool, err error) {
	if acceptance == nil || q.NoFee != nil || len(worked) == 0 {
		return Invoice{}, false, nil
	}
	switch rule := policies.On(acceptance.On).Rule; rule {
	case WithdrawalFree:
		return Invoice{}, false, nil
	case WithdrawalWorked:
	default:
		return Invoice{}, false, fmt.Errorf("withdrawal rule %q is not none or worked", rule)
	}
	inv, agreed, err := begun(q, changes, on)
	if err != nil {
		return Invoice{}, false, err
	}
	sum, err := inv.work(worked, q.HourOre)
	if err != nil {
		return Invoice{}, false, err
	}
	inv.NetOre = min(sum, agreed)
	inv.CapOre = sum - inv.NetOre
	inv, err = inv.taxed(q.VAT)
	return inv, err == nil, err
}

// Zero builds the quote of an order without a fee: the hours are shown, each at
// nothing. The ground is the provision that obliges the authority to supply the
// data (särskilt beslutad uppgiftslämnarskyldighet, promise 11) and may not be
// empty.
func Zero(order string, version int, on day.Day, prices PriceList, ground NoFee, t Terms) (Quote, error) {
	if ground.Ground == "" {
		return Quote{}, errors.New("a quote without a fee names its ground")
	}
	t.NoFee = &ground
	return Make(order, version, on, prices, t)
}

// Check returns an error unless the prices are positive, each has a fee basis,
// and each begins after the one before.
func (l PriceList) Check() error {
	if len(l) == 0 {
		return errors.New("the price list is empty")
	}
	for i, p := range l {
		if p.HourOre <= 0 || p.Basis == "" {
			return fmt.Errorf("price %d: want a positive price and a fee basis", i+1)
		}
		if i > 0 && p.From <= l[i-1].From {
			return fmt.Errorf("price %d does not begin after price %d", i+1, i)
		}
	}
	return nil
}
