package cluster

import (
	"encoding/json"
	"os"
	"path/filepath"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
)

// LayoutName is the file beside the tables that says what they hold.
const LayoutName = "layout.json"

// layoutFormat is the version of the layout that this program reads.
const layoutFormat = 1

// Layout describes a snapshot laid out as Parquet: one folder per table, files
// in folders bucket=N by the person's number modulo Buckets.
//
// Every file has the column _person (int64), the person's number in the
// snapshot, and one column per variable; nothing in it names anybody.
type Layout struct {
	Format    int           `json:"format"`
	Snapshot  string        `json:"snapshot"`
	Hash      canon.Hash    `json:"hash"` // of the snapshot's manifest
	Day       day.Day       `json:"day"`
	Synthetic bool          `json:"synthetic"`
	Persons   int           `json:"persons"`
	Buckets   int           `json:"buckets"`
	Tables    []TableLayout `json:"tables"`
}

// TableLayout is one table of a layout.
type TableLayout struct {
	ID      string         `json:"id"`
	Rows    int64          `json:"rows"`
	Columns []ColumnLayout `json:"columns"`
}

// ColumnLayout is one variable of a table.
type ColumnLayout struct {
	Variable string `json:"variable"`
	Type     Type   `json:"type"`
	// Codes is the dictionary of a column of codes, in bytewise order; the first
	// is the empty text, which stands for a missing value.
	Codes []string `json:"codes,omitempty"`
	From  bool     `json:"from,omitempty"`   // the first day: rows of a person are in its order,
	RowID bool     `json:"row_id,omitempty"` // then in that of the row number
}

// Type is how the values of a variable lie in a column. A missing value is
// null.
type Type string

// Types, with their Parquet and Arrow types.
const (
	TypeDay    Type = "day"    // DATE; date32
	TypeInt32  Type = "int32"  // INT32
	TypeInt64  Type = "int64"  // INT64
	TypeCode   Type = "code"   // STRING; utf8
	TypeExtent Type = "extent" // INT32, per mille
	TypePerson Type = "person" // INT64, number in the snapshot
)

// ReadLayout reads the layout of the folder dir.
func ReadLayout(dir string) (*Layout, error) {
	bad := fault.New("cluster.layout", "Mappen innehåller ingen utläggning som det här programmet läser.", "The folder holds no layout that this program reads.").
		Do("Gör en med sluss-engine cluster export.", "Make one with sluss-engine cluster export.")
	b, err := os.ReadFile(filepath.Join(dir, LayoutName))
	if err != nil {
		return nil, bad.Because(err)
	}
	var l Layout
	if err := json.Unmarshal(b, &l); err != nil || l.Format != layoutFormat {
		return nil, bad.Because(err)
	}
	return &l, nil
}

// Table returns a table of the layout, nil where there is none.
func (l *Layout) Table(id string) *TableLayout {
	for i := range l.Tables {
		if l.Tables[i].ID == id {
			return &l.Tables[i]
		}
	}
	return nil
}

// source is the layout as the engine sees it, without rows.
func (l *Layout) source() *embedded.Source {
	tables := map[string]*embedded.Table{}
	for i := range l.Tables {
		t := &embedded.Table{Rows: func(uint32) (int, int) { return 0, 0 }, Columns: map[string]*embedded.Column{}}
		for _, c := range l.Tables[i].Columns {
			t.Columns[c.Variable] = c.empty().Column()
		}
		tables[l.Tables[i].ID] = t
	}
	return &embedded.Source{
		ID: l.Snapshot, Day: l.Day, Persons: l.Persons,
		Birth: func(uint32) (day.Day, bool) { return 0, false },
		Table: func(id string) *embedded.Table { return tables[id] },
	}
}

// empty returns a column of the type, without values.
func (c *ColumnLayout) empty() *embedded.Plain {
	switch c.Type {
	case TypeDay:
		return &embedded.Plain{Days: []day.Day{}}
	case TypeInt32:
		return &embedded.Plain{Int32s: []int32{}}
	case TypeCode:
		return &embedded.Plain{Codes: []uint16{}, Dict: c.Codes}
	case TypeExtent:
		return &embedded.Plain{Extents: []uint16{}}
	case TypePerson:
		return &embedded.Plain{Persons: []uint32{}}
	}
	return &embedded.Plain{Int64s: []int64{}}
}
