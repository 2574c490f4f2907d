package apply

import (
	"bytes"

	"sluss/internal/order"
	"sluss/internal/twin"
	"sluss/internal/web/page"
)

// twinFile hands out the draft's synthetic twin: made-up data with the tables,
// columns and formats that have been asked for so far, to write programs on
// before the order is sent. No register is read.
func twinFile(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	w, err := twin.Of(order.State{Application: s.app}, s.Catalogue, twin.Sight{})
	if err != nil {
		return err
	}
	made, err := twin.Make(a.R.Context(), w, s.Catalogue)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := made.Zip(&b); err != nil {
		return err
	}
	a.Download("testdata.zip", "application/zip")
	_, err = a.W.Write(b.Bytes())
	return err
}

// twinPath is where the twin is fetched, "" while no wish has both a table and
// variables.
func (s *scene) twinPath() string {
	if _, err := twin.Of(order.State{Application: s.app}, s.Catalogue, twin.Sight{}); err != nil {
		return ""
	}
	return s.path("twin.zip")
}
