package parcel

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/canon"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/sealed"
	"sluss/internal/signed"
)

// house holds the keys of a sender and a recipient.
type house struct {
	identity, recipient string
	private, public     string
}

func newHouse(t testing.TB) house {
	t.Helper()
	var h house
	var err error
	if h.identity, h.recipient, err = sealed.GenerateIdentity(); err != nil {
		t.Fatal(err)
	}
	if h.private, h.public, err = signed.Generate(rand.Reader, "valvet"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h house) want(t testing.TB) Want {
	t.Helper()
	s, err := ParseSigner(signed.Fingerprint(h.public))
	if err != nil {
		t.Fatal(err)
	}
	return Want{Signer: s}
}

const canary = "lopnr;fall_from\n1;2024-01-01\n2;2024-02-01\n"

// parquetRows writes a Parquet file of n rows in several row groups.
func parquetRows(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	s := &format.Schema{Columns: []format.Column{
		{Name: "lopnr", Type: format.Int64},
		{Name: "tom", Type: format.Date, Nullable: true},
		{Name: "net", Type: format.Decimal, Scale: 3},
		{Name: "diagnos", Type: format.Text, Dict: []string{"", "F32"}, Nullable: true},
	}}
	o, err := format.OptionsOf(plan.Output{Format: "parquet"})
	if err != nil {
		t.Fatal(err)
	}
	st, err := format.NewStream(t.Context(), &b, s, o, 1)
	if err != nil {
		t.Fatal(err)
	}
	batch := format.NewBatch(s)
	for i := range n {
		batch.Cols[0].I64 = append(batch.Cols[0].I64, int64(i+1))
		batch.Cols[1].I32 = append(batch.Cols[1].I32, int32(19000+i%100))
		batch.Cols[2].I64 = append(batch.Cols[2].I64, 22500)
		batch.Cols[3].I32 = append(batch.Cols[3].I32, int32(i%2))
		batch.N++
	}
	if err := st.Write(batch, 0, n); err != nil {
		t.Fatal(err)
	}
	if _, _, err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sealing lays files on the disk and describes them.
func (h house) sealing(t testing.TB, id string) Sealing {
	t.Helper()
	dir := t.TempDir()
	rows := parquetRows(t, 100)
	files := []File{
		{Name: "sjukfall.csv", Role: RoleData, Format: "csv", CSV: &CSV{Delimiter: ";", Encoding: "utf-8", Date: "iso", Decimal: "."}, Rows: 2, Columns: []Column{{Name: "lopnr"}, {Name: "fall_from"}}},
		{Name: "sjp_manad.parquet", Role: RoleData, Format: "parquet", Rows: 100},
		{Name: "kodbok.html", Role: RoleCodebook},
	}
	content := []string{canary, string(rows), "<!doctype html>" + id}
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, files[i].Name), []byte(content[i]), 0o600); err != nil {
			t.Fatal(err)
		}
		files[i].Bytes, files[i].SHA256 = int64(len(content[i])), canon.Sum([]byte(content[i]))
	}
	return Sealing{
		Manifest: Manifest{
			Type: TypeManifest, Order: id, Project: id, Decision: plan.Ref{ID: id + "-B1", Version: 1, SHA256: canon.Sum([]byte(id))},
			Recipient: sealed.Fingerprint(h.recipient), Signer: h.public, Domains: []string{id + "-person"}, Files: files,
			Egress: []order.CheckResult{{Check: "headers", OK: true}}, Counts: []order.CountLine{{Code: "not_found", Count: 3}}, Created: day.Of(2026, 11, 21),
		},
		Dir: dir, Scratch: t.TempDir(), Recipient: h.recipient,
		Sign: func(doc any) (string, error) { return signed.Sign(doc, h.private) },
	}
}

