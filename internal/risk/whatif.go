package risk

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"sluss/internal/fault"
)

// Coarsening makes a column coarser.
type Coarsening struct {
	Column string
	Kind   CoarseningKind
	N      int // characters kept, or width of a band; nothing for others
	// To and Map are of Level: its name, and what it makes of a value.
	To  string
	Map func(value string) string
}

// CoarseningKind is a way of making values coarser.
type CoarseningKind string

// Kinds. Values that a kind cannot be applied to, and NULL, stay as they are.
const (
	Drop   CoarseningKind = "drop"
	Prefix CoarseningKind = "prefix" // the first N characters: 2024-05-17 to 2024, F321 to F32
	Width  CoarseningKind = "width"  // whole numbers in bands of N: 37 to 30–39
	Level  CoarseningKind = "level"  // a level of the catalogue
)

// ParseCoarsening reads COLUMN=prefix:N or COLUMN=width:N.
func ParseCoarsening(s string) (Coarsening, error) {
	column, rest, ok := strings.Cut(s, "=")
	kind, number, ok2 := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	c := Coarsening{Column: column, Kind: CoarseningKind(kind), N: n}
	if !ok || !ok2 || err != nil || n < 1 || c.Kind != Prefix && c.Kind != Width {
		return c, fault.New("risk.coarsening", "En grövre nivå skrivs KOLUMN=prefix:N eller KOLUMN=width:N, med N minst 1.",
			"A coarser level is written COLUMN=prefix:N or COLUMN=width:N, N at least 1.")
	}
	return c, nil
}

// String returns the coarsening as it is written.
func (c Coarsening) String() string {
	if c.Kind == Drop {
		return c.Column + "=drop"
	}
	return fmt.Sprintf("%s=%s:%d", c.Column, c.Kind, c.N)
}

// of returns the coarser value.
func (c Coarsening) of(value string) string {
	switch c.Kind {
	case Drop:
		return ""
	case Level:
		if value != "" {
			return c.Map(value)
		}
	case Prefix:
		at := 0
		for i := range value {
			if at++; at > c.N {
				return value[:i]
			}
		}
	case Width:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n == math.MinInt64 {
			return value
		}
		band := n / int64(c.N)
		if n%int64(c.N) < 0 {
			band--
		}
		return strconv.FormatInt(band*int64(c.N), 10) + "+"
	}
	return value
}

// Effect is what a coarsening would give.
type Effect struct {
	Coarsening
	K, Uniques int
}

// WhatIf says what the class sizes of r would be under each coarsening of t,
// one at a time. The columns must be among the quasi-identifiers qi of r.
func (r *Report) WhatIf(t *Table, qi []string, each []Coarsening, tell Teller) ([]Effect, error) {
	cols, err := t.pick(qi)
	if err != nil {
		return nil, err
	}
	n := len(r.classes.size)
	p := newPace(tell)
	if err := p.begin("what_if", int64(n)*int64(len(cols))*int64(1+len(each))); err != nil {
		return nil, err
	}
	fine := make([]*Column, len(cols)) // one row per class
	for i, col := range cols {
		fine[i] = &Column{Name: col.Name, dict: col.dict, codes: make([]uint32, n)}
		for k := range n {
			fine[i].codes[k] = col.codes[r.classes.records(k)[0]]
			if err := p.did(1); err != nil {
				return nil, err
			}
		}
	}
	var out []Effect
	for _, c := range each {
		now, found := append([]*Column(nil), fine...), false
		for i, col := range fine {
			if col.Name == c.Column {
				found = true
				if now[i], err = coarser(col, c, p); err != nil {
					return nil, err
				}
			}
		}
		if !found {
			return nil, fault.New("risk.coarsening_column", "En grövre nivå gäller en kolumn som inte står i --qi.", "A coarser level is for a column that is not in --qi.").At(fault.Where{Column: c.Column})
		}
		g, err := partition(n, now, p)
		if err != nil {
			return nil, err
		}
		out = append(out, r.effect(c, g))
	}
	return out, nil
}

// effect sums class sizes over groups of classes.
func (r *Report) effect(c Coarsening, g groups) Effect {
	e, start := Effect{Coarsening: c, K: r.Records}, uint32(0)
	for _, end := range g.ends {
		f := 0
		for _, k := range g.items[start:end] {
			f += int(r.classes.size[k])
		}
		e.K = min(e.K, f)
		if f == 1 {
			e.Uniques++
		}
		start = end
	}
	return e
}

// coarser returns the column with coarser values.
func coarser(col *Column, c Coarsening, p *pace) (*Column, error) {
	d := &dictionary{index: map[string]uint32{}}
	to := make([]uint32, len(col.dict.values))
	for code, value := range col.dict.values {
		v := c.of(value)
		n, ok := d.index[v]
		if !ok {
			n = uint32(len(d.values))
			d.values = append(d.values, v)
			d.index[v] = n
		}
		to[code] = n
		if err := p.effort(1); err != nil {
			return nil, err
		}
	}
	out := &Column{Name: col.Name, dict: d, codes: make([]uint32, len(col.codes))}
	for i, code := range col.codes {
		out.codes[i] = to[code]
	}
	return out, nil
}
