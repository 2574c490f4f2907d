package access

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluss/internal/intake"
	"sluss/internal/order"
)

var update = flag.Bool("update", false, "rewrite docs/access.md")

const page = "../../docs/access.md"

// TestPageIsTheTable keeps docs/access.md what the table says.
func TestPageIsTheTable(t *testing.T) {
	if *update {
		if err := os.WriteFile(page, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != Markdown() {
		t.Error("docs/access.md is not the table: run go test ./internal/access -update and read the difference")
	}
}

// TestScenario34EveryCommandIsClassified fails for a command that is new to this table,
// and for a name that is no command.
func TestScenario34EveryCommandIsClassified(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, cmd := range order.Commands {
		known[cmd.Name()] = true
		class, ok := Class(cmd.Name())
		if !ok {
			t.Errorf("%s is not classified", cmd.Name())
		}
		vault := slices.Equal(cmd.Roles(), []order.Role{order.RoleEngine})
		if vault != (class.Road == RoadVault) {
			t.Errorf("%s: road %s, roles %v", cmd.Name(), class.Road, cmd.Roles())
		}
		_, signed := reflect.TypeOf(cmd).FieldByName("Note")
		if signed != class.Signed {
			t.Errorf("%s: signed is %v", cmd.Name(), class.Signed)
		}
	}
	for name := range commands {
		if !known[name] {
			t.Errorf("%s is no command", name)
		}
	}
}

// TestEveryEventIsClassified fails for an event that is new to this table, for
// a depth left out, and for an inner member that the event does not have.
func TestEveryEventIsClassified(t *testing.T) {
	t.Parallel()
	types := order.EventTypes()
	for _, typ := range types {
		c, ok := events[typ]
		if !ok {
			t.Errorf("%s is not classified", typ)
			continue
		}
		for _, d := range []Depth{c.party, c.supplier, c.technical, c.finance} {
			if d != Hidden && d != Told && d != Full {
				t.Errorf("%s: depth %q", typ, d)
			}
		}
		e, err := order.Decode(typ, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range c.inner {
			if !hasMember(reflect.TypeOf(e).Elem(), name) {
				t.Errorf("%s has no member %s", typ, name)
			}
		}
	}
	for typ := range events {
		if !slices.Contains(types, typ) {
			t.Errorf("%s is no event", typ)
		}
	}
}

func hasMember(t reflect.Type, name string) bool {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return true
		}
	}
	return false
}

// TestEveryRoleIsPlaced fails for a role, of order or of this room, that has
// no relation, no audience or no line of the page.
func TestEveryRoleIsPlaced(t *testing.T) {
	t.Parallel()
	var declared []order.Role
	for _, file := range []string{"../order/event.go", "access.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if ok && len(v.Values) == 1 && strings.HasPrefix(v.Names[0].Name, "Role") {
				if lit, ok := v.Values[0].(*ast.BasicLit); ok {
					s, _ := strconv.Unquote(lit.Value)
					declared = append(declared, order.Role(s))
				}
			}
			return true
		})
	}
	if len(declared) != len(Roles) {
		t.Errorf("%d roles are declared, %d are in the list", len(declared), len(Roles))
	}
	for _, r := range declared {
		_, related := relations[r]
		_, heard := audiences[r]
		if !related || !heard || !slices.Contains(Roles, r) {
			t.Errorf("%s is not placed", r)
		}
	}
}

// TestMayAgreesWithOrder compares every role, command and relation with the
// roles that the command itself names: nobody may more here, and who may there
// may here in exactly one relation.
func TestMayAgreesWithOrder(t *testing.T) {
	t.Parallel()
	all := []Relation{None, New, Own, Supplies, Staff, Engine, Clock}
	for _, cmd := range order.Commands {
		for _, r := range Roles {
			var in []Relation
			for _, rel := range all {
				if May(r, cmd, rel) {
					in = append(in, rel)
				}
			}
			want := 0
			if slices.Contains(cmd.Roles(), r) {
				want = 1
			}
			if len(in) != want || slices.Contains(in, None) {
				t.Errorf("%s may %s in %v, want %d relations", r, cmd.Name(), in, want)
			}
		}
	}
}