func write(t testing.TB, s Sealing) []byte {
	t.Helper()
	var b bytes.Buffer
	sum, err := Write(context.Background(), &b, s)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := s.Manifest.Hash(); sum != want || err != nil {
		t.Fatalf("manifest hash %s, want %s, %v", sum, want, err)
	}
	return b.Bytes()
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// place writes a parcel to a file and returns it with a directory to open into.
func place(t testing.TB, parcel []byte) (path, out string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "p.sluss")
	if err := os.WriteFile(path, parcel, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, filepath.Join(dir, "out")
}

// refused opens a parcel that must be refused: it returns the code and checks
// that nothing was left behind.
func refused(t testing.TB, parcel []byte, identity string, want Want) string {
	t.Helper()
	path, out := place(t, parcel)
	_, err := Open(context.Background(), path, identity, out, want)
	if err == nil {
		t.Fatal("the parcel was opened")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%v: %d entries are left, want the parcel alone", err, len(left))
	}
	if strings.Contains(err.Error(), "2024-01-01") {
		t.Errorf("the fault holds content: %v", err)
	}
	return code(err)
}

func TestWriteAndOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.sealing(t, "FK-2026-00001")
	parcel := write(t, s)
	if bytes.Contains(parcel, []byte("fall_from")) || bytes.Contains(parcel, []byte("kodbok")) {
		t.Error("content or names of files are in clear")
	}
	path, out := place(t, parcel)
	if outer, err := Verify(t.Context(), path, h.want(t)); err != nil || outer.Order != "FK-2026-00001" {
		t.Fatalf("%+v, %v", outer, err)
	}
	m, err := Open(t.Context(), path, h.identity, out, h.want(t))
	if err != nil || len(m.Files) != 3 {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(out, "sjukfall.csv"))
	if err != nil || string(got) != canary {
		t.Errorf("file: %v", err)
	}
	if again, err := VerifyDir(t.Context(), out, h.want(t)); err != nil || again.Order != m.Order {
		t.Errorf("opened directory: %v", err)
	}
	if _, err := Open(t.Context(), path, h.identity, out, h.want(t)); code(err) != "parcel.out_exists" {
		t.Errorf("opened twice: %v", err)
	}
	if left, _ := os.ReadDir(s.Scratch); len(left) != 0 {
		t.Error("the sealed part was left in scratch")
	}
}

// A recipient without our program opens a parcel with any tar and age.
func TestPlainTarOpensIt(t *testing.T) {
	t.Parallel()
	tar, err := exec.LookPath("tar")
	if err != nil {
		t.Skip("skipped: no tar on this machine")
	}
	h := newHouse(t)
	path, out := place(t, write(t, h.sealing(t, "FK-2026-00001")))
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		if text, err := exec.Command(tar, args...).CombinedOutput(); err != nil || len(text) != 0 {
			t.Fatalf("tar %v: %s, %v", args, text, err)
		}
	}
	run("-xf", path, "-C", out)
	in, err := os.Open(filepath.Join(out, nameAge))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := sealed.Open(in, h.identity) // age itself: package sealed writes nothing around it
	if err != nil {
		t.Fatal(err)
	}
	inner, err := io.ReadAll(r)
	if err != nil || os.WriteFile(filepath.Join(out, "content.tar"), inner, 0o600) != nil {
		t.Fatal(err)
	}
	run("-xf", filepath.Join(out, "content.tar"), "-C", out)
	if got, err := os.ReadFile(filepath.Join(out, "sjukfall.csv")); err != nil || string(got) != canary {
		t.Errorf("file: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(out, nameReadme)); !bytes.Contains(text, []byte("FK-2026-00001")) {
		t.Error("the readme does not name the order")
	}
}

