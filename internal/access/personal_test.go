package access

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sluss/internal/intake"
	"sluss/internal/order"
)

// TestScenario12AddressesForWhoWrites: handler, registrar and the parties see
// how people are reached; reviewer, decision maker, statistician, releaser,
// finance and auditor see their names.
func TestScenario12AddressesForWhoWrites(t *testing.T) {
	t.Parallel()
	var got []order.Role
	for _, r := range Roles {
		if Personal(r) {
			got = append(got, r)
		}
	}
	if want := []order.Role{order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative, order.RoleSupplier, order.RoleRegistrar, order.RoleHandler}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	person := func(n string) intake.Person { return intake.Person{Name: "Namn " + n, Email: n + "@x.example"} }
	a := intake.Application{Title: "T", Orderer: person("o"), CoOrderers: []intake.Person{person("c"), person("d")}, Recipient: &intake.Principal{Representative: person("m")}}
	a.Principal.Representative = person("r")
	before, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Roles {
		var content any = map[string]any{}
		if err := json.Unmarshal([]byte(`{"application": `+string(before)+`, "email": "m@x.example", "arrival": {"sender": "s@x.example"}, "aside": [{"kept": {"contact.phone": "p@x.example"}}]}`), &content); err != nil {
			t.Fatal(err)
		}
		stored, err := json.Marshal(NamesOnly(r, content))
		if err != nil {
			t.Fatal(err)
		}
		typed, err := json.Marshal(NamedOnly(r, a))
		if err != nil {
			t.Fatal(err)
		}
		if n, m := strings.Count(string(stored), "@"), strings.Count(string(typed), "@"); Personal(r) && (n != 8 || m != 5) || !Personal(r) && n+m > 0 {
			t.Errorf("%s sees %d and %d addresses", r, n, m)
		}
		if n, m := strings.Count(string(stored), "Namn "), strings.Count(string(typed), "Namn "); n != 5 || m != 5 {
			t.Errorf("%s sees %d and %d names", r, n, m)
		}
		if Party(r, "Sjölunda") != "Sjölunda" || (Party(r, "a@x.example") == "") == Personal(r) {
			t.Errorf("%s: parties", r)
		}
	}
	if after, err := json.Marshal(a); err != nil || string(after) != string(before) {
		t.Error("looking at an application changes it")
	}
}

// TestAddressesHaveKnownNames: an answer that is named like a way to reach
// somebody is one of those that are taken out.
func TestAddressesHaveKnownNames(t *testing.T) {
	t.Parallel()
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct {
			return
		}
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			for _, sign := range []string{"mail", "phone", "telefon", "mobile", "address"} {
				if strings.Contains(name, sign) && !slices.Contains(ways, name) {
					t.Errorf("%s.%s is not taken out", typ.Name(), name)
				}
			}
			walk(typ.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[intake.Application]())
}
