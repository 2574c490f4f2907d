package apply

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/web/page"
)

// The basket is the order: what is chosen in the catalogue lies in a draft from
// the first click on.

// Basket is the line on the catalogue's pages that says which order things are
// put into; nil for who orders nothing.
type Basket struct {
	Options   []page.Option // the visitor's orders, the one worked on last first
	Current   string        // id; "" begins a new one
	Title     string
	Variables int
	Path      string
	chosen    map[string]bool
}

// BasketOf is the visitor's basket. The order that was changed last is the
// current one, unless the address names another (?order=U-…).
func BasketOf(a *page.Ask) (*Basket, error) {
	if a.Orders == nil || !slices.Contains(orderers, a.Role()) {
		return nil, nil
	}
	own, err := a.Orders.OwnDrafts(a.R.Context(), a.Visitor.Person)
	if err != nil {
		return nil, err
	}
	b := &Basket{chosen: map[string]bool{}}
	at := max(0, slices.IndexFunc(own, func(d app.Draft) bool { return d.ID == a.Value("order") }))
	for i, d := range own {
		t := readAnswers(d.Answers)
		title := t.text("title")
		if title == "" {
			title = a.Word("apply.untitled")
		}
		b.Options = append(b.Options, page.Option{Value: d.ID, Label: title, On: i == at})
		if i != at {
			continue
		}
		b.Current, b.Title, b.Path = d.ID, title, "/drafts/"+d.ID+"/data"
		wishes, _ := app.Fit(d.Answers)
		for _, w := range wishes.Data {
			b.Variables += len(w.Variables)
			for _, v := range w.Variables {
				b.chosen[w.Table+"/"+v] = true
			}
		}
	}
	b.Options = append(b.Options, page.Option{Value: "new", Label: a.Word("apply.new_order"), On: len(own) == 0})
	return b, nil
}

// Has reports whether a variable lies in the basket.
func (b *Basket) Has(table, variable string) bool { return b != nil && b.chosen[table+"/"+variable] }

// addToBasket puts variables of a table into an order.
func addToBasket(a *page.Ask) error {
	reg, table := a.Catalogue.Table(a.Value("table"))
	if table == nil {
		return app.ErrNotFound
	}
	ids := slices.DeleteFunc(slices.Clone(a.Values("variable")), func(id string) bool { v := table.Variable(id); return v == nil || !v.Deliverable() })
	put := func(t answers) { t.wish(reg, table, ids, a.Value("whole") == "yes") }
	id := a.Value("order")
	if len(ids) == 0 && (id == "" || id == "new") {
		return fault.New("apply.nothing_chosen", "Ingen variabel är vald.", "No variable is chosen.").
			Do("Gå tillbaka och kryssa för dem du behöver.", "Go back and tick those that you need.")
	}
	if id == "" || id == "new" {
		id, err := create(a, intake.Research, put)
		if err != nil {
			return err
		}
		return a.Go("/drafts/"+id+"/data/0", "done.apply_begun_with")
	}
	a.R.SetPathValue("draft", id)
	s, err := open(a)
	if err != nil {
		return err
	}
	if _, err := s.save(nil, "", put); err != nil {
		return err
	}
	back := "/catalogue/" + reg.ID + "?order=" + id
	if len(ids) == 1 && a.Value("from") == "variable" {
		back = "/catalogue/" + reg.ID + "/" + table.ID + "/" + ids[0] + "?order=" + id
	}
	if q := a.Value("q"); q != "" {
		back = "/catalogue?" + url.Values{"order": {id}, "q": {q}}.Encode()
	}
	return a.Go(back, "done.apply_in_basket")
}

// wish puts variables of a table into the basket: to the wish for the same
// table, or as a new one. whole means that they are all that is wanted of the
// table: what is not among them goes out, and so does the wish when none is.
func (t answers) wish(reg *catalog.Register, table *catalog.Table, ids []string, whole bool) {
	at := ""
	for i := range t.rows("data") {
		if row := "data." + strconv.Itoa(i); t.text(row+".table") == table.ID {
			at = row
		}
	}
	switch {
	case whole && len(ids) == 0:
		t.drop(at)
		return
	case at == "":
		at = "data." + strconv.Itoa(t.rows("data"))
		t.set(at+".register", reg.ID)
		t.set(at+".table", table.ID)
		if len(reg.Benefits) == 1 {
			t.set(at+".benefits", []any{reg.Benefits[0].ID})
		}
		if len(table.Shapes) == 1 {
			t.set(at+".shape", string(table.Shapes[0]))
		}
	}
	list, _ := t.get(at + ".variables").([]any)
	if whole {
		list = nil
	}
	for _, id := range ids {
		if !slices.Contains(list, any(id)) {
			list = append(list, id)
		}
	}
	t.set(at+".variables", anyOf(list))
}

