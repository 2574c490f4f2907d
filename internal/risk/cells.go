package risk

// DefaultCell is the count below which a cell of a table is small: 1–4.
//
// Source: reference pseudonym §4.1 (a parameter of the authority).
const DefaultCell = 5

// SmallCells returns the places of cells that count at least one and fewer
// than limit persons.
func SmallCells(cells []int64, limit int64) []int {
	var out []int
	for i, n := range cells {
		if n >= 1 && n < limit {
			out = append(out, i)
		}
	}
	return out
}

// Suppress says which cells to hide. Without a shown total these are the small
// ones. With one, what is hidden can be worked out by subtraction when it is a
// single cell, or when the hidden cells together are fewer than limit; then
// the smallest cells that are not empty are hidden as well until neither
// holds. If everything has been hidden and it still does, the total must go:
// ok is false.
func Suppress(cells []int64, limit int64, totalShown bool) (hidden []bool, ok bool) {
	hidden = make([]bool, len(cells))
	count, sum := 0, int64(0)
	hide := func(i int) {
		hidden[i] = true
		count++
		sum += cells[i]
	}
	for _, i := range SmallCells(cells, limit) {
		hide(i)
	}
	for totalShown && count > 0 && (count == 1 || sum < limit) {
		next := -1
		for i, n := range cells {
			if !hidden[i] && n > 0 && (next < 0 || n < cells[next]) {
				next = i
			}
		}
		if next < 0 {
			return hidden, false
		}
		hide(next)
	}
	return hidden, true
}

// Differencing says what two files, or two tables, tell together that neither
// tells alone: a class that grows from 23 to 24 points out the one who came.
type Differencing struct {
	Classes int `json:"classes"` // whose count changed by at least one and fewer than the limit
	Records int `json:"records"` // added up over them, whatever the sign
	Added   int `json:"added"`   // records more than before, over all classes
	Removed int `json:"removed"` // records fewer
}

// add counts a class with so many records before and after.
func (d *Differencing) add(before, after, limit int64) {
	change := after - before
	d.Added += int(max(change, 0))
	d.Removed += int(max(-change, 0))
	if size := max(change, -change); size > 0 && size < limit {
		d.Classes++
		d.Records += int(size)
	}
}

// DifferenceCells compares the same cells at two times.
func DifferenceCells(before, after []int64, limit int64) Differencing {
	var d Differencing
	for i := range max(len(before), len(after)) {
		var b, a int64
		if i < len(before) {
			b = before[i]
		}
		if i < len(after) {
			a = after[i]
		}
		d.add(b, a, limit)
	}
	return d
}

// Differences compares the classes of a file with those of an earlier one,
// which has been read with [Table.Beside].
func Differences(now, before *Table, qi []string, limit int64, tell Teller) (Differencing, error) {
	pairs, err := together(now, before, qi, "differences", newPace(tell))
	if err != nil {
		return Differencing{}, err
	}
	var d Differencing
	for _, p := range pairs {
		d.add(int64(p.there), int64(p.here), limit)
	}
	return d, nil
}
