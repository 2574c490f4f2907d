// Package completeness measures how complete a register is in a snapshot: it
// counts the rows by month and by month of registration, and lets package
// coverage estimate. Begin with [Measure].
//
// Rows are read where they lie, mapped into memory; what is kept is one count
// per pair of months and benefit.
package completeness

import (
	"context"

	"sluss/internal/catalog"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/register/cells"
)

// Held reports whether the snapshot has any table of the register.
func Held(s *register.Snapshot, reg *catalog.Register) bool {
	for _, t := range reg.Tables {
		if s.Table(t.ID) != nil {
			return true
		}
	}
	return false
}

// years is how many years of events are counted, which is what the
// estimates and their tests look back at, with room to spare.
const years = 8

// Measure counts a register's rows by month and registration and says until
// when it can be ordered. Payment registers say to which payment date they reach.
func Measure(ctx context.Context, s *register.Snapshot, reg *catalog.Register, tell func(register.Progress)) (coverage.Summary, error) {
	counts, paid, err := Count(ctx, s, reg, tell)
	if err != nil {
		return coverage.Summary{}, err
	}
	return Summarise(s, reg, counts, paid), nil
}

// Summarise says what counts and the last payment date of a register tell.
func Summarise(s *register.Snapshot, reg *catalog.Register, counts *coverage.Register, paid *day.Day) coverage.Summary {
	sum := coverage.Summarise(reg, counts, s.LoadedAt(), coverage.Method{})
	sum.PaymentsTo = paid
	return sum
}

// Count counts a register's rows by month and registration; paid is the last
// payment date before the snapshot's day, nil without payments. Rows of
// registers without a coverage rule are not counted. tell, which may be nil, is told
// how far a table's rows have been counted.
func Count(ctx context.Context, s *register.Snapshot, reg *catalog.Register, tell func(register.Progress)) (counts *coverage.Register, paid *day.Day, err error) {
	last := s.LoadedAt().Month() - 1 // the last whole month of registrations
	counts = coverage.NewRegister(last-12*years+1, last)
	for _, t := range reg.Tables {
		table := s.Table(t.ID)
		if table == nil {
			continue
		}
		if to := lastPayment(s, table); to != nil && (paid == nil || *to > *paid) {
			paid = to
		}
		if reg.Coverage == nil {
			continue
		}
		in, err := newRows(s, table)
		if err != nil {
			return nil, nil, err
		}
		for p := range uint32(s.Persons()) {
			if p%16384 == 0 {
				if err := ctx.Err(); err != nil {
					return nil, nil, err
				}
				if lo, _ := table.Rows(p); tell != nil {
					tell(register.Progress{Stage: t.ID, Done: int64(lo), Total: int64(table.Len())})
				}
			}
			in.count(p, counts)
		}
	}
	return counts, paid, nil
}

// lastPayment returns the last payment date before the snapshot's day, nil
// without payments.
func lastPayment(s *register.Snapshot, t *register.Table) *day.Day {
	c := t.ByRole(catalog.RolePaid)
	if c == nil {
		return nil
	}
	last, view := register.NoDay, t.Visible(s.Load())
	for i, d := range c.Days().All() {
		if d > last && d < s.LoadedAt() && view.Row(i) {
			last = d
		}
	}
	if last == register.NoDay {
		return nil
	}
	return &last
}

// rows reads the columns of a table that counting needs.
type rows struct {
	table         *register.Table
	view          register.View
	from, tom, tx *cells.Column[day.Day]
	extent        *cells.Column[uint16]
	benefit, kind *cells.Column[uint16]
	track, amount *cells.Column[int64]
	names         []string
	reversal      uint16
	first         map[caseKey]int // of one person: first month of a case
}

// caseKey is one case of a person: the benefit and its line of payments.
type caseKey struct {
	benefit uint16
	track   int64
}

func newRows(s *register.Snapshot, t *register.Table) (*rows, error) {
	col := map[catalog.Role]*register.Column{}
	for _, role := range []catalog.Role{catalog.RoleFrom, catalog.RoleTom, catalog.RoleTx, catalog.RoleExtent, catalog.RoleBenefit, catalog.RoleKind, catalog.RoleTrack, catalog.RoleAmount} {
		if col[role] = t.ByRole(role); col[role] == nil && role != catalog.RoleAmount { // leave, say, has no amounts
			return nil, fault.New("coverage.column", "Tabellen saknar en kolumn som täckningen räknas på.", "The table lacks a column that coverage is counted by.").At(fault.Where{File: t.ID(), Column: string(role)})
		}
	}
	r := &rows{
		table: t, view: t.Visible(s.Load()), from: col[catalog.RoleFrom].Days(), tom: col[catalog.RoleTom].Days(), tx: col[catalog.RoleTx].Days(),
		extent: col[catalog.RoleExtent].Extents(), benefit: col[catalog.RoleBenefit].Codes(), kind: col[catalog.RoleKind].Codes(),
		track: col[catalog.RoleTrack].Int64s(), names: col[catalog.RoleBenefit].Dict(), first: map[caseKey]int{},
	}
	if c := col[catalog.RoleAmount]; c != nil {
		r.amount = c.Int64s()
	}
	r.reversal, _ = col[catalog.RoleKind].Code("rev") // 0, the empty text, when there is none
	return r, nil
}

// usable reports whether row i counts: it is known and has an end. A decision
// without an end pays nothing by itself; its payments are rows of their own.
func (r *rows) usable(i int) bool {
	from, tom := r.from.At(i), r.tom.At(i)
	return r.view.Row(i) && from != register.NoDay && r.tx.At(i) != register.NoDay &&
		tom != register.NoDay && tom != day.Open && tom >= from && r.extent.At(i) <= 1000
}

// count adds the rows of one person.
func (r *rows) count(person uint32, into *coverage.Register) {
	lo, hi := r.table.Rows(person)
	if lo == hi {
		return
	}
	clear(r.first)
	for i := lo; i < hi; i++ {
		k := caseKey{r.benefit.At(i), r.track.At(i)}
		if m, ok := r.first[k]; r.usable(i) && (!ok || r.from.At(i).Month() < m) {
			r.first[k] = r.from.At(i).Month()
		}
	}
	for i := lo; i < hi; i++ {
		if r.usable(i) {
			r.countRow(i, into)
		}
	}
}

// countRow spreads a row over its months; a reversal counts negatively.
func (r *rows) countRow(i int, into *coverage.Register) {
	from, to := r.from.At(i), r.tom.At(i)+1
	sign, amount := int64(1), int64(0)
	if r.amount != nil {
		amount = max(r.amount.At(i), 0)
	}
	if r.kind.At(i) == r.reversal && r.reversal != 0 {
		sign = -1
	}
	start, known := r.first[caseKey{r.benefit.At(i), r.track.At(i)}], r.tx.At(i).Month()
	for at := from; at < to; {
		month := at.Month()
		end := min(day.FirstOfMonth(month+1), to)
		stratum := coverage.Continuing
		if month == start {
			stratum = coverage.NewGrant
		}
		values := [3]int64{sign * int64(end-at) * int64(r.extent.At(i)), 0, sign * (share(amount, end-from, to-from) - share(amount, at-from, to-from))}
		if at == from {
			values[1] = sign
		}
		into.Add(r.names[r.benefit.At(i)], stratum, month, known, values)
		at = end
	}
}

// share returns the part of an amount that falls on the first k of n days,
// rounded down, as in panels (axiom S24).
func share(amount int64, k, n day.Day) int64 {
	d := int64(n)
	return amount/d*int64(k) + amount%d*int64(k)/d
}
