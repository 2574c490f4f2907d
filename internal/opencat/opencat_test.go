package opencat

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/order"
)

var publisher = Publisher{
	Base: "https://bestall.example.se/", Names: catalog.Text{SV: "Myndigheten", EN: "The Authority"}, Email: "data@example.se",
	Access: order.AccessBody{Name: catalog.Text{SV: "Organet", EN: "The Body"}, Email: "hdab@example.se"},
}

func describe(t *testing.T, f func(*catalog.Catalogue, Publisher) (*Graph, error)) *Graph {
	t.Helper()
	g, err := f(catalog.Builtin(), publisher)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// of are the things of a class.
func (g *Graph) of(class string) (out []node) {
	for _, s := range g.subjects {
		if slices.Contains(g.said[s], statement{expand("rdf:type"), name(class)}) {
			out = append(out, s)
		}
	}
	return out
}

func (g *Graph) values(s node, property string) (out []node) {
	for _, x := range g.said[s] {
		if x.is == expand(property) {
			out = append(out, x.of)
		}
	}
	return out
}

// rule is how many values a property has, and of which kind: i, l, or * for
// anything that is described.
type rule struct {
	property    string
	least, most int // most 0 = any
	kind        byte
}

func (g *Graph) follow(t *testing.T, class string, rules ...rule) {
	t.Helper()
	all := g.of(class)
	if len(all) == 0 {
		t.Errorf("nothing is a %s", class)
	}
	for _, s := range all {
		for _, r := range rules {
			v := g.values(s, r.property)
			if len(v) < r.least || r.most > 0 && len(v) > r.most {
				t.Errorf("%s: %d of %s", s.value, len(v), r.property)
			}
			for _, o := range v {
				if r.kind == 'i' && o.kind != 'i' || r.kind == 'l' && o.kind != 'l' || o.value == "" {
					t.Errorf("%s: %s is %q, of the wrong kind", s.value, r.property, o.value)
				}
				if r.kind == '*' && g.said[o] == nil {
					t.Errorf("%s: %s is not described: %s", s.value, r.property, o.value)
				}
			}
		}
	}
}

// TestCatalogue: every register is a dataset, with what DCAT-AP wants of
// catalogue, dataset, distribution and agent.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	g := describe(t, Catalogue)
	if n := len(g.of("dcat:Dataset")); n != len(catalog.Builtin().Registers) || n != len(g.values(g.of("dcat:Catalog")[0], "dcat:dataset")) {
		t.Errorf("%d datasets", n)
	}
	g.follow(t, "dcat:Catalog", rule{"dct:title", 2, 2, 'l'}, rule{"dct:description", 2, 2, 'l'}, rule{"dct:publisher", 1, 1, '*'}, rule{"dct:license", 1, 1, 'i'}, rule{"dcatap:applicableLegislation", 1, 0, 'i'}, rule{"foaf:homepage", 1, 1, 'i'})
	g.follow(t, "dcat:Dataset", rule{"dct:title", 2, 2, 'l'}, rule{"dct:description", 2, 2, 'l'}, rule{"dct:accessRights", 1, 1, 'i'}, rule{"dcat:distribution", 1, 0, '*'}, rule{"dcat:contactPoint", 1, 0, '*'}, rule{"dct:publisher", 1, 1, '*'}, rule{"dcat:theme", 1, 2, 'i'})
	g.follow(t, "dcat:Distribution", rule{"dcat:accessURL", 1, 0, 'i'}, rule{"dct:title", 2, 2, 'l'}, rule{"dct:rights", 1, 1, '*'})
	g.follow(t, "foaf:Agent", rule{"foaf:name", 1, 0, 'l'}, rule{"dct:type", 0, 1, 'i'})
	for _, s := range g.of("dcat:Dataset") {
		if v := g.values(s, "dct:accessRights"); v[0].value != nonPublic {
			t.Errorf("%s is %s", s.value, v[0].value)
		}
	}
}