type wishLine struct {
	Path, Name, Table, Period, Benefits, Variables string
	Status, Class                                  string
	Drop                                           string
}

type dataBody struct {
	Draft, Title, Back string
	Wishes             []wishLine
	Add, Import        *page.Form
	Need               string
	Proposals          []proposal
	Panel              panel
	Excel, Twin        string
	Cells              []page.Problem
	Seen               string
	Drop               string
}

type proposal struct {
	Register, Name, Table, Shape string
	Variables                    []page.Option
}

// showData is the basket.
func showData(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	return s.data(s.importForm())
}

func (s *scene) data(imp *page.Form) error {
	b := dataBody{Draft: s.ID, Title: s.title(), Back: s.path(""), Excel: s.path("basket.xlsx"), Twin: s.twinPath(), Import: imp, Need: s.Value("need"), Drop: s.path("data/drop"), Seen: s.tree.seen([]string{"data"})}
	if len(b.Need) > 1000 {
		b.Need = b.Need[:1000]
	}
	for i := range s.tree.rows("data") {
		b.Wishes = append(b.Wishes, s.wishLine(i))
	}
	b.Add = s.Form(s.path("data/add"), s.Word("apply.add_register"), &page.Field{ID: "register", Kind: page.Select, Label: s.Word("apply.which_register"), Options: registers(s, "")})
	if b.Need != "" {
		for _, p := range intake.Propose(b.Need, nil, s.Catalogue) {
			if len(b.Proposals) == 3 {
				break
			}
			x := proposal{Register: p.Register, Name: p.Names.In(s.Lang), Table: p.Table, Shape: s.Word("apply.o_shape_" + string(p.Shape))}
			_, table := s.Catalogue.Table(p.Table)
			for _, v := range p.Variables {
				if known := table.Variable(v.ID); known != nil && known.Deliverable() {
					x.Variables = append(x.Variables, page.Option{Value: v.ID, Label: known.Names.In(s.Lang), Hint: v.Why.In(s.Lang), On: true})
				}
			}
			b.Proposals = append(b.Proposals, x)
		}
	}
	var err error
	if b.Panel, err = s.advise(); err != nil {
		return err
	}
	v := page.View{Title: s.Word("apply.data"), Nav: "nav.drafts", Body: b}
	if !imp.OK() {
		return s.Refused("data", imp, v)
	}
	return s.Show("data", v)
}

func (s *scene) wishLine(i int) wishLine {
	at := "data." + strconv.Itoa(i)
	l := wishLine{Path: s.path("data/" + strconv.Itoa(i)), Drop: strconv.Itoa(i), Name: s.tree.text(at + ".register")}
	if r := s.Catalogue.Register(l.Name); r != nil {
		l.Name = r.Names.In(s.Lang)
		var names []string
		for _, code := range strings.Split(s.tree.text(at+".benefits"), "\n") {
			if b := r.Benefit(code); b != nil {
				names = append(names, b.Names.In(s.Lang))
			}
		}
		l.Benefits = strings.Join(names, ", ")
	}
	if _, t := s.Catalogue.Table(s.tree.text(at + ".table")); t != nil {
		l.Table = t.Names.In(s.Lang)
		var names []string
		for _, id := range strings.Split(s.tree.text(at+".variables"), "\n") {
			if v := t.Variable(id); v != nil {
				names = append(names, v.Names.In(s.Lang))
			}
		}
		l.Variables = strings.Join(names, ", ")
	} else {
		l.Table = s.tree.text(at + ".need")
	}
	if from, to := s.tree.text(at+".from"), s.tree.text(at+".to"); from != "" || to != "" {
		l.Period = from + " – " + to
	}
	key := s.state("data/" + strconv.Itoa(i))
	l.Status, l.Class = s.Word(key), statusClass(key)
	return l
}

// addRegister adds an empty wish for a register.
func addRegister(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	id := a.Value("register")
	if a.Catalogue.Register(id) == nil {
		b := s.importForm()
		b.Wrong("register", a.Word("apply.choose_register"))
		return s.data(b)
	}
	n := 0
	if _, err := s.save(nil, "", func(t answers) {
		n = t.rows("data")
		t.set("data."+strconv.Itoa(n)+".register", id)
	}); err != nil {
		return err
	}
	return a.Go(s.path("data/"+strconv.Itoa(n)), "")
}

