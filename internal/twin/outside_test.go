package twin

import (
	"os"
	"path/filepath"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/parcel/codebook"
	"sluss/internal/plan"
)

// TestForOutsiders writes twin and delivery of every register of the catalogue
// into the folder that SLUSS_TWINS names, for R and Python to run the starter
// programs in (make verify): FORMAT/REGISTER/twin and …/delivery. The programs
// stand in the twin only; who runs them copies them, unchanged.
func TestForOutsiders(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SLUSS_TWINS")
	if dir == "" {
		t.Skip("skipped: SLUSS_TWINS names no folder; make verify does")
	}
	cat := catalog.Builtin()
	kinds := map[string][]string{"csv": {"csv"}, "parquet": {"parquet"}, "programs": {"dta", "sav", "xpt", "zsav"}}
	for kind, formats := range kinds {
		for _, reg := range cat.Registers {
			var extracts []plan.Extract
			for _, table := range reg.Tables {
				for _, shape := range table.Shapes {
					extracts = append(extracts, everything(cat, &table, shape, formats[len(extracts)%len(formats)]))
				}
			}
			w := wantedOf(extracts...)
			made, err := Make(t.Context(), w, cat)
			if err != nil {
				t.Fatal(err)
			}
			put := func(folder, name string, data []byte) {
				path := filepath.Join(dir, kind, reg.ID, folder)
				if err := os.MkdirAll(path, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(path, name), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range made.Files {
				put("twin", f.Name, f.Data)
			}
			files, book := deliver(t, w.Spec, cat)
			for name, data := range files {
				put("delivery", name, data)
			}
			list, err := book.List()
			if err != nil {
				t.Fatal(err)
			}
			put("delivery", codebook.ListName, list)
		}
	}
}
