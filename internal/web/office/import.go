package office

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/variablelist"
	"sluss/internal/web/page"
)

// A list of variables in Excel becomes a data file of the catalogue in three
// steps: a mapping says what the columns mean, the page says what came of it
// and how it differs from the register that is there, and the file is fetched.
// It is put into the catalogue's folder by whoever runs the machine: the counter
// never writes its own catalogue.

// importBody is a list that is being read.
type importBody struct {
	F     *page.Form
	From  []catalog.Register // to begin with the mapping of
	Wrong []string           // cell by cell
	More  int                // of them that are not shown
	Made  *imported
}

// imported is the register that a list makes.
type imported struct {
	ID, Name                  string
	Tables                    []importedTable
	Before                    bool     // there is a register of that name
	Added, Dropped, Different []string // table.variable
	Fetch                     *page.Form
}

type importedTable struct {
	ID, Name  string
	Variables int
}

const (
	importPath = "/admin/catalogue/import"
	maxMapping = 100_000
	mostWrong  = 50
	listField  = "list"
)

func importForm(a *page.Ask) *importBody {
	mapping := &page.Field{ID: "mapping", Kind: page.Area, Rows: 16, Label: a.Word("office.f_mapping"), Hint: a.Word("office.h_mapping"), Max: maxMapping}
	f := a.Form(importPath, a.Word("office.import_check"),
		&page.Field{ID: listField, Kind: page.File, Label: a.Word("office.f_list"), Hint: a.Word("office.h_list"), Accept: ".xlsx"}, mapping)
	return &importBody{F: f, From: a.Catalogue.Registers}
}

func importView(a *page.Ask, b *importBody) page.View {
	return page.View{Title: a.Word("office.import"), Nav: "office.nav_admin", Body: b}
}

// showImport begins with the mapping of a register that is there, when one has
// been chosen.
func showImport(a *page.Ask) error {
	b := importForm(a)
	if id := a.R.URL.Query().Get("register"); id != "" {
		i := slices.IndexFunc(a.Catalogue.Registers, func(r catalog.Register) bool { return r.ID == id })
		if i < 0 {
			return app.ErrNotFound
		}
		m, err := variablelist.Own(&a.Catalogue.Registers[i])
		if err != nil {
			return err
		}
		text, err := m.YAML()
		if err != nil {
			return err
		}
		b.F.Field("mapping").Value = string(text)
	}
	return a.Show("office-import", importView(a, b))
}

// sentList is the list that came with the form, or the one that came with it
// before; nil when there is none.
func sentList(a *page.Ask) (name string, raw []byte, err error) {
	a.R.Body = http.MaxBytesReader(a.W, a.R.Body, app.MaxAttachment+1<<20)
	if err := a.R.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", nil, fault.New("page.form", "Filen kom inte fram hel, eller är större än 25 MB.", "The file did not arrive whole, or is larger than 25 MB.").
			Do("Gå tillbaka, välj filen igen och skicka.", "Go back, choose the file again and send.").Because(err)
	}
	file, head, err := a.R.FormFile(listField)
	if err != nil { // no file was chosen
		was, raw, err := a.Orders.OpenUnsentFile(a.R.Context(), a.Visitor.Person, importPath, listField)
		if app.IsNotFound(err) {
			return "", nil, nil
		}
		return was.Name, raw, err
	}
	defer file.Close()
	if raw, err = io.ReadAll(file); err == nil {
		err = a.Orders.Scan(a.R.Context(), raw)
	}
	return head.Filename, raw, err
}

