package form

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"sluss/internal/fault"
)

// blockSize bounds a record, too: a longer line is a quote that never closes.
const blockSize = 1 << 20

// text reads delimited text in blocks. A record is parsed where it lies in the
// block; only quoted fields with doubled quotes and fields that are not UTF-8
// are copied.
type text struct {
	ctx   context.Context
	r     io.Reader
	name  string
	info  *Info
	left  int64 // bytes that may still be read
	limit int64

	buf      []byte
	pos, end int
	eof      bool
	read     int64
	line     int // line on which the next record starts
	class    [256]byte
	cells    [][]byte
	scratch  []byte
}

// Classes of bytes. Everything else is plain.
const (
	plain byte = iota
	sep
	lf
	cr
	quote
	high // not ASCII
	nul
)

func newText(ctx context.Context, r io.Reader, head []byte, o Options, info *Info) (*text, error) {
	info.Kind, info.Encoding = "csv", "utf-8"
	t := &text{ctx: ctx, name: o.Name, info: info, line: 1, limit: o.MaxBytes, buf: make([]byte, blockSize)}
	if t.limit == 0 {
		t.limit = defaultText
	}
	t.left = t.limit
	t.r = r
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		info.Encoding = "utf-16"
		t.r = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(r)
	}
	for i := range t.class {
		if i >= 0x80 {
			t.class[i] = high
		}
	}
	t.class['\n'], t.class['\r'], t.class['"'], t.class[0] = lf, cr, quote, nul
	if err := t.fill(); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(t.buf[:t.end], []byte{0xEF, 0xBB, 0xBF}) {
		t.pos = 3
	}
	if info.Separator = separator(t.buf[t.pos:t.end]); info.Separator != 0 {
		t.class[info.Separator] = sep
	}
	if t.pos == t.end && t.eof {
		return nil, empty(o.Name)
	}
	return t, nil
}

// separator returns the one of ; , tab and | that stands most often outside
// quotes in the first line, the first of them where equal, 0 if there is none.
func separator(b []byte) byte {
	var count [256]int
	quoted := false
loop:
	for _, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '\n' || c == '\r'):
			break loop
		case !quoted:
			count[c]++
		}
	}
	var best byte
	for _, c := range []byte{';', ',', '\t', '|'} {
		if count[c] > 0 && (best == 0 || count[c] > count[best]) {
			best = c
		}
	}
	return best
}

func (t *text) position() (done, total int64) { return t.read, 0 }

// fill moves what is left to the front of the buffer and reads on.
func (t *text) fill() error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	copy(t.buf, t.buf[t.pos:t.end])
	t.end -= t.pos
	t.pos = 0
	if t.end == len(t.buf) {
		return fault.New("form.long_line",
			"Raden är längre än 1 MiB; troligen saknas ett avslutande citattecken.",
			"The line is longer than 1 MiB; a closing quotation mark is probably missing.").
			Do("Rätta raden och skicka filen igen.", "Correct the line and send the file again.").
			At(fault.Where{File: t.name, Line: t.line})
	}
	for t.end < len(t.buf) {
		n, err := t.r.Read(t.buf[t.end:])
		t.end += n
		t.read += int64(n)
		if t.left -= int64(n); t.left < 0 {
			return tooLarge(t.name, t.limit)
		}
		if errors.Is(err, io.EOF) {
			t.eof = true
			return nil
		}
		if err != nil {
			return unreadable(t.name, err)
		}
	}
	return nil
}

func (t *text) next() (Row, error) {
	for {
		if t.pos == t.end && t.eof {
			return Row{}, io.EOF
		}
		size, lines, err := t.record(t.buf[t.pos:t.end])
		if err != nil {
			return Row{}, err
		}
		if size >= 0 {
			row := Row{t.line, t.cells}
			t.pos += size
			t.line += lines
			return row, nil
		}
		if err := t.fill(); err != nil {
			return Row{}, err
		}
	}
}

