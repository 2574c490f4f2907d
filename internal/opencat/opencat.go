// Package opencat publishes the catalogue of registers as open data: as
// DCAT-AP-SE 3.0.1, which Sveriges dataportal harvests, and as HealthDCAT-AP
// release 8 for the registers with data concerning health (EHDS, Regulation
// (EU) 2025/327, article 77).
//
// What is published is the description of the registers, never a row: that
// data are NON_PUBLIC is the first thing that it says of each. Begin with
// [Catalogue] and [Health]; both return a [Graph], which is written as Turtle
// or JSON-LD, the same bytes for the same catalogue.
//
// Sources: DCAT-AP-SE 3.0.1 (diggsweden/DCAT-AP-SE), DCAT-AP 3.0.1 shapes
// (SEMICeu/DCAT-AP), the NON_PUBLIC shapes of HealthDCAT-AP R8. The vocabulary
// of health categories has no settled address yet: the categories are named by
// the article of the regulation that lists them.
package opencat

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Publisher is who publishes the catalogue, and where.
type Publisher struct {
	// Base is the counter's own address, https://bestall.example.se, under which
	// every register has its page.
	Base string
	// URI names the authority; "" = Base with #authority.
	URI   string
	Names catalog.Text
	Email string
	Phone string
	// License of the description; "" = CC0 1.0.
	License string
	// Access is the health data access body (EHDS article 55); only the health
	// export needs it.
	Access order.AccessBody
}

// Of is the authority as a publisher, of a counter at base.
func Of(a *order.Authority, base string) Publisher {
	return Publisher{Base: base, Names: a.Name, Email: a.Letterhead.Email, Phone: a.Letterhead.Phone, Access: a.AccessBody}
}

const (
	authority = "http://publications.europa.eu/resource/authority/"
	nonPublic = authority + "access-right/NON_PUBLIC"
	ehds      = "http://data.europa.eu/eli/reg/2025/327/oj"
	gdpr      = "http://data.europa.eu/eli/reg/2016/679/oj"
	cc0       = "http://creativecommons.org/publicdomain/zero/1.0/"
	// What social insurance tells of health: determinants, EHDS article 51.1 b.
	healthCategory = "http://data.europa.eu/eli/reg/2025/327/art_51/par_1/pnt_b/oj"
)

// Catalogue describes all registers, as DCAT-AP-SE. Faults:
// opencat.base and opencat.contact when the publisher lacks what every
// description needs.
func Catalogue(c *catalog.Catalogue, p Publisher) (*Graph, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	d := describer{newGraph(), c, p, false}
	root := iri(p.at("/catalogue#catalog"))
	d.say(root, "rdf:type", name("dcat:Catalog"))
	d.texts(root, "dct:title", catalog.Text{SV: "Individdata att beställa hos " + p.Names.SV, EN: "Individual data to order from " + p.Names.EN})
	d.texts(root, "dct:description", catalog.Text{
		SV: "Register vars uppgifter kan beställas för forskning och statistik efter sekretessprövning. Katalogen beskriver uppgifterna, de ligger inte här.",
		EN: "Registers whose data can be ordered for research and statistics after a confidentiality review. The catalogue describes the data; they are not here.",
	})
	d.say(root, "dct:publisher", d.publisher())
	d.say(root, "dct:language", iri(authority+"language/SWE"), iri(authority+"language/ENG"))
	d.say(root, "dct:license", iri(cmp.Or(p.License, cc0)))
	d.say(root, "dct:modified", typed(c.ValidFrom, "xsd:date"))
	d.say(root, "dct:spatial", iri(authority+"country/SWE"))
	d.say(root, "foaf:homepage", iri(p.at("/")))
	d.say(root, "dcatap:applicableLegislation", iri(ehds))
	d.say(iri(p.at("/")), "rdf:type", name("foaf:Document"))
	for i := range c.Registers {
		d.say(root, "dcat:dataset", d.dataset(&c.Registers[i]))
	}
	return d.Graph, nil
}

// Health describes the registers that hold data concerning health, as
// HealthDCAT-AP release 8 NON_PUBLIC datasets, with every table and variable.
// Faults: those of [Catalogue], and opencat.access_body.
func Health(c *catalog.Catalogue, p Publisher) (*Graph, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if p.Access.Name == (catalog.Text{}) || p.Access.Email == "" && p.Access.URL == "" {
		return nil, fault.New("opencat.access_body", "Det saknas uppgift om tillståndsorganet för hälsodata.", "The health data access body is missing.").
			Do("Ange dess namn, och dess adress eller e-post.", "Give its name, and its address or e-mail.")
	}
	d := describer{newGraph(), c, p, true}
	for i := range c.Registers {
		if c.Registers[i].Health() {
			d.dataset(&c.Registers[i])
		}
	}
	return d.Graph, nil
}

func (p Publisher) check() error {
	u, err := url.Parse(p.Base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fault.New("opencat.base", "Diskens adress saknas eller är ingen webbadress.", "The counter's address is missing or is no web address.").
			Do("Ange den som https://bestall.example.se.", "Give it as https://order.example.se.")
	}
	if p.Email == "" && p.Phone == "" || p.Names.SV == "" || p.Names.EN == "" {
		return fault.New("opencat.contact", "Katalogen behöver myndighetens namn och en e-postadress.", "The catalogue needs the authority's name and an e-mail address.").
			Do("Fyll i name och letterhead.email i myndighetens fil.", "Fill in name and letterhead.email in the authority's file.")
	}
	return nil
}

func (p Publisher) at(path string) string { return strings.TrimSuffix(p.Base, "/") + path }

// describer describes registers in a graph; health adds what HealthDCAT-AP
// wants.
type describer struct {
	*Graph
	catalogue *catalog.Catalogue
	p         Publisher
	health    bool
}

// texts says a text in both languages.
func (d describer) texts(s node, property string, t catalog.Text) {
	if t.SV != "" {
		d.say(s, property, inLang(t.SV, "sv"))
	}
	if t.EN != "" {
		d.say(s, property, inLang(t.EN, "en"))
	}
}

// agent describes an organisation with one way to reach it.
func (d describer) agent(uri string, names catalog.Text, email, page, phone string) node {
	s := iri(uri)
	d.say(s, "rdf:type", name("foaf:Agent"))
	d.texts(s, "foaf:name", names)
	at := iri(uri + "-contact")
	d.say(s, "cv:contactPoint", at)
	d.say(at, "rdf:type", name("cv:ContactPoint"))
	if email != "" {
		d.say(at, "cv:email", plain(email))
	}
	if page != "" {
		d.say(at, "cv:contactPage", iri(page))
	}
	if phone != "" {
		d.say(at, "cv:telephone", plain(phone))
	}
	return s
}

func (d describer) publisher() node {
	s := d.agent(cmp.Or(d.p.URI, d.p.at("/#authority")), d.p.Names, d.p.Email, d.p.at("/"), d.p.Phone)
	d.say(s, "dct:type", iri("http://purl.org/adms/publishertype/NationalAuthority"))
	return s
}

// contact is where questions about the data are answered.
func (d describer) contact() node {
	s := iri(d.p.at("/#contact"))
	d.say(s, "rdf:type", name("vcard:Organization"), name("vcard:Kind"))
	d.texts(s, "vcard:fn", d.p.Names)
	if d.p.Email != "" {
		d.say(s, "vcard:hasEmail", iri("mailto:"+d.p.Email))
	} else {
		d.say(s, "vcard:hasURL", iri(d.p.at("/")))
	}
	return s
}

func (d describer) dataset(r *catalog.Register) node {
	page := d.p.at("/catalogue/" + r.ID)
	s := iri(page + "#dataset")
	d.say(s, "rdf:type", name("dcat:Dataset"))
	d.texts(s, "dct:title", r.Names)
	d.texts(s, "dct:description", r.Description)
	d.say(s, "dct:identifier", plain(page+"#dataset"))
	d.say(s, "dct:publisher", d.publisher())
	d.say(s, "dcat:contactPoint", d.contact())
	d.say(s, "dct:accessRights", iri(nonPublic))
	d.say(s, "dcatap:applicableLegislation", legislation(r)...)
	d.say(s, "dcat:theme", iri(authority+"data-theme/SOCI"))
	if r.Health() {
		d.say(s, "dcat:theme", iri(authority+"data-theme/HEAL"))
	}
	d.texts(s, "dcat:keyword", r.Names)
	for _, b := range r.Benefits {
		d.texts(s, "dcat:keyword", b.Names)
	}
	d.say(s, "dct:language", iri(authority+"language/SWE"))
	d.say(s, "dct:spatial", iri(authority+"country/SWE"))
	d.say(s, "dcat:landingPage", iri(page))
	d.say(iri(page), "rdf:type", name("foaf:Document"))
	d.say(s, "dct:type", iri(authority+"dataset-type/PERSONAL_DATA"))
	d.period(s, r)
	d.provenance(s, r)
	d.distribution(s, r)
	if d.health {
		d.healthy(s, r)
	}
	return s
}

// legislation is what the data are kept and shared under. Swedish statutes have
// no European identifier that we know of; they stand in the provenance.
func legislation(r *catalog.Register) []node {
	if r.Health() {
		return []node{iri(ehds), iri(gdpr)}
	}
	return []node{iri(gdpr)}
}

func (d describer) period(s node, r *catalog.Register) {
	if r.From == "" && r.To == "" {
		return
	}
	at := iri(s.value + "-period")
	d.say(s, "dct:temporal", at)
	d.say(at, "rdf:type", name("dct:PeriodOfTime"))
	if r.From != "" {
		d.say(at, "dcat:startDate", typed(r.From, "xsd:date"))
	}
	if r.To != "" { // the day after the last, which is how the catalogue ends periods
		d.say(at, "dcat:endDate", typed(r.To, "xsd:date"))
	}
}

