// Package format writes finished data files, column by column.
//
// A file is described by a [Schema] and filled with a [Batch] at a time. A
// batch holds one typed vector per column, so nothing is boxed on the way from
// the kernel to the disk. Begin with [NewStream]: it takes batches in the order
// of the file, encodes groups of rows on several goroutines and writes them in
// order.
//
// The same rows give the same bytes, whatever the size of the batches and the
// number of goroutines (promise 15): groups are cut at a fixed number of rows,
// and nothing of the clock, the machine or the versions of the libraries is
// written into a file.
//
// What stands in a cell:
//
//	type      vector                      CSV                      Parquet
//	Int32     int32                       -12                      INT32
//	Int64     int64                       -12                      INT64
//	Date      int32, days since 1970      2024-01-30 or 20240130   DATE
//	Week      int32, its Thursday / 7     2024-W05                 STRING
//	Month     int32, as day.Day.Month     2024-01                  STRING
//	Quarter   int32, a third of that      2024-Q1                  STRING
//	Decimal   int64, Scale decimals       22.5 (no trailing zeros) DECIMAL(18, Scale)
//	Text      int32, index in Dict        the text                 STRING
//
// The formats of statistical programs hold the same, see the types in dta.go,
// sav.go and xpt.go: numbers as the nearest 64-bit floating point number (whole
// numbers to 2^53 exactly, beyond that they are refused), dates as the
// program's own, weeks, months, quarters and codes as texts. What a format cannot hold
// is refused with a [fault.Fault] under a code that begins with "format.".
//
// Money is whole öre as Int64, never kronor with decimals. Net days are
// Decimal with three decimals, extents per cent with one: both are exact, and
// both are read as numbers by R, Python, Stata and SAS without any floating
// point of ours. Missing values are [Null32], [Null64] or, in text, index 0.
package format

import (
	"fmt"
	"io"
	"math"

	"sluss/internal/plan"
)

// Missing values of vectors. Text has index 0 instead.
const (
	Null32 int32 = math.MinInt32
	Null64 int64 = math.MinInt64
)

// Type is what the cells of a column hold; see the package comment.
type Type uint8

// Types of columns.
const (
	Int32 Type = iota
	Int64
	Date
	Week // ISO 8601
	Month
	Quarter
	Decimal
	Text
)

var typeNames = [...]string{"int32", "int64", "date", "week", "month", "quarter", "decimal", "text"}

// String returns the type's name as it stands in manifests.
func (t Type) String() string { return typeNames[t] }

// Wide reports whether vectors of the type hold 64 bits.
func (t Type) Wide() bool { return t == Int64 || t == Decimal }

// Column describes one column of a file.
type Column struct {
	Name  string
	Type  Type
	Scale uint8 // decimals of a Decimal, 1–9
	// Dict holds the texts of a Text column; Dict[0] is "" and stands for a
	// missing value.
	Dict []string
	// Label says what the column is, in the files that hold labels, and Labels
	// what its values are: codes of a Text, whole numbers of an Int32.
	Label  string
	Labels []ValueLabel
	// Nullable: the column can hold missing values. Others never do, and a
	// missing value in them is an error.
	Nullable bool
}

// ValueLabel says what a code, or a whole number in decimal digits, stands for.
type ValueLabel struct{ Code, Text string }

// Schema is the columns of a file in order.
type Schema struct{ Columns []Column }

// Vector holds the cells of one column of a batch: in I64 for wide types, else
// in I32.
type Vector struct {
	I32 []int32
	I64 []int64
}

// Batch is N rows, one vector per column of the schema.
type Batch struct {
	Cols []Vector
	N    int
}

// NewBatch returns an empty batch for s.
func NewBatch(s *Schema) *Batch { return &Batch{Cols: make([]Vector, len(s.Columns))} }

// Reset empties b and keeps its memory.
func (b *Batch) Reset() {
	for i := range b.Cols {
		b.Cols[i].I32, b.Cols[i].I64 = b.Cols[i].I32[:0], b.Cols[i].I64[:0]
	}
	b.N = 0
}

// Append adds the rows [lo, hi) of a batch with the same schema.
func (b *Batch) Append(from *Batch, lo, hi int) {
	for i := range b.Cols {
		c, f := &b.Cols[i], &from.Cols[i]
		if f.I64 != nil {
			c.I64 = append(c.I64, f.I64[lo:hi]...)
		} else if f.I32 != nil {
			c.I32 = append(c.I32, f.I32[lo:hi]...)
		}
	}
	b.N += hi - lo
}

