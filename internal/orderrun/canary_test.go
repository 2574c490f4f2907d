package orderrun_test

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/orderrun"
)

// canaries are the identity numbers of a population file, as they could turn
// up: with and without century and hyphen.
func canaries(t *testing.T, file string) [][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join(registers, "population", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]byte
	s := bufio.NewScanner(f)
	s.Scan() // header
	for s.Scan() {
		id, _, _ := strings.Cut(s.Text(), ";")
		digits := strings.ReplaceAll(id, "-", "")
		out = append(out, []byte(digits), []byte(digits[2:8]+"-"+digits[8:]), []byte(digits[2:]))
	}
	if len(out) < 100 {
		t.Fatalf("only %d canaries", len(out))
	}
	return out
}

// Promise 14, and the wall: after a whole order, no identity number of the
// population stands anywhere at the counter (database, documents, sealed
// files), in what was printed, or among the results outside the sealed parcel.
// The population came in clear and was sealed on its way.
func TestPromise14NoIdentityNumberAtTheCounter(t *testing.T) {
	t.Parallel()
	state, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	file := example(t, "research-refused-in-part.yaml")
	var printed bytes.Buffer
	_, err := orderrun.Run(context.Background(), orderrun.Options{
		File: file, Name: "order.yaml", Base: "../../examples", Data: registers, Out: out, Engine: engine, Lang: "sv", Print: &printed, State: state,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, printed.String())
	}
	places := map[string][]byte{"printed text": printed.Bytes()}
	for _, dir := range []string{state, out} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			places[path] = b
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(places) < 8 {
		t.Fatalf("only %d places to look in", len(places))
	}
	for _, c := range canaries(t, "indexdatum.csv") {
		for place, content := range places {
			if bytes.Contains(content, c) {
				t.Fatalf("an identity number stands in %s", filepath.Base(place))
			}
		}
	}
}
