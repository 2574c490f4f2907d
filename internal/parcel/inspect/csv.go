package inspect

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"sluss/internal/disclose"
	"sluss/internal/plan"
)

var (
	errNoMark  = errors.New("inspect: the byte order mark is missing, or stands where none belongs")
	errUnequal = errors.New("inspect: a line that is no CSV")
)

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

func openCSV(in *os.File, o plan.Output) (*File, error) {
	buffered := bufio.NewReaderSize(in, 1<<18)
	head, err := buffered.Peek(len(byteOrderMark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if marked := bytes.Equal(head, byteOrderMark); marked != (o.Encoding == "utf-8-bom") {
		return nil, errNoMark
	} else if marked {
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	var text io.Reader = buffered
	switch o.Encoding {
	case "", "utf-8", "utf-8-bom":
	case "iso-8859-1":
		text = charmap.ISO8859_1.NewDecoder().Reader(buffered)
	default:
		return nil, fmt.Errorf("inspect: no reader for the encoding %q", o.Encoding)
	}
	r := csv.NewReader(text)
	r.Comma, r.ReuseRecord, r.FieldsPerRecord = ';', true, -1
	if o.Delimiter != "" {
		r.Comma = rune(o.Delimiter[0])
	}
	header, err := r.Read()
	if err != nil {
		return nil, errUnequal
	}
	return &File{Header: slices.Clone(header), Stated: -1, rows: csvRows(r, o.Null), close: in.Close}, nil
}

// csvRows reads text cells; the text of missing values is missing, quoted or
// not.
func csvRows(r *csv.Reader, null string) func(func([]disclose.Cell, error) bool) {
	return func(yield func([]disclose.Cell, error) bool) {
		var cells []disclose.Cell
		for {
			record, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil { // a *csv.ParseError names the place only, but nothing more is needed
				yield(nil, errUnequal)
				return
			}
			cells = cells[:0]
			for _, t := range record {
				cells = append(cells, textCell(t, null))
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}

func textCell(t, null string) disclose.Cell {
	switch {
	case t == null:
		return disclose.Cell{}
	case !utf8.ValidString(t):
		return disclose.Cell{Kind: disclose.Other}
	}
	return disclose.Cell{Kind: disclose.Text, Text: t}
}