// Kinds of files.
const (
	CSV     = "csv"
	Parquet = "parquet"
	DTA     = "dta"  // Stata, release 118
	SAV     = "sav"  // SPSS
	ZSAV    = "zsav" // SPSS, compressed with zlib
	XPT     = "xpt"  // SAS transport, version 5
)

// Options say how a file is written. Fill them with [OptionsOf].
type Options struct {
	Format    string
	Delimiter byte
	Encoding  string // utf-8, utf-8-bom or iso-8859-1
	Compact   bool   // dates as 20240130
	Decimal   byte   // . or ,
	Null      string // text of a missing value
	// Stamp says in a few words what the file as a whole is, where the format
	// has a place for it: the label of a data set in Stata (80 characters), SPSS
	// (64) and SAS (40), the metadata of Parquet under the key "sluss". CSV has
	// none. Real deliveries have no stamp. ASCII.
	Stamp string
}

// OptionsOf returns the options of a specification's output. What it leaves
// open is a semicolon, UTF-8 without a byte order mark, dates as 2024-01-30, a
// decimal point and the empty text for missing values; readers of the files use
// the same function. Only CSV has options.
func OptionsOf(o plan.Output) (Options, error) {
	out := Options{Format: o.Format, Delimiter: ';', Encoding: "utf-8", Decimal: '.', Null: o.Null}
	switch o.Format {
	case CSV, Parquet, DTA, SAV, ZSAV, XPT:
	default:
		return out, fmt.Errorf("format: no writer for %q", o.Format)
	}
	switch o.Delimiter {
	case "":
	case ";", ",", "\t":
		out.Delimiter = o.Delimiter[0]
	default:
		return out, fmt.Errorf("format: no delimiter %q", o.Delimiter)
	}
	switch o.Encoding {
	case "":
	case "utf-8", "utf-8-bom", "iso-8859-1":
		out.Encoding = o.Encoding
	default:
		return out, fmt.Errorf("format: no encoding %q", o.Encoding)
	}
	switch o.Date {
	case "", "iso":
	case "yyyymmdd":
		out.Compact = true
	default:
		return out, fmt.Errorf("format: no form of dates %q", o.Date)
	}
	switch o.Decimal {
	case "", ".":
	case ",":
		out.Decimal = ','
	default:
		return out, fmt.Errorf("format: no decimal sign %q", o.Decimal)
	}
	if out.Decimal == out.Delimiter {
		return out, fmt.Errorf("format: comma both between and inside cells")
	}
	return out, nil
}

// Extension returns the ending of file names, with its dot.
func (o Options) Extension() string { return "." + o.Format }

// block is a stretch of rows, encoded.
type block any

// file is one kind of file.
type file interface {
	// encode turns rows into a block. It is safe for concurrent use and does
	// not keep b.
	encode(b *Batch) (block, error)
	// add writes blocks, in the order of the file.
	add(block) error
	// end writes what comes last; rows is how many there were.
	end(rows int64) error
}

// patcher is a file whose head states what is known only at its end.
type patcher interface {
	// patches may be asked for after end.
	patches() []patch
}

// patch is bytes to put at a place that has been written already.
type patch struct {
	at int64
	b  []byte
}

func create(w io.Writer, s *Schema, o Options) (file, error) {
	for _, c := range s.Columns {
		if c.Type == Text && (len(c.Dict) == 0 || c.Dict[0] != "") {
			return nil, fmt.Errorf("format: column %s has no dictionary that begins with the missing value", c.Name)
		}
		if c.Type == Decimal && (c.Scale < 1 || c.Scale > 9) {
			return nil, fmt.Errorf("format: column %s has %d decimals, want 1–9", c.Name, c.Scale)
		}
	}
	switch o.Format {
	case Parquet:
		return createParquet(w, s, o.Stamp)
	case DTA:
		return createDTA(w, s, o.Stamp)
	case SAV, ZSAV:
		return createSAV(w, s, o.Format == ZSAV, o.Stamp)
	case XPT:
		return createXPT(w, s, o.Stamp)
	}
	return createCSV(w, s, o)
}

// missing is the error for a missing value in a column that may not have any.
// It names the column only.
func missing(c *Column) error {
	return fmt.Errorf("format: a missing value in column %s", c.Name)
}
