package ethicsdoc

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"regexp"
	"strconv"
)

// guard refuses what the parser could not survive, before it sees the file:
// streams that unfold to more than [unfolded], brackets nested so deep that a
// recursive parser runs out of stack, tables declared too large for memory, and
// chains of filters whose result cannot be measured. It reads the bytes and not
// the structure, and so sees what stands in streams, too.
func guard(ctx context.Context, file []byte) error {
	left := int64(unfolded)
	var outside bytes.Buffer // the file without its streams
	for rest := file; ; {
		at := bytes.Index(rest, []byte("stream"))
		if at < 0 {
			outside.Write(rest)
			break
		}
		outside.Write(rest[:at])
		body := bytes.TrimPrefix(bytes.TrimPrefix(rest[at+len("stream"):], []byte("\r")), []byte("\n"))
		if err := ctx.Err(); err != nil {
			return slow(err)
		}
		n, err := measure(ctx, body, left)
		if err != nil {
			return err
		}
		left -= n
		end := bytes.Index(body, []byte("endstream"))
		if end < 0 {
			end = len(body)
		}
		rest = body[min(len(body), end+len("endstream")):]
	}
	if deep(bytes.NewReader(file)) {
		return unreadable(errors.New("nested too deep"))
	}
	return declared(outside.Bytes())
}

// measure returns how many bytes a stream unfolds to, 0 for one that is not
// packed with zlib, at most limit.
func measure(ctx context.Context, body []byte, limit int64) (int64, error) {
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	d := depth{}
	buf := make([]byte, 64<<10)
	var total int64
	for {
		n, err := z.Read(buf)
		total += int64(n)
		if total > limit || d.over(buf[:n]) {
			return 0, unreadable(errors.New("unfolds to too much"))
		}
		if ctx.Err() != nil {
			return 0, slow(ctx.Err())
		}
		if err != nil { // a broken stream is the parser's to refuse
			return total, nil
		}
	}
}

// depth counts brackets that are open.
type depth struct{ open int }

func (d *depth) over(b []byte) bool {
	for _, c := range b {
		switch c {
		case '[', '<', '(':
			if d.open++; d.open > nesting {
				return true
			}
		case ']', '>', ')':
			d.open = max(0, d.open-1)
		}
	}
	return false
}

func deep(r io.Reader) bool {
	d := depth{}
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if d.over(buf[:n]) {
			return true
		}
		if err != nil {
			return false
		}
	}
}

var (
	sizes      = regexp.MustCompile(`/(?:Size|Index|Columns|W)\s*\[?((?:\s*\d+)+)`)
	subsection = regexp.MustCompile(`(\d{1,20})[ \t]+(\d{1,20})[ \t]*[\r\n]+\s*\d{10} \d{5} [nf]`)
	chained    = regexp.MustCompile(`/Filter\s*(?:\d|\[\s*/[^\s/\]]+\s*/)|/A(?:SCII)?85|/(?:[^\s/<>\[\]()]*#(?:4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa]))`)
)

// most is the greatest number of objects, and of columns, that a file of
// [MaxBytes] has use for.
const most = 2_000_000

// declared looks at what the file says about the size of its tables, and at
// its filters. A chain of filters, or a filter named elsewhere or with escaped
// letters, could unfold to more than was measured.
func declared(outside []byte) error {
	for _, m := range sizes.FindAllSubmatch(outside, -1) {
		for _, n := range bytes.Fields(m[1]) {
			if !small(n) {
				return unreadable(errors.New("table too large"))
			}
		}
	}
	for _, m := range subsection.FindAllSubmatch(outside, -1) {
		if !small(m[1]) || !small(m[2]) {
			return unreadable(errors.New("table too large"))
		}
	}
	if chained.Match(outside) {
		return unreadable(errors.New("filters that cannot be measured"))
	}
	return nil
}

func small(digits []byte) bool {
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return err == nil && n <= most
}
