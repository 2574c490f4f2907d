package api

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/blob"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/day"
	"sluss/internal/ethicsdoc"
	"sluss/internal/intake"
	"sluss/internal/letterpress"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/workorder"
)

// desk is a counter behind HTTP in a test, with people who hold tokens.
type desk struct {
	t       *testing.T
	url     string
	app     *app.App
	db      *store.Store
	mu      sync.Mutex
	today   day.Day
	tokens  map[string]string // of each person, by role or by name
	private map[order.Role]string
	logged  *bytes.Buffer
}

var start = day.MustParse("2026-11-02")

// people are the roles with their names; the strangers are outside the case.
var people = []access.Person{
	{ID: "elin", Role: order.RoleOrderer, Email: "elin@u.example"},
	{ID: "ragnar", Role: order.RoleRepresentative, Email: "ragnar@u.example"},
	{ID: "scb", Role: order.RoleSupplier, Organisation: "SCB"},
	{ID: "karin", Role: order.RoleHandler},
	{ID: "petra", Role: order.RoleReviewer},
	{ID: "bo", Role: order.RoleDecider},
	{ID: "sten", Role: order.RoleStatistician},
	{ID: "ylva", Role: order.RoleReleaser},
	{ID: "frida", Role: order.RoleFinance},
	{ID: "rut", Role: order.RoleRegistrar},
	{ID: "ada", Role: access.RoleAuditor},
	{ID: "adam", Role: access.RoleAdministrator},
	{ID: "engine", Role: order.RoleEngine},
	{ID: "calendar", Role: order.RoleClock},
}

