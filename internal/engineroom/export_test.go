package engineroom

import "sluss/internal/day"

// Stretch, NewStretch and Overlap are for tests.
type Stretch = stretch

// NewStretch is the days of a payment in a group for a child.
func NewStretch(group int, child uint32, from, to day.Day) Stretch {
	return stretch{group: group, keys: [2]uint32{child}, from: from, to: to}
}

// Overlap counts days and those that stand twice.
func Overlap(list []Stretch) (days, double int64) { return overlap(list) }
