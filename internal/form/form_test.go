package form

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
)

// all reads everything as "line:cell¦cell".
func all(r io.Reader, o Options) ([]string, Info, error) {
	in, err := NewReader(context.Background(), r, o)
	if err != nil {
		return nil, Info{}, err
	}
	var out []string
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out, in.Info(), nil
		}
		if err != nil {
			return out, in.Info(), err
		}
		out = append(out, fmt.Sprintf("%d:%s", row.Line, bytes.Join(row.Cells, []byte("¦"))))
	}
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

func utf16of(s string, little bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		if little {
			b = append(b, byte(u), byte(u>>8))
		} else {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return string(b)
}

func TestText(t *testing.T) {
	t.Parallel()
	plainRows := []string{"1:pnr¦kön", "2:a¦b", "3:c¦d"}
	for _, tt := range []struct {
		name, in string
		want     []string
		encoding string
	}{
		{"semicolon", "pnr;kön\na;b\nc;d\n", plainRows, "utf-8"},
		{"comma", "pnr,kön\na,b\nc,d", plainRows, "utf-8"},
		{"tab, CRLF", "pnr\tkön\r\na\tb\r\nc\td\r\n", plainRows, "utf-8"},
		{"bar, CR", "pnr|kön\ra|b\rc|d\r", plainRows, "utf-8"},
		{"byte order mark", "\ufeffpnr;kön\na;b\nc;d\n", plainRows, "utf-8"},
		{"Latin-1", "pnr;k\xf6n\na;b\nc;d\n", plainRows, "windows-1252"},
		{"UTF-16 LE", utf16of("pnr;kön\r\na;b\r\nc;d\r\n", true), plainRows, "utf-16"},
		{"UTF-16 BE", utf16of("pnr;kön\na;b\nc;d", false), plainRows, "utf-16"},
		{"quotes", "\"pnr\";\"kön\"\n\"a\";b\nc;\"d\"", plainRows, "utf-8"},
		{"quoted at the end of the line", "\"pnr\";\"kön\"\r\na;\"b\"\r\n\"c\";\"d\"\r\n", plainRows, "utf-8"},
		{"separator in quotes", "\"a,b,c\";d\n\"1;2\";3\n", []string{"1:a,b,c¦d", "2:1;2¦3"}, "utf-8"},
		{"doubled quotes", "a;b\n\"x\"\"y\";\"\"\n", []string{"1:a¦b", "2:x\"y¦"}, "utf-8"},
		{"quote inside", "a;b\nx\"y\";z\n", []string{"1:a¦b", "2:x\"y\"¦z"}, "utf-8"},
		{"text after a quote", "a;b\n\"x\"y;z\n", []string{"1:a¦b", "2:xy¦z"}, "utf-8"},
		{"line break in quotes", "a;b\n\"x\r\ny\";z\nc;d\n", []string{"1:a¦b", "2:x\r\ny¦z", "4:c¦d"}, "utf-8"},
		{"blank lines", "a\n\nb\n\n", []string{"1:a", "2:", "3:b", "4:"}, "utf-8"},
		{"blank lines, CRLF", "a\r\n\r\nb\r\n", []string{"1:a", "2:", "3:b"}, "utf-8"},
		{"ragged", "a;b\n1\n1;2;3\n1;\n;", []string{"1:a¦b", "2:1", "3:1¦2¦3", "4:1¦", "5:¦"}, "utf-8"},
		{"one column", "a\n1;2\n", []string{"1:a", "2:1;2"}, "utf-8"},
		{"header only", "a;b", []string{"1:a¦b"}, "utf-8"},
		{"quoted end of file", "a;b\n1;\"\"", []string{"1:a¦b", "2:1¦"}, "utf-8"},
		{"mark only", "\ufeff", nil, ""},
	} {
		for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
			got, info, err := all(r, Options{})
			if tt.want == nil {
				if code(err) != "form.empty" {
					t.Errorf("%s: %v", tt.name, err)
				}
				continue
			}
			if err != nil || strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
			}
			if info.Encoding != tt.encoding || info.Kind != "csv" {
				t.Errorf("%s: %+v", tt.name, info)
			}
		}
	}
}