var strangers = []access.Person{
	{ID: "ester", Role: order.RoleOrderer, Email: "ester@v.example"},
	{ID: "sixten", Role: order.RoleRepresentative, Email: "sixten@v.example"},
	{ID: "other", Role: order.RoleSupplier, Organisation: "Another"},
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	db, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.NewDir(filepath.Join(dir, "documents"))
	if err != nil {
		t.Fatal(err)
	}
	_, vaultKey, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, db: db, today: start, tokens: map[string]string{}, private: map[order.Role]string{}, logged: &bytes.Buffer{}}
	var signers signed.Signers
	for _, p := range people {
		private, public, err := signed.Generate(rand.Reader, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.private[p.Role] = private
		signers = append(signers, signed.Signer{Name: p.ID, Role: p.Role, Key: public})
	}
	catalogue := catalog.Builtin()
	authority := config.Authority()
	authority.Suppliers = []order.Supplier{{ID: "scb", Name: "SCB", Contact: "Mikrodata", Email: "mikrodata@scb.example"}}
	d.app = &app.App{
		Log: db, Queue: db, Blobs: blobs, Clock: d.now, Authority: authority, Catalogue: catalogue, Open: signers.Open,
		VaultKey: vaultKey, Seal: sealed.Seal, Name: "rut", Sign: func(doc any) (string, error) { return signed.Sign(doc, d.private[order.RoleRegistrar]) },
		Beside: app.Beside{Press: letterpress.New("", nil, 1), Kept: db, Outbox: db, Office: officeOf(db)},
	}
	mux := http.NewServeMux()
	err = Programs(mux, Backend{Orders: d.app, Tokens: db, Answers: db, Lists: db, Catalogue: catalogue, Authority: d.app.Authority, Clock: d.now, Log: slog.New(slog.NewTextHandler(d.logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.Close(); _ = db.Close() })
	d.url = server.URL
	for _, p := range append(append([]access.Person(nil), people...), strangers...) {
		d.tokens[p.ID] = d.token(p, time.Hour*24*1000, Scopes...)
	}
	return d
}

// officeOf is everything that staff can ask.
func officeOf(db *store.Store) app.Office {
	return app.Office{Digests: db, Staff: db, Incoming: db, Pages: ethicsdoc.Pages}
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Unix(int64(d.today)*86400+8*3600, 0).UTC()
}

func (d *desk) wait(days int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.today += day.Day(days)
}

// token gives a person a token and returns its secret.
func (d *desk) token(p access.Person, life time.Duration, scopes ...string) string {
	d.t.Helper()
	secret := rand.Text()
	err := d.db.PutToken(d.t.Context(), canon.Sum([]byte(secret)), app.Token{ID: rand.Text(), Person: p, Scopes: scopes, Created: d.now(), Expires: d.now().Add(life)})
	if err != nil {
		d.t.Fatal(err)
	}
	return secret
}

// reply is what a request was answered.
type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (r reply) code() string { s, _ := r.body["code"].(string); return s }

// at returns the member under a path of names.
func (r reply) at(path ...string) any {
	var v any = r.body
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (r reply) hash(path ...string) string { s, _ := r.at(path...).(string); return s }

// ask sends a request with a token; body is JSON unless it is a string or nil.
// Headers are name, value, name, value.
func (d *desk) ask(token, method, path string, body any, headers ...string) reply {
	d.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			d.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, in)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", "en")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	out := reply{status: res.StatusCode, header: res.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &out.body) // not every answer is JSON
	return out
}

// as is ask by a person.
func (d *desk) as(person, method, path string, body any, headers ...string) reply {
	d.t.Helper()
	return d.ask(d.tokens[person], method, path, body, headers...)
}

// do gives a command that must be carried out.
func (d *desk) do(person, id, command string, body any) reply {
	d.t.Helper()
	r := d.as(person, "POST", "/api/v1/orders/"+id+"/commands/"+command, body)
	if r.status != 200 {
		d.t.Fatalf("%s by %s: %d %s", command, person, r.status, r.raw)
	}
	return r
}

func (d *desk) see(person, id string) reply {
	d.t.Helper()
	r := d.as(person, "GET", "/api/v1/orders/"+id, nil)
	if r.status != 200 {
		d.t.Fatalf("%s sees %s: %d %s", person, id, r.status, r.raw)
	}
	return r
}

func (d *desk) sign(r order.Role, doc any) string {
	d.t.Helper()
	note, err := signed.Sign(doc, d.private[r])
	if err != nil {
		d.t.Fatal(err)
	}
	return note
}

type object = map[string]any

// application is a complete research application from a private principal.
func application() intake.Application {
	yes := true
	return intake.Application{
		Purpose: intake.Research, Title: "Sjukfrånvaro", Sensitive: &yes,
		Principal: intake.Principal{Name: "Institutet", OrgNo: "556000-4615", Kind: intake.PrincipalPrivate, Representative: intake.Person{Name: "R", Email: "ragnar@u.example"}},
		Orderer:   intake.Person{Name: "E", Email: "elin@u.example"},
		Project:   intake.Project{Questions: "Varför?", Start: start, End: start + 900, Deliveries: 1},
		Ethics: intake.Ethics{
			Approvals: []intake.Approval{{Kind: intake.ApprovalFirst, Number: "1", Decided: start - 90, Application: "ansokan", Decision: "beslut", Signed: true}},
			Coverage:  []intake.Coverage{{Item: intake.CoverPopulation, Met: true}, {Item: "benefit:SJP", Met: true}, {Item: intake.CoverDiagnosis, Met: true}},
		},
		Population: intake.Population{Source: "file", Holder: "SCB", Definition: "Alla", Size: 1000, Ready: &intake.Attestation{On: start - 9, By: "SCB"}},
		Data:       []intake.Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, From: start - 2000, To: start - 400, Need: "Fall", Table: "midas_sjp", Variables: []string{"from_datum", "diagnos"}}},
		Delivery:   intake.Delivery{Formats: []string{"csv"}},
		Invoice:    intake.InvoiceTo{Reference: "SU-1"},
		Attachments: []intake.Attachment{
			{ID: "ansokan", Kind: intake.AttachEthicsApplication, Name: "Etikansökan"}, {ID: "beslut", Kind: intake.AttachEthicsDecision, Name: "Etikbeslut"},
		},
	}
}

func (d *desk) submit() string {
	d.t.Helper()
	r := d.as("elin", "POST", "/api/v1/orders", object{"application": application()})
	if r.status != 201 {
		d.t.Fatalf("submit: %d %s", r.status, r.raw)
	}
	return r.hash("id")
}

func terms() object {
	return object{"form": "fixed", "hours": []object{{"kind": "review", "centihours": 400}, {"kind": "extraction", "centihours": 1200}}, "vat": "standard_25", "vat_reason": "tjänst", "valid_to": (start + 200).String()}
}

func findings() object {
	var fs []object
	for _, q := range order.ReviewQuestions {
		fs = append(fs, object{"question": q, "assessment": "bedömning-" + q, "holds": true})
	}
	return object{"findings": fs}
}