// record parses the record at the start of b into t.cells and returns its
// length and number of lines; -1 if b ends too early.
func (t *text) record(b []byte) (size, lines int, err error) {
	t.cells, t.scratch = t.cells[:0], t.scratch[:0]
	start, foreign := 0, false
	for i := 0; i < len(b); i++ {
		switch t.class[b[i]] {
		case plain:
		case high:
			foreign = true
		case sep:
			t.add(b[start:i], foreign)
			start, foreign = i+1, false
		case lf:
			t.add(b[start:i], foreign)
			return i + 1, lines + 1, nil
		case cr:
			if i+1 == len(b) && !t.eof {
				return -1, 0, nil
			}
			t.add(b[start:i], foreign)
			if i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
			return i + 1, lines + 1, nil
		case quote:
			if i != start {
				continue // a quotation mark inside a field stands for itself
			}
			cell, n, more, err := t.quoted(b[i:])
			if n < 0 || err != nil {
				return n, 0, err
			}
			t.cells = append(t.cells, cell)
			lines += more
			i += n
			switch {
			case i == len(b):
				return i, lines, nil
			case t.class[b[i]] == sep:
				start, foreign = i+1, false
			case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
				return i + 2, lines + 1, nil
			default:
				return i + 1, lines + 1, nil
			}
		case nul:
			return 0, 0, t.notText(lines)
		}
	}
	if !t.eof {
		return -1, 0, nil
	}
	t.add(b[start:], foreign)
	return len(b), lines, nil
}

// quoted parses a quoted field at the start of b. n is the position of the
// separator or line end after it (or len(b) at the end of the file), -1 if b
// ends too early. What follows the closing mark up to there belongs to the
// field: it is wrong, but the check on the value shall say so. In a field that
// runs over several lines it is a fault, for then a stray mark has swallowed
// lines, and with them persons.
func (t *text) quoted(b []byte) (cell []byte, n, lines int, err error) {
	from := len(t.scratch)
	closed, foreign := false, false
	for i := 1; i < len(b); i++ {
		c := b[i]
		k := t.class[c]
		switch {
		case k == nul:
			return nil, 0, 0, t.notText(lines)
		case !closed && c == '"':
			if i+1 == len(b) && !t.eof {
				return nil, -1, 0, nil
			}
			if i+1 < len(b) && b[i+1] == '"' {
				t.scratch = append(t.scratch, '"')
				i++
				continue
			}
			closed = true
			continue
		case closed && (k == sep || k == lf || k == cr):
			if k == cr && i+1 == len(b) && !t.eof {
				return nil, -1, 0, nil
			}
			return t.decoded(t.scratch[from:], foreign), i, lines, nil
		case closed && lines > 0:
			return nil, 0, 0, t.openQuote()
		case k == lf, k == cr && (i+1 == len(b) || b[i+1] != '\n'):
			lines++
		case k == high:
			foreign = true
		}
		t.scratch = append(t.scratch, c)
	}
	if !t.eof {
		return nil, -1, 0, nil
	}
	if !closed {
		return nil, 0, 0, t.openQuote()
	}
	return t.decoded(t.scratch[from:], foreign), len(b), lines, nil
}

func (t *text) add(cell []byte, foreign bool) {
	t.cells = append(t.cells, t.decoded(cell, foreign))
}

// decoded returns cell as UTF-8. A cell that is not UTF-8 is taken as
// Windows-1252.
func (t *text) decoded(cell []byte, foreign bool) []byte {
	if !foreign || utf8.Valid(cell) {
		return cell
	}
	t.info.Encoding = "windows-1252"
	out := make([]byte, 0, len(cell)+8)
	for _, c := range cell {
		out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(c))
	}
	return out
}

func (t *text) openQuote() error {
	return fault.New("form.open_quote",
		"Ett citattecken öppnas här men stängs inte.", "A quotation mark opens here and is not closed.").
		Do("Rätta raden och skicka filen igen.", "Correct the line and send the file again.").
		At(fault.Where{File: t.name, Line: t.line})
}

func (t *text) notText(lines int) error {
	return fault.New("form.not_text", "Filen är inte en textfil: den innehåller nollbyte.",
		"The file is not text: it holds NUL bytes.").
		Do("Spara tabellen som CSV med teckenkodningen UTF-8, eller som .xlsx.",
			"Save the table as CSV in UTF-8, or as .xlsx.").
		At(fault.Where{File: t.name, Line: t.line + lines})
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }
