package api

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/blob"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/document"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// full is a desk with everything that stands beside the cases; dir is where its
// documents lie.
func full(t *testing.T) (d *desk, dir string) {
	t.Helper()
	d = newDesk(t)
	dir = t.TempDir()
	blobs, err := blob.NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	d.app.Blobs = blobs
	d.app.Beside = app.Beside{
		Drafts: d.db, Form: 1, Attachments: d.db, Inspect: document.Inspector{}.Inspect, Reads: app.NewReadLog(d.db, nil), Hooks: d.db,
		HookSecret: func(id string) []byte { return []byte("secret of " + id) }, Office: officeOf(d.db),
	}
	return d, dir
}

func (d *desk) want(r reply, status int, code string) reply {
	d.t.Helper()
	if r.status != status || r.code() != code {
		d.t.Fatalf("%d %s, want %d %s: %.600s", r.status, r.code(), status, code, r.raw)
	}
	return r
}

func (d *desk) draft(answers any) string {
	d.t.Helper()
	return d.want(d.as("elin", "POST", "/api/v1/drafts", object{"answers": answers}), 201, "").hash("id")
}

func codes(r reply) (out []string) {
	all, _ := r.at("problems").([]any)
	for _, p := range all {
		out = append(out, fmt.Sprint(p.(object)["field"], " ", p.(object)["code"]))
	}
	return out
}

func maj(d *desk) access.Person {
	p := access.Person{ID: "maj", Role: order.RoleOrderer, Email: "maj@u.example"}
	d.tokens["maj"] = d.token(p, 1000*time.Hour, Scopes...)
	return p
}

// TestSavingAlwaysWorks: whatever the answers hold is kept as it was written,
// and told.
func TestSavingAlwaysWorks(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.draft(object{})
	path := "/api/v1/drafts/" + id
	r := d.want(d.as("elin", "PUT", path, `{"version": 1, "answers": {"purpose": "resarch", "title": 7, "nytt": [1], "population": {"size": 12345678901234567890}, "data": [{"from": "i våras"}]}}`), 200, "")
	for _, want := range []string{"purpose draft.unknown_option", "title draft.wrong_type", "nytt draft.unknown_field", "population.size draft.wrong_type", "data[0].from draft.wrong_type"} {
		if !slices.Contains(codes(r), want) {
			t.Errorf("no %s among %q", want, codes(r))
		}
	}
	r = d.want(d.as("elin", "GET", path, nil), 200, "")
	if r.at("version") != 2.0 || r.at("answers", "title") != 7.0 || r.at("answers", "population", "size") != "12345678901234567890" || r.at("answers", "purpose") != "resarch" {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("elin", "POST", path+"/submit", object{"version": 2}), 422, "draft.wrong_type")
	d.want(d.as("elin", "PUT", path, `{"version": 2, "answers": [1]}`), 422, "api.invalid")
	d.want(d.as("elin", "PUT", path, `{"version": 2, "answers": {"a": 1, "a": 2}}`), 400, "api.malformed")
	if r := d.want(d.as("elin", "GET", path, nil), 200, ""); r.at("version") != 2.0 {
		t.Errorf("%s", r.raw)
	}
}