// decision is today's decision, signed, with its quote.
func (d *desk) decision(id string) object {
	d.t.Helper()
	dec := order.Decision{
		Type: order.DecisionVersion, Order: id, ID: id + "-B1", Version: 1, Date: d.today, Decider: "bo", Rapporteur: "petra",
		Principal: "Institutet", Purpose: "research", Reasons: catalog.Text{SV: "skäl", EN: "reasons"}, Provisions: []string{"OSL 24:8"}, RetentionMonths: 6,
		Forbehall: &order.Forbehall{Text: catalog.Text{SV: "förbehåll", EN: "restriction"}, Names: []string{"E"}}, Appeal: catalog.Text{SV: "överklaga", EN: "appeal"},
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: id, Catalogue: plan.CatalogueRef(catalog.Builtin()),
			Recipient: plan.Recipient{Name: "Institutet", OrgNo: "556000-4615", Key: "age1xyz", Signer: "aaaa"},
			Persons:   plan.Persons{Source: plan.SourceFile, Holder: "SCB", Max: 1000, ID: "personnummer", Protected: "exclude"},
			Identity:  plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: order.KeyDeleted},
			Rows: []plan.Row{{
				Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Benefits: []string{"SJP"},
				Period: &plan.Period{From: start - 2000, To: start - 400}, Shape: catalog.ShapeSpell,
				Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}, {ID: "diagnos", Level: "icd_3"}},
			}},
			Formats: []string{"csv"}, Deliveries: 1, Expires: start + 400,
		},
	}
	var err error
	if dec.ScopeHash, err = dec.Scope.Hash(); err != nil {
		d.t.Fatal(err)
	}
	q, err := quote.Make(id, 2, d.today, d.app.Authority.Prices, quote.Terms{
		Form: quote.FormFixed, Hours: []quote.Hours{{Kind: quote.Review, Centis: 400}, {Kind: quote.Extraction, Centis: 1200}}, VAT: quote.VATStandard, VATReason: "tjänst", ValidTo: start + 200,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	q.Final, q.Scope = true, dec.ScopeHash
	if dec.Quote, err = q.Hash(); err != nil {
		d.t.Fatal(err)
	}
	return object{"decision": dec, "note": d.sign(order.RoleDecider, dec), "quote": q}
}

// specification is read back from what the API shows, as a program would.
func (d *desk) specification(id string) object {
	d.t.Helper()
	entries, err := d.db.Load(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	s := order.Fold(id, entries)
	ref, err := s.Decision.Ref()
	if err != nil {
		d.t.Fatal(err)
	}
	spec := plan.Spec{
		Spec: plan.Version, Order: id, Catalogue: plan.CatalogueRef(catalog.Builtin()), AsOf: plan.AsOf{Snapshot: "s1"}, Decision: ref,
		Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: &plan.FilePopulation{ID: "personnummer", Intake: s.Population.Intake}},
		Extracts: []plan.Extract{{
			Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
			Window:  plan.Window{From: plan.Bound{Date: start - 2000}, To: plan.Bound{Date: start - 400}},
			Where:   []plan.Filter{{Var: "delforman", Stage: plan.StageRow, In: []any{"SJP"}}},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}, {Name: "diagnos", Coarsen: &plan.Coarsen{To: "icd_3"}}},
			Output:  plan.Output{File: "fall", Format: "csv"},
		}},
	}
	return object{"spec": spec, "note": d.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: "sten", Spec: spec})}
}

var theManifest = canon.Sum([]byte("manifest"))

// vault plays the vault: it takes the next job and reports that all went well.
func (d *desk) vault() {
	d.t.Helper()
	ctx := d.t.Context()
	w, err := d.app.NextWork(ctx, "vault")
	if err != nil {
		d.t.Fatal(err)
	}
	entries, err := d.db.Load(ctx, w.Order)
	if err != nil {
		d.t.Fatal(err)
	}
	s := order.Fold(w.Order, entries)
	var r workorder.Report
	switch w.Kind {
	case workorder.Population:
		r.Population = &order.PopulationChecked{ID: s.Arrivals, Accepted: true, Intake: plan.Ref{ID: "pop-1", SHA256: canon.Sum([]byte("persons"))}, Rows: 901, Persons: 900}
	case workorder.Extract:
		r.Extracted = &order.Extracted{
			Spec: s.SpecHash, Manifest: theManifest, Files: []order.FileSummary{{Name: "fall.csv", Rows: 10, Persons: 9, Bytes: 99, SHA256: canon.Sum(nil)}},
			Egress: []order.CheckResult{{Check: "headers", OK: true}},
		}
	case workorder.Deliver:
		if err := d.app.PutParcel(ctx, w.ID, strings.NewReader("sealed parcel")); err != nil {
			d.t.Fatal(err)
		}
		r.Delivered = &workorder.ParcelReport{Manifest: theManifest, SHA256: canon.Sum([]byte("sealed parcel"))}
	case workorder.Purge:
		r.Purged = &order.Purged{Protocol: "signed", Hash: canon.Sum([]byte("protocol")), Objects: 4}
	}
	if err := d.app.Take(ctx, w.ID, r); err != nil {
		d.t.Fatal(fmt.Errorf("%s: %w", w.Kind, err))
	}
}

