package inspect

import (
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"sluss/internal/disclose"
)

// The readers of Stata's, SPSS's and SAS's files are written from the
// documentation of the formats and share nothing with the writers: they take a
// file apart as any other program would, and refuse what they do not know.

var errStats = errors.New("inspect: the file of a statistical program cannot be read")

// cellsOf takes one row apart.
type cellsOf func(cells []disclose.Cell) error

// statRows gives n rows, or for n < 0 rows until next says io.EOF.
func statRows(columns int, n int64, next cellsOf) func(func([]disclose.Cell, error) bool) {
	return func(yield func([]disclose.Cell, error) bool) {
		cells := make([]disclose.Cell, columns)
		for i := int64(0); n < 0 || i < n; i++ {
			err := next(cells)
			if n < 0 && errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, errStats)
				return
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}

// numberCell turns a floating point number into the number with scale decimals
// that it is the nearest one to. It is Other when it is none's.
func numberCell(x float64, scale uint8) disclose.Cell {
	unit := math.Pow10(int(scale))
	// Of very large numbers the product is rounded, too, to a neighbour.
	for _, n := range []float64{math.Round(x * unit), math.Round(x*unit) - 1, math.Round(x*unit) + 1} {
		if math.Abs(n) <= 1<<53 && n/unit == x {
			return disclose.Cell{Kind: disclose.Number, Scale: scale, N: int64(n)}
		}
	}
	return disclose.Cell{Kind: disclose.Other}
}

// dayCell turns a day counted from another first day into a date.
func dayCell(x float64, first int64) disclose.Cell {
	if x != math.Trunc(x) || math.Abs(x) > 1e7 {
		return disclose.Cell{Kind: disclose.Other}
	}
	return disclose.Cell{Kind: disclose.Date, N: int64(x) + first}
}

// statText is a text without the fill after it; nothing is missing.
func statText(t string) disclose.Cell {
	switch {
	case t == "":
		return disclose.Cell{}
	case !utf8.ValidString(t):
		return disclose.Cell{Kind: disclose.Other}
	}
	return disclose.Cell{Kind: disclose.Text, Text: t}
}

func unpadded(b []byte) string { return strings.TrimRight(string(b), " ") }

// input reads the head of a file; after an error everything is zero.
type input struct {
	r   io.Reader
	err error
}

func (in *input) bytes(n int) []byte {
	if in.err != nil || n < 0 || n > 1<<26 {
		in.err = errStats
		return make([]byte, max(0, min(n, 1<<10)))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in.r, b); err != nil {
		in.err = errStats
	}
	return b
}

func (in *input) expect(s string) {
	if string(in.bytes(len(s))) != s {
		in.err = errStats
	}
}

func sizeOf(f *os.File) int64 {
	st, err := f.Stat()
	if err != nil {
		return 0
	}
	return st.Size()
}
