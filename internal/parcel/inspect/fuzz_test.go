package inspect

import (
	"os"
	"path/filepath"
	"testing"

	"sluss/internal/plan"
)

// FuzzOpen: a finished file that is damaged ends in an error, in every format.
func FuzzOpen(f *testing.F) {
	formats := []string{"csv", "parquet", "dta", "sav", "zsav", "xpt"}
	f.Add(byte(0), []byte("lopnr;from_datum\n1;2020-01-01\n"))
	f.Add(byte(1), []byte("PAR1\x00\x00\x00\x00PAR1"))
	f.Add(byte(2), []byte("<stata_dta><header><release>118</release>"))
	f.Add(byte(3), []byte("$FL2@(#) SPSS DATA FILE"))
	f.Add(byte(5), []byte("HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		path := filepath.Join(dir, "f")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path, plan.Output{Format: formats[int(which)%len(formats)]})
		if err != nil {
			return
		}
		defer file.Close()
		n := 0
		for _, err := range file.Rows() {
			if n++; err != nil || n > 10_000 {
				return
			}
		}
	})
}