type foreign struct{ order.Withdraw }

func (foreign) Name() string { return "something_new" }

// TestDenyByDefault: what the table does not know is denied.
func TestDenyByDefault(t *testing.T) {
	t.Parallel()
	if May(order.RoleOrderer, foreign{}, Own) {
		t.Error("an unclassified command is allowed")
	}
	done := order.State{Dispatched: true, Announced: true}
	if MaySee("visitor", ViewCase, Staff, done) || MaySee(order.RoleHandler, "cellar", Staff, done) || MaySee("visitor", ViewCase, None, done) {
		t.Error("an unknown role or view is shown")
	}
	if d := EventDepth(order.RoleHandler, "something_new", Staff, done); d != Hidden {
		t.Errorf("an unclassified event is %s", d)
	}
	if Works("visitor") || Outside("visitor") {
		t.Error("an unknown role is placed")
	}
}

// TestWhatStaysInside names what may never reach those outside.
func TestWhatStaysInside(t *testing.T) {
	t.Parallel()
	done := order.State{Dispatched: true, Announced: true}
	for _, r := range Roles {
		rel := relations[r]
		if !Outside(r) {
			continue
		}
		for _, v := range []View{ViewReview, ViewExtraction, ViewDesk, ViewReads} {
			if MaySee(r, v, rel, done) {
				t.Errorf("%s sees %s", r, v)
			}
		}
		for _, typ := range []string{"reviewed", "extracted", "extraction_failed", "note_written", "assigned", "conflict_declared", "protection_marked", "hours_logged", "review_returned", "clock_warned", "documents_requested", "request_decided"} {
			if d := EventDepth(r, typ, rel, done); d != Hidden {
				t.Errorf("%s: %s is %s", r, typ, d)
			}
		}
		for _, v := range []View{ViewDecision, ViewQuote} {
			if MaySee(r, v, rel, order.State{}) {
				t.Errorf("%s sees %s before it is dispatched", r, v)
			}
		}
		for _, v := range Views {
			if MaySee(r, v, None, done) || MaySee(r, v, Staff, done) {
				t.Errorf("%s sees %s as a stranger or as staff", r, v)
			}
		}
	}
	for _, r := range Roles {
		if MaySee(r, ViewParcel, relations[r], done) != (relations[r] == Own) {
			t.Errorf("%s and the parcel", r)
		}
	}
}

func entries(by order.Actor, evs ...order.Event) []order.Entry {
	var out []order.Entry
	for i, ev := range evs {
		out = append(out, order.Entry{Version: i + 1, By: by, Event: ev})
	}
	return out
}

func application(orderer, representative, holder string) intake.Application {
	return intake.Application{
		Orderer: intake.Person{Email: orderer}, Principal: intake.Principal{Representative: intake.Person{Email: representative}},
		Population: intake.Population{Source: "file", Holder: holder},
	}
}