// Any byte changed and any cut, in whatever place of the parcel, is found.
func TestChangedOrCut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	parcel := write(t, h.sealing(t, "FK-2026-00001"))
	want := h.want(t)
	check := func(t *rapid.T, bad []byte, what string, at int) {
		dir, err := os.MkdirTemp("", "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "p")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(context.Background(), path, want); fault.ClassOf(err) != fault.Input {
			t.Fatalf("%s at %d: verify: %v", what, at, err)
		}
		if _, err := Open(context.Background(), path, h.identity, filepath.Join(dir, "out"), want); fault.ClassOf(err) != fault.Input {
			t.Fatalf("%s at %d: open: %v", what, at, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Fatalf("%s at %d: something is left", what, at)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(parcel)-1).Draw(t, "at")
		bad := bytes.Clone(parcel)
		bad[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		check(t, bad, "changed", at)
		check(t, parcel[:at], "cut", at)
		check(t, append(bytes.Clone(parcel), byte(at)), "longer", at)
	})
	if c := refused(t, parcel[:len(parcel)-600], h.identity, want); c != "parcel.cut" {
		t.Errorf("cut: %s", c)
	}
	middle := bytes.Clone(parcel)
	middle[len(middle)/2] ^= 1
	if c := refused(t, middle, h.identity, want); c != "parcel.sealed_part" {
		t.Errorf("changed in the middle: %s", c)
	}
}

// entries takes a parcel apart, and join puts one together.
func entries(t *testing.T, parcel []byte) (outer, text, sealedPart []byte) {
	t.Helper()
	r := newTarReader(bytes.NewReader(parcel))
	var err error
	if outer, err = r.take(nameOuter, maxNote); err != nil {
		t.Fatal(err)
	}
	if text, err = r.take(nameReadme, maxReadme); err != nil {
		t.Fatal(err)
	}
	if sealedPart, err = r.take(nameAge, 1<<30); err != nil {
		t.Fatal(err)
	}
	return outer, text, sealedPart
}

