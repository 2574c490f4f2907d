// Package form reads tables that others have made: delimited text and Excel
// workbooks, as population and key files arrive.
//
// [NewReader] looks at the first bytes, finds out encoding and separator, and
// [Reader.Next] hands out one row after the other without keeping them. Line
// numbers are those an editor or Excel shows, so that a supplier finds the
// place; the header is a row like the others.
//
//   - Text: separator ; , tab or |; UTF-8 with or without byte order mark,
//     UTF-16 with one, else Windows-1252, which ISO-8859-1 is a part of; line
//     ends LF, CRLF or CR; fields quoted with ". A NUL byte is refused.
//   - Excel: .xlsx only, read from memory and never through a temporary file,
//     with bounds on size, number of entries and compression ratio. Macros,
//     external links, data connections, document type definitions and a second
//     sheet with content are refused. Numbers come as digits, dates as
//     YYYY-MM-DD.
//
// Faults name file, line and what to do. They never hold content of the file,
// and the errors of the parsers underneath, which may, are not passed on
// (promise 14).
package form

import (
	"bytes"
	"context"
	"errors"
	"io"

	"sluss/internal/fault"
)

// Options says how to read a file. The zero value is right for most.
type Options struct {
	Name  string // base name of the file, for messages
	Sheet string // Excel: the sheet to read; "" = the only one that holds data
	// MaxBytes bounds the file as it stands on disk. 0 = 4 GiB for text and
	// 256 MiB for Excel.
	MaxBytes int64
	// Progress, if set, is called about every 50 000 rows.
	Progress func(Progress)
}

// Progress says how far a reader has come.
type Progress struct {
	Rows  int   // rows handed out, header included
	Bytes int64 // text: bytes read; Excel: bytes of the sheet unpacked
	Total int64 // bytes in all; 0 = not known
}

// Info is what a reader has found out about its file.
type Info struct {
	Kind      string // csv or xlsx
	Encoding  string // utf-8, utf-16 or windows-1252, by what has been read so far
	Separator byte   // 0 = one column, or Excel
	Sheet     string // name of the sheet
}

// Row is one line of the table. Cells are UTF-8 and valid until the next call
// of [Reader.Next]. A blank line has one empty cell or none.
type Row struct {
	Line  int // 1 is the first line
	Cells [][]byte
}

// Reader hands out the rows of a table file, one at a time. It is not safe for
// concurrent use.
type Reader struct {
	ctx    context.Context
	source interface{ next() (Row, error) }
	info   *Info
	o      Options
	rows   int
	pos    func() (done, total int64)
}

const (
	progressEvery = 50_000
	headSize      = 64
	defaultText   = 4 << 30
	defaultExcel  = 256 << 20
)

// NewReader begins to read r. What cannot be a table is refused with a
// [fault.Fault] of class Input; ctx ends reading early with its own error.
func NewReader(ctx context.Context, r io.Reader, o Options) (*Reader, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, empty(o.Name)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF):
		return nil, unreadable(o.Name, err)
	}
	if f := foreign(head, o.Name); f != nil {
		return nil, f
	}
	t := &Reader{ctx: ctx, o: o, info: &Info{}}
	r = io.MultiReader(bytes.NewReader(head), r)
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		x, err := newExcel(ctx, r, o, t.info)
		if err != nil {
			return nil, err
		}
		t.source, t.pos = x, x.position
		return t, nil
	}
	c, err := newText(ctx, r, head, o, t.info)
	if err != nil {
		return nil, err
	}
	t.source, t.pos = c, c.position
	return t, nil
}

// Next returns the next row, io.EOF after the last, a [fault.Fault] where the
// file cannot be read on, or the context's error.
func (t *Reader) Next() (Row, error) {
	row, err := t.source.next()
	if err != nil {
		return Row{}, err
	}
	t.rows++
	if t.rows%4096 == 0 {
		if err := t.ctx.Err(); err != nil {
			return Row{}, err
		}
	}
	if t.o.Progress != nil && t.rows%progressEvery == 0 {
		done, total := t.pos()
		t.o.Progress(Progress{t.rows, done, total})
	}
	return row, nil
}

// Info returns what has been found out about the file so far.
func (t *Reader) Info() Info { return *t.info }

// foreign names a kind of file that is no table, by its first bytes.
func foreign(head []byte, name string) *fault.Fault {
	is := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case is("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"):
		return fault.New("form.old_excel",
			"Filen är en lösenordsskyddad Excelfil eller har det gamla formatet .xls.",
			"The file is a password-protected workbook or has the old format .xls.").
			Do("Spara den utan lösenord som .xlsx eller CSV och skicka den förseglad.",
				"Save it without a password as .xlsx or CSV and send it sealed.").At(fault.Where{File: name})
	case is("age-encryption.org/"), is("-----BEGIN AGE ENCRYPTED FILE"):
		return fault.New("form.sealed", "Filen är förseglad.", "The file is sealed.").
			Do("Öppna den med nyckeln den är förseglad till.", "Open it with the key it is sealed to.").At(fault.Where{File: name})
	case is("\x1F\x8B"), is("7z\xBC\xAF\x27\x1C"), is("Rar!"), is("%PDF"), is("PAR1"), is("\x28\xB5\x2F\xFD"):
		return notTable(name)
	}
	return nil
}

func notTable(name string) *fault.Fault {
	return fault.New("form.not_a_table", "Filen är varken CSV eller .xlsx.", "The file is neither CSV nor .xlsx.").
		Do("Spara tabellen som CSV eller .xlsx.", "Save the table as CSV or .xlsx.").At(fault.Where{File: name})
}

func empty(name string) *fault.Fault {
	return fault.New("form.empty", "Filen är tom.", "The file is empty.").
		Do("Skicka en fil med en rubrikrad och en rad per person.", "Send a file with a header line and one line per person.").
		At(fault.Where{File: name})
}

func unreadable(name string, err error) *fault.Fault {
	return fault.New("form.unreadable", "Filen kunde inte läsas till slutet.", "The file could not be read to its end.").
		Do("Skicka den igen.", "Send it again.").At(fault.Where{File: name}).Because(err)
}

func tooLarge(name string, limit int64) *fault.Fault {
	f := fault.New("form.too_large", "Filen är större än vad som tas emot.", "The file is larger than what is accepted.").
		Do("Dela den, eller skicka den som CSV.", "Split it, or send it as CSV.").At(fault.Where{File: name})
	if limit > 0 {
		f.SV += " Gränsen är " + mebibytes(limit) + "."
		f.EN += " The limit is " + mebibytes(limit) + "."
	}
	return f
}