func TestRelate(t *testing.T) {
	t.Parallel()
	elin := order.Actor{ID: "elin", Role: order.RoleOrderer}
	first := entries(elin, &order.Submitted{Application: application("Elin@U.example", "ragnar@u.example", "SCB")})
	later := append(slices.Clone(first), order.Entry{Version: 2, By: elin, Event: &order.Supplemented{Application: application("elin@u.example", "rut@u.example", "SCB")}})
	byPost := entries(order.Actor{ID: "elin", Role: order.RoleRegistrar}, &order.Submitted{OnBehalf: true, Application: application("post@u.example", "", "")})
	criteria := application("", "", "SCB")
	criteria.Population.Source = "criteria"
	for _, tt := range []struct {
		name string
		who  Person
		in   []order.Entry
		want Relation
	}{
		{"who handed it in", Person{ID: "elin", Role: order.RoleOrderer}, first, Own},
		{"named as orderer, other letters", Person{ID: "x", Role: order.RoleOrderer, Email: " elin@u.EXAMPLE"}, first, Own},
		{"another orderer", Person{ID: "ester", Role: order.RoleOrderer, Email: "ester@u.example"}, first, None},
		{"an orderer without address, where none is named", Person{ID: "ester", Role: order.RoleOrderer}, entries(elin, &order.Submitted{}), None},
		{"the representative", Person{ID: "r", Role: order.RoleRepresentative, Email: "ragnar@u.example"}, first, Own},
		{"the orderer's address as representative", Person{ID: "r", Role: order.RoleRepresentative, Email: "elin@u.example"}, first, None},
		{"the submitter's name as representative", Person{ID: "elin", Role: order.RoleRepresentative}, first, None},
		{"a representative who has been replaced", Person{ID: "r", Role: order.RoleRepresentative, Email: "ragnar@u.example"}, later, None},
		{"the new representative", Person{ID: "r", Role: order.RoleRepresentative, Email: "rut@u.example"}, later, Own},
		{"who handed it in, later", Person{ID: "elin", Role: order.RoleOrderer}, later, Own},
		{"the registrar's name as orderer", Person{ID: "elin", Role: order.RoleOrderer}, byPost, None},
		{"named in what came by post", Person{ID: "p", Role: order.RoleOrderer, Email: "post@u.example"}, byPost, Own},
		{"the holder", Person{ID: "s", Role: order.RoleSupplier, Organisation: "scb"}, first, Supplies},
		{"another holder", Person{ID: "s", Role: order.RoleSupplier, Organisation: "SCB2"}, first, None},
		{"no file is awaited", Person{ID: "s", Role: order.RoleSupplier, Organisation: "SCB"}, entries(elin, &order.Submitted{Application: criteria}), None},
		{"staff", Person{ID: "k", Role: order.RoleHandler}, first, Staff},
		{"auditor", Person{ID: "k", Role: RoleAuditor}, first, Staff},
		{"administrator", Person{ID: "k", Role: RoleAdministrator}, first, None},
		{"no case", Person{ID: "k", Role: order.RoleHandler}, nil, None},
		{"unknown role", Person{ID: "elin", Role: "visitor"}, first, None},
	} {
		if got := Relate(tt.who, tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestReadTellsNothingOfWhatIsHidden: what those outside read has numbers
// without gaps, and a number that has been given stays.
func TestReadTellsNothingOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	log := entries(order.Actor{ID: "k", Role: order.RoleHandler},
		&order.Submitted{}, &order.Reviewed{}, &order.Decided{}, &order.MediumEarly{ID: 1}, &order.DecisionDispatched{}, &order.Extracted{}, &order.Released{})
	before := Read(order.RoleOrderer, Own, log[:4], order.Fold("x", log[:4]))
	types := func(vs []Visible) (out []string) {
		for i, v := range vs {
			if v.Number != i+1 {
				t.Errorf("number %d at place %d", v.Number, i+1)
			}
			out = append(out, v.Entry.Event.Type())
		}
		return out
	}
	if got := types(before); !slices.Equal(got, []string{"submitted", "medium_early"}) {
		t.Errorf("before the dispatch: %v", got)
	}
	s := order.Fold("x", log)
	after := Read(order.RoleOrderer, Own, log, s)
	if got := types(after); !slices.Equal(got, []string{"submitted", "medium_early", "decided", "decision_dispatched", "released"}) {
		t.Errorf("after the dispatch: %v", got)
	}
	if got := types(Read(order.RoleHandler, Staff, log, s)); len(got) != len(log) {
		t.Errorf("the handler sees %v", got)
	}
	if got := Read(order.RoleHandler, None, log, s); got != nil {
		t.Errorf("a stranger sees %d entries", len(got))
	}
}

// TestShut: a case does not exist to staff who are disqualified in it, nor,
// once it is marked, to staff without clearance; it does to everybody else.
func TestShut(t *testing.T) {
	t.Parallel()
	by := order.Actor{ID: "elin", Role: order.RoleOrderer}
	plain := entries(by, &order.Submitted{Application: application("e@u.example", "r@u.example", "SCB")})
	barred := append(slices.Clone(plain), order.Entry{Version: 2, Event: &order.ConflictDeclared{Person: "karin", Ground: "syskon"}})
	marked := append(slices.Clone(plain), order.Entry{Version: 2, Event: &order.ProtectionMarked{Ground: "sekretessmarkering"}})
	for _, tt := range []struct {
		name string
		who  Person
		in   []order.Entry
		want Relation
	}{
		{"nothing marked", Person{ID: "karin", Role: order.RoleHandler}, plain, Staff},
		{"disqualified", Person{ID: "karin", Role: order.RoleHandler}, barred, None},
		{"disqualified, in another role", Person{ID: "karin", Role: order.RoleFinance, Cleared: true}, barred, None},
		{"a colleague", Person{ID: "kent", Role: order.RoleHandler}, barred, Staff},
		{"without clearance", Person{ID: "karin", Role: order.RoleHandler}, marked, None},
		{"an auditor without clearance", Person{ID: "a", Role: RoleAuditor}, marked, None},
		{"with clearance", Person{ID: "karin", Role: order.RoleHandler, Cleared: true}, marked, Staff},
		{"the orderer", Person{ID: "elin", Role: order.RoleOrderer}, marked, Own},
		{"the vault", Person{ID: "v", Role: order.RoleEngine}, marked, Engine},
	} {
		if got := Relate(tt.who, tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestLaterDecisionWaitsForItsOwnDispatch: a new decision is not seen outside
// because an earlier one was announced.
func TestLaterDecisionWaitsForItsOwnDispatch(t *testing.T) {
	t.Parallel()
	log := entries(order.Actor{ID: "b", Role: order.RoleDecider},
		&order.Submitted{}, &order.Decided{}, &order.DecisionDispatched{}, &order.Reopened{Kind: order.KindReconsideration}, &order.Redecided{}, &order.NoteWritten{})
	seen := func(n int) (types []string) {
		for _, v := range Read(order.RoleOrderer, Own, log[:n], order.Fold("x", log[:n])) {
			types = append(types, v.Entry.Event.Type())
		}
		return types
	}
	if got := seen(6); !slices.Equal(got, []string{"submitted", "decided", "decision_dispatched", "reopened"}) {
		t.Errorf("before its dispatch: %v", got)
	}
	log = append(log, order.Entry{Version: 7, Event: &order.DecisionDispatched{}})
	if got := seen(7); !slices.Equal(got, []string{"submitted", "decided", "decision_dispatched", "reopened", "redecided", "decision_dispatched"}) {
		t.Errorf("after it: %v", got)
	}
	if s := order.Fold("x", log[:6]); MaySee(order.RoleOrderer, ViewDecision, Own, s) {
		t.Error("the view of the decision shows the new one before its dispatch")
	}
}

func TestPhaseTellsNoDecisionEarly(t *testing.T) {
	t.Parallel()
	s := order.State{Submitted: true, Reviewed: true}
	if p := Phase(order.RoleOrderer, s); p != order.PhaseReview {
		t.Errorf("reviewed: %s", p)
	}
	s.Decision = &order.Decision{}
	if p := Phase(order.RoleOrderer, s); p != order.PhaseReview {
		t.Errorf("decided: %s", p)
	}
	if p := Phase(order.RoleHandler, s); p == order.PhaseReview {
		t.Errorf("staff: %s", p)
	}
	if Names(order.RoleOrderer, order.Actor{Role: order.RoleHandler}) || !Names(order.RoleHandler, order.Actor{Role: order.RoleHandler}) || !Names(order.RoleSupplier, order.Actor{Role: order.RoleOrderer}) {
		t.Error("names")
	}
}
