package opencat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// node is a term of RDF: an IRI, a blank node or a literal.
type node struct {
	kind  byte // 'i', 'b' or 'l'
	value string
	lang  string // of a literal with a language
	typ   string // IRI of a literal's datatype, "" for plain text
}

func iri(s string) node          { return node{kind: 'i', value: s} }
func name(s string) node         { return node{kind: 'i', value: expand(s)} } // dct:title
func plain(s string) node        { return node{kind: 'l', value: s} }
func typed(s, typ string) node   { return node{kind: 'l', value: s, typ: expand(typ)} }
func inLang(s, lang string) node { return node{kind: 'l', value: s, lang: lang} }

// prefixes are the vocabularies in use.
var prefixes = map[string]string{
	"adms":         "http://www.w3.org/ns/adms#",
	"csvw":         "http://www.w3.org/ns/csvw#",
	"cv":           "http://data.europa.eu/m8g/",
	"dcat":         "http://www.w3.org/ns/dcat#",
	"dcatap":       "http://data.europa.eu/r5r/",
	"dct":          "http://purl.org/dc/terms/",
	"foaf":         "http://xmlns.com/foaf/0.1/",
	"healthdcatap": "http://healthdataportal.eu/ns/health#",
	"rdf":          "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"rdfs":         "http://www.w3.org/2000/01/rdf-schema#",
	"vcard":        "http://www.w3.org/2006/vcard/ns#",
	"xsd":          "http://www.w3.org/2001/XMLSchema#",
}

func expand(s string) string {
	prefix, local, _ := strings.Cut(s, ":")
	return prefixes[prefix] + local
}

// shorten is an IRI of a vocabulary by its short name, "" for others.
func shorten(s string) string {
	for prefix, base := range prefixes {
		if local, ok := strings.CutPrefix(s, base); ok && local != "" && !strings.ContainsAny(local, "/#:.") {
			return prefix + ":" + local
		}
	}
	return ""
}

// Graph is a description in RDF. What is said of one thing stands together, in
// the order in which it was said.
type Graph struct {
	subjects []node
	said     map[node][]statement
	blanks   int
}

type statement struct {
	is string // IRI of the property
	of node
}

func newGraph() *Graph { return &Graph{said: map[node][]statement{}} }

// blank is a thing without a name.
func (g *Graph) blank() node {
	g.blanks++
	return node{kind: 'b', value: fmt.Sprintf("b%d", g.blanks)}
}

// say adds what a thing's property, dct:title, is.
func (g *Graph) say(s node, property string, objects ...node) {
	if len(objects) > 0 && g.said[s] == nil {
		g.subjects = append(g.subjects, s)
	}
	for _, o := range objects {
		x := statement{expand(property), o}
		if !slices.Contains(g.said[s], x) {
			g.said[s] = append(g.said[s], x)
		}
	}
}

// Turtle writes the graph in the format text/turtle.
func (g *Graph) Turtle() []byte {
	var b bytes.Buffer
	for _, p := range slices.Sorted(maps.Keys(prefixes)) {
		fmt.Fprintf(&b, "@prefix %s: <%s> .\n", p, prefixes[p])
	}
	for _, s := range g.subjects {
		fmt.Fprintf(&b, "\n%s", turtle(s))
		for i, x := range g.said[s] {
			sep := " ;"
			if i == 0 {
				sep = ""
			}
			property := turtle(iri(x.is))
			if property == "rdf:type" {
				property = "a"
			}
			fmt.Fprintf(&b, "%s\n    %s %s", sep, property, turtle(x.of))
		}
		b.WriteString(" .\n")
	}
	return b.Bytes()
}

func turtle(n node) string {
	switch n.kind {
	case 'b':
		return "_:" + n.value
	case 'i':
		if s := shorten(n.value); s != "" {
			return s
		}
		return "<" + escapeIRI(n.value) + ">"
	}
	s := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(n.value) + `"`
	switch {
	case n.lang != "":
		return s + "@" + n.lang
	case n.typ != "":
		return s + "^^" + turtle(iri(n.typ))
	}
	return s
}

// escapeIRI percent-encodes what may not stand in an IRI.
func escapeIRI(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r <= ' ' || strings.ContainsRune("<>\"{}|\\^`", r) {
			fmt.Fprintf(&b, "%%%02X", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// JSONLD writes the graph in the format application/ld+json.
func (g *Graph) JSONLD() ([]byte, error) {
	type object = map[string]any
	var things []object
	for _, s := range g.subjects {
		thing := object{"@id": named(s)}
		var order []string
		values := map[string][]any{}
		for _, x := range g.said[s] {
			key := shorten(x.is)
			if values[key] == nil {
				order = append(order, key)
			}
			values[key] = append(values[key], jsonOf(key, x.of))
		}
		for _, key := range order {
			if key == "rdf:type" {
				thing["@type"] = values[key]
				continue
			}
			thing[key] = values[key]
		}
		things = append(things, thing)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(object{"@context": prefixes, "@graph": things})
	return b.Bytes(), err
}

func named(n node) string {
	if n.kind == 'b' {
		return "_:" + n.value
	}
	return escapeIRI(n.value)
}

func jsonOf(key string, n node) any {
	switch {
	case n.kind != 'l' && key == "rdf:type":
		return named(n)
	case n.kind != 'l':
		return map[string]any{"@id": named(n)}
	case n.lang != "":
		return map[string]any{"@value": n.value, "@language": n.lang}
	case n.typ != "":
		return map[string]any{"@value": n.value, "@type": n.typ}
	}
	return map[string]any{"@value": n.value}
}
