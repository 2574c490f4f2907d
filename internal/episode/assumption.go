package episode

import "sluss/internal/day"

// TopUp says which rows are top-ups: money without days (assumption A5).
//
// Försäkringskassan treats a payment of less than 101 kronor by net day as a
// top-up: its amount is kept and no days come of it, so that amounts without days
// are possible. Source: LISA, variables ArbSk_*_MiDAS; reference domain §1.2, A5.
type TopUp struct {
	// MaxPerNetDay is the greatest amount by net day, in whole kronor and rounded
	// down, that is a top-up. 0: there are none.
	MaxPerNetDay int32
}

// Is reports whether a row of that many öre on the days [from, to) is a top-up. Rows
// without an amount, without an end or of extent 0 have no amount by net day and are
// none. The same holds for reversals: what takes a top-up back takes no day back.
func (t TopUp) Is(öre int64, from, to day.Day, extent uint16) bool {
	if t.MaxPerNetDay <= 0 || öre <= 0 || to == day.Open || extent == 0 || from >= to {
		return false
	}
	net := (int64(to) - int64(from)) * int64(extent) // thousandths of a day
	return öre <= (int64(t.MaxPerNetDay+1)*100*net-1)/1000
}

// SickPay says which days before a payment are the employer's sick-pay period,
// which belongs to the spell (assumption A3; SFB 27 kap. 26 §).
type SickPay struct {
	// MaxDays is the length of the period, 14 by the law on sick pay. 0: it is not
	// looked at.
	MaxDays int32
}

// Before returns how many days of sick pay come right before a payment from day from
// of somebody who fell ill on day ill; 0 where the illness does not reach the payment
// within the period. Days that nobody told of are never made up.
func (s SickPay) Before(ill, from day.Day) uint8 {
	if ill >= from || int64(from)-int64(ill) > int64(min(s.MaxDays, 255)) {
		return 0
	}
	return uint8(from - ill)
}

// addSickPay covers the days of sick pay before the sub-spells of one key: where a
// payment decides its own first day, the days of its lead that nothing covers are days
// of extent 0 with its state (A3).
func (k *Kernel) addSickPay(r *run) {
	subs := k.subs[r.sub0:]
	missing := 0
	for i := range subs {
		if _, some := k.leadOf(subs, i); some {
			missing++
		}
	}
	if missing == 0 {
		return
	}
	at := int(r.sub0) // from the last to the first, so that nothing is overwritten
	k.subs = append(k.subs, make([]Subspell, missing)...)
	subs = k.subs[at:]
	to := len(subs)
	for i := len(subs) - missing - 1; i >= 0; i-- {
		b := subs[i]
		lead, some := k.leadOf(subs, i)
		to--
		subs[to] = b
		if !some {
			continue
		}
		to--
		k.pieces = append(k.pieces, Piece{lead.From, b.First})
		n := int32(len(k.pieces))
		subs[to] = Subspell{Key: b.Key, State: b.State, From: lead.From, To: lead.To, First: b.First, piece0: n - 1, piece1: n}
	}
	k.subs = k.subs[:at+k.meld(subs)]
}

// leadOf returns the days of sick pay before sub-spell i that nothing covers.
func (k *Kernel) leadOf(subs []Subspell, i int) (days day.Span, some bool) {
	b := &subs[i]
	row := &k.rows[b.First]
	if row.Lead == 0 || row.From != b.From {
		return days, false
	}
	days = day.Span{From: b.From - day.Day(row.Lead), To: b.From}
	if i > 0 {
		days.From = max(days.From, subs[i-1].To)
	}
	return days, !days.Empty()
}

// meld joins sub-spells that touch and hold the same (S7), which only covered days of
// extent 0 can do here, and returns how many are left.
func (k *Kernel) meld(subs []Subspell) int {
	n := 0
	for i := 1; i < len(subs); i++ {
		a, b := &subs[n], &subs[i]
		if a.To != b.From || a.State != b.State || a.Extent != b.Extent {
			n++
			subs[n] = *b
			continue
		}
		pieces := int32(len(k.pieces))
		k.pieces = append(k.pieces, k.pieces[a.piece0:a.piece1]...)
		for _, p := range k.pieces[b.piece0:b.piece1] {
			if k.pieces[len(k.pieces)-1].Row != p.Row {
				k.pieces = append(k.pieces, p)
			}
		}
		a.piece0, a.piece1 = pieces, int32(len(k.pieces))
		a.To, a.open, a.NoTom = b.To, b.open, b.NoTom
	}
	return n + 1
}