// checkImport reads the list after the mapping. The list is kept, so that a
// mapping can be mended without choosing the file again.
func checkImport(a *page.Ask) error {
	name, raw, err := sentList(a)
	if err != nil {
		return err
	}
	b := importForm(a)
	b.F.Read(a)
	b.F.Need("mapping", a.Word("office.n_mapping"))
	if raw == nil {
		b.F.Wrong(listField, a.Word("office.n_list"))
		return a.Refused("office-import", b.F, importView(a, b))
	}
	kept, ok, err := a.Orders.KeepUnsentFile(a.R.Context(), a.Visitor.Person, importPath, listField, name, raw)
	if err != nil {
		return err
	}
	if ok {
		b.F.Field(listField).Hint = kept.Name + ", " + page.Size(a.Lang, kept.Bytes) + ". " + a.Word("office.list_kept")
	}
	if !b.F.OK() {
		return a.Refused("office-import", b.F, importView(a, b))
	}
	data, field, err := read(a, raw, b.F.Field("mapping").Value)
	if err != nil {
		b.Wrong = variablelist.Told(err, a.Lang)
		b.More = max(0, len(b.Wrong)-mostWrong)
		b.Wrong = b.Wrong[:len(b.Wrong)-b.More]
		b.F.Wrong(field, a.Word("office.import_wrong")+" "+strconv.Itoa(len(b.Wrong)+b.More)+".")
		return a.Refused("office-import", b.F, importView(a, b))
	}
	if b.Made, err = compared(a, data); err != nil {
		return err
	}
	b.Made.Fetch = a.Form(importPath+"/file", a.Word("office.import_fetch"), &page.Field{ID: "mapping", Kind: page.Hidden, Value: b.F.Field("mapping").Value})
	return a.Show("office-import", importView(a, b))
}

// fetchImport answers with the data file.
func fetchImport(a *page.Ask) error {
	_, raw, err := a.Orders.OpenUnsentFile(a.R.Context(), a.Visitor.Person, importPath, listField)
	if app.IsNotFound(err) {
		return a.Go(importPath, "done.office_list_gone")
	}
	if err != nil {
		return err
	}
	data, _, err := read(a, raw, a.Value("mapping"))
	if err != nil {
		return a.Go(importPath, "done.office_list_gone")
	}
	r, err := registerOf(a, data)
	if err != nil {
		return err
	}
	a.Download(r.ID+".json", "application/json")
	_, _ = a.W.Write(data) // the reader is gone when this fails
	return nil
}

// read makes a data file of a list; field is where a fault belongs.
func read(a *page.Ask, raw []byte, mapping string) (data []byte, field string, err error) {
	m, err := variablelist.ReadMapping([]byte(mapping))
	if err != nil {
		return nil, "mapping", err
	}
	data, err = variablelist.Import(bytes.NewReader(raw), m, a.Catalogue)
	return data, listField, err
}

// registerOf is the register of a data file.
func registerOf(a *page.Ask, data []byte) (catalog.Register, error) {
	with, err := variablelist.With(a.Catalogue, data)
	if err != nil {
		return catalog.Register{}, err
	}
	return with.Registers[len(with.Registers)-1], nil
}

// compared says what the data file holds, and what differs from the register
// of the same name.
func compared(a *page.Ask, data []byte) (*imported, error) {
	r, err := registerOf(a, data)
	if err != nil {
		return nil, err
	}
	out := &imported{ID: r.ID, Name: r.Names.In(a.Lang)}
	now, err := variablesOf(r)
	if err != nil {
		return nil, err
	}
	for _, t := range r.Tables {
		out.Tables = append(out.Tables, importedTable{t.ID, t.Names.In(a.Lang), len(t.Variables)})
	}
	i := slices.IndexFunc(a.Catalogue.Registers, func(x catalog.Register) bool { return x.ID == r.ID })
	if i < 0 {
		return out, nil
	}
	out.Before = true
	before, err := variablesOf(a.Catalogue.Registers[i])
	if err != nil {
		return nil, err
	}
	for name, hash := range now {
		switch was, ok := before[name]; {
		case !ok:
			out.Added = append(out.Added, name)
		case was != hash:
			out.Different = append(out.Different, name)
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			out.Dropped = append(out.Dropped, name)
		}
	}
	slices.Sort(out.Added)
	slices.Sort(out.Dropped)
	slices.Sort(out.Different)
	return out, nil
}

// variablesOf is what each variable of a register says, by table.variable.
func variablesOf(r catalog.Register) (map[string]canon.Hash, error) {
	out := map[string]canon.Hash{}
	for _, t := range r.Tables {
		for _, v := range t.Variables {
			h, err := canon.Of(v)
			if err != nil {
				return nil, err
			}
			out[t.ID+"."+v.ID] = h
		}
	}
	return out, nil
}
