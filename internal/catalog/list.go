package catalog

// Listing is what "sluss catalog list --json" prints for one register. The
// member names are a contract with other programs.
type Listing struct {
	ID             string         `json:"id"`
	Names          Text           `json:"names"`
	Area           Area           `json:"area"`
	Benefits       []string       `json:"benefits"`
	Tables         []TableListing `json:"tables"`
	CoverageRule   *CoverageRule  `json:"coverage_rule"`
	OrderableUntil *string        `json:"orderable_until"` // last orderable day, YYYY-MM-DD; null when not measured or without a rule
}

// TableListing is a table with the variables that can be ordered.
type TableListing struct {
	ID        string            `json:"id"`
	Names     Text              `json:"names"`
	Variables []VariableListing `json:"variables"`
}

// VariableListing is a variable that can be ordered.
type VariableListing struct {
	ID    string `json:"id"`
	Names Text   `json:"names"`
	Type  Kind   `json:"type"`
}

// ListJSON returns the listing of every register, ready to be marshalled.
// orderable holds, by register id, the last day that the measured coverage
// lets anyone order; it may be nil.
func (c *Catalogue) ListJSON(orderable map[string]string) []Listing {
	out := make([]Listing, 0, len(c.Registers))
	for i := range c.Registers {
		r := &c.Registers[i]
		l := Listing{ID: r.ID, Names: r.Names, Area: r.Area, Benefits: []string{}, Tables: []TableListing{}, CoverageRule: r.Coverage}
		if d, ok := orderable[r.ID]; ok {
			l.OrderableUntil = &d
		}
		for _, b := range r.Benefits {
			l.Benefits = append(l.Benefits, b.ID)
		}
		for _, t := range r.Tables {
			tl := TableListing{ID: t.ID, Names: t.Names, Variables: []VariableListing{}}
			for _, v := range t.Variables {
				if v.Deliverable() {
					tl.Variables = append(tl.Variables, VariableListing{v.ID, v.Names, v.Kind})
				}
			}
			l.Tables = append(l.Tables, tl)
		}
		out = append(out, l)
	}
	return out
}
