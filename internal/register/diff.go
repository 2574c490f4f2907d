package register

import (
	"context"
	"maps"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
)

// Change counts what became of the rows of one table between two loads, by the
// month of their first day. It tells numbers only: no row, no person.
type Change struct {
	Table     string `json:"table"`
	Month     string `json:"month"`     // 2024-01, "" for rows without a first day
	Added     int64  `json:"added"`     // known now and not then
	Late      int64  `json:"late"`      // of those: concerning days before the earlier load
	Corrected int64  `json:"corrected"` // known at both, with other content
	Deleted   int64  `json:"deleted"`   // known then and not now
}

// Diff counts how s differs from an earlier snapshot of the same line, table by
// table and month by month; months without any difference are left out. A row
// is the same row while person and row number are; a corrected one is counted
// in the month that it has now. Rows of persons who changed their stable key
// between the loads count as deleted and added.
//
// earlier is the manifest of a snapshot in the same store, whose loads form one
// line. The error is a *fault.Fault of class Input when it is not older than s.
func (s *Snapshot) Diff(ctx context.Context, earlier *Manifest, tell func(Progress)) ([]Change, error) {
	if earlier.Load >= s.manifest.Load {
		return nil, fault.New("register.diff_order", "Den första ögonblicksbilden ska vara äldre än den andra.", "The first snapshot must be older than the second.").
			Do("Byt plats på dem.", "Change their places.")
	}
	var out []Change
	for _, id := range slices.Sorted(maps.Keys(s.tables)) {
		changes, err := s.tables[id].diff(ctx, id, s.manifest.Load, earlier, tell)
		if err != nil {
			return nil, err
		}
		out = append(out, changes...)
	}
	return out, nil
}

// diff compares the versions of one table, person by person.
func (t *Table) diff(ctx context.Context, id string, load int, earlier *Manifest, tell func(Progress)) ([]Change, error) {
	from, number := t.ByRole(catalog.RoleFrom), t.ByRole(catalog.RoleRowID)
	if number == nil || t.knownFrom == nil && t.knownTo == nil {
		return nil, nil // a table of persons, or one in which nothing has ever changed
	}
	then, now := t.Visible(earlier.Load), t.Visible(load)
	keys, first := number.Int64s(), func(int) day.Day { return NoDay }
	if from != nil {
		first = from.Days().At
	}
	months := map[string]*Change{}
	at := func(i int) *Change {
		month := ""
		if d := first(i); d != NoDay {
			month = d.String()[:len("2024-01")]
		}
		if months[month] == nil {
			months[month] = &Change{Table: id, Month: month}
		}
		return months[month]
	}
	for p := range uint32(t.persons) {
		lo, hi := t.Rows(p)
		if p%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			tell(Progress{id, int64(lo), int64(t.man.Rows)})
		}
		before := map[int64]int{}
		for i := lo; i < hi; i++ {
			if then.Row(i) && !now.Row(i) {
				before[keys.At(i)] = i
			}
		}
		for i := lo; i < hi; i++ {
			if !now.Row(i) || then.Row(i) {
				continue
			}
			if _, there := before[keys.At(i)]; there {
				at(i).Corrected++
				delete(before, keys.At(i))
				continue
			}
			c := at(i)
			c.Added++
			if d := first(i); d != NoDay && d < earlier.LoadedAt {
				c.Late++
			}
		}
		for _, i := range before {
			at(i).Deleted++
		}
	}
	var out []Change
	for _, m := range slices.Sorted(maps.Keys(months)) {
		out = append(out, *months[m])
	}
	return out, nil
}
