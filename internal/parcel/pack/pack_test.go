package pack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/parcel/codebook"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/works"
)

// snapshot is as much of a snapshot as packing asks for.
type snapshot struct{ works.Snapshot }

func (snapshot) ID() string       { return "2026-11-01" }
func (snapshot) Hash() canon.Hash { return canon.Sum([]byte("s")) }
func (snapshot) Synthetic() bool  { return true }

// extracts are three files in three forms; the first has a name that is no
// name in a program.
func extracts() []plan.Extract {
	window := plan.Window{From: plan.Bound{Date: day.MustParse("2020-01-01")}, To: plan.Bound{Date: day.MustParse("2026-01-01")}}
	offset := func(s string) plan.Bound {
		o, _ := day.ParseOffset(s)
		return plan.Bound{Anchor: "indexdatum", Offset: o}
	}
	return []plan.Extract{
		{
			Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 7}}, Window: plan.Window{From: offset("-P1Y"), To: offset("P2Y")},
			Output: plan.Output{File: "1_fall", Format: "csv", Decimal: ",", Encoding: "iso-8859-1", Date: "yyyymmdd", Null: "NA"},
		},
		{Name: "manad", Table: "midas_sjp", Shape: plan.Shape{Panel: &plan.PanelShape{Unit: "month"}}, Window: window, Output: plan.Output{File: "manad", Format: "parquet"}},
		{Name: "fp", Table: "midas_fp", Shape: plan.Shape{Simple: "payment"}, Window: window, Output: plan.Output{File: "class", Format: "csv", Encoding: "utf-8-bom", Delimiter: "\t"}},
	}
}

var columns = map[string][]works.Column{
	"fall": {
		{Name: "lopnr", Type: "int64", Variable: "lopnr"},
		{Name: "grupp", Type: "text"},
		{Name: "fall_from", Type: "date", Variable: "from_datum"},
		{Name: "fall_tom", Type: "date", Variable: "tom_datum"},
		{Name: "nettodagar", Type: "decimal", Variable: "nettodagar", Derive: "net_days"},
		{Name: "delforman", Type: "text", Variable: "delforman"},
		{Name: "diagnos3", Type: "text", Variable: "diagnos", Coarsen: "icd_3"},
	},
	"manad": {
		{Name: "lopnr", Type: "int64", Variable: "lopnr"},
		{Name: "manad", Type: "month", Variable: "manad"},
		{Name: "netto", Type: "decimal", Variable: "nettodagar", Derive: "net_days"},
		{Name: "belopp", Type: "int64", Variable: "belopp", Derive: "amount_sum"},
		{Name: "sista", Type: "date", Variable: "from_datum", Derive: "last"},
	},
	"fp": {
		{Name: "lopnr", Type: "int64", Variable: "lopnr"},
		{Name: "barn", Type: "int64", Variable: "barn_lopnr"},
		{Name: "utbetald", Type: "date", Variable: "utbetalningsdatum"},
		{Name: "belopp", Type: "int64", Variable: "belopp"},
	},
}

