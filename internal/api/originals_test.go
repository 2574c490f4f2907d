package api

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sluss/internal/intake"
)

// bundle is the archive of a case's documents: names and contents.
func (d *desk) bundle(person, id, query string) (out []string) {
	d.t.Helper()
	r := d.want(d.as(person, "GET", "/api/v1/orders/"+id+"/attachments.zip"+query, nil), 200, "")
	z, err := zip.NewReader(strings.NewReader(r.raw), int64(len(r.raw)))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			d.t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			d.t.Fatal(err)
		}
		out = append(out, f.Name+" "+string(text))
	}
	return out
}

// TestScenario05AttachmentsAsOneArchive: what the current version names, and to
// staff who ask what every version did; to strangers there is no such case.
func TestScenario05AttachmentsAsOneArchive(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.submit()
	path := "/api/v1/orders/" + id
	if got := d.bundle("elin", id, ""); len(got) != 0 { // its two documents come by post
		t.Errorf("%q", got)
	}
	ask := func() {
		d.do("karin", id, "request_supplement", object{"parts": []string{"attachments"}, "text": "Bilagor", "due_days": 5})
	}
	ask()
	one := d.want(d.attach("elin", path, "plan.txt", "ett"), 201, "")
	two := d.want(d.attach("elin", path, "plan.txt", "två"), 201, "")
	a := named(application(), one)
	a = named(a, two)
	d.do("elin", id, "answer_supplement", object{"application": a})
	want := []string{"03 plan.txt ett", "04 plan.txt två"}
	if got := d.bundle("elin", id, ""); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	ask()
	three := d.want(d.attach("elin", path, "ny.txt", "tre"), 201, "")
	d.want(d.attach("elin", path, "över.txt", "övergiven"), 201, "")
	if got := d.bundle("elin", id, ""); !slices.Equal(got, want) {
		t.Errorf("before the answer: %q", got)
	}
	d.do("elin", id, "answer_supplement", object{"application": named(application(), three)})
	for _, who := range []string{"elin", "ragnar", "karin"} {
		if got := d.bundle(who, id, ""); !slices.Equal(got, []string{"03 ny.txt tre"}) {
			t.Errorf("%s: %q", who, got)
		}
	}
	if got := d.bundle("karin", id, "?versions=all"); !slices.Equal(got, []string{"version-2/03 plan.txt ett", "version-2/04 plan.txt två", "version-3/03 ny.txt tre"}) {
		t.Errorf("every version: %q", got)
	}
	zipped := path + "/attachments.zip"
	d.want(d.as("elin", "GET", zipped+"?versions=all", nil), 403, "access.denied")
	d.want(d.as("frida", "GET", zipped, nil), 403, "access.denied")
	d.want(d.as("karin", "GET", zipped+"?versions=some", nil), 422, "api.versions")
	stranger, none := d.as("ester", "GET", zipped, nil), d.as("ester", "GET", "/api/v1/orders/FK-2026-99999/attachments.zip", nil)
	if stranger.status != 404 || stranger.raw != none.raw {
		t.Errorf("a stranger: %d %s", stranger.status, stranger.raw)
	}
	if first, second := d.as("karin", "GET", zipped, nil), d.as("karin", "GET", zipped, nil); first.raw != second.raw {
		t.Error("the same case gives other bytes")
	}
}

// original puts a document into a case.
func (d *desk) original(person, id string, facts object, name, text string) reply {
	d.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	raw, err := json.Marshal(facts)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := m.WriteField("facts", string(raw)); err != nil {
		d.t.Fatal(err)
	}
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		d.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		d.t.Fatal(err)
	}
	return d.as(person, "POST", "/api/v1/orders/"+id+"/originals", b.String(), "Content-Type", m.FormDataContentType())
}

