package order

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/fault"
)

// declared returns the types of the package's source that have the method.
func declared(t *testing.T, method string) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) < 5 {
		t.Fatalf("source files %v, %v", names, err)
	}
	var out []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != method {
				continue
			}
			typ := fn.Recv.List[0].Type
			if star, ok := typ.(*ast.StarExpr); ok {
				typ = star.X
			}
			out = append(out, typ.(*ast.Ident).Name)
		}
	}
	slices.Sort(out)
	return out
}

// TestEveryEvent: each event of the source is made, told and kept whole.
func TestEveryEvent(t *testing.T) {
	t.Parallel()
	var made []string
	for name, mk := range makers {
		e := mk()
		if e.Type() != name {
			t.Errorf("%s makes %s", name, e.Type())
		}
		made = append(made, reflect.TypeOf(e).Elem().Name())
		if l, ok := story[name]; !ok || l.What.SV == "" || l.What.EN == "" || l.Law == "" || (l.Checked.SV == "") != (l.Checked.EN == "") {
			t.Errorf("%s has no whole story: %+v", name, l)
		}
		if l := Tell(Entry{Event: e}); l.What.SV == "" { // of an empty event, too
			t.Errorf("%s is told as nothing", name)
		}
	}
	slices.Sort(made)
	if want := declared(t, "Type"); !slices.Equal(made, want) {
		t.Errorf("makers make %v, the source has %v", made, want)
	}
	for name := range story {
		if makers[name] == nil {
			t.Errorf("there is a story of %s, which is no event", name)
		}
	}
	if _, err := Decode("unheard_of", []byte(`{}`)); err == nil {
		t.Error("an unknown event is read")
	}
	if _, err := Decode("withdrawn", []byte(`{`)); err == nil {
		t.Error("broken JSON is read")
	}
}

// TestEventsSurviveStorage fills every event with values and stores it.
func TestEventsSurviveStorage(t *testing.T) {
	t.Parallel()
	for name, mk := range makers {
		e := mk()
		fill(reflect.ValueOf(e).Elem(), 1)
		typ, data, err := Encode(e)
		if err != nil || typ != name {
			t.Fatalf("%s: %s, %v", name, typ, err)
		}
		got, err := Decode(typ, data)
		if err != nil {
			t.Fatalf("%s: %v in %s", name, err, data)
		}
		if a, b := canonical(t, e), canonical(t, got); a != b {
			t.Errorf("%s:\n%s\n%s", name, a, b)
		}
		for i := range reflect.TypeOf(e).Elem().NumField() {
			if f := reflect.TypeOf(e).Elem().Field(i); f.Tag.Get("json") == "" {
				t.Errorf("%s.%s has no name of its own in storage", name, f.Name)
			}
		}
	}
}

// fill sets every exported field to something that is not zero.
func fill(v reflect.Value, n int) {
	if v.Type().Implements(reflect.TypeFor[json.Unmarshaler]()) || v.CanAddr() && v.Addr().Type().Implements(reflect.TypeFor[json.Unmarshaler]()) {
		for _, text := range []string{`"payment"`, `"2024-05-06"`, `{"from":"2024-01-01","to":"2025-01-01"}`} {
			if json.Unmarshal([]byte(text), v.Addr().Interface()) == nil {
				return
			}
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), n+i)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n+i)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, x := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, n)
		fill(x, n)
		v.SetMapIndex(k, x)
	case reflect.Interface:
		v.Set(reflect.ValueOf("x"))
	case reflect.String:
		v.SetString(strings.Repeat("x", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(0.25)
	default:
		v.SetInt(int64(n))
	}
}

