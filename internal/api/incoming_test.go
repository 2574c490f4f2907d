package api

import (
	"fmt"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
)

func mailFacts(subject string) object {
	return object{"channel": "mail", "arrived": "2026-11-01", "sender": "Elin@u.example", "subject": subject}
}

// letter puts a letter in and returns its id.
func (d *desk) letter(subject, content string) string {
	d.t.Helper()
	return d.want(d.form("rut", "/api/v1/incoming", "facts", mailFacts(subject), "original", "brev.txt", []byte(content)), 201, "").hash("id")
}

func (d *desk) matches(id string) (out []string) {
	d.t.Helper()
	for _, m := range d.want(d.as("rut", "GET", "/api/v1/incoming/"+id, nil), 200, "").list("matches") {
		out = append(out, fmt.Sprint(m.(object)["case"], " ", m.(object)["points"], " ", len(m.(object)["reasons"].([]any))))
	}
	return out
}

// TestLettersFindTheirCase: number, ethics approval, title and sender each point
// at cases, best first; what the registrar must not know of is not suggested.
func TestLettersFindTheirCase(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	a := application()
	a.Title, a.Orderer.Email, a.Ethics.Approvals[0].Number = "Vård av barn i norr", "other@u.example", "2025-01234-01"
	other := d.want(d.as("ester", "POST", "/api/v1/orders", object{"application": a}), 201, "").hash("id")
	id := d.submit()
	for subject, want := range map[string]string{
		"Re: " + id:                                    "[" + id + " 140 2]",
		"Ang. ärende " + other:                         "[" + other + " 100 1 " + id + " 40 1]",
		"Komplettering dnr 2025-01234-01":              "[" + other + " 60 1 " + id + " 40 1]",
		"SV: Fråga om vård av BARN i norr, bilaga":     "[" + other + " 50 1 " + id + " 40 1]",
		"vård av barn i norr (2025-01234-01) " + other: "[" + other + " 210 3 " + id + " 40 1]",
		"Hej": "[" + id + " 40 1]",
		"FK-2026-99999 och XFK-2026-00001 och barn norr": "[" + id + " 40 1]",
	} {
		if got := fmt.Sprint(d.matches(d.letter(subject, "text"))); got != want {
			t.Errorf("%s: %s, want %s", subject, got, want)
		}
	}
	d.do("karin", other, "declare_conflict", object{"person": "rut", "ground": "granne"})
	l := d.letter(other, "text")
	if got := d.matches(l); len(got) != 1 || !strings.HasPrefix(got[0], id) {
		t.Errorf("%v", got)
	}
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"case": other}), 404, "api.not_found")
	if r := d.as("rut", "GET", "/api/v1/incoming", nil); !strings.Contains(r.raw, l) {
		t.Error("a letter that could not be registered does not wait any more")
	}
}