func join(t *testing.T, outer, text, sealedPart []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tarWriter{&b}
	for _, e := range []struct {
		name string
		body []byte
	}{{nameOuter, outer}, {nameReadme, text}, {nameAge, sealedPart}} {
		if err := w.add(e.name, int64(len(e.body)), bytes.NewReader(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestThreat06WrongProjectOrRecipient(t *testing.T) {
	t.Parallel()
	h, thief := newHouse(t), newHouse(t)
	a, b := write(t, h.sealing(t, "FK-2026-00001")), write(t, h.sealing(t, "FK-2026-00002"))
	outerA, textA, sealedA := entries(t, a)
	_, _, sealedB := entries(t, b)
	if !bytes.Equal(join(t, outerA, textA, sealedA), a) {
		t.Fatal("the test does not put a parcel together as it was")
	}
	mixed := Outer{ // a genuine signature over parts of two deliveries
		Type: TypeOuter, Order: "FK-2026-00001", Project: "FK-2026-00001", Decision: canon.Sum([]byte("FK-2026-00001")),
		Recipient: sealed.Fingerprint(h.recipient), Manifest: canon.Sum(nil), SHA256: canon.Sum(sealedB), Bytes: int64(len(sealedB)),
		Readme: canon.Sum(textA), Signer: h.public,
	}
	mixedNote, err := signed.Sign(mixed, h.private)
	if err != nil {
		t.Fatal(err)
	}
	forged := mixed
	forged.Signer = h.public
	forgedNote, err := signed.Sign(forged, thief.private)
	if err != nil {
		t.Fatal(err)
	}
	other := h.want(t)
	other.Order = "FK-2026-00002"
	for name, tt := range map[string]struct {
		parcel   []byte
		identity string
		want     Want
		code     string
	}{
		"another identity":                    {a, thief.identity, h.want(t), "parcel.wrong_key"},
		"no identity":                         {a, "AGE-SECRET-KEY-1X", h.want(t), "sealed.identity"},
		"another signer":                      {a, h.identity, thief.want(t), "parcel.wrong_signer"},
		"another order":                       {a, h.identity, other, "parcel.other_order"},
		"sealed part of another delivery":     {join(t, outerA, textA, sealedB), h.identity, h.want(t), "parcel.sealed_part"},
		"signed together, but not of a kind":  {join(t, []byte(mixedNote), textA, sealedB), h.identity, h.want(t), "parcel.swapped"},
		"the right key named, another signed": {join(t, []byte(forgedNote), textA, sealedB), h.identity, h.want(t), "parcel.wrong_signer"},
		"another readme":                      {join(t, outerA, []byte("hi"), sealedA), h.identity, h.want(t), "parcel.changed"},
		"sealed part alone":                   {sealedA, h.identity, h.want(t), "parcel.not_parcel"},
		"empty":                               {nil, h.identity, h.want(t), "parcel.not_parcel"},
	} {
		if got := refused(t, tt.parcel, tt.identity, tt.want); got != tt.code {
			t.Errorf("%s: %s, want %s", name, got, tt.code)
		}
	}
}

// What is inside is checked too, though only the sender could have made it so.
func TestRefusesWrongInside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, tt := range map[string]struct {
		change func(*Sealing)
		code   string
	}{
		"too few CSV rows":     {func(s *Sealing) { s.Manifest.Files[0].Rows = 3 }, "parcel.rows"},
		"too few Parquet rows": {func(s *Sealing) { s.Manifest.Files[1].Rows = 99 }, "parcel.rows"},
		"another column":       {func(s *Sealing) { s.Manifest.Files[0].Columns = s.Manifest.Files[0].Columns[:1] }, "parcel.file_unreadable"},
		"CSV called Parquet":   {func(s *Sealing) { s.Manifest.Files[0].Format = "parquet" }, "parcel.file_unreadable"},
		"unknown format":       {func(s *Sealing) { s.Manifest.Files[0].Format = "xlsx" }, "parcel.file_unreadable"},
	} {
		s := h.sealing(t, "FK-2026-00001")
		tt.change(&s)
		if got := refused(t, write(t, s), h.identity, h.want(t)); got != tt.code {
			t.Errorf("%s: %s, want %s", name, got, tt.code)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, change := range map[string]func(*Sealing){
		"file changed":           func(s *Sealing) { s.Manifest.Files[0].SHA256 = canon.Sum(nil) },
		"file shorter":           func(s *Sealing) { s.Manifest.Files[0].Bytes++ },
		"file longer":            func(s *Sealing) { s.Manifest.Files[0].Bytes-- },
		"file missing":           func(s *Sealing) { s.Manifest.Files[0].Name = "x.csv" },
		"name with a folder":     func(s *Sealing) { s.Manifest.Files[0].Name = "../sjukfall.csv" },
		"name of a device":       func(s *Sealing) { s.Manifest.Files[0].Name = "COM1.csv" },
		"the manifest's name":    func(s *Sealing) { s.Manifest.Files[0].Name = "manifest" },
		"a name twice":           func(s *Sealing) { s.Manifest.Files[1].Name = "SJUKFALL.csv" },
		"no files":               func(s *Sealing) { s.Manifest.Files = nil },
		"another's recipient":    func(s *Sealing) { s.Recipient = newHouse(t).recipient },
		"no recipient":           func(s *Sealing) { s.Recipient = "" },
		"a manifest of no type":  func(s *Sealing) { s.Manifest.Type = "" },
		"a signer that does not": func(s *Sealing) { s.Sign = func(any) (string, error) { return "", errors.New("no key") } },
	} {
		s := h.sealing(t, "FK-2026-00001")
		change(&s)
		if _, err := Write(t.Context(), io.Discard, s); err == nil {
			t.Errorf("%s: a parcel was written", name)
		}
		if left, _ := os.ReadDir(s.Scratch); len(left) != 0 {
			t.Errorf("%s: something is left in scratch", name)
		}
	}
}

func TestVerifyDir(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path, out := place(t, write(t, h.sealing(t, "FK-2026-00001")))
	if _, err := Open(t.Context(), path, h.identity, out, h.want(t)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(out, "sjukfall.csv")
	for _, tt := range []struct {
		name string
		do   func() error
		undo func() error
		code string
	}{
		{"a byte", func() error { return os.WriteFile(file, []byte(strings.Replace(canary, "1;", "3;", 1)), 0o600) }, func() error { return os.WriteFile(file, []byte(canary), 0o600) }, "parcel.file_changed"},
		{"a file gone", func() error { return os.Rename(file, path+".tmp") }, func() error { return os.Rename(path+".tmp", file) }, "parcel.file_missing"},
		{"a link", func() error { return errors.Join(os.Rename(file, path+".tmp"), os.Symlink(path+".tmp", file)) }, func() error { return errors.Join(os.Remove(file), os.Rename(path+".tmp", file)) }, "parcel.file_missing"},
		{"a file too many", func() error { return os.WriteFile(file+".bak", nil, 0o600) }, func() error { return os.Remove(file + ".bak") }, "parcel.file_extra"},
	} {
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyDir(t.Context(), out, h.want(t)); code(err) != tt.code {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
		if err := tt.undo(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := VerifyDir(t.Context(), out, newHouse(t).want(t)); code(err) != "parcel.wrong_signer" {
		t.Errorf("another signer: %v", err)
	}
	if _, err := VerifyDir(t.Context(), t.TempDir(), h.want(t)); code(err) != "parcel.no_manifest" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty directory: %v", err)
	}
	manifest := filepath.Join(out, nameManifest)
	note, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, bytes.Replace(note, []byte(`"rows":100`), []byte(`"rows":101`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyDir(t.Context(), out, h.want(t)); code(err) != "parcel.signature" {
		t.Errorf("manifest changed: %v", err)
	}
	if _, err := VerifyDir(t.Context(), out, h.want(t)); err == nil {
		t.Error("accepted")
	}
}

func TestSigner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	file := filepath.Join(t.TempDir(), "signer")
	if err := os.WriteFile(file, []byte(h.public+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := h.want(t).Signer
	for _, arg := range []string{h.public, file, signed.Fingerprint(h.public), strings.ToUpper(signed.Fingerprint(h.public)) + "\n"} {
		if s, err := ReadSigner(arg); err != nil || s != want {
			t.Errorf("%d characters: %v", len(arg), err)
		}
	}
	for _, arg := range []string{"", "no such file", h.private, h.recipient, signed.Fingerprint(h.public)[:34]} {
		if _, err := ReadSigner(arg); code(err) != "parcel.signer" {
			t.Errorf("%d characters: %v", len(arg), err)
		}
	}
}

func TestCountParquet(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 300_000} {
		b := parquetRows(t, n)
		if got, err := countParquet(bytes.NewReader(b)); got != int64(n) || err != nil {
			t.Errorf("%d rows, %v, want %d", got, err, n)
		}
	}
	whole := parquetRows(t, 10)
	rapid.Check(t, func(t *rapid.T) { // no file makes it panic or hang
		b := bytes.Clone(whole)
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "to")
		}
		_, _ = countParquet(bytes.NewReader(b[:rapid.IntRange(0, len(b)).Draw(t, "cut")]))
		_, _ = countParquet(bytes.NewReader(append(append([]byte("PAR1"), b[len(b)/2:]...), "\x40\x00\x00\x00PAR1"...)))
	})
}

func TestCountCSV(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"a", "b"})
	_ = w.Write([]string{"x\ny", "\"q\""})
	w.Flush()
	for text, want := range map[string]int64{"a;b\n": 0, "a;b\n1;2\n": 1, "a;b\n\"x\n;\"\"\";2\n": 1, "a;b\n\xe5;\xf6\n": 1, "": -1, "a\n": -1, "a;b\n1\n": -1, "a;b\n\"1;2\n": -1} {
		got, err := countCSV(strings.NewReader(text), ';', 2)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	if got, err := countCSV(&b, ',', 2); got != 1 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}
