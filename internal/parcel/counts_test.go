package parcel

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// The rows of Stata's, SPSS's and SAS's files are counted as they were written,
// where the end of a row falls in the last record of a SAS file too.
func TestCountStatisticalFormats(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{format.DTA, format.SAV, format.ZSAV, format.XPT} {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 79, 80, 81} {
			for _, width := range []int{1, 7, 40, 199} {
				path := filepath.Join(t.TempDir(), "f."+kind)
				if err := numbered(path, kind, n, width); err != nil {
					t.Fatal(err)
				}
				whole, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := countOf(kind, whole); err != nil || got != int64(n) {
					t.Errorf("%s: %d rows, %v, want %d", kind, got, err, n)
				}
				if _, err := countOf(kind, slices.Concat([]byte("x"), whole)); err == nil {
					t.Errorf("%s: a byte before the head was not seen", kind)
				}
			}
		}
	}
}

func countOf(kind string, b []byte) (int64, error) {
	switch kind {
	case format.DTA:
		return countDTA(bytes.NewReader(b))
	case format.XPT:
		return countXPT(bytes.NewReader(b))
	}
	return countSAV(bytes.NewReader(b))
}

// numbered writes n rows of a number and a text that is there in every other.
func numbered(path, kind string, n, width int) error {
	s := &format.Schema{Columns: []format.Column{
		{Name: "lopnr", Type: format.Int64},
		{Name: "k", Type: format.Text, Nullable: true, Dict: []string{"", string(bytes.Repeat([]byte("x"), width))}},
	}}
	b := format.NewBatch(s)
	for i := range n {
		b.Cols[0].I64, b.Cols[1].I32 = append(b.Cols[0].I64, int64(i+1)), append(b.Cols[1].I32, int32(i%2))
		b.N++
	}
	o, err := format.OptionsOf(plan.Output{Format: kind})
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	st, err := format.NewStream(context.Background(), f, s, o, 1)
	if err == nil {
		if err = st.Write(b, 0, b.N); err == nil {
			_, _, err = st.Close()
		}
	}
	return errors.Join(err, f.Close())
}