// stage is one act on the way of an order through the interface.
type stage struct {
	name string
	do   func(d *desk, id string)
}

// way is the whole way of an order, each command once where it can be.
var way = []stage{
	{"early", func(d *desk, id string) {
		if r := d.as("scb", "PUT", "/api/v1/orders/"+id+"/population", "19121212-1212"); r.status != 409 || r.code() != "gate.disclosing_decision" {
			d.t.Fatalf("early population: %d %s", r.status, r.raw)
		}
	}},
	{"settle_medium", func(d *desk, id string) {
		d.do("rut", id, "settle_medium", object{"id": 1, "how": "returned"})
	}},
	{"acknowledge", func(d *desk, id string) { d.do("karin", id, "acknowledge", object{}) }},
	{"request_supplement", func(d *desk, id string) {
		d.do("karin", id, "request_supplement", object{"parts": []string{"title"}, "text": "Förtydliga", "due_days": 5})
	}},
	{"answer_supplement", func(d *desk, id string) {
		a := application()
		a.Title = "Sjukfrånvaro efter ledighet"
		d.do("elin", id, "answer_supplement", object{"application": a})
	}},
	{"confirm_complete", func(d *desk, id string) { d.do("karin", id, "confirm_complete", object{}) }},
	{"draft_quote", func(d *desk, id string) { d.do("karin", id, "draft_quote", object{"terms": terms()}) }},
	{"return_draft", func(d *desk, id string) {
		d.do("elin", id, "return_draft", object{"text": "Färre timmar?"})
		d.do("karin", id, "draft_quote", object{"terms": terms()})
	}},
	{"agree_draft", func(d *desk, id string) {
		d.do("elin", id, "agree_draft", object{"hash": d.see("elin", id).hash("draft", "hash")})
	}},
	{"record_review", func(d *desk, id string) { d.do("petra", id, "record_review", findings()) }},
	{"decide", func(d *desk, id string) { d.do("bo", id, "decide", d.decision(id)) }},
	{"dispatch_decision", func(d *desk, id string) { d.do("karin", id, "dispatch_decision", object{}) }},
	{"accept_quote", func(d *desk, id string) {
		d.do("ragnar", id, "accept_quote", object{"hash": d.see("ragnar", id).hash("quote", "hash")})
	}},
	{"acknowledge_forbehall", func(d *desk, id string) { d.do("elin", id, "acknowledge_forbehall", object{"person": "E"}) }},
	{"call_population", func(d *desk, id string) {
		d.do("karin", id, "call_population", object{"supplier": "scb", "reference": "SCB-7", "opens": d.today.String(), "closes": (d.today + 30).String()})
	}},
	{"population", func(d *desk, id string) {
		if r := d.as("scb", "PUT", "/api/v1/orders/"+id+"/population", "personnummer\n191212121212\n"); r.status != 200 {
			d.t.Fatalf("population: %d %s", r.status, r.raw)
		}
		d.vault()
	}},
	{"order_extraction", func(d *desk, id string) {
		d.do("sten", id, "order_extraction", d.specification(id))
		d.vault()
	}},
	{"release", func(d *desk, id string) {
		o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: id, Manifest: theManifest}
		d.do("ylva", id, "release", object{"manifest": theManifest, "note": d.sign(order.RoleReleaser, o)})
		d.vault()
	}},
	{"confirm_receipt", func(d *desk, id string) {
		if r := d.as("elin", "GET", "/api/v1/orders/"+id+"/parcel", nil); r.status != 200 || r.raw != "sealed parcel" {
			d.t.Fatalf("parcel: %d %q", r.status, r.raw)
		}
		d.do("elin", id, "confirm_receipt", object{"manifest": d.see("elin", id).hash("delivery", "manifest")})
	}},
	{"send_again", func(d *desk, id string) { d.do("elin", id, "send_again", object{"reason": "skadad"}) }},
	{"issue_invoice", func(d *desk, id string) { d.wait(40); d.do("frida", id, "issue_invoice", object{}) }},
	{"order_purge", func(d *desk, id string) {
		d.wait(200)
		d.do("rut", id, "order_purge", object{})
		d.vault()
	}},
}

// until takes an order along the way up to, not including, the stage.
func (d *desk) until(name string) string {
	d.t.Helper()
	id := d.submit()
	for _, st := range way {
		if st.name == name {
			return id
		}
		st.do(d, id)
	}
	if name != "the end" {
		d.t.Fatalf("no stage %s", name)
	}
	return id
}
