package handout_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/canon"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/parcel"
	"sluss/internal/parcel/handout"
)

// content is n bytes that repeat nowhere.
func content(n int, seed byte) []byte {
	b := make([]byte, n)
	x := uint32(seed) + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func of(b []byte) handout.Parcel {
	return handout.Parcel{Name: "FK-1.sluss", Bytes: int64(len(b)), SHA256: canon.Sum(b), Content: bytes.NewReader(b)}
}

// counter serves a parcel; cut, if it is not nil, says after how many bytes of a
// body the line is cut (-1: not at all).
type counter struct {
	parcel atomic.Pointer[[]byte]
	cut    func(request int) int
	gets   atomic.Int32
	ranges atomic.Int32
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer secret" {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet {
		n := int(c.gets.Add(1))
		if r.Header.Get("Range") != "" {
			c.ranges.Add(1)
		}
		if after := c.cut(n); after >= 0 {
			w = &cutter{w, after}
		}
	}
	if err := handout.Serve(w, r, of(*c.parcel.Load())); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// cutter cuts the line after some bytes of the body.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

func fetching(url, out string) handout.Fetching {
	return handout.Fetching{URL: url, Token: "secret", Out: out, Client: http.DefaultClient, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// TestFetchGoesOnWhereItWasCut: however often the line is cut, and wherever, the
// parcel comes whole, and no byte of it comes twice.
func TestFetchGoesOnWhereItWasCut(t *testing.T) {
	t.Parallel()
	whole := content(600_000, 1)
	rapid.Check(t, func(t *rapid.T) {
		cuts := rapid.SliceOfN(rapid.IntRange(0, 250_000), 0, 6).Draw(t, "cuts")
		c := &counter{cut: func(n int) int {
			if n <= len(cuts) {
				return cuts[n-1]
			}
			return -1
		}}
		c.parcel.Store(&whole)
		s := httptest.NewServer(c)
		defer s.Close()
		dir, err := os.MkdirTemp("", "fetch")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		out := filepath.Join(dir, "p.sluss")
		f := fetching(s.URL, out)
		var from int64
		f.Told = func(have, total int64) {
			if have < from || total != int64(len(whole)) {
				t.Errorf("%d of %d after %d", have, total, from)
			}
			from = have
		}
		sum, err := handout.Fetch(t.Context(), f)
		got, _ := os.ReadFile(out)
		if err != nil || sum != canon.Sum(whole) || !bytes.Equal(got, whole) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%d files are left", len(left))
		}
	})
}

func TestFetchInALaterRun(t *testing.T) {
	t.Parallel()
	whole, other := content(500_000, 1), content(400_000, 2)
	c := &counter{cut: func(int) int { return 100_000 }}
	c.parcel.Store(&whole)
	s := httptest.NewServer(c)
	defer s.Close()
	out := filepath.Join(t.TempDir(), "p.sluss")
	f := fetching(s.URL, out)
	f.Wait = func(context.Context, time.Duration) error { return context.Canceled } // stopped by who runs it
	for range 2 {
		if _, err := handout.Fetch(t.Context(), f); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Fatal("half a parcel is there under its name")
	}
	parts, _ := filepath.Glob(out + ".*.part")
	if s, err := os.Stat(parts[0]); len(parts) != 1 || err != nil || s.Size() != 200_000 {
		t.Fatalf("%v: %v", parts, err)
	}
	c.parcel.Store(&other) // replaced meanwhile: nothing of the old one may be in it
	c.cut = func(int) int { return -1 }
	if _, err := handout.Fetch(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(out); !bytes.Equal(got, other) {
		t.Error("the new parcel is not whole")
	}
	if _, err := handout.Fetch(t.Context(), f); code(err) != "fetch.exists" {
		t.Errorf("over a file: %v", err)
	}
	f.Out = out + "2"
	if err := os.WriteFile(f.Out+"."+canon.Sum(other).Short()+".part", bytes.Repeat([]byte("x"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := handout.Fetch(t.Context(), f); code(err) != "fetch.hash" {
		t.Errorf("a spoilt beginning: %v", err)
	}
	if left, _ := filepath.Glob(f.Out + "*"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	f.Token = "other"
	if _, err := handout.Fetch(t.Context(), f); code(err) != "fetch.refused" {
		t.Errorf("without a right: %v", err)
	}
	f.Token, c.cut = "secret", func(int) int { return 0 }
	f.Wait = func(context.Context, time.Duration) error { return nil }
	if _, err := handout.Fetch(t.Context(), f); code(err) != "fetch.cut" {
		t.Errorf("no byte ever: %v", err)
	}
}

// TestParts: the parts that are sent are those of the list, and together the
// parcel; whatever is no part does not exist.
func TestParts(t *testing.T) {
	t.Parallel()
	whole := content(2*handout.MinPart+12345, 3)
	const size = "?size=1048576"
	ask := func(handle func(http.ResponseWriter, *http.Request) error, target string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		if err := handle(w, r); err != nil {
			http.Error(w, code(err), http.StatusTeapot)
		}
		return w
	}
	part := func(no int) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error { return handout.ServePart(w, r, of(whole), no) }
	}
	list := func(w http.ResponseWriter, r *http.Request) error { return handout.ServeList(w, r, of(whole)) }
	for range 2 { // the second time from memory
		w := ask(list, "/"+size)
		l, err := parcel.ParsePartList("FK-1.sluss", w.Body.Bytes())
		if err != nil || len(l.Sums) != 3 || !strings.Contains(w.Header().Get("Content-Disposition"), "FK-1.sluss.parts") {
			t.Fatalf("%v %+v", err, l)
		}
		var joined []byte
		for no := 1; no <= 3; no++ {
			b := ask(part(no), "/"+size).Body.Bytes()
			if canon.Sum(b) != l.Sums[no-1] {
				t.Errorf("part %d is not that of the list", no)
			}
			joined = append(joined, b...)
		}
		if !bytes.Equal(joined, whole) {
			t.Error("the parts are not the parcel")
		}
	}
	tag := ask(part(3), "/"+size).Header().Get("ETag")
	if w := ask(part(3), "/"+size, "Range", "bytes=12000-", "If-Range", tag); w.Code != http.StatusPartialContent || !bytes.Equal(w.Body.Bytes(), whole[2*handout.MinPart+12000:]) {
		t.Errorf("the end of the last part: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(part(3), "/"+size, "Range", "bytes=12000-", "If-Range", ask(part(2), "/"+size).Header().Get("ETag")); w.Code != http.StatusOK {
		t.Errorf("part 3 goes on from part 2: %d", w.Code)
	}
	if w := ask(part(1), "/"+size, "Range", "bytes=99999999-"); w.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", w.Code)
	}
	for target, want := range map[string]string{"/?size=1": "parcel.part_size", "/?size=x": "parcel.part_size", "/" + size: "parcel.no_part", "/": "parcel.no_part"} {
		if w := ask(part(4), target); w.Code != http.StatusTeapot || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	for _, no := range []int{0, -1, 1 << 40} {
		if w := ask(part(no), "/"); w.Code != http.StatusTeapot {
			t.Errorf("part %d: %d", no, w.Code)
		}
	}
	for total, want := range map[int64]int64{1: 100_000_000, 10_000_000_000: 100_000_000, 10_000_000_001: 1_000_000_000, 1 << 40: 100_000_000_000} {
		if got := handout.PartSize(total); got != want {
			t.Errorf("%d bytes in parts of %d", total, got)
		}
	}
}

// TestNoHalfParcel: a parcel that is shorter than was delivered is not sent, and
// one whose disk fails ends in a cut line.
func TestNoHalfParcel(t *testing.T) {
	t.Parallel()
	whole := content(100_000, 4)
	short := of(whole[:90_000])
	short.Bytes = 100_000
	if err := handout.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), short); err == nil {
		t.Error("a short parcel is sent")
	}
	for _, content := range []io.Reader{failing{bytes.NewReader(whole)}, struct{ io.Reader }{io.MultiReader(bytes.NewReader(whole[:50_000]), failing{bytes.NewReader(nil)})}} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p := of(whole)
			p.Content = content
			_ = handout.Serve(w, r, p)
		}))
		resp, err := http.Get(s.URL)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		if err == nil {
			t.Error("half a parcel looks like a whole one")
		}
		s.Close()
	}
}

// failing fails at the middle.
type failing struct{ *bytes.Reader }

func (f failing) Read(p []byte) (int, error) {
	if f.Len() < 50_000 {
		return 0, errors.New("disk " + strconv.Itoa(f.Len()))
	}
	return f.Reader.Read(p[:min(len(p), 20_000)])
}
