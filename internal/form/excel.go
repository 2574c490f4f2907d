package form

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"sluss/internal/fault"
)

// Bounds on a workbook. A sheet of a million rows and three columns unpacks to
// about 120 MB at a ratio of 10 to 30.
const (
	maxEntries  = 2_000
	maxUnpacked = 3 << 30
	maxRatio    = 250
	ratioFrom   = 16 << 20 // small parts may be as dense as they like
	maxColumns  = 512
	maxRows     = 1_048_576
)

// errBomb is returned by a part that unpacks to more than its bounds.
var errBomb = errors.New("the part unpacks to more than is allowed")

// excel streams the rows of one sheet. The package's own reader is used
// because the workbook must not be unpacked to disk in clear and because the
// shared strings of a million persons are kept as one block of bytes.
type excel struct {
	ctx      context.Context
	name     string
	parts    map[string]*zip.File
	unpacked int64 // bytes unpacked in all parts so far
	shared   shared
	styles   styles
	sheet    *sheet
	total    int64
}

func newExcel(ctx context.Context, r io.Reader, o Options, info *Info) (*excel, error) {
	limit := o.MaxBytes
	if limit == 0 {
		limit = defaultExcel
	}
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, unreadable(o.Name, err)
	}
	if int64(len(raw)) > limit {
		return nil, tooLarge(o.Name, limit)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, broken(o.Name)
	}
	x := &excel{ctx: ctx, name: o.Name, parts: map[string]*zip.File{}}
	if err := x.inspect(z); err != nil {
		return nil, err
	}
	if err := x.open(o.Sheet, info); err != nil {
		return nil, x.fault(err)
	}
	return x, nil
}

// fault turns an error of a parser into one that holds no content.
func (x *excel) fault(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, errBomb):
		return tooLarge(x.name, 0)
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	return broken(x.name)
}

func broken(name string) *fault.Fault {
	return fault.New("form.broken_excel", "Arbetsboken är skadad eller följer inte formatet .xlsx.",
		"The workbook is damaged or does not follow the format .xlsx.").
		Do("Spara den på nytt i Excel eller LibreOffice, eller som CSV.", "Save it again in Excel or LibreOffice, or as CSV.").
		At(fault.Where{File: name})
}

// inspect refuses workbooks that do more than hold cells, by the names and
// sizes of their parts, before anything is unpacked.
func (x *excel) inspect(z *zip.Reader) error {
	if len(z.File) > maxEntries {
		return tooLarge(x.name, 0)
	}
	var declared uint64
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if _, twice := x.parts[name]; twice || f.Flags&1 != 0 {
			return broken(x.name)
		}
		x.parts[name] = f
		declared += f.UncompressedSize64
		if f.UncompressedSize64 > maxUnpacked || declared > maxUnpacked {
			return tooLarge(x.name, 0)
		}
		if f.UncompressedSize64 > ratioFrom && f.UncompressedSize64 > maxRatio*f.CompressedSize64 {
			return tooLarge(x.name, 0)
		}
		switch {
		case strings.HasSuffix(name, "vbaproject.bin"), strings.Contains(name, "xl/macrosheets/"), strings.Contains(name, "xl/activex/"):
			return active(x.name, "makron", "macros")
		case strings.Contains(name, "xl/externallinks/"):
			return active(x.name, "länkar till andra arbetsböcker", "links to other workbooks")
		case strings.HasSuffix(name, "xl/connections.xml"), strings.Contains(name, "xl/querytables/"):
			return active(x.name, "kopplingar till datakällor", "connections to data sources")
		case strings.Contains(name, "xl/embeddings/"):
			return active(x.name, "inbäddade filer", "embedded files")
		}
	}
	return nil
}

func active(name, sv, en string) *fault.Fault {
	return fault.New("form.active_content", "Arbetsboken innehåller "+sv+".", "The workbook holds "+en+".").
		Do("Spara enbart tabellen som .xlsx eller CSV.", "Save the table alone as .xlsx or CSV.").At(fault.Where{File: name})
}