// TestTwoSaveADraft: who comes second gets both texts.
func TestTwoSaveADraft(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.draft(object{"title": "A"})
	path := "/api/v1/drafts/" + id
	maj(d)
	d.want(d.as("elin", "POST", path+"/invite", object{"email": "Maj@U.example"}), 200, "")
	d.want(d.as("maj", "PUT", path, object{"version": 1, "answers": object{"title": "B"}}), 200, "")
	r := d.want(d.as("elin", "PUT", path, object{"version": 1, "answers": object{"title": "C"}}), 409, "draft.stale")
	if r.at("draft", "version") != 2.0 || r.at("draft", "stored", "title") != "B" || r.at("draft", "sent", "title") != "C" || r.hash("do") == "" {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("elin", "PUT", path, object{"version": 2, "answers": object{"title": "C"}}), 200, "")
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for i := range 8 {
		wg.Go(func() {
			r := d.as("elin", "PUT", path, object{"version": 3, "answers": object{"title": fmt.Sprint(i)}})
			mu.Lock()
			got[r.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[200] != 1 || got[409] != 7 {
		t.Errorf("%v", got)
	}
}

// TestScenario07DraftsAreTheirOwners: to everybody else a draft does not exist, and a
// co-applicant who has been removed is everybody else.
func TestScenario07DraftsAreTheirOwners(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.draft(object{"title": "A"})
	maj(d)
	base := "/api/v1/drafts/"
	asks := []struct {
		method, path string
		body         any
	}{
		{"GET", "", nil},
		{"PUT", "", object{"version": 1, "answers": object{}}},
		{"DELETE", "", nil},
		{"POST", "/invite", object{"email": "x@x.example"}},
		{"POST", "/uninvite", object{"email": "x@x.example"}},
		{"POST", "/submit", object{"version": 1}},
		{"GET", "/attachments", nil},
		{"GET", "/attachments/B-1", nil},
		{"POST", "/attachments", "x"},
	}
	others := []string{"maj"}
	for _, p := range append(append([]access.Person(nil), people...), strangers...) {
		if p.ID != "elin" {
			others = append(others, p.ID)
		}
	}
	stranger := func(who string) {
		t.Helper()
		for _, a := range asks {
			h := []string{"Content-Disposition", `attachment; filename="a.txt"`}
			r, none := d.as(who, a.method, base+id+a.path, a.body, h...), d.as(who, a.method, base+"U-ABSENT"+a.path, a.body, h...)
			if r.status != 404 || r.raw != none.raw || !sameHeaders(r.header, none.header) {
				t.Errorf("%s %s %s: %d %s", who, a.method, a.path, r.status, r.raw)
			}
		}
		if r := d.as(who, "GET", "/api/v1/drafts", nil); r.status != 200 || len(r.at("drafts").([]any)) != 0 {
			t.Errorf("%s: %s", who, r.raw)
		}
	}
	for _, who := range others {
		stranger(who)
	}
	d.want(d.as("karin", "POST", "/api/v1/drafts", object{"answers": object{}}), 403, "access.denied")
	d.want(d.as("elin", "POST", base+id+"/invite", object{"email": "maj@u.example"}), 200, "")
	d.want(d.as("maj", "GET", base+id, nil), 200, "")
	if r := d.as("maj", "GET", "/api/v1/drafts", nil); len(r.at("drafts").([]any)) != 1 {
		t.Errorf("%s", r.raw)
	}
	for _, a := range asks[2:6] {
		d.want(d.as("maj", a.method, base+id+a.path, a.body), 403, "draft.owner_only")
	}
	d.want(d.as("elin", "POST", base+id+"/uninvite", object{"email": "ELIN@u.example"}), 422, "draft.owner_stays")
	d.want(d.as("elin", "POST", base+id+"/invite", object{"email": "nobody"}), 422, "draft.address")
	d.want(d.as("elin", "POST", base+id+"/uninvite", object{"email": "MAJ@u.example"}), 200, "")
	stranger("maj")
	if r := d.as("elin", "DELETE", base+id, nil); r.status != 204 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	stranger("elin")
}

func (d *desk) attach(who, place, name, content string) reply {
	d.t.Helper()
	return d.as(who, "POST", place+"/attachments?kind=other", content, "Content-Type", "application/octet-stream", "Content-Disposition", `attachment; filename="`+name+`"`)
}

func named(a intake.Application, docs ...reply) intake.Application {
	for _, r := range docs {
		a.Attachments = append(a.Attachments, intake.Attachment{ID: r.hash("id"), Kind: "other", Name: r.hash("name"), SHA256: r.hash("sha256")})
	}
	return a
}

// TestScenario06OrphanUploadsGo: submitted twice or eight times at once, a draft is
// one case, with the documents it names and no others.
func TestScenario06OrphanUploadsGo(t *testing.T) {
	t.Parallel()
	d, dir := full(t)
	id := d.draft(object{})
	path := "/api/v1/drafts/" + id
	keep, same, loose := d.attach("elin", path, "a.txt", "behålls"), d.attach("elin", path, "a.txt", "också"), d.attach("elin", path, "b.txt", "glömd")
	for _, r := range []reply{keep, same, loose} {
		d.want(r, 201, "")
	}
	other := d.attach("elin", "/api/v1/drafts/"+d.draft(object{}), "c.txt", "en annans")
	d.want(d.as("elin", "PUT", path, object{"version": 1, "answers": named(application(), keep, other)}), 200, "")
	d.want(d.as("elin", "POST", path+"/submit", object{"version": 2}), 422, "attachment.unknown")
	d.want(d.as("elin", "POST", "/api/v1/orders", object{"application": named(application(), keep)}), 422, "attachment.unknown")
	d.want(d.as("elin", "PUT", path, object{"version": 2, "answers": named(application(), keep, same)}), 200, "")
	d.want(d.as("elin", "POST", path+"/submit", object{"version": 2}), 409, "draft.stale")
	var wg sync.WaitGroup
	var mu sync.Mutex
	cases := map[string]int{}
	for range 8 {
		wg.Go(func() {
			r := d.as("elin", "POST", path+"/submit", object{"version": 3})
			mu.Lock()
			defer mu.Unlock()
			if r.status != 201 {
				t.Errorf("%d %s", r.status, r.raw)
			}
			cases[r.hash("id")]++
		})
	}
	wg.Wait()
	again := d.as("elin", "POST", path+"/submit", object{"version": 3})
	cases[again.hash("id")]++
	if len(cases) != 1 {
		t.Fatalf("%v", cases)
	}
	d.want(d.as("elin", "GET", path, nil), 404, "api.not_found")
	d.want(d.as("ester", "POST", path+"/submit", object{"version": 3}), 404, "api.not_found")
	c := "/api/v1/orders/" + again.hash("id")
	for _, who := range []string{"elin", "karin"} {
		r := d.want(d.as(who, "GET", c+"/attachments", nil), 200, "")
		docs := r.at("documents").([]any)
		if len(docs) != 2 || docs[0].(object)["name"] != "a.txt" || docs[1].(object)["name"] != "a.txt" {
			t.Errorf("%s: %s", who, r.raw)
		}
		f := d.as(who, "GET", c+"/attachments/"+keep.hash("id"), nil)
		if f.status != 200 || f.raw != "behålls" || !strings.HasPrefix(f.header.Get("Content-Disposition"), "attachment") || f.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %q %v", who, f.status, f.raw, f.header)
		}
	}
	for who, status := range map[string]int{"ester": 404, "adam": 404, "scb": 403, "frida": 403} {
		code := map[int]string{404: "api.not_found", 403: "access.denied"}[status]
		d.want(d.as(who, "GET", c+"/attachments", nil), status, code)
		d.want(d.as(who, "GET", c+"/attachments/"+keep.hash("id"), nil), status, code)
	}
	if n := files(t, dir, "glömd"); n != 0 {
		t.Errorf("the document that nobody names lies in %d files", n)
	}
}

// files counts the files under dir that hold the text.
func files(t *testing.T, dir, text string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func persons(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%012d\n", swede.Make(day.MustParse("1970-01-01")+day.Day(i), 100, false, swede.Real).Reveal())
	}
	return b.String()
}

// TestListOfPersonsIsSealedAway: six personnummer and a document is never kept
// in clear; five are not many.
func TestListOfPersonsIsSealedAway(t *testing.T) {
	t.Parallel()
	d, dir := full(t)
	path := "/api/v1/drafts/" + d.draft(object{})
	d.want(d.attach("elin", path, "fem.txt", persons(5)), 201, "")
	six := d.attach("elin", path, persons(1)[:12]+".txt", persons(6))
	d.want(six, 422, "attachment.sealed_away")
	if six.hash("do") == "" || strings.Contains(six.raw, persons(1)[:12]) {
		t.Errorf("%s", six.raw)
	}
	last := strings.Split(persons(6), "\n")[5]
	if n := files(t, dir, last); n != 0 {
		t.Errorf("a number lies in clear in %d files", n)
	}
	if n := files(t, dir, "age-encryption.org/v1"); n != 1 {
		t.Errorf("%d sealed files", n)
	}
	r := d.want(d.as("elin", "GET", path+"/attachments", nil), 200, "")
	docs := r.at("documents").([]any)
	i := slices.IndexFunc(docs, func(x any) bool { return x.(object)["sealed_away"] == true })
	if len(docs) != 2 || i < 0 || docs[i].(object)["name"] != "" {
		t.Fatalf("%s", r.raw)
	}
	sealed := docs[i].(object)
	d.want(d.as("elin", "GET", path+"/attachments/"+sealed["id"].(string), nil), 404, "api.not_found")
	a := application()
	a.Attachments = append(a.Attachments, intake.Attachment{ID: sealed["id"].(string), SHA256: sealed["sha256"].(string)})
	d.want(d.as("elin", "PUT", path, object{"version": 1, "answers": a}), 200, "")
	d.want(d.as("elin", "POST", path+"/submit", object{"version": 2}), 422, "attachment.unknown")
	d.app.Malware = func(context.Context, []byte) error { return errors.New("found") }
	if r := d.attach("elin", path, "a.txt", "x"); r.status != 500 {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

// TestAttachmentsOfACase: only with a supplement open; staff see what has been
// answered with; what an earlier version named stays.
func TestAttachmentsOfACase(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.submit()
	path := "/api/v1/orders/" + id
	d.want(d.attach("elin", path, "a.txt", "x"), 409, "attachment.no_supplement")
	d.do("karin", id, "request_supplement", object{"parts": []string{"attachments"}, "text": "Bilagor", "due_days": 5})
	d.want(d.attach("karin", path, "a.txt", "x"), 403, "access.denied")
	d.want(d.attach("ester", path, "a.txt", "x"), 404, "api.not_found")
	d.want(d.attach("elin", path, "a.exe", "MZ"), 422, "attachment.type")
	d.want(d.as("elin", "POST", path+"/attachments", "x"), 422, "attachment.name")
	d.want(d.attach("elin", path, "a.txt", persons(6)), 422, "attachment.sealed_away")
	if r := d.as("karin", "GET", path+"/events", nil); !strings.Contains(r.raw, "file_sealed_away") {
		t.Errorf("the log does not tell that a file was sealed away: %s", r.raw)
	}
	doc := d.want(d.attach("elin", path, "a.txt", "svaret"), 201, "")
	count := func(who string, want int) {
		t.Helper()
		if r := d.as(who, "GET", path+"/attachments", nil); len(r.at("documents").([]any)) != want {
			t.Errorf("%s: %s", who, r.raw)
		}
	}
	count("elin", 2)
	count("karin", 1) // that something was sealed away
	other := d.submit()
	d.do("karin", other, "request_supplement", object{"parts": []string{"attachments"}, "text": "Bilagor", "due_days": 5})
	d.want(d.as("elin", "POST", "/api/v1/orders/"+other+"/commands/answer_supplement", object{"application": named(application(), doc)}), 409, "attachment.unknown")
	d.do("elin", id, "answer_supplement", object{"application": named(application(), doc)})
	count("karin", 2)
	d.do("karin", id, "request_supplement", object{"parts": []string{"attachments"}, "text": "Fler", "due_days": 5})
	d.do("elin", id, "answer_supplement", object{"application": application()})
	count("karin", 2)
}

// TestThreat03ReadsAreLogged: each look of staff at a case, and nobody else's; who may
// see the log; and no look without it.
func TestThreat03ReadsAreLogged(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.submit()
	path := "/api/v1/orders/" + id
	d.see("elin", id)
	d.see("karin", id)
	d.as("petra", "GET", path+"/events", nil)
	d.as("bo", "GET", path+"/feed.atom", nil)
	d.as("bo", "GET", path+"/attachments", nil)
	d.do("karin", id, "acknowledge", object{})
	r := d.want(d.as("ada", "GET", path+"/reads", nil), 200, "")
	var got []string
	for _, x := range r.at("reads").([]any) {
		got = append(got, fmt.Sprint(x.(object)["who"], " ", x.(object)["view"]))
	}
	if want := []string{"ada reads", "karin case", "bo application", "bo events", "petra events", "karin case"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if strings.Contains(r.raw, "Sjukfrånvaro") {
		t.Errorf("it tells what was read: %s", r.raw)
	}
	page := d.want(d.as("ada", "GET", path+"/reads?limit=2", nil), 200, "")
	if next, _ := page.at("next").(float64); len(page.at("reads").([]any)) != 2 || next == 0 {
		t.Errorf("%s", page.raw)
	}
	by := d.want(d.as("ada", "POST", "/api/v1/reads/by", object{"who": "bo"}), 200, "")
	if len(by.at("reads").([]any)) != 2 {
		t.Errorf("%s", by.raw)
	}
	d.want(d.as("karin", "GET", path+"/reads", nil), 200, "")
	d.want(d.as("karin", "POST", "/api/v1/reads/by", object{"who": "bo"}), 403, "access.denied")
	d.want(d.as("elin", "GET", path+"/reads", nil), 403, "access.denied")
	d.want(d.as("ester", "GET", path+"/reads", nil), 404, "api.not_found")
	d.want(d.as("adam", "GET", path+"/reads", nil), 404, "api.not_found")
	// nothing writes: after enough reads nothing more is shown, or done
	for range 3000 {
		_ = d.app.LogRead(t.Context(), people[3], id, access.ViewCase)
	}
	before := d.see("elin", id).raw
	for _, r := range []reply{
		d.as("karin", "GET", path, nil), d.as("karin", "GET", path+"/events", nil), d.as("karin", "GET", path+"/feed.atom", nil), d.as("karin", "GET", path+"/attachments", nil),
		d.as("karin", "POST", path+"/commands/confirm_complete", object{}),
	} {
		if r.status != 503 || r.code() != "reads.not_logged" {
			t.Errorf("%d %s", r.status, r.raw)
		}
	}
	if after := d.see("elin", id).raw; after != before {
		t.Error("a command was carried out unseen")
	}
}

// TestFeed: RFC 4287 requires an id, a title and a time of feed and entries,
// and an author; ids never change; what has not changed is not sent again.
func TestFeed(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.until("dispatch_decision")
	path := "/api/v1/orders/" + id + "/feed.atom"
	parse := func(r reply) atomFeed {
		t.Helper()
		var f atomFeed
		if err := xml.Unmarshal([]byte(r.raw), &f); err != nil || r.status != 200 || r.header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
			t.Fatalf("%d %v %v %s", r.status, err, r.header, r.raw)
		}
		ids := map[string]bool{f.ID: true}
		if f.ID == "" || f.Title == "" || f.Author.Name == "" || len(f.Link) == 0 || f.Link[0].Rel != "self" {
			t.Errorf("%+v", f)
		}
		if _, err := time.Parse(time.RFC3339, f.Updated); err != nil {
			t.Error(err)
		}
		for _, e := range f.Entries {
			if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || ids[e.ID] || e.ID == "" || e.Title == "" || e.Author.Name == "" || e.Content.Text == "" {
				t.Errorf("%+v, %v", e, err)
			}
			ids[e.ID] = true
		}
		return f
	}
	first := d.as("elin", "GET", path, nil)
	before := parse(first)
	for _, h := range [][]string{{"If-None-Match", first.header.Get("ETag")}, {"If-Modified-Since", first.header.Get("Last-Modified")}} {
		if r := d.as("elin", "GET", path, nil, h...); r.status != 304 || r.raw != "" {
			t.Errorf("%v: %d", h, r.status)
		}
	}
	for _, h := range [][]string{{"If-None-Match", `"0-sv"`, "If-Modified-Since", first.header.Get("Last-Modified")}, {"Accept-Language", "sv", "If-None-Match", first.header.Get("ETag")}} {
		if r := d.as("elin", "GET", path, nil, h...); r.status != 200 {
			t.Errorf("%v: %d", h, r.status)
		}
	}
	d.wait(1)
	d.do("karin", id, "dispatch_decision", object{})
	second := d.as("elin", "GET", path, nil, "If-None-Match", first.header.Get("ETag"))
	after := parse(second)
	if n := len(after.Entries) - len(before.Entries); n < 2 || fmt.Sprint(after.Entries[n:]) != fmt.Sprint(before.Entries) {
		t.Errorf("%d new entries", n)
	}
	for _, secret := range []string{"karin", "petra", "bedömning", "Sjukfrånvaro"} {
		if strings.Contains(second.raw, secret) {
			t.Errorf("it tells %s", secret)
		}
	}
	if staff := parse(d.as("karin", "GET", path, nil)); len(staff.Entries) <= len(after.Entries) {
		t.Error("staff see no more than the orderer")
	}
	d.want(d.as("ester", "GET", path, nil), 404, "api.not_found")
}

// TestWebhooks: a subscription is its person's, and ends with the token.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	r := d.want(d.as("karin", "POST", "/api/v1/webhooks", object{"url": "https://x.example/hook", "types": []string{"decided"}}), 201, "")
	if r.hash("secret") == "" {
		t.Errorf("%s", r.raw)
	}
	path := "/api/v1/webhooks/" + r.hash("id")
	l := d.want(d.as("karin", "GET", "/api/v1/webhooks", nil), 200, "")
	if len(l.at("webhooks").([]any)) != 1 || strings.Contains(l.raw, "secret") {
		t.Errorf("%s", l.raw)
	}
	for _, a := range [][2]string{{"GET", "/messages"}, {"POST", "/replay"}, {"POST", "/discard"}, {"DELETE", ""}} {
		var body any
		if a[0] == "POST" {
			body = object{}
		}
		d.want(d.as("elin", a[0], path+a[1], body), 404, "api.not_found")
		if r := d.as("karin", a[0], path+a[1], body); r.status != 200 && r.status != 204 {
			t.Errorf("%s: %d %s", a[1], r.status, r.raw)
		}
	}
	if l := d.as("karin", "GET", "/api/v1/webhooks", nil); len(l.at("webhooks").([]any)) != 0 {
		t.Errorf("%s", l.raw)
	}
	d.want(d.as("karin", "POST", "/api/v1/webhooks", object{"url": "http://x.example"}), 422, "hook.address")
	d.want(d.as("adam", "POST", "/api/v1/webhooks", object{"url": "https://x.example"}), 403, "access.denied")
}

func TestWorkListOverHTTP(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	for range 5 {
		d.submit()
	}
	var got []string
	after := ""
	for range 5 {
		r := d.want(d.as("karin", "GET", "/api/v1/worklist?limit=2&after="+after, nil), 200, "")
		for _, o := range r.at("orders").([]any) {
			got = append(got, o.(object)["id"].(string)[8:])
		}
		if after = r.hash("next"); after == "" {
			break
		}
	}
	if want := []string{"00005", "00004", "00003", "00002", "00001"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for query, status := range map[string]int{"number=00003": 200, "order=due&phase=received": 200, "assigned=me": 200, "assigned=nobody": 200, "assigned=bo": 422, "order=x": 422, "after=x": 422, "after=.x": 422} {
		if r := d.as("karin", "GET", "/api/v1/worklist?"+query, nil); r.status != status {
			t.Errorf("%s: %d %s", query, r.status, r.raw)
		}
	}
	for _, who := range []string{"elin", "scb", "adam"} {
		d.want(d.as(who, "GET", "/api/v1/worklist", nil), 403, "access.denied")
	}
}

// TestOldFormIsUpgraded: reading carries a draft over; an upgrade that would
// lose an answer, or fails, is not used; what is stored stays until it is saved.
func TestOldFormIsUpgraded(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	path := "/api/v1/drafts/" + d.draft(object{"title": "T", "old": "svar"})
	d.app.Form = 2
	move := `{"form": 2, "title": "T", "project": {"questions": "svar"}}`
	lose := `{"form": 2, "title": "T"}`
	for _, tt := range []struct {
		to   string
		err  error
		form float64
	}{{move, nil, 2}, {lose, nil, 1}, {"{", nil, 1}, {move, errors.New("x"), 1}} {
		d.app.Upgrade = func(json.RawMessage, int) (json.RawMessage, []intake.Moved, error) {
			return json.RawMessage(tt.to), []intake.Moved{{How: intake.MoveRenamed, To: []string{"project.questions"}, Texts: catalog.Text{SV: "flyttad", EN: "moved"}}}, tt.err
		}
		r := d.want(d.as("elin", "GET", path, nil), 200, "")
		if r.at("form") != tt.form || !strings.Contains(r.raw, "svar") || len(r.at("notes").([]any)) != 1 {
			t.Errorf("%s: %s", tt.to, r.raw)
		}
	}
}

// TestUntouchedDraftsGo: after thirty days, documents and all.
func TestUntouchedDraftsGo(t *testing.T) {
	t.Parallel()
	d, dir := full(t)
	path := "/api/v1/drafts/" + d.draft(object{})
	d.want(d.attach("elin", path, "a.txt", "utkastets"), 201, "")
	d.wait(30)
	if n, err := d.app.PurgeDrafts(t.Context()); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	d.wait(1)
	if n, err := d.app.PurgeDrafts(t.Context()); err != nil || n != 1 || files(t, dir, "utkastets") != 0 {
		t.Errorf("%d, %v", n, err)
	}
	d.want(d.as("elin", "GET", path, nil), 404, "api.not_found")
}
