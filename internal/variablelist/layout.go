package variablelist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
)

// SheetLayouts is the sheet of layouts: a line for each column that a file in
// the holder's own form has ([catalog.ShapeLayout]), in the order of the file.
const SheetLayouts = "Egna former"

// LayoutMapping says where the columns of tables' own layouts stand: the
// members table, name and variable, and register where the list holds several.
// The order of the lines is that of the columns.
type LayoutMapping struct {
	Sheet   string            `json:"sheet,omitempty"`
	Header  int               `json:"header,omitempty"`
	Columns map[string]string `json:"columns,omitempty"`
}

// layoutFields are the columns of the sheet: member and header.
var layoutFields = [][2]string{
	{"register", "Register"}, {"table", "Tabell / Table"}, {"name", "Kolumn / Column"}, {"variable", "Variabel / Variable"},
}

// layoutRows are the lines of the sheet, the header first.
func layoutRows(c *catalog.Catalogue) [][]string {
	var head []string
	for _, f := range layoutFields {
		head = append(head, f[1])
	}
	out := [][]string{head}
	for i := range c.Registers {
		for _, t := range c.Registers[i].Tables {
			for _, column := range t.Layout {
				out = append(out, []string{c.Registers[i].ID, t.ID, column.Name, column.Variable})
			}
		}
	}
	return out
}

// ownLayouts is the mapping of the sheet that [WriteExcel] writes.
func ownLayouts() *LayoutMapping {
	m := &LayoutMapping{Sheet: SheetLayouts, Columns: map[string]string{}}
	for _, f := range layoutFields {
		m.Columns[f[0]] = f[1]
	}
	return m
}

// check refuses members that a column of a layout does not have, and a mapping
// without those that it must have.
func (m *LayoutMapping) check() error {
	for path := range m.Columns {
		if !slices.ContainsFunc(layoutFields, func(f [2]string) bool { return f[0] == path }) {
			return whole("layouts.columns."+path+": en kolumn i en egen form har ingen sådan uppgift", "layouts.columns."+path+": a column of a layout has no such member")
		}
	}
	for _, path := range []string{"name", "variable"} {
		if m.Columns[path] == "" {
			return whole("layouts.columns."+path+" saknas", "layouts.columns."+path+" is missing")
		}
	}
	return nil
}

// layouts reads the columns of layouts into the tables of the mapping. The
// lines of variables have been read before.
func (im *importer) layouts(f *excelize.File) {
	seen := map[[2]string]bool{}
	columns := map[string][]any{}
	im.sheet(f, im.m.Layouts.Sheet, im.m.Layouts.Header, im.m.Layouts.Columns, func(cells map[string]cell) {
		if register, ok := cells["register"]; ok && im.m.Only != "" && register.text != im.m.Only {
			return
		}
		table := im.layoutTable(cells)
		if table == nil {
			return
		}
		id, name, variable := fmt.Sprint(table["id"]), cells["name"], cells["variable"]
		switch {
		case name.text == "":
			im.bad(name.at, "kolumnen har inget namn", "the column has no name")
		case seen[[2]string{id, name.text}]:
			im.bad(name.at, "tabellens form har redan en kolumn med detta namn", "the layout of the table has a column of this name already")
		case variable.text == "":
			im.bad(variable.at, "vilken variabels värden har kolumnen?", "which variable's values does the column have?")
		case !im.inLayout(id, variable.text):
			im.bad(variable.at, "tabellen har ingen sådan variabel med formen %s", "the table has no such variable with the shape %s", string(catalog.ShapeLayout))
		}
		seen[[2]string{id, name.text}] = true
		columns[id] = append(columns[id], map[string]any{"name": name.text, "variable": variable.text})
	})
	for _, table := range im.registerTables() {
		id := fmt.Sprint(table["id"])
		if columns[id] == nil {
			continue
		}
		if table["layout"] != nil {
			im.bad("", "tabellen %s har sin form både här och i kolumnbeskrivningen", "the table %s has its layout both here and in the mapping", id)
			continue
		}
		table["layout"] = columns[id]
	}
}

// layoutTable is the table that a line belongs to; nil, with the fault noted,
// where there is none.
func (im *importer) layoutTable(cells map[string]cell) map[string]any {
	tables := im.registerTables()
	c := cells["table"]
	if c.text == "" && len(tables) == 1 {
		return tables[0]
	}
	for _, t := range tables {
		if fmt.Sprint(t["id"]) == c.text {
			return t
		}
	}
	if c.at == "" { // the list has no column of tables
		c.at = cells["name"].at
	}
	im.bad(c.at, "vilken av kolumnbeskrivningens tabeller hör kolumnen till?", "which table of the mapping does the column belong to?")
	return nil
}

// registerTables are the tables of the mapping.
func (im *importer) registerTables() []map[string]any {
	var out []map[string]any
	list, _ := im.m.Register["tables"].([]any)
	for _, t := range list {
		if table, ok := t.(map[string]any); ok {
			out = append(out, table)
		}
	}
	return out
}

// inLayout reports whether a table's list has a variable that is delivered in
// the layout. Variables that templates bring are not in the list; for tables
// that have such the catalogue says it, when the whole is checked.
func (im *importer) inLayout(table, variable string) bool {
	if len(im.m.Before)+len(im.m.After)+len(im.m.Like) > 0 {
		return true
	}
	return slices.ContainsFunc(im.tables[table], func(v any) bool {
		member, _ := v.(map[string]any)
		list, _ := member["shapes"].([]string)
		return member["id"] == strings.TrimSpace(variable) && slices.Contains(list, string(catalog.ShapeLayout))
	})
}
