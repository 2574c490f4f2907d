// Package inspect reads finished data files cell by cell, with other libraries
// than those that wrote them: arrow-go for Parquet and encoding/csv for CSV,
// where the writers use parquet-go and their own code; Stata's, SPSS's and SAS's
// files with readers of its own, written from the formats' documentation. What a writer gets wrong
// a reader of the same library might not see.
//
// [Open] opens one file. [Checker] lets package disclose look at all files of a
// job; it is the works.Checker of the vault.
package inspect

import (
	"fmt"
	"iter"
	"os"

	"sluss/internal/disclose"
	"sluss/internal/plan"
)

// File is an open data file. Its rows can be read once.
type File struct {
	Header   []string
	Stated   int64       // rows by the file's own word, −1 for CSV and SAS transport
	Metadata [][2]string // keys and values beside the rows; labels do not count
	rows     iter.Seq2[[]disclose.Cell, error]
	close    func() error
}

// Rows gives the rows in order. The slice is valid until the next row; an error
// ends them. No error holds what stands in a cell.
func (f *File) Rows() iter.Seq2[[]disclose.Cell, error] { return f.rows }

// Close closes the file.
func (f *File) Close() error { return f.close() }

// Open opens a file that was written as o says.
func Open(path string, o plan.Output) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a finished file: %w", err)
	}
	var f *File
	switch o.Format {
	case "csv":
		f, err = openCSV(in, o)
	case "parquet":
		f, err = openParquet(in)
	case "dta":
		f, err = openDTA(in)
	case "sav", "zsav":
		f, err = openSAV(in)
	case "xpt":
		f, err = openXPT(in)
	default:
		err = fmt.Errorf("inspect: no reader for the format %q", o.Format)
	}
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	return f, nil
}