// TestLettersAreSettledOnce: registered to a case, opened as one, or returned;
// each once, with the day it arrived as day 0, and by the registrar alone.
func TestLettersAreSettledOnce(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.submit()
	l := d.letter("x", "Kära myndighet")
	if r := d.as("rut", "GET", "/api/v1/incoming/"+l+"/original", nil); r.status != 200 || r.raw != "Kära myndighet" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"case": id, "enquiry": object{"topic": "other", "text": "?"}}), 422, "incoming.to")
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"case": id, "kind": "question", "secrecy": "OSL 24:8"}), 200, "")
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"case": id}), 409, "api.conflict")
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/return", object{"reason": "r"}), 409, "api.conflict")
	s, err := d.app.State(t.Context(), id)
	if err != nil || len(s.Documents) != 1 || s.Documents[0].On != day.MustParse("2026-11-01") || s.Documents[0].Secrecy != "OSL 24:8" || s.Documents[0].Party != "Elin@u.example" {
		t.Fatalf("%+v, %v", s.Documents, err)
	}
	if r := d.as("rut", "GET", "/api/v1/orders/"+id+"/documents/2", nil); r.raw != "Kära myndighet" {
		t.Errorf("%d %s", r.status, r.raw)
	}

	l = d.letter("x", "Ansökan på papper")
	bad := application()
	bad.Data = nil
	opened := d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"application": bad}), 200, "") // completeness is tested by itself
	s, err = d.app.State(t.Context(), opened.hash("case"))
	if err != nil || s.ReceivedOn != day.MustParse("2026-11-01") || len(s.Documents) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	l = d.letter("x", "En fråga")
	q := d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"enquiry": object{"topic": "other", "text": "?", "email": "a@x.example"}}), 200, "")
	if s, err = d.app.State(t.Context(), q.hash("case")); err != nil || s.Phase() != order.PhaseEnquiry {
		t.Errorf("%s, %v", s.Phase(), err)
	}
	l = d.letter("x", "Fel myndighet")
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/return", object{"reason": ""}), 422, "incoming.reason")
	d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/return", object{"reason": "fel mottagare"}), 200, "")
	if r := d.as("rut", "GET", "/api/v1/incoming?state=registered", nil); len(r.list("letters")) != 3 {
		t.Errorf("%s", r.raw)
	}
	for _, p := range append(people[:len(people):len(people)], strangers...) {
		if p.Role == order.RoleRegistrar {
			continue
		}
		for method, path := range map[string]string{"GET": "/api/v1/incoming", "get": "/api/v1/incoming/" + l, "Get": "/api/v1/incoming/" + l + "/original"} {
			if r := d.as(p.ID, strings.ToUpper(method), path, nil); r.status != 403 {
				t.Errorf("%s %s: %d %s", p.ID, path, r.status, r.raw)
			}
		}
		if r := d.form(p.ID, "/api/v1/incoming", "facts", mailFacts("x"), "original", "a.txt", []byte("x")); r.status != 403 {
			t.Errorf("%s puts in: %d %s", p.ID, r.status, r.raw)
		}
		if r := d.as(p.ID, "POST", "/api/v1/incoming/"+l+"/return", object{"reason": "r"}); r.status != 403 {
			t.Errorf("%s returns: %d %s", p.ID, r.status, r.raw)
		}
	}
	d.want(d.as("rut", "GET", "/api/v1/incoming/P-NONE", nil), 404, "api.not_found")
	for what, f := range map[string]object{"future": {"channel": "mail", "arrived": "2026-12-01", "sender": "a"}, "channel": {"channel": "fax", "arrived": "2026-11-01", "sender": "a"}, "sender": {"channel": "post", "arrived": "2026-11-01"}, "field": {"x": 1}} {
		if r := d.form("rut", "/api/v1/incoming", "facts", f, "original", "a.txt", []byte("x")); r.status != 422 {
			t.Errorf("%s: %d %s", what, r.status, r.raw)
		}
	}
}

// numbers is a list of persons.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%012d\n", swede.Make(day.MustParse("1980-01-01")+day.Day(i), 10+i, false, swede.Real).Reveal())
	}
	return b.String()
}

// TestListOfPersonsByMail: a list of persons, also one packed within a mail, is
// sealed away at once: nobody at the counter reads it, and it can only be
// returned.
func TestListOfPersonsByMail(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.submit()
	eml := "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nHej\r\n--B\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=lista.csv\r\n\r\n" + numbers(9) + "\r\n--B--\r\n"
	for name, content := range map[string]string{"lista.txt": numbers(6), "mejl.eml": eml} {
		r := d.want(d.form("rut", "/api/v1/incoming", "facts", mailFacts("lista 198001010017"), "original", name, []byte(content)), 201, "")
		if r.at("sealed_away") != true || strings.Contains(r.raw, "198001") || strings.Contains(r.raw, "lista") {
			t.Errorf("%s: %s", name, r.raw)
		}
		l := r.hash("id")
		d.want(d.as("rut", "GET", "/api/v1/incoming/"+l+"/original", nil), 404, "api.not_found")
		d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/register", object{"case": id}), 409, "incoming.sealed")
		d.want(d.as("rut", "POST", "/api/v1/incoming/"+l+"/return", object{"reason": "persondata"}), 200, "")
		letter, err := d.db.Letter(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.app.Blobs.Get(t.Context(), letter.Blob); err == nil {
			t.Errorf("%s: what was returned is still here", name)
		}
	}
	few := "From: a@x.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVqIQ==\r\n"
	if r := d.form("rut", "/api/v1/incoming", "facts", mailFacts("x"), "original", "m.eml", []byte(few)); r.status != 201 || r.at("type") != "message/rfc822" || r.at("sealed_away") != nil {
		t.Errorf("%d %s", r.status, r.raw)
	}
	broken := "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\nPK\x03\x04xx\r\n--B--\r\n"
	if r := d.form("rut", "/api/v1/incoming", "facts", mailFacts("x"), "original", "m.eml", []byte(broken)); r.status != 422 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if d.logged.Len() > 0 {
		t.Errorf("logged %s", d.logged)
	}
}