// dropWish takes a wish out of the basket.
func dropWish(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	conflict, err := s.save([]string{"data"}, a.Value("seen"), func(t answers) { t.drop("data." + a.Value("row")) })
	if err != nil {
		return err
	}
	if conflict {
		return changed()
	}
	return a.Go(s.path(partData), "done.apply_dropped")
}

// changed refuses an act without fields on what somebody else has changed.
func changed() error {
	return fault.New("page.stale", "Någon annan har ändrat beställningen sedan du öppnade sidan.", "Somebody else has changed the order since you opened the page.").
		Do("Gå tillbaka, ladda om sidan och försök igen.", "Go back, reload the page and try again.")
}

// errNoRow: the wish is not there any more.
var errNoRow = app.ErrNotFound

// wishNo is the wish that the address names.
func (s *scene) wishNo() (int, string, error) {
	n, err := strconv.Atoi(s.R.PathValue("wish"))
	if err != nil || n < 0 || n >= s.tree.rows("data") {
		return 0, "", errNoRow
	}
	return n, "data." + strconv.Itoa(n), nil
}

// showWish is the page of one wish.
func showWish(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	n, at, err := s.wishNo()
	if err != nil {
		return err
	}
	return s.wish(n, at, nil)
}

func (s *scene) wish(n int, at string, problems []page.Problem) error {
	b, err := s.wishBody(n, at)
	if err != nil {
		return err
	}
	return s.showForm("part", s.wishTitle(at), b, problems)
}

func (s *scene) wishTitle(at string) string {
	if r := s.Catalogue.Register(s.tree.text(at + ".register")); r != nil {
		return s.Word("apply.wish") + ": " + r.Names.In(s.Lang)
	}
	return s.Word("apply.wish")
}

func (s *scene) wishBody(n int, at string) (partBody, error) {
	b := partBody{Draft: s.ID, Title: s.title(), Back: s.path(partData), Lead: s.Word("apply.wish_lead"), Seen: s.tree.seen([]string{at})}
	sec := section{}
	for _, q := range basketQuestions {
		f := s.field(q, at+"."+q.id)
		if q.id == "to" {
			f.Hint = s.reaches(at)
		}
		if (q.id == "variables" || q.id == "benefits") && len(f.Options) == 0 {
			continue // nothing to choose among until register and table are chosen
		}
		sec.Fields = append(sec.Fields, f)
	}
	sec.Fields = append(sec.Fields, &page.Field{ID: "was", Kind: page.Hidden, Value: s.tree.text(at + ".table")})
	b.Sections = []section{sec}
	return b, s.finish(&b, "data/"+strconv.Itoa(n))
}

// reaches says how far the wish's register can be ordered.
func (s *scene) reaches(at string) string {
	r := s.Catalogue.Register(s.tree.text(at + ".register"))
	if r == nil {
		return s.Word("apply.h_to")
	}
	return s.Word("apply.until") + " " + s.ReachText(r) + "."
}

// saveWish stores what was posted on a wish.
func saveWish(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	n, at, err := s.wishNo()
	if errors.Is(err, errNoRow) {
		return changed()
	}
	if err != nil {
		return err
	}
	before := s.tree.text(at + ".table")
	if was := a.R.PostForm["was"]; len(was) == 1 { // the page's table may have been saved while it was chosen
		before = was[0]
	}
	apply := func(t answers) {
		for _, q := range basketQuestions {
			if _, sent := a.R.PostForm[at+"."+q.id]; !sent && (q.id == "variables" || q.id == "benefits") && len(s.field(q, at+"."+q.id).Options) == 0 {
				continue
			}
			t.set(at+"."+q.id, q.answer(a.Values(at+"."+q.id)))
		}
	}
	if a.SavesItself() {
		return s.saveItself([]string{at}, nil, apply)
	}
	conflict, err := s.save([]string{at}, a.Value("seen"), apply)
	if err != nil {
		return err
	}
	name := "data/" + strconv.Itoa(n)
	if conflict {
		theirs := s.tree.clone()
		b, err := s.yours(apply, func() (partBody, error) { return s.wishBody(n, at) })
		if err != nil {
			return err
		}
		b.Seen, b.Conflict = theirs.seen([]string{at}), s.clashes(b.Form.Fields, theirs)
		return s.showForm("part", s.wishTitle(at), b, nil)
	}
	if problems := s.refused(name, nil); len(problems) > 0 {
		return s.wish(n, at, problems)
	}
	if s.tree.text(at+".table") != before { // there are other variables to choose among now
		return a.Go(s.path(name), "done.apply_table")
	}
	return a.Go(s.path(partData), "done.apply_saved")
}
