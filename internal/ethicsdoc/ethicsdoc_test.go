package ethicsdoc

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// writer puts a pdf together by hand: objects, cross-reference table, trailer.
type writer struct {
	objects []string
	trailer string
}

func (w *writer) add(body string) int {
	w.objects = append(w.objects, body)
	return len(w.objects)
}

func (w *writer) stream(dict, data string) int {
	return w.add(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data))
}

func (w *writer) bytes(root int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(w.objects))
	for i, o := range w.objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(w.objects)+1)
	for _, p := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", p)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(w.objects)+1, root, w.trailer, xref)
	return b.Bytes()
}

const winAnsi = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"

// document writes pages with the given content streams, packed or not.
func document(font string, packed bool, contents ...string) []byte {
	w := writer{}
	f := w.add(font)
	var kids []string
	pages := len(contents)*2 + 2
	for _, c := range contents {
		dict := ""
		if packed {
			dict, c = "/Filter /FlateDecode", pack(c)
		}
		s := w.stream(dict, c)
		kids = append(kids, fmt.Sprintf("%d 0 R", w.add(fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>", pages, s))))
	}
	w.add(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d /Resources << /Font << /F1 %d 0 R >> >> >>", strings.Join(kids, " "), len(kids), f))
	return w.bytes(w.add(fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", pages)))
}

func pack(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.String()
}

// latin writes å, ä and ö as WinAnsi does.
func latin(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return b.String()
}

// paragraphs sets lines 14 points apart, and twice that between paragraphs.
func paragraphs(ps ...[]string) string {
	var b strings.Builder
	b.WriteString("BT /F1 11 Tf 72 770 Td\n")
	for i, p := range ps {
		if i > 0 {
			b.WriteString("0 -14 Td\n")
		}
		for _, line := range p {
			fmt.Fprintf(&b, "(%s) Tj 0 -14 Td\n", strings.NewReplacer("(", "\\(", ")", "\\)").Replace(latin(line)))
		}
	}
	b.WriteString("ET\n")
	return b.String()
}

func codeOf(err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return fmt.Sprint(err)
}

func TestPages(t *testing.T) {
	t.Parallel()
	toUnicode := "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n" +
		"4 beginbfchar <0001> <00E5> <0002> <00E4> <0003> <00F6> <0004> <0053> endbfchar\nendcmap end end"
	composite := func() []byte {
		w := writer{}
		u := w.stream("", toUnicode)
		f := w.add(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode %d 0 R >>", u))
		c := w.stream("", "BT /F1 12 Tf 1 0 0 1 72 700 Tm <0004000100020003> Tj ET")
		w.add(fmt.Sprintf("<< /Type /Page /Parent 5 0 R /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> >> >>", c, f))
		w.add("<< /Type /Pages /Kids [4 0 R] /Count 1 >>")
		return w.bytes(w.add("<< /Type /Catalog /Pages 5 0 R >>"))
	}
	two := []string{paragraphs([]string{"Ansökan om etikprövning", "på två rader"}, []string{"Nytt stycke"}), paragraphs([]string{"Sida två"})}
	for _, tt := range []struct {
		name string
		file []byte
		want []string
	}{
		{"two pages", document(winAnsi, false, two...), []string{"Ansökan om etikprövning\npå två rader\n\nNytt stycke", "Sida två"}},
		{"packed", document(winAnsi, true, two...), []string{"Ansökan om etikprövning\npå två rader\n\nNytt stycke", "Sida två"}},
		{"a page without text", document(winAnsi, false, "0 0 m", paragraphs([]string{"x y"})), []string{"", "x y"}},
		{"kerned", document(winAnsi, false, "BT /F1 11 Tf 72 700 Td [(Sjuk) -20 (penning) -300 (h\xe4mtas)] TJ ET"), []string{"Sjukpenning hämtas"}},
		{"T* and quotes", document(winAnsi, false, "BT /F1 11 Tf 13 TL 72 700 Td (a) Tj T* (b) Tj (c) ' ET"), []string{"a\nb\nc"}},
		{"columns of a table", document(winAnsi, false, "BT /F1 10 Tf 1 0 0 1 72 700 Tm (Sjukpenning) Tj 1 0 0 1 300 700 Tm (ja) Tj ET"), []string{"Sjukpenning ja"}},
		{"letters by ToUnicode", composite(), []string{"Såäö"}},
		{"bytes before and after", append(append([]byte("mail header\n"), document(winAnsi, false, two[1])...), "\nbye"...), nil},
	} {
		got, err := Pages(t.Context(), tt.file)
		if tt.name == "bytes before and after" { // the table's places count from the file's start in some writers, from the header in others
			if err != nil && codeOf(err) != "ethicsdoc.unreadable" || err == nil && !slices.Equal(got, []string{"Sida två"}) {
				t.Errorf("%s: %q, %v", tt.name, got, err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

// TestUnderlagOnPaper: the etikunderlag printed on pages, divided over lines,
// is read back and covers what it is for.
func TestUnderlagOnPaper(t *testing.T) {
	t.Parallel()
	yes := true
	a := intake.Application{
		Form: 2, Purpose: intake.Research, Sensitive: &yes, Principal: intake.Principal{Name: "Sjölunda universitet", OrgNo: "202100-5489"},
		Population: intake.Population{Definition: "Alla födda 1970", Size: 10},
		Data:       []intake.Wish{{Register: "midas_sjuk", Benefits: []string{"SJP", "RHP"}, From: 17897, To: 20453, Need: "fall och diagnos"}},
	}
	cat := catalog.Builtin()
	var pages []string
	for _, p := range intake.Underlag(a, cat) {
		var lines []string
		for line := range strings.SplitSeq(strings.ReplaceAll(p.Text.SV, "–", "-"), "\n") {
			for len([]rune(line)) > 60 {
				r := []rune(line)
				lines, line = append(lines, string(r[:55])+"-"), string(r[55:])
				if strings.HasSuffix(lines[len(lines)-1], " -") || strings.HasPrefix(line, " ") { // between words
					lines[len(lines)-1] = strings.TrimSuffix(lines[len(lines)-1], "-")
				}
			}
			lines = append(lines, line)
		}
		pages = append(pages, paragraphs(lines))
	}
	text, err := Pages(t.Context(), document(winAnsi, true, pages...))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range intake.Search(a, text, cat) {
		if !f.Met {
			t.Errorf("%s is not found: %s %q", f.Item, f.Why.EN, f.Quote)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	good := document(winAnsi, true, paragraphs([]string{"Hej"}))
	encrypted := func() []byte {
		w := writer{trailer: "/Encrypt 3 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"}
		w.add("<< /Type /Pages /Kids [] /Count 0 >>")
		w.add("<< /Type /Catalog /Pages 1 0 R >>")
		w.add("<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <" + strings.Repeat("ab", 32) + "> /U <" + strings.Repeat("cd", 32) + "> >>")
		return w.bytes(2)
	}()
	ring := func() []byte {
		w := writer{}
		w.add("<< /Type /Pages /Kids [1 0 R] /Count 9 >>")
		w.add("<< /Type /Catalog /Pages 1 0 R >>")
		return w.bytes(2)
	}()
	many := make([]string, MaxPages+1)
	for i := range many {
		many[i] = "BT /F1 9 Tf (x) Tj ET"
	}
	bomb := func() []byte {
		w := writer{}
		w.stream("/Filter /FlateDecode", pack(strings.Repeat("(x) Tj ", unfolded/7+9)))
		w.add("<< /Type /Page /Contents 1 0 R >>")
		w.add("<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
		return w.bytes(w.add("<< /Type /Catalog /Pages 3 0 R >>"))
	}()
	twice := func() []byte {
		w := writer{}
		w.stream("/Filter [/FlateDecode /FlateDecode]", pack(pack("BT (Hej) Tj ET")))
		w.add("<< /Type /Page /Contents 1 0 R >>")
		w.add("<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
		return w.bytes(w.add("<< /Type /Catalog /Pages 3 0 R >>"))
	}()
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"packed twice", twice, "ethicsdoc.unreadable"},
		{"nothing", nil, "ethicsdoc.not_pdf"},
		{"a text", []byte("Ansökan om etikprövning, inte en pdf."), "ethicsdoc.not_pdf"},
		{"a word document", append([]byte("PK\x03\x04"), make([]byte, 2000)...), "ethicsdoc.not_pdf"},
		{"only a header", []byte("%PDF-1.4\n%%EOF"), "ethicsdoc.unreadable"},
		{"cut off", good[:len(good)-150], "ethicsdoc.unreadable"},
		{"without its table", bytes.ReplaceAll(good, []byte("startxref"), []byte("startyref")), "ethicsdoc.unreadable"},
		{"encrypted", encrypted, "ethicsdoc.encrypted"},
		{"scanned", document(winAnsi, true, "q 595 0 0 842 0 0 cm /Im1 Do Q"), "ethicsdoc.no_text"},
		{"a tree that holds itself", ring, "ethicsdoc.unreadable"},
		{"too many pages", document(winAnsi, false, many...), "ethicsdoc.too_many_pages"},
		{"unfolds to too much", bomb, "ethicsdoc.unreadable"},
		{"nested", document(winAnsi, true, strings.Repeat("[", 1_000_000)), "ethicsdoc.unreadable"},
		{"nested outside streams", bytes.Replace(good, []byte("/Catalog"), []byte("/Catalog /X "+strings.Repeat("[", 1_000_000)), 1), "ethicsdoc.unreadable"},
		{"a table of a billion objects", bytes.Replace(good, []byte("/Size 6"), []byte("/Size 1000000000"), 1), "ethicsdoc.unreadable"},
		{"a billion objects in the table", bytes.Replace(good, []byte("xref\n0 6"), []byte("xref\n1000000000 6"), 1), "ethicsdoc.unreadable"},
		{"filter upon filter", bytes.Replace(good, []byte("/Filter /FlateDecode"), []byte("/Filter [/FlateDecode /FlateDecode]"), 1), "ethicsdoc.unreadable"},
		{"escaped filter", bytes.Replace(good, []byte("/FlateDecode"), []byte("/Fl#61teDecode"), 1), "ethicsdoc.unreadable"},
		{"too big", make([]byte, MaxBytes+1), "ethicsdoc.too_big"},
	} {
		pages, err := Pages(t.Context(), tt.file)
		if codeOf(err) != tt.want || pages != nil {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		var f *fault.Fault
		if errors.As(err, &f) && (f.SV == "" || f.EN == "" || f.DoSV == "" || f.DoEN == "") {
			t.Errorf("%s: the fault says too little", tt.name)
		}
	}
}

// TestThreat27TimeIsUp: a context that has ended ends the reading.
func TestThreat27TimeIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Pages(ctx, document(winAnsi, true, paragraphs([]string{"Hej"})))
	if code := codeOf(err); code != "ethicsdoc.too_slow" && code != "ethicsdoc.busy" {
		t.Errorf("%v", err)
	}
	long := document(winAnsi, true, slices.Repeat([]string{"BT /F1 9 Tf " + strings.Repeat("(x) Tj ", 20_000) + "ET"}, 100)...)
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := Pages(ctx, long); codeOf(err) != "ethicsdoc.too_slow" || time.Since(start) > 30*time.Second { // not read to its end
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

// TestAnyBytes: no bytes, and no damage to a good document, give anything but
// pages or a fault.
func TestAnyBytes(t *testing.T) {
	t.Parallel()
	seed := [][]byte{document(winAnsi, false, paragraphs([]string{"Ansökan", "om (etik)"})), document(winAnsi, true, paragraphs([]string{"a"}), paragraphs([]string{"b"}))}
	rapid.Check(t, func(rt *rapid.T) {
		file := bytes.Clone(rapid.SampledFrom(seed).Draw(rt, "document"))
		switch rapid.IntRange(0, 3).Draw(rt, "damage") {
		case 0:
			file = append([]byte("%PDF-1.4\n"), rapid.SliceOfN(rapid.Byte(), 0, 400).Draw(rt, "bytes")...)
		case 1:
			for range rapid.IntRange(1, 12).Draw(rt, "times") {
				file[rapid.IntRange(0, len(file)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "byte")
			}
		case 2:
			at, n := rapid.IntRange(0, len(file)-1).Draw(rt, "at"), rapid.IntRange(1, 60).Draw(rt, "length")
			file = append(file[:at:at], file[min(len(file), at+n):]...)
		case 3:
			i, j := rapid.IntRange(0, len(file)-1).Draw(rt, "from"), rapid.IntRange(0, len(file)-1).Draw(rt, "to")
			copy(file[i:], file[j:min(len(file), j+40)])
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		pages, err := Pages(ctx, file)
		var f *fault.Fault
		if (err == nil) == (pages == nil) || err != nil && !errors.As(err, &f) {
			rt.Fatalf("%d pages, %v", len(pages), err)
		}
		if codeOf(err) == "ethicsdoc.too_slow" {
			rt.Fatal("the parser hangs")
		}
	})
}
