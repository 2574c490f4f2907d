package catalog

import "slices"

// Register returns the register called id, nil when there is none.
func (c *Catalogue) Register(id string) *Register {
	for i := range c.Registers {
		if c.Registers[i].ID == id {
			return &c.Registers[i]
		}
	}
	return nil
}

// Table returns the table called id and its register, nil when there is none.
// Table ids are unique in the whole catalogue.
func (c *Catalogue) Table(id string) (*Register, *Table) {
	for i := range c.Registers {
		if t := c.Registers[i].Table(id); t != nil {
			return &c.Registers[i], t
		}
	}
	return nil, nil
}

// Table returns the table called id, nil when there is none.
func (r *Register) Table(id string) *Table {
	for i := range r.Tables {
		if r.Tables[i].ID == id {
			return &r.Tables[i]
		}
	}
	return nil
}

// Benefit returns the benefit with the given code, nil when there is none.
func (r *Register) Benefit(code string) *Benefit {
	for i := range r.Benefits {
		if r.Benefits[i].ID == code {
			return &r.Benefits[i]
		}
	}
	return nil
}

// Group returns the spell group called id, nil when there is none.
func (r *Register) Group(id string) *SpellGroup {
	for i := range r.SpellGroups {
		if r.SpellGroups[i].ID == id {
			return &r.SpellGroups[i]
		}
	}
	return nil
}

// EntityEmployer is the entity of variables that hold employers: organisations
// and sole traders.
const EntityEmployer = "employer"

// OfEmployers reports whether the table's rows are of employers and not only of
// persons: a population of organisations can have them. Those of sole traders
// are theirs as persons as well.
func (t *Table) OfEmployers() bool {
	v := t.ByRole(RolePerson)
	return v != nil && v.Entity == EntityEmployer
}

// OfEmployers reports whether all tables of the register are.
func (r *Register) OfEmployers() bool {
	return len(r.Tables) > 0 && !slices.ContainsFunc(r.Tables, func(t Table) bool { return !t.OfEmployers() })
}

// Health reports whether an order of this table touches data concerning
// health: whether any variable that can be delivered is marked so.
func (t *Table) Health() bool {
	return slices.ContainsFunc(t.Variables, func(v Variable) bool {
		return len(v.Shapes) > 0 && v.Sensitivity == SensitiveHealth
	})
}

// Health reports whether any of the register's tables holds data concerning
// health.
func (r *Register) Health() bool {
	return slices.ContainsFunc(r.Tables, func(t Table) bool { return t.Health() })
}

// Variable returns the variable called id, nil when there is none.
func (t *Table) Variable(id string) *Variable {
	for i := range t.Variables {
		if t.Variables[i].ID == id {
			return &t.Variables[i]
		}
	}
	return nil
}

// ByRole returns the first variable with the given role, nil when there is
// none. Every role but other_person and derived is held by one variable.
func (t *Table) ByRole(r Role) *Variable {
	for i := range t.Variables {
		if t.Variables[i].Role == r {
			return &t.Variables[i]
		}
	}
	return nil
}

// OnePerPerson reports whether the table has one row for each person, which holds
// for all time.
func (t *Table) OnePerPerson() bool {
	return t.ByRole(RolePerson) != nil && t.ByRole(RoleRowID) == nil && t.ByRole(RoleFrom) == nil
}

// Allows reports whether the table can be delivered in shape s.
func (t *Table) Allows(s Shape) bool { return slices.Contains(t.Shapes, s) }

// Allows reports whether the variable can be delivered in shape s.
func (v *Variable) Allows(s Shape) bool { return slices.Contains(v.Shapes, s) }

// Deliverable reports whether the variable can be ordered, in some shape.
func (v *Variable) Deliverable() bool { return len(v.Shapes) > 0 && v.Derive != DeriveAbsent }

// Stored reports whether a snapshot holds the variable, that is, whether it
// comes from the source and is not made by the kernel.
func (v *Variable) Stored() bool { return v.Source != "" && v.Role != RoleDerived }

// Values returns the value set of v in register r: the register's benefits for
// the benefit variable, else the set it names. ok is false for a variable
// without codes.
func (c *Catalogue) Values(r *Register, v *Variable) (set ValueSet, ok bool) {
	if v.Role == RoleBenefit {
		set.Names = v.Names
		for _, b := range r.Benefits {
			set.Codes = append(set.Codes, Code{Code: b.ID, Names: b.Names})
		}
		return set, true
	}
	set, ok = c.ValueSets[v.ValueSet]
	return set, ok
}

// Find returns the code's entry, nil when the set does not list it.
func (s ValueSet) Find(code string) *Code {
	for i := range s.Codes {
		if s.Codes[i].Code == code {
			return &s.Codes[i]
		}
	}
	return nil
}

// In returns the text in "sv" or, for every other value, English.
func (t Text) In(lang string) string {
	if lang == "sv" {
		return t.SV
	}
	return t.EN
}