func TestThreat15MalformedPopulation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, code string }{
		{"empty", "", "form.empty"},
		{"NUL", "a;b\n1;\x002\n", "form.not_text"},
		{"NUL in quotes", "a;b\n1;\"\x002\"\n", "form.not_text"},
		{"UTF-16 without a mark", "a\x00;\x00b\x00\n\x00", "form.not_text"},
		{"open quote", "a;b\n\"1;2\n3;4\n", "form.open_quote"},
		{"swallowed lines", "a;b\n\"1;2\n3;4\n5;\"6\"\n", "form.open_quote"},
		{"endless line", "a;b\n" + strings.Repeat("x", 3<<20), "form.long_line"},
		{"old Excel", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1xxxxxx", "form.old_excel"},
		{"sealed", "age-encryption.org/v1\n-> X25519 abc\n", "form.sealed"},
		{"gzip", "\x1f\x8b\x08\x00", "form.not_a_table"},
		{"zip that is none", "PK\x03\x04xxxxxxxx", "form.broken_excel"},
		{"too large", strings.Repeat("a;b\n", 1000), "form.too_large"},
	} {
		o := Options{Name: "x.csv"}
		if tt.name == "too large" {
			o.MaxBytes = 1000
		}
		_, _, err := all(strings.NewReader(tt.in), o)
		if code(err) != tt.code || fault.ClassOf(err) != fault.Input {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
	}
	_, _, err := all(iotest.ErrReader(errors.New("disk")), Options{})
	if code(err) != "form.unreadable" {
		t.Errorf("broken disk: %v", err)
	}
}

func TestFaultNamesTheLine(t *testing.T) {
	t.Parallel()
	_, _, err := all(strings.NewReader("a;b\n\"x\ny\";z\n1;\x00\n"), Options{Name: "p.csv"})
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Where.Line != 4 || f.Where.File != "p.csv" {
		t.Errorf("%v", err)
	}
}

// What encoding/csv writes is read back, whatever the block boundaries.
func TestTextRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "columns")
		cell := rapid.StringMatching(`[a-zåäö0-9;," |]{0,6}`)
		var want []string
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = ';'
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		header := []string{"h1", "h2", "h3", "h4"}[:n]
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			rec := header
			if i > 0 {
				rec = rapid.SliceOfN(cell, n, n).Draw(t, "row")
			}
			_ = w.Write(rec)
			want = append(want, fmt.Sprintf("%d:%s", i+1, strings.Join(rec, "¦")))
		}
		w.Flush()
		var r io.Reader = &b
		if rapid.Bool().Draw(t, "slow") {
			r = iotest.OneByteReader(r)
		}
		got, _, err := all(r, Options{})
		if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	})
}

func TestBlockBoundaries(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("pnr;\"note\"\r\n")
	for i := range 200_000 {
		fmt.Fprintf(&b, "%012d;\"a\"\"b %d\"\r\n", i, i%7)
	}
	in, err := NewReader(context.Background(), strings.NewReader(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n++; row.Line != n {
			t.Fatalf("line %d is called %d", n, row.Line)
		}
		if n > 1 && (string(row.Cells[0]) != fmt.Sprintf("%012d", n-2) || string(row.Cells[1]) != fmt.Sprintf("a\"b %d", (n-2)%7)) {
			t.Fatalf("line %d: %q", n, row.Cells)
		}
	}
	if n != 200_001 {
		t.Errorf("%d lines", n)
	}
}

func TestCancelAndProgress(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	in, err := NewReader(ctx, strings.NewReader(strings.Repeat("a;b\n", 300_000)), Options{Progress: func(p Progress) {
		if calls++; p.Rows != calls*progressEvery || p.Bytes == 0 {
			t.Errorf("%+v", p)
		}
		if calls == 2 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = in.Next()
	}
	if !errors.Is(err, context.Canceled) || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func BenchmarkText(b *testing.B) {
	var s strings.Builder
	s.WriteString("personnummer;lopnr;indexdatum\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&s, "19%010d;%d;2024-01-05\n", i, i)
	}
	b.SetBytes(int64(s.Len()))
	for b.Loop() {
		in, err := NewReader(context.Background(), strings.NewReader(s.String()), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = in.Next()
		}
	}
}
