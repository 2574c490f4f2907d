package showcase

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/ethicsdoc"
)

// TestOwnCounterHasAllPorts: a part that the counter gets later is not forgotten.
func TestOwnCounterHasAllPorts(t *testing.T) {
	t.Parallel()
	var a app.App
	v := reflect.ValueOf(&a).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanSet() {
			switch f.Kind() {
			case reflect.String:
				f.SetString("set")
			case reflect.Func:
				f.Set(reflect.MakeFunc(f.Type(), nil))
			case reflect.Pointer:
				f.Set(reflect.New(f.Type().Elem()))
			case reflect.Interface:
				if f.Type() == reflect.TypeFor[app.Tree]() {
					f.Set(reflect.ValueOf(struct{ app.Tree }{}))
				}
			}
		}
	}
	a.Form = 2 // of what stands beside
	got := reflect.ValueOf(own(&a)).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && !v.Field(i).IsZero() && got.Field(i).IsZero() {
			t.Errorf("the showcase's own counter lacks %s", f.Name)
		}
	}
}

// TestPaper: what is written on a paper can be read from it, on its page, with
// the letters of Swedish, brackets and long lines.
func TestPaper(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("välfärdssektorn ", 12))
	pages, err := ethicsdoc.Pages(t.Context(), paper("Åäö, é (2005–2025) \\ slut\nnästa rad", long))
	if err != nil || len(pages) != 2 {
		t.Fatalf("%q, %v", pages, err)
	}
	if !strings.Contains(pages[0], "Åäö, é (2005–2025) \\ slut") || !strings.Contains(pages[0], "nästa rad") {
		t.Errorf("%q", pages[0])
	}
	if strings.Join(strings.Fields(pages[1]), " ") != long || strings.Count(pages[1], "\n") < 1 {
		t.Errorf("%q", pages[1])
	}
	for _, line := range folded(long) {
		if len([]rune(line)) > lineMax {
			t.Errorf("a line of %d letters", len([]rune(line)))
		}
	}
}

// TestCast: eighteen people with ids, names and addresses of their own, and
// addresses that lead nowhere.
func TestCast(t *testing.T) {
	t.Parallel()
	var ids, names []string
	for _, p := range Cast() {
		if p.ID == "" || p.Name == "" || len(p.Roles) == 0 || p.Staff == (p.Email != "") || p.Staff == (p.Organisation != "") {
			t.Errorf("%+v", p)
		}
		if p.Email != "" && !strings.HasSuffix(p.Email, ".example") {
			t.Errorf("%s has an address that may be somebody's", p.ID)
		}
		if slices.Contains(ids, p.ID) || slices.Contains(names, p.Name) || strings.ContainsAny(p.ID, " +") {
			t.Errorf("%s stands twice, or cannot be the name of a key", p.ID)
		}
		ids, names = append(ids, p.ID), append(names, p.Name)
	}
	if len(ids) != 18 {
		t.Errorf("%d people", len(ids))
	}
	for id := range teams {
		if !slices.Contains(ids, id) {
			t.Errorf("%s has a team and is nobody", id)
		}
	}
}
