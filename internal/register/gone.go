package register

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/fault"
)

// Some columns a source may lack: every value is missing then. A file that has lost such
// a column since the load before would take its values from every row, and with them
// days from spells that have been delivered, so somebody has to say that it is meant.

// nothingGone checks that the file of a table has the columns that the rows known at the
// load before have values in, but for those of Options.Without.
func (b *builder) nothingGone(l *layout, s *source) error {
	if b.parent == nil || b.parent.Table(l.table.ID) == nil {
		return nil
	}
	before := b.parent.Table(l.table.ID)
	for i := range l.fields {
		f := &l.fields[i]
		name := l.table.ID + "." + f.v.ID
		if s.leaf[i+1] != absentLeaf || slices.Contains(b.o.Without, name) { // the person comes first
			continue
		}
		// A column of another type is refused elsewhere ([newParent]).
		if c := before.Column(f.v.ID); c != nil && c.Type() == f.typ && before.tells(c, f, b.parent.manifest.Load) {
			return fault.New("register.column_gone",
				"Kolumnen saknas i filen, men fanns vid förra inläsningen: raderna i filen skulle mista sina värden.",
				"The column is missing from the file, but was there at the load before: the rows of the file would lose their values.").
				Do(fmt.Sprintf("Be leverantören om filen med kolumnen. Har den upphört, läs in med --without %s.", name),
					fmt.Sprintf("Ask the supplier for the file with the column. If it has come to an end, load with --without %s.", name)).
				At(fault.Where{File: s.name, Column: f.v.Source})
		}
	}
	return nil
}

// checkWithout checks that Options.Without names columns that files may lack.
func (o *Options) checkWithout() error {
	for _, name := range o.Without {
		table, variable, _ := strings.Cut(name, ".")
		_, t := o.Catalogue.Table(table)
		if t != nil {
			if v := t.Variable(variable); v != nil && v.Optional {
				continue
			}
		}
		return fault.New("register.without", fmt.Sprintf("%q är ingen kolumn som filer får sakna.", name), fmt.Sprintf("%q is no column that files may lack.", name)).
			Do("Skriv tabellens och variabelns id med punkt emellan; listan över variabler säger vilka som får saknas (optional).",
				"Write the ids of the table and of the variable with a dot between them; the list of variables says which may be missing (optional).")
	}
	return nil
}

// tells reports whether some row that was known at a load has a value in a column,
// which holds a field.
func (t *Table) tells(c *Column, f *field, load int) bool {
	if c.empty() {
		return false
	}
	none := f.absent()
	known := t.Visible(load)
	for i := range t.Len() {
		if known.Row(i) && c.pattern(i) != none {
			return true
		}
	}
	return false
}
