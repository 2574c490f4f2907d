package apply

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/goccy/go-yaml"

	"sluss/internal/app"
	"sluss/internal/basket"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/orderfile"
	"sluss/internal/web/page"
)

const excelType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// exportBasket is the basket as a workbook, to be filled in and sent back.
func exportBasket(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	book, err := basket.Write(s.app.Data, s.Catalogue, s.Lang)
	if err != nil {
		return err
	}
	a.Download("bestallning.xlsx", excelType)
	a.W.Header().Set("Content-Length", strconv.Itoa(len(book)))
	_, _ = a.W.Write(book)
	return nil
}

func (s *scene) importForm() *page.Form {
	f := s.Form(s.path("data/import"), s.Word("apply.import"), &page.Field{ID: "seen", Kind: page.Hidden, Value: s.tree.seen([]string{"data"})},
		&page.Field{ID: "book" + fileMark, Kind: page.File, Label: s.Word("apply.import_file"), Hint: s.Word("apply.import_hint"), Accept: ".xlsx"})
	f.Small = true
	return f
}

// importBasket reads a workbook back. All of it is right, or nothing changes
// and each cell to mend is told.
func importBasket(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	f := s.importForm()
	seen, book, err := readFile(a, basket.MaxBytes, fault.New("basket.large", "Arbetsboken är större än 2 MB.", "The workbook is larger than 2 MB.").
		Do("Ta bort blad och bilder som inte behövs.", "Remove sheets and pictures that are not needed."))
	if err != nil {
		if !f.Take(err) {
			return err
		}
		return s.data(f)
	}
	if len(book) == 0 {
		f.Wrong("book"+fileMark, a.Word("apply.import_choose"))
		return s.data(f)
	}
	var wishes []intake.Wish
	var wrong []basket.Wrong
	if err = s.Orders.Scan(a.R.Context(), book); err == nil {
		wishes, wrong, err = basket.Read(book, s.Catalogue)
	}
	if err != nil && !f.Take(err) {
		return err
	}
	for _, c := range wrong {
		f.Wrong("book"+fileMark, c.Cell+": "+a.Say(c.Text))
	}
	if !f.OK() {
		return s.data(f)
	}
	raw, err := json.Marshal(wishes)
	if err != nil {
		return err
	}
	var list any
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	conflict, err := s.save([]string{"data"}, seen, func(t answers) { t.set("data", list) })
	if err != nil {
		return err
	}
	if conflict {
		return changed()
	}
	return a.Go(s.path(partData), "done.apply_imported")
}

// readFile reads a form with one file of at most limit bytes.
func readFile(a *page.Ask, limit int64, large *fault.Fault) (seen string, file []byte, err error) {
	parts, err := a.R.MultipartReader()
	if err != nil {
		return "", nil, cut(err)
	}
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return seen, file, nil
		}
		if err != nil {
			return "", nil, cut(err)
		}
		raw, err := io.ReadAll(io.LimitReader(p, limit+1))
		switch {
		case err != nil:
			return "", nil, cut(err)
		case int64(len(raw)) > limit:
			return "", nil, large
		case p.FileName() != "":
			file = raw
		case p.FormName() == "seen":
			seen = string(raw)
		}
	}
}

// exportOrder is the whole order as a file: what room orderfile reads.
func exportOrder(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	raw, err := orderYAML(s)
	if err != nil {
		return err
	}
	a.Download("bestallning.yaml", "application/yaml; charset=utf-8")
	_, _ = a.W.Write(raw)
	return nil
}

// orderYAML writes the order down: who orders, the answers as far as they can
// be read, the documents by name, and that it is handed in today.
func orderYAML(s *scene) ([]byte, error) {
	application, _ := app.Fit(s.Answers)
	answered, err := json.Marshal(application)
	if err != nil {
		return nil, err
	}
	kept := tidy(map[string]any(readAnswers(answered)))
	files := map[string]string{}
	for _, at := range application.Attachments {
		files[at.ID] = at.Name
	}
	raw, err := json.Marshal(map[string]any{
		"order": orderfile.Version, "people": []any{map[string]any{"id": "orderer", "name": application.Orderer.Name, "roles": []string{"orderer"}}},
		"application": kept, "files": files, "acts": []any{map[string]any{"on": s.Today.String(), "by": "orderer", "do": "submit"}},
	})
	if err != nil {
		return nil, err
	}
	return yaml.JSONToYAML(raw)
}