// TestEveryCommand: each command is listed, named and given to somebody, and
// everybody else is refused.
func TestEveryCommand(t *testing.T) {
	t.Parallel()
	roles := []Role{
		RoleOrderer, RoleRepresentative, RoleHandler, RoleReviewer, RoleDecider, RoleStatistician, RoleReleaser, RoleSupplier, RoleFinance,
		RoleRegistrar, RoleEngine, RoleClock,
	}
	var listed []string
	names := map[string]bool{}
	ready := *at(t, research(), "release")
	for _, c := range Commands {
		listed = append(listed, reflect.TypeOf(c).Name())
		if c.Name() == "" || names[c.Name()] || len(c.Roles()) == 0 {
			t.Errorf("%T: name %q, roles %v", c, c.Name(), c.Roles())
		}
		names[c.Name()] = true
		for _, r := range append(roles, "stranger", "") {
			_, err := Decide(ready.s, c, ready.context(actor(r)))
			f, _ := err.(*fault.Fault)
			if denied := f != nil && f.Code == "access.denied"; denied == slices.Contains(c.Roles(), r) {
				t.Errorf("%s by %q: %v", c.Name(), r, err)
			}
		}
		pointer := reflect.New(reflect.TypeOf(c))
		if _, err := Decide(State{}, pointer.Interface().(Command), Context{}); err == nil || fault.ClassOf(err) != fault.Internal {
			t.Errorf("a pointer to %T is a command: %v", c, err)
		}
	}
	slices.Sort(listed)
	if want := declared(t, "Roles"); !slices.Equal(listed, want) {
		t.Errorf("Commands are %v, the source has %v", listed, want)
	}
	for _, r := range roles {
		if r != "" && !slices.ContainsFunc(Commands, func(c Command) bool { return slices.Contains(c.Roles(), r) }) {
			t.Errorf("the role %s can do nothing", r)
		}
	}
}

// TestGates: every gate says everything, and shut is shut.
func TestGates(t *testing.T) {
	t.Parallel()
	seen := map[GateID]bool{}
	for _, g := range Gates {
		if seen[g.ID] || g.SV == "" || g.EN == "" || g.ClosedS == "" || g.ClosedE == "" || g.DoS == "" || g.DoE == "" || g.Law == "" || g.Promise == 0 || g.Opens == "" {
			t.Errorf("gate %s says too little or stands twice", g.ID)
		}
		seen[g.ID] = true
		if g.Open(State{}) {
			t.Errorf("gate %s is open at first", g.ID)
		}
		if f := g.Shut(); f.Class != fault.Gate || f.Rule != string(g.ID) {
			t.Errorf("gate %s shuts with %+v", g.ID, f)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a gate that is none")
		}
	}()
	GateByID("none")
}

// TestFoldAnything: a log that makes no sense is folded without a panic; what
// is stored is true, whoever stored it.
func TestFoldAnything(t *testing.T) {
	t.Parallel()
	var names []string
	for n := range makers {
		names = append(names, n)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		var log []Entry
		for i, n := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 40).Draw(rt, "events") {
			e := makers[n]()
			if rapid.Bool().Draw(rt, "filled") {
				fill(reflect.ValueOf(e).Elem(), 1)
			}
			log = append(log, Entry{Version: i + 1, Event: e})
		}
		s := Fold("FK-2026-00001", log)
		if s.Version != len(log) {
			rt.Fatalf("version %d of %d", s.Version, len(log))
		}
		s.Phase()
		s.Holds()
		for _, g := range Gates {
			g.Open(s)
		}
	})
}

// TestStatesDoNotShare: two futures of one state do not write over each other.
func TestStatesDoNotShare(t *testing.T) {
	t.Parallel()
	base := State{ID: "FK-2026-00001"}
	for i := range 5 { // until the slices have room to spare
		base = Apply(base, Entry{Version: 2*i + 1, Event: &SupplementRequested{ID: i + 1, Parts: []string{"data"}}})
		base = Apply(base, Entry{Version: 2*i + 2, Event: &MediumEarly{ID: i + 1}})
	}
	one := Apply(base, Entry{Version: 11, Event: &SupplementRequested{ID: 6, Text: "one"}})
	other := Apply(base, Entry{Version: 11, Event: &SupplementRequested{ID: 6, Text: "other"}})
	if one.Supplements[5].Text != "one" || other.Supplements[5].Text != "other" {
		t.Errorf("supplements: %q, %q", one.Supplements[5].Text, other.Supplements[5].Text)
	}
	one = Apply(base, Entry{Version: 11, Event: &MediumEarly{ID: 6}})
	other = Apply(base, Entry{Version: 11, Event: &MediumEarly{ID: 7}})
	if one.Early[5].ID != 6 || other.Early[5].ID != 7 {
		t.Errorf("media: %d, %d", one.Early[5].ID, other.Early[5].ID)
	}
	one = Apply(base, Entry{Version: 11, Event: &ForbehallAcknowledged{Name: "Nils"}})
	two := Apply(one, Entry{Version: 12, Event: &ForbehallAcknowledged{Name: "Ida"}})
	if len(one.Bound) != 1 || len(two.Bound) != 2 {
		t.Errorf("bound: %v, %v", one.Bound, two.Bound)
	}
}