// TestHealth: what the NON_PUBLIC shapes of HealthDCAT-AP release 8 make
// mandatory.
func TestHealth(t *testing.T) {
	t.Parallel()
	g := describe(t, Health)
	if got := len(g.of("dcat:Dataset")); got != len(Registers(catalog.Builtin())) || got < 5 || got >= len(catalog.Builtin().Registers) {
		t.Errorf("%d datasets", got)
	}
	if len(g.of("dcat:Catalog")) != 0 {
		t.Error("the health export has a catalogue around it")
	}
	g.follow(t, "dcat:Dataset",
		rule{"dct:accessRights", 1, 1, 'i'}, rule{"dcatap:applicableLegislation", 1, 0, 'i'}, rule{"dcat:distribution", 1, 0, '*'}, rule{"dct:identifier", 1, 0, 'l'},
		rule{"dcat:theme", 1, 0, 'i'}, rule{"healthdcatap:hdab", 1, 1, '*'}, rule{"healthdcatap:healthCategory", 1, 0, 'i'}, rule{"healthdcatap:hasStructuredData", 1, 1, 'l'},
		rule{"healthdcatap:hasVariables", 1, 0, '*'}, rule{"dcat:contactPoint", 1, 0, '*'}, rule{"dcat:keyword", 1, 0, 'l'}, rule{"dct:type", 1, 0, 'i'}, rule{"dct:provenance", 1, 0, '*'}, rule{"dct:publisher", 1, 1, '*'})
	g.follow(t, "dcat:Distribution", rule{"dcatap:applicableLegislation", 1, 0, 'i'})
	g.follow(t, "csvw:TableGroup", rule{"csvw:table", 1, 0, '*'}, rule{"dct:title", 1, 0, 'l'})
	g.follow(t, "csvw:Table", rule{"dct:title", 1, 0, 'l'}, rule{"csvw:column", 1, 0, '*'}, rule{"csvw:url", 0, 1, 'i'})
	g.follow(t, "csvw:Column", rule{"csvw:name", 1, 1, 'l'}, rule{"csvw:datatype", 1, 1, 'l'}, rule{"csvw:title", 1, 0, 'l'}, rule{"dct:description", 1, 0, 'l'}, rule{"csvw:propertyUrl", 0, 1, 'i'})
	g.follow(t, "foaf:Agent", rule{"cv:contactPoint", 1, 1, '*'})
	g.follow(t, "cv:ContactPoint", rule{"cv:email", 0, 0, 'l'}, rule{"cv:contactPage", 0, 0, 'i'})
	g.follow(t, "vcard:Kind", rule{"vcard:hasEmail", 1, 1, 'i'})
	for _, s := range g.of("cv:ContactPoint") {
		if len(g.values(s, "cv:email"))+len(g.values(s, "cv:contactPage")) == 0 {
			t.Errorf("%s cannot be reached", s.value)
		}
	}
	columns := 0
	for _, r := range catalog.Builtin().Registers {
		for _, table := range r.Tables {
			if r.Health() {
				columns += len(deliverable(&table))
			}
		}
	}
	if got := len(g.of("csvw:Column")); got != columns {
		t.Errorf("%d columns, want %d", got, columns)
	}
}

// TestSameEachTime: the same catalogue gives the same bytes, and both formats
// say equally much.
func TestSameEachTime(t *testing.T) {
	t.Parallel()
	for _, f := range []func(*catalog.Catalogue, Publisher) (*Graph, error){Catalogue, Health} {
		a, b := describe(t, f), describe(t, f)
		ja, err := a.JSONLD()
		if err != nil {
			t.Fatal(err)
		}
		jb, _ := b.JSONLD()
		if !bytes.Equal(a.Turtle(), b.Turtle()) || !bytes.Equal(ja, jb) {
			t.Error("another time, other bytes")
		}
		var doc struct {
			Graph []map[string]any `json:"@graph"`
		}
		if err := json.Unmarshal(ja, &doc); err != nil {
			t.Fatal(err)
		}
		said, written := 0, 0
		for _, s := range a.said {
			said += len(s)
		}
		for _, thing := range doc.Graph {
			for k, v := range thing {
				if k != "@id" {
					written += len(v.([]any))
				}
			}
		}
		if said == 0 || said != written || len(doc.Graph) != len(a.subjects) {
			t.Errorf("%d statements, %d in JSON-LD", said, written)
		}
	}
}

// TestAwkwardText: quotes, line breaks, backslashes and spaces in addresses.
func TestAwkwardText(t *testing.T) {
	t.Parallel()
	g := newGraph()
	s := iri("https://x.example/a b<c>")
	g.say(s, "dct:title", inLang("\"Å\"\n\\\t", "sv"), typed("2026-01-01", "xsd:date"), plain("x"))
	g.say(s, "dct:title", plain("x")) // once
	g.say(g.blank(), "rdf:type", name("dcat:Dataset"))
	want := `
<https://x.example/a%20b%3Cc%3E>
    dct:title "\"Å\"\n\\\t"@sv ;
    dct:title "2026-01-01"^^xsd:date ;
    dct:title "x" .

_:b1
    a dcat:Dataset .
`
	if got := string(g.Turtle()); !strings.HasSuffix(got, want) {
		t.Errorf("%s", got)
	}
}

// TestMissing: what a description cannot do without is asked for.
func TestMissing(t *testing.T) {
	t.Parallel()
	for code, change := range map[string]func(*Publisher){
		"opencat.base":        func(p *Publisher) { p.Base = "bestall.example.se" },
		"opencat.contact":     func(p *Publisher) { p.Email = "" },
		"opencat.access_body": func(p *Publisher) { p.Access.Email = "" },
	} {
		p := publisher
		change(&p)
		_, err := Health(catalog.Builtin(), p)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}
