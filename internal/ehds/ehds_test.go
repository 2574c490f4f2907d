package ehds_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/ehds"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// schema is what the tests read of a JSON schema.
type schema struct {
	Properties map[string]schema
	Required   []string
	Items      *schema
	Extra      *bool `json:"additionalProperties"`
}

// TestSchemasAreTheDocuments: a schema has the members of its document, no
// other, and asks for those that are always there.
func TestSchemasAreTheDocuments(t *testing.T) {
	t.Parallel()
	for kind, doc := range map[string]any{ehds.KindApplication: ehds.Application{}, ehds.KindPermit: ehds.Permit{}, ehds.KindHandover: ehds.Handover{}} {
		raw, err := ehds.Schema(kind)
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		same(t, kind, s, reflect.TypeOf(doc))
	}
	if _, err := ehds.Schema("request"); err == nil {
		t.Error("a schema of what there is not")
	}
}

func same(t *testing.T, at string, s schema, typ reflect.Type) {
	t.Helper()
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() == reflect.Slice && s.Items != nil && typ.Elem().Kind() == reflect.Struct {
		same(t, at+"[]", *s.Items, typ.Elem())
		return
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[day.Day]() {
		return
	}
	if s.Extra == nil || *s.Extra {
		t.Errorf("%s takes members that nobody knows", at)
	}
	names := map[string]bool{}
	for i := range typ.NumField() {
		name, rest, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		names[name] = true
		p, ok := s.Properties[name]
		if !ok {
			t.Errorf("%s.%s is not in the schema", at, name)
			continue
		}
		// Of datasets the two documents have the same members, and one of them less.
		if always := rest == ""; always != slices.Contains(s.Required, name) && name != "outcome" {
			t.Errorf("%s.%s: always there %t, asked for %t", at, name, always, !always)
		}
		same(t, at+"."+name, p, typ.Field(i).Type)
	}
	for name := range maps.Keys(s.Properties) {
		if !names[name] {
			t.Errorf("%s.%s is in no document", at, name)
		}
	}
}

// decided is a case with a decision that lets half of it out.
func decided() order.State {
	s := order.State{ID: "FK-2026-00001", Submitted: true, ReceivedOn: day.MustParse("2026-03-02"), Dispatched: true, DecisionHash: "ab"}
	s.Application = intake.Application{
		Purpose: intake.Statistics, Title: "Sjukfrånvaro", Orderer: intake.Person{Name: "Elise", Email: "elise@sjolunda.example"}, Identified: true,
		Principal: intake.Principal{Name: "Sjölunda universitet", OrgNo: "202100-5489", Kind: intake.PrincipalAuthority},
		Data:      []intake.Wish{{Register: "midas_sjuk", From: day.MustParse("2019-01-01"), To: day.MustParse("2024-12-31"), Motive: "m"}},
		Ethics:    intake.Ethics{Approvals: []intake.Approval{{Number: "2025-1", Decided: day.MustParse("2025-05-01")}}},
	}
	s.Decision = &order.Decision{ID: "FK-2026-00001-B1", Date: day.MustParse("2026-05-04"), RetentionMonths: 6, Provisions: []string{"24 kap. 8 § OSL"}, Scope: plan.Scope{
		Persons: plan.Persons{Source: plan.SourceFile, Max: 1000}, Identity: plan.IdentityBound{KeyPolicy: "keep_until", KeepUntil: "2030-01-01"}, Deliveries: 2, Expires: day.MustParse("2027-05-04"),
		Rows: []plan.Row{
			{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Variables: []plan.VariableBound{{ID: "diagnos"}}, Period: &plan.Period{From: day.MustParse("2019-01-01"), To: day.MustParse("2025-01-01")}},
			{Register: "bilstod", Table: "bilstod", Outcome: plan.OutcomeRefuse, Ground: "12 kap. 1 § OSL", Variables: []plan.VariableBound{{ID: "hidden"}}},
		},
	}}
	s.Quote = &quote.Quote{NetOre: 100, VATOre: 25, GrossOre: 125, Basis: "4 §"}
	return s
}

// TestDocuments: what an application and a permit say of a case, and when there
// is none.
func TestDocuments(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	s := decided()
	a, ok := ehds.ApplicationOf(s, cat)
	if !ok || a.Purpose.Provision != "53(1)(c)" || a.Applicant.Country != "SE" || a.Form != "identified" || a.Datasets[0].To != "2024-12-31" || a.Ethics[0].Body != intake.BoardAuthority || !slices.Contains(a.Missing, "funding") {
		t.Errorf("%+v", a)
	}
	p, ok := ehds.PermitOf(s, cat, "The Agency")
	if !ok || p.Outcome != plan.OutcomePartly || p.Decider != "The Agency" || p.Datasets[0].To != "2024-12-31" || p.Datasets[1].Ground == "" || len(p.Datasets[1].Variables) != 0 || p.Fee.Gross != 125 || p.Conditions.KeyUntil != "2030-01-01" || p.Population.Persons != 1000 {
		t.Errorf("%+v", p)
	}
	for name, change := range map[string]func(*order.State){
		"not sent":   func(s *order.State) { s.Dispatched = false },
		"none":       func(s *order.State) { s.Decision = nil },
		"refused":    func(s *order.State) { s.Decision.Scope.Rows = s.Decision.Scope.Rows[1:] },
		"no quote":   func(s *order.State) { s.Quote = nil },
		"no inquiry": func(s *order.State) { s.Submitted = false },
	} {
		s := decided()
		change(&s)
		p, ok := ehds.PermitOf(s, cat, "x")
		if want := name == "no quote" || name == "no inquiry"; ok != want || name == "no quote" && p.Fee != nil {
			t.Errorf("%s: permit %t", name, ok)
		}
		if _, ok := ehds.ApplicationOf(s, cat); ok == (name == "no inquiry") {
			t.Errorf("%s: application %t", name, ok)
		}
	}
	s.Application.Purpose = intake.Research
	if a, _ := ehds.ApplicationOf(s, cat); a.Purpose.Provision != "53(1)(e)" {
		t.Errorf("%+v", a.Purpose)
	}
}

// TestHandover: what an environment is told of a delivery, and when there is
// none to hand over.
func TestHandover(t *testing.T) {
	t.Parallel()
	delivered := func() order.State {
		s := decided()
		s.Application.Project.Named = []string{"Elin Öst"}
		s.Environment, s.Released = "Miljön, Sjölunda universitet", true
		s.Decision.Scope.Recipient = plan.Recipient{Key: "age1x", Signer: "AB-CD"}
		s.Delivery = &order.Delivered{On: day.MustParse("2026-06-01"), Manifest: "m", SHA256: "p", Bytes: 9, PurgeOn: day.MustParse("2026-12-01")}
		s.Extracted = &order.Extracted{Manifest: "m", Files: []order.FileSummary{{Name: "fall.csv", Rows: 3, Persons: 2, Bytes: 8, SHA256: "f"}}}
		return s
	}
	h, ok := ehds.HandoverOf(delivered(), "The Agency")
	want := ehds.Handover{
		Format: ehds.HandoverVersion, Reference: "FK-2026-00001", Permit: "FK-2026-00001-B1", Decision: "ab", Decider: "The Agency",
		Holder:      ehds.Organisation{Name: "Sjölunda universitet", Number: "202100-5489", Country: "SE", Kind: "authority"},
		Environment: "Miljön, Sjölunda universitet", Authorised: []string{"Elin Öst"},
		Conditions: ehds.Conditions{RetentionMonths: 6, Key: "keep_until", KeyUntil: "2030-01-01", Environment: "secure"},
		Delivered:  day.MustParse("2026-06-01"), Files: []ehds.File{{Name: "fall.csv", Rows: 3, Persons: 2, Bytes: 8, SHA256: "f"}},
		Parcel: ehds.Parcel{Name: "FK-2026-00001.sluss", Bytes: 9, SHA256: "p", Manifest: "m", Sealing: "age", SealedTo: "age1x", Signer: "AB-CD"},
		Until:  day.MustParse("2026-11-30"),
	}
	if !ok || !reflect.DeepEqual(h, want) {
		t.Errorf("%+v\nwant %+v", h, want)
	}
	for name, change := range map[string]func(*order.State){
		"not delivered": func(s *order.State) { s.Delivery = nil },
		"purged":        func(s *order.State) { s.Purged = true },
		"recalled":      func(s *order.State) { s.Recalled = true },
		"being made":    func(s *order.State) { s.Extracted = &order.Extracted{Manifest: "n"} },
	} {
		s := delivered()
		change(&s)
		if _, ok := ehds.HandoverOf(s, "x"); ok {
			t.Errorf("%s: handed over", name)
		}
	}
	asked := decided()
	asked.Environment = "Miljön"
	if p, _ := ehds.PermitOf(asked, catalog.Builtin(), "x"); p.Conditions.Environment != "delivered" {
		t.Error("a wish makes the environment secure")
	}
	asked.RouteSettled = true
	if p, _ := ehds.PermitOf(asked, catalog.Builtin(), "x"); p.Conditions.Environment != "secure" {
		t.Error("what the house has chosen does not")
	}
	s := delivered()
	s.Environment, s.SealedTo = "", "crypt4gh:x"
	if h, _ := ehds.HandoverOf(s, "x"); h.Parcel.Sealing != "crypt4gh" || h.Parcel.SealedTo != "crypt4gh:x" || h.Conditions.Environment != "delivered" {
		t.Errorf("%+v", h)
	}
}