// open reads workbook, styles and shared strings and starts on the sheet.
func (x *excel) open(want string, info *Info) error {
	book := "xl/workbook.xml"
	root, err := x.relations("")
	if err != nil {
		return err
	}
	for _, r := range root {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			book = r.target
		}
	}
	if x.parts[book] == nil {
		return notTable(x.name)
	}
	sheets, base1904, err := x.workbook(book)
	if err != nil {
		return err
	}
	related, err := x.relations(book)
	if err != nil {
		return err
	}
	targets := map[string]string{}
	for id, r := range related {
		switch {
		case strings.HasSuffix(r.kind, "/worksheet"):
			targets[id] = r.target
		case strings.HasSuffix(r.kind, "/styles"):
			if err := x.readStyles(r.target, base1904); err != nil {
				return err
			}
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			if err := x.readShared(r.target); err != nil {
				return err
			}
		}
	}
	x.styles.base1904 = base1904
	part, name, err := x.choose(sheets, targets, want)
	if err != nil {
		return err
	}
	info.Kind, info.Encoding, info.Sheet = "xlsx", "utf-8", name
	x.total = int64(x.parts[part].UncompressedSize64)
	x.sheet, err = x.openSheet(part)
	return err
}

// choose returns the part and name of the sheet that is wanted or, without a
// wish, of the first visible one; then no other may hold data, for persons on
// it would be lost without a word.
func (x *excel) choose(sheets []sheetRef, targets map[string]string, want string) (part, name string, err error) {
	for _, s := range sheets {
		if target, ok := targets[s.relation]; ok && x.parts[target] != nil &&
			part == "" && (want == "" && !s.hidden || want != "" && strings.EqualFold(s.name, want)) {
			part, name = target, s.name
		}
	}
	if part == "" {
		return "", "", fault.New("form.no_sheet", "Arbetsboken har inget sådant blad.", "The workbook has no such sheet.").
			At(fault.Where{File: x.name})
	}
	if want != "" {
		return part, name, nil
	}
	for _, s := range sheets {
		target, ok := targets[s.relation]
		if !ok || target == part || x.parts[target] == nil {
			continue
		}
		other, err := x.openSheet(target)
		if err != nil {
			return "", "", err
		}
		_, err = other.nextRow()
		_ = other.close()
		if err == nil {
			return "", "", fault.New("form.several_sheets", "Mer än ett blad innehåller data.", "More than one sheet holds data.").
				Do("Spara tabellen på ett enda blad.", "Keep the table on a single sheet.").At(fault.Where{File: x.name})
		}
		if !errors.Is(err, io.EOF) {
			return "", "", err
		}
	}
	return part, name, nil
}

func (x *excel) position() (done, total int64) { return x.sheet.part.done, x.total }

func (x *excel) next() (Row, error) {
	row, err := x.sheet.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return Row{}, x.fault(err)
	}
	return row, err
}

// part is one unpacked part of the workbook, counted while it is read.
type part struct {
	io.ReadCloser
	x     *excel
	done  int64
	limit int64
}

func (p *part) Read(b []byte) (int, error) {
	if err := p.x.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.ReadCloser.Read(b)
	p.done += int64(n)
	p.x.unpacked += int64(n)
	if p.done > p.limit || p.x.unpacked > maxUnpacked {
		return 0, errBomb
	}
	return n, err
}