func (d describer) provenance(s node, r *catalog.Register) {
	at := iri(s.value + "-provenance")
	d.say(s, "dct:provenance", at)
	d.say(at, "rdf:type", name("dct:ProvenanceStatement"))
	basis := strings.Join(r.Basis, ", ")
	d.texts(at, "rdfs:label", catalog.Text{
		SV: "Uppgifter ur handläggningen av socialförsäkringen. Rättslig grund: " + basis + ".",
		EN: "Data from the administration of social insurance. Legal basis: " + basis + ".",
	})
}

// distribution says how the data are reached: by an order, through the page of
// the register.
func (d describer) distribution(s node, r *catalog.Register) {
	at := iri(s.value + "-order")
	d.say(s, "dcat:distribution", at)
	d.say(at, "rdf:type", name("dcat:Distribution"))
	d.texts(at, "dct:title", catalog.Text{SV: "Beställning av individdata", EN: "An order of individual data"})
	d.texts(at, "dct:description", catalog.Text{
		SV: "Lämnas ut förseglad efter beslut, till den som har rätt att få uppgifterna.",
		EN: "Handed out sealed after a decision, to who is entitled to the data.",
	})
	d.say(at, "dcat:accessURL", iri(d.p.at("/catalogue/"+r.ID)))
	d.say(at, "dcatap:applicableLegislation", legislation(r)...)
	rights := iri(s.value + "-rights")
	d.say(at, "dct:rights", rights)
	d.say(rights, "rdf:type", name("dct:RightsStatement"))
	d.texts(rights, "rdfs:label", catalog.Text{
		SV: "Sekretess gäller (offentlighets- och sekretesslagen 24 kap. 8 § och 28 kap. 1 §).",
		EN: "Confidential (Public Access to Information and Secrecy Act, chapter 24 section 8 and chapter 28 section 1).",
	})
}

// healthy says what HealthDCAT-AP release 8 wants of a dataset that is not
// public.
func (d describer) healthy(s node, r *catalog.Register) {
	b := d.p.Access
	d.say(s, "healthdcatap:hdab", d.agent(d.p.at("/#access-body"), b.Name, b.Email, b.URL, ""))
	d.say(s, "healthdcatap:healthCategory", iri(healthCategory))
	d.say(s, "healthdcatap:hasStructuredData", typed("true", "xsd:boolean"))
	group := iri(s.value + "-variables")
	d.say(s, "healthdcatap:hasVariables", group)
	d.say(group, "rdf:type", name("csvw:TableGroup"))
	d.texts(group, "dct:title", r.Names)
	for i := range r.Tables {
		t := &r.Tables[i]
		if columns := deliverable(t); len(columns) > 0 {
			d.say(group, "csvw:table", d.table(r, t, columns))
		}
	}
}

func deliverable(t *catalog.Table) []*catalog.Variable {
	var out []*catalog.Variable
	for i := range t.Variables {
		if t.Variables[i].Deliverable() {
			out = append(out, &t.Variables[i])
		}
	}
	return out
}

func (d describer) table(r *catalog.Register, t *catalog.Table, columns []*catalog.Variable) node {
	page := d.p.at("/catalogue/" + r.ID)
	s := iri(page + "#table-" + t.ID)
	d.say(s, "rdf:type", name("csvw:Table"))
	d.texts(s, "dct:title", t.Names)
	d.texts(s, "dct:description", t.RowIs)
	d.say(s, "csvw:url", iri(page+"#"+t.ID))
	for _, v := range columns {
		at := iri(page + "/" + t.ID + "/" + v.ID + "#column")
		d.say(s, "csvw:column", at)
		d.say(at, "rdf:type", name("csvw:Column"))
		d.say(at, "csvw:name", plain(v.ID))
		d.texts(at, "csvw:title", v.Names)
		d.texts(at, "dct:description", v.Definition)
		if v.Definition == (catalog.Text{}) {
			d.texts(at, "dct:description", v.Names)
		}
		d.say(at, "csvw:datatype", plain(datatype(v.Kind)))
		d.say(at, "csvw:propertyUrl", iri(page+"/"+t.ID+"/"+v.ID))
	}
	return s
}

// datatype is how CSVW calls a kind of values in a delivery.
func datatype(k catalog.Kind) string {
	switch k {
	case catalog.KindDate:
		return "date"
	case catalog.KindInt:
		return "integer"
	case catalog.KindOre, catalog.KindExtent:
		return "decimal"
	}
	return "string"
}

// Registers are the ids of the registers that Health describes.
func Registers(c *catalog.Catalogue) []string {
	var out []string
	for i := range c.Registers {
		if c.Registers[i].Health() {
			out = append(out, c.Registers[i].ID)
		}
	}
	slices.Sort(out)
	return out
}