// write lays a file of two rows; the second has missing values where it may.
func write(t testing.TB, dir string, e plan.Extract) works.File {
	t.Helper()
	s := &format.Schema{}
	for _, c := range columns[e.Name] {
		f := format.Column{Name: c.Name, Nullable: c.Name != "lopnr"}
		switch c.Type {
		case "int64":
			f.Type = format.Int64
		case "date":
			f.Type = format.Date
		case "month":
			f.Type = format.Month
		case "decimal":
			f.Type, f.Scale = format.Decimal, 3
		default:
			f.Type, f.Dict = format.Text, []string{"", "SJP", "F32", "Å"}
		}
		s.Columns = append(s.Columns, f)
	}
	b := format.NewBatch(s)
	b.N = 2
	for i, c := range s.Columns {
		v := &b.Cols[i]
		switch {
		case c.Name == "lopnr":
			v.I64 = []int64{1, 999_999_999_999_999}
		case c.Type == format.Int64:
			v.I64 = []int64{100_050, format.Null64}
		case c.Type == format.Decimal:
			v.I64 = []int64{22_125, format.Null64}
		case c.Type == format.Text:
			v.I32 = []int32{1 + int32(i)%3, 0}
		default:
			v.I32 = []int32{int32(day.MustParse("2024-02-29")), format.Null32}
			if c.Type == format.Month {
				v.I32[0] = 2024*12 + 1
			}
		}
	}
	o, err := format.OptionsOf(e.Output)
	if err != nil {
		t.Fatal(err)
	}
	name := e.Output.File + o.Extension()
	out, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	st, err := format.NewStream(context.Background(), out, s, o, 1)
	if err == nil {
		err = st.Write(b, 0, 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	size, sum, err := st.Close()
	if err = errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
	return works.File{FileSummary: order.FileSummary{Name: name, Rows: 2, Persons: 2, Bytes: size, SHA256: sum}, Extract: e.Name, Columns: columns[e.Name]}
}

type setup struct {
	packer   Packer
	job      works.Packing
	dir      string
	identity string
	signer   string
}

func newSetup(t testing.TB) setup {
	t.Helper()
	identity, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	private, public, err := signed.Generate(rand.Reader, "valvet")
	if err != nil {
		t.Fatal(err)
	}
	s := setup{
		packer: Packer{Catalogue: catalog.Builtin(), Signer: public, Sign: func(d any) (string, error) { return signed.Sign(d, private) }, Engine: "embedded 1", Kernel: "episode 1"},
		dir:    t.TempDir(), identity: identity, signer: public,
	}
	scope := plan.Scope{Recipient: plan.Recipient{Key: recipient, Signer: signed.Fingerprint(public)}}
	s.job = works.Packing{
		Order: "FK-2026-00001", Project: "FK-2026-00001", Decision: order.Decision{Scope: scope, ScopeHash: canon.Sum(nil)}, Ref: plan.Ref{ID: "B1", SHA256: canon.Sum(nil)},
		Plan: plan.Spec{Extracts: extracts()}, PlanHash: canon.Sum(nil), Snapshot: snapshot{}, Created: day.MustParse("2026-11-21"),
		Egress: []order.CheckResult{{Check: "ids", OK: true}},
	}
	for _, e := range s.job.Plan.Extracts {
		s.job.Files = append(s.job.Files, write(t, s.dir, e))
	}
	return s
}

// open packs and opens again, as the recipient does.
func (s setup) open(t testing.TB) (dir string, m parcel.Manifest, hash canon.Hash) {
	t.Helper()
	var b bytes.Buffer
	hash, files, err := s.packer.Pack(t.Context(), &b, s.dir, s.job)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.sluss")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := parcel.ParseSigner(s.signer)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "out")
	if m, err = parcel.Open(t.Context(), path, s.identity, dir, parcel.Want{Signer: signer}); err != nil {
		t.Fatal(err)
	}
	if len(files) != len(m.Files) || files[0].Rows != 2 || files[6].Bytes != m.Files[6].Bytes {
		t.Errorf("summaries differ from the manifest: %+v", files)
	}
	return dir, m, hash
}

func TestPack(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	dir, m, hash := s.open(t)
	if again, err := m.Hash(); err != nil || again != hash {
		t.Errorf("the hash is not the manifest's: %v", err)
	}
	if _, _, second := s.open(t); second != hash {
		t.Error("packed twice, the manifests differ")
	}
	var names, types []string
	for _, f := range m.Files {
		names = append(names, f.Role+" "+f.Name)
		for _, c := range f.Columns {
			types = append(types, c.Type)
		}
	}
	if got := strings.Join(names, ", "); got != "data 1_fall.csv, data manad.parquet, data class.csv, codebook kodbok.html, codebook kodbok.json, codebook csvw-metadata.json, codebook kodbok.ddi.xml, codebook filer.tsv, code las_in.R, code las_in.py, code las_in.sas, code las_in.do, code las_in.sps" {
		t.Error(got)
	}
	if got := strings.Join(types, " "); got != "id text date date decimal text text id text decimal ore date id id date ore" {
		t.Error(got)
	}
	var book codebook.Book
	raw, err := os.ReadFile(filepath.Join(dir, codebook.NameJSON))
	if err == nil {
		err = json.Unmarshal(raw, &book)
	}
	if err != nil || book.Type != codebook.Type || len(book.Files) != 3 {
		t.Fatalf("codebook: %v", err)
	}
	for i, f := range book.Files {
		if len(f.Columns) != len(m.Files[i].Columns) || len(f.Notes) == 0 || f.RowIs.SV == "" || f.RowIs.EN == "" {
			t.Errorf("%s is not described: %+v", f.Name, f)
		}
		for _, c := range f.Columns {
			if c.Names.SV == "" || c.Names.EN == "" || c.Definition.SV == "" || c.Definition.EN == "" || c.Variable != "" && c.Unit.SV == "" {
				t.Errorf("%s: column %s is not described: %+v", f.Name, c.Name, c)
			}
		}
	}
	fall := book.Files[0]
	if !strings.Contains(fall.Notes[1].SV, "högst 7 fria dagar") || !strings.Contains(fall.Notes[0].EN, "from -P1Y to (but not including) P2Y, counted from indexdatum") {
		t.Errorf("notes: %+v", fall.Notes)
	}
	if c := fall.Columns[6]; c.Exactness.EN == "" || c.Assumption != "A8" || !c.Open || len(c.Codes) == 0 {
		t.Errorf("diagnosis: %+v", c)
	}
	if ids := slices.Collect(func(yield func(string) bool) {
		for _, a := range book.Assumptions {
			if !yield(a.ID) {
				return
			}
		}
	}); !slices.Equal(ids, []string{"A1", "A2", "A3", "A4", "A5", "A7", "A8", "A9", "A10", "A11", "A13"}) {
		t.Errorf("assumptions %v", ids)
	}
}

func TestCodebookPage(t *testing.T) {
	t.Parallel()
	dir, m, _ := newSetup(t).open(t)
	b, err := os.ReadFile(filepath.Join(dir, codebook.NameHTML))
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{`<section lang="sv"`, `<section lang="en"`, "modellantagande A8", "model assumption A8", "Uppgifterna är syntetiska", `<th scope="row">nettodagar</th>`, "<caption>", `<html lang="sv">`, "SFB 27 kap."} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", "http", "src=", "url(", "ZgotmplZ", "&lt;no value"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	for _, f := range m.Files[:3] {
		for _, c := range f.Columns {
			if strings.Count(html, `<th scope="row">`+c.Name+"</th>") < 2 {
				t.Errorf("%s is not in both languages", c.Name)
			}
		}
	}
	for _, tag := range []string{"section", "table", "tbody", "tr", "td", "th", "ul", "li", "dl", "dt", "dd", "details", "div", "main", "p", "h1", "h2"} {
		if opened, closed := strings.Count(html, "<"+tag+">")+strings.Count(html, "<"+tag+" "), strings.Count(html, "</"+tag+">"); opened != closed {
			t.Errorf("%d <%s>, %d </%s>", opened, tag, closed, tag)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*setup){
		"a file changed since":   func(s *setup) { _ = os.WriteFile(filepath.Join(s.dir, "class.csv"), []byte("x"), 0o600) },
		"a file of no extract":   func(s *setup) { s.job.Files[0].Extract = "other" },
		"a column of no table":   func(s *setup) { s.job.Files[0].Columns = []works.Column{{Name: "x", Variable: "x"}} },
		"no recipient":           func(s *setup) { s.job.Decision.Scope.Recipient.Key = "" },
		"another signer decided": func(s *setup) { s.job.Decision.Scope.Recipient.Signer = "0000-0000" },
	} {
		s := newSetup(t)
		change(&s)
		var b bytes.Buffer
		_, _, err := s.packer.Pack(t.Context(), &b, s.dir, s.job)
		if err == nil {
			t.Errorf("%s: packed", name)
		}
		if f, ok := errors.AsType[*fault.Fault](err); name == "another signer decided" && (!ok || f.Class != fault.Gate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// python returns a Python that has the modules, or skips.
func python(t *testing.T, modules string) string {
	t.Helper()
	path := os.Getenv("SLUSS_PYTHON")
	if path == "" {
		path = "python3"
	}
	path, err := exec.LookPath(path)
	if err != nil {
		t.Skip("skipped: no python3 on this machine")
	}
	if modules != "" && exec.Command(path, "-c", "import "+modules).Run() != nil {
		t.Skip("skipped: python3 here has no " + modules)
	}
	return path
}

func TestPythonStarterParses(t *testing.T) {
	t.Parallel()
	py := python(t, "")
	dir, _, _ := newSetup(t).open(t)
	if out, err := exec.Command(py, "-c", "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())", filepath.Join(dir, codebook.NamePython)).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestPythonStarterRuns(t *testing.T) {
	t.Parallel()
	py := python(t, "pandas, pyarrow")
	dir, _, _ := newSetup(t).open(t)
	cmd := exec.Command(py, "-c", `
import datetime
exec(open("las_in.py", encoding="utf-8").read())
f = fil_1_fall
assert list(f["lopnr"]) == [1, 999999999999999], f
assert f["fall_from"][0] == pd.Timestamp(2024, 2, 29) and pd.isna(f["fall_tom"][1]), f
assert f["nettodagar"][0] == 22.125 and pd.isna(f["nettodagar"][1]), f
assert pd.isna(f["diagnos3"][1]) and "Å" in set(f["delforman"]) | set(f["grupp"]) | set(f["diagnos3"]), f
assert CODES["fil_1_fall"]["delforman"]["SJP"] == "Sjukpenning"
m = manad
assert list(m["lopnr"]) == [1, 999999999999999] and m["manad"][0] == "2024-02" and m["netto"][0] == 22.125, m
assert m["belopp"][0] == 100050 and pd.isna(m["belopp"][1]) and m["sista"][0] == pd.Timestamp(2024, 2, 29), m
c = fil_class
assert c["barn"][0] == 100050 and pd.isna(c["barn"][1]) and c["utbetald"][0] == pd.Timestamp(2024, 2, 29), c
`)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestRStarterRuns(t *testing.T) {
	t.Parallel()
	r, err := exec.LookPath("Rscript")
	if err != nil {
		t.Skip("skipped: no R on this machine")
	}
	s := newSetup(t)
	if exec.Command(r, "-e", "library(arrow)").Run() != nil { // CSV needs nothing but R
		s.job.Plan.Extracts = slices.Delete(s.job.Plan.Extracts, 1, 2)
		s.job.Files = slices.Delete(s.job.Files, 1, 2)
		if err := os.Remove(filepath.Join(s.dir, "manad.parquet")); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, _, err := s.packer.Pack(t.Context(), &b, s.dir, s.job); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(r, "-e", `source("las_in.R", encoding = "UTF-8"); f <- fil_1_fall
stopifnot(f$lopnr[2] == 999999999999999, f$fall_from[1] == as.Date("2024-02-29"), is.na(f$fall_tom[2]), f$nettodagar[1] == 22.125, is.na(f$diagnos3[2]), fil_class$barn[1] == 100050)`)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