// part opens a part; it ends with errBomb if it unpacks to more than it
// declares or than its ratio allows.
func (x *excel) part(name string) (*part, *xml.Decoder, error) {
	f := x.parts[name]
	if f == nil {
		return nil, nil, broken(x.name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, nil, broken(x.name)
	}
	p := &part{ReadCloser: r, x: x, limit: min(int64(f.UncompressedSize64), max(ratioFrom, maxRatio*int64(f.CompressedSize64)))}
	return p, xml.NewDecoder(p), nil
}

type relation struct{ kind, target string }

// relations reads the relations of a part ("" = of the package) by id. A part
// without relations has none.
func (x *excel) relations(of string) (map[string]relation, error) {
	dir, base := path.Split(of)
	name := dir + "_rels/" + base + ".rels"
	if x.parts[name] == nil {
		return nil, nil
	}
	out := map[string]relation{}
	err := x.elements(name, func(e xml.StartElement) {
		if e.Name.Local != "Relationship" || strings.EqualFold(attr(e, "TargetMode"), "External") {
			return
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		out[attr(e, "Id")] = relation{attr(e, "Type"), strings.ToLower(strings.TrimPrefix(path.Clean(target), "/"))}
	})
	return out, err
}

type sheetRef struct {
	name, relation string
	hidden         bool
}

func (x *excel) workbook(name string) (sheets []sheetRef, base1904 bool, err error) {
	err = x.elements(name, func(e xml.StartElement) {
		switch e.Name.Local {
		case "sheet":
			s := sheetRef{name: attr(e, "name"), hidden: attr(e, "state") != "" && attr(e, "state") != "visible"}
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					s.relation = a.Value
				}
			}
			sheets = append(sheets, s)
		case "workbookPr":
			v := attr(e, "date1904")
			base1904 = v == "1" || v == "true"
		}
	})
	return sheets, base1904, err
}

// elements calls f for every element of a small part.
func (x *excel) elements(name string, f func(xml.StartElement)) error {
	p, dec, err := x.part(name)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	for {
		tok, err := token(dec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := tok.(xml.StartElement); ok {
			f(e)
		}
	}
}

var errDTD = errors.New("a document type definition is not allowed")

// token returns the next raw token and refuses document type definitions, so
// that no entity can be defined.
func token(dec *xml.Decoder) (xml.Token, error) {
	tok, err := dec.RawToken()
	if err != nil {
		return nil, err
	}
	if _, ok := tok.(xml.Directive); ok {
		return nil, errDTD
	}
	return tok, nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// shared holds the workbook's shared strings in one block.
type shared struct {
	text []byte
	ends []int // of string i: text[ends[i-1]:ends[i]]
}

func (s *shared) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(s.ends) {
		return nil, false
	}
	from := 0
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.text[from:s.ends[i]:s.ends[i]], true
}

func (x *excel) readShared(name string) error {
	p, dec, err := x.part(name)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	inText, phonetic := false, 0
	for {
		tok, err := token(dec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				inText = phonetic == 0
			case "rPh":
				phonetic++
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inText = false
			case "rPh":
				phonetic--
			case "si":
				x.shared.ends = append(x.shared.ends, len(x.shared.text))
			}
		case xml.CharData:
			if inText {
				x.shared.text = append(x.shared.text, e...)
			}
		}
	}
}

// styles knows which cell styles show a number as a day.
type styles struct {
	date     []bool
	base1904 bool
}

func (x *excel) readStyles(name string, base1904 bool) error {
	custom := map[string]bool{}
	cellXfs := false
	p, dec, err := x.part(name)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	for {
		tok, err := token(dec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "numFmt":
				custom[attr(e, "numFmtId")] = showsDay(attr(e, "formatCode"))
			case "cellXfs":
				cellXfs = true
			case "xf":
				if cellXfs {
					id := attr(e, "numFmtId")
					n, _ := strconv.Atoi(id)
					is, own := custom[id]
					x.styles.date = append(x.styles.date, is || !own && builtinDay(n))
				}
			}
		case xml.EndElement:
			if e.Name.Local == "cellXfs" {
				cellXfs = false
			}
		}
	}
}

// builtinDay reports whether a built-in number format shows a day (ECMA-376
// part 1, 18.8.30).
func builtinDay(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58
}

// showsDay reports whether a format code holds a day or a year outside quotes
// and brackets.
func showsDay(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket && (c == 'd' || c == 'D' || c == 'y' || c == 'Y'):
			return true
		}
	}
	return false
}