// TestOriginals: staff put documents into a case at any time, each gets a
// number; a registration names a document that lies there, never free text;
// what is registered stays when the parties answer a supplement.
func TestOriginals(t *testing.T) {
	t.Parallel()
	d, dir := full(t)
	id := d.submit()
	path := "/api/v1/orders/" + id
	facts := object{"kind": "letter", "on": d.today.String(), "party": "Sjölunda", "channel": "post", "secrecy": "OSL 24 kap. 8 §"}
	r := d.want(d.original("rut", id, facts, "../brev.txt", "Hej"), 201, "")
	if r.at("no") != 1.0 || r.at("name") != "brev.txt" || r.at("secrecy") != facts["secrecy"] {
		t.Errorf("%s", r.raw)
	}
	out := object{"kind": "answer", "on": d.today.String(), "party": "Sjölunda", "channel": "mail", "out": true}
	if r := d.want(d.original("karin", id, out, "svar.txt", "Hej själv"), 201, ""); r.at("no") != 2.0 {
		t.Errorf("%s", r.raw)
	}
	for _, who := range []string{"elin", "petra", "sten"} {
		d.want(d.original(who, id, facts, "a.txt", "x"), 403, "access.denied")
	}
	d.want(d.original("ester", id, facts, "a.txt", "x"), 404, "api.not_found")
	d.want(d.original("rut", id, object{"kind": "letter", "on": d.today.String(), "channel": "post"}, "b.txt", "utan avsändare"), 409, "order.document_facts")
	d.want(d.original("rut", id, object{"kind": "letter", "colour": "gul"}, "b.txt", "x"), 422, "original.parts")
	d.want(d.as("rut", "POST", path+"/originals", object{}), 422, "original.parts")
	d.want(d.original("rut", id, facts, "a.exe", "MZ"), 422, "attachment.type")
	if n := files(t, dir, "utan avsändare"); n != 0 {
		t.Errorf("what was refused lies in %d files", n)
	}
	register := func(blob, sum string) reply {
		return d.as("rut", "POST", path+"/commands/register_document", object{"document": object{
			"kind": "letter", "name": "n", "on": d.today.String(), "party": "p", "channel": "post", "blob": blob, "sha256": sum,
		}})
	}
	d.want(register("hyllan i arkivet", strings.Repeat("0", 64)), 409, "original.unknown")
	d.do("karin", id, "request_supplement", object{"parts": []string{"attachments"}, "text": "Bilagor", "due_days": 5})
	doc := d.want(d.attach("elin", path, "plan.txt", "plan"), 201, "")
	d.want(register("attachments/"+doc.hash("id"), strings.Repeat("0", 64)), 409, "original.unknown")
	d.want(register("attachments/"+doc.hash("id"), doc.hash("sha256")), 200, "")
	other := d.submit()
	d.want(d.as("rut", "POST", "/api/v1/orders/"+other+"/commands/register_document", object{"document": object{
		"kind": "letter", "name": "n", "on": d.today.String(), "party": "p", "channel": "post", "blob": "attachments/" + doc.hash("id"), "sha256": doc.hash("sha256"),
	}}), 409, "original.unknown")
	d.do("elin", id, "answer_supplement", object{"application": named(application(), doc)})
	list := d.want(d.as("petra", "GET", path+"/documents", nil), 200, "")
	first := 0
	for _, x := range list.at("documents").([]any) {
		if x := x.(object); x["name"] == "brev.txt" {
			first = int(x["no"].(float64))
		}
	}
	if r := d.as("petra", "GET", path+fmt.Sprintf("/documents/%d", first), nil); r.raw != "Hej" || !strings.Contains(list.raw, "OSL 24 kap. 8 §") || !strings.Contains(list.raw, "svar.txt") {
		t.Errorf("%q in %s", r.raw, list.raw)
	}
	if r := d.as("elin", "GET", path+fmt.Sprintf("/documents/%d", first), nil); r.status != http.StatusNotFound {
		t.Errorf("a letter to a party: %d", r.status)
	}
	arrival := object{"on": d.today.String(), "channel": "post", "sender": "Ester", "name": "ansokan.pdf", "blob": "inbox/1", "sha256": strings.Repeat("0", 64)}
	d.want(d.as("rut", "POST", "/api/v1/orders", object{"application": intake.Application{Title: "x"}, "arrival": arrival}), 422, "original.unknown")
	letter, sum, err := d.app.Blobs.Put(t.Context(), "incoming/1", strings.NewReader("ett brev"))
	if err != nil || letter != 8 {
		t.Fatal(err)
	}
	arrival["blob"] = "incoming/1"
	d.want(d.as("rut", "POST", "/api/v1/orders", object{"application": intake.Application{Title: "x"}, "arrival": arrival}), 422, "original.unknown")
	arrival["sha256"] = sum
	d.want(d.as("rut", "POST", "/api/v1/orders", object{"application": intake.Application{Title: "x"}, "arrival": arrival}), 201, "")
	arrival["blob"] = "incoming/2"
	d.want(d.as("rut", "POST", "/api/v1/enquiries", object{"topic": "other", "text": "x", "arrival": arrival}), 409, "original.unknown")
}

// TestSealedFilesGo: after thirty days, or when their case ends, with a word in
// its log; of a draft's it stays known that it was there.
func TestSealedFilesGo(t *testing.T) {
	t.Parallel()
	d, dir := full(t)
	sealed := func() int { return files(t, dir, "age-encryption.org/v1") }
	draft := "/api/v1/drafts/" + d.draft(object{})
	ends, goes, staffs := d.submit(), d.submit(), d.submit()
	for _, id := range []string{ends, goes} {
		d.do("karin", id, "request_supplement", object{"parts": []string{"attachments"}, "text": "Bilagor", "due_days": 40})
		d.want(d.attach("elin", "/api/v1/orders/"+id, "a.txt", persons(6)), 422, "attachment.sealed_away")
	}
	d.want(d.attach("elin", draft, "a.txt", persons(6)), 422, "attachment.sealed_away")
	d.want(d.original("rut", staffs, object{"kind": "letter", "on": d.today.String(), "party": "p", "channel": "post"}, "a.txt", persons(6)), 422, "attachment.sealed_away")
	due := func() {
		t.Helper()
		if _, err := d.app.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := d.app.PurgeSealed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	told := func(id string) int {
		return strings.Count(d.as("karin", "GET", "/api/v1/orders/"+id+"/events", nil).raw, "sealed_destroyed")
	}
	if due(); sealed() != 4 {
		t.Errorf("%d sealed files", sealed())
	}
	d.do("elin", ends, "withdraw", object{"reason": "r"})
	if due(); sealed() != 3 || told(ends) != 1 || told(goes) != 0 {
		t.Errorf("%d sealed files, told %d", sealed(), told(ends))
	}
	d.wait(29)
	if due(); sealed() != 3 {
		t.Errorf("a day early: %d sealed files", sealed())
	}
	d.wait(1)
	for range 2 { // again changes nothing
		if due(); sealed() != 0 || told(goes) != 1 || told(staffs) != 1 || told(ends) != 1 {
			t.Errorf("%d sealed files, told %d and %d", sealed(), told(goes), told(staffs))
		}
	}
	if r := d.as("elin", "GET", draft+"/attachments", nil); !strings.Contains(r.raw, `"sealed_away":true`) {
		t.Errorf("%s", r.raw)
	}
}
