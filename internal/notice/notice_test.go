package notice_test

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/intake"
	"sluss/internal/lix"
	"sluss/internal/notice"
	"sluss/internal/order"
	"sluss/internal/swede"
)

func state() order.State {
	return order.State{
		ID: "FK-2026-00017",
		Application: intake.Application{
			Title: "Hemlig rubrik", Orderer: intake.Person{Name: "Elin Berg", Email: "elin@u.example"},
			Principal: intake.Principal{Name: "Ett universitet", Representative: intake.Person{Name: "Ragnhild", Email: "ragnhild@u.example"}},
		},
		Call:      &order.Call{Supplier: order.Supplier{Email: "mikrodata@scb.example"}},
		Questions: []order.Question{{ID: 1, Outside: true}, {ID: 2}},
	}
}

func told(s order.State, ev order.Event, officer ...string) string {
	var out []string
	for _, n := range notice.Of(s, order.Entry{Event: ev}, strings.Join(officer, "")) {
		out = append(out, n.Address+" "+n.Lang)
	}
	return strings.Join(out, "; ")
}

// TestWhoIsTold: each event reaches whom it concerns, and nobody else.
func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	const orderer, representative = "elin@u.example sv", "ragnhild@u.example sv"
	for _, tt := range []struct {
		ev   order.Event
		want string
	}{
		{&order.Acknowledged{}, orderer},
		{&order.DecisionDispatched{}, representative + "; " + orderer},
		{&order.Decided{}, ""},
		{&order.Reviewed{}, ""},
		{&order.NoteWritten{}, ""},
		{&order.PopulationCalled{}, "mikrodata@scb.example sv"},
		{&order.PopulationChecked{Accepted: true}, ""},
		{&order.PopulationChecked{}, "mikrodata@scb.example sv"},
		{&order.QuestionAsked{ID: 1}, ""},
		{&order.QuestionAnswered{ID: 1}, orderer},
		{&order.QuestionAsked{ID: 2}, orderer},
		{&order.QuestionAnswered{ID: 2}, ""},
		{&order.ClockWarned{Clock: "delivery"}, ""},
		{&order.ClockWarned{Clock: "purge"}, orderer},
	} {
		if got := told(state(), tt.ev); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.ev.Type(), got, tt.want)
		}
	}
	s := state()
	s.Application.Principal.Country, s.Application.Principal.Representative.Email = "NO", "ELIN@u.example"
	if got := told(s, &order.DecisionDispatched{}); got != "ELIN@u.example en" {
		t.Errorf("%q", got)
	}
	s.Application.Orderer.Email = ""
	if got := told(s, &order.Acknowledged{}); got != "" {
		t.Errorf("%q", got)
	}
}

// TestOfficerHearsOfIncidents: the data protection officer is told of incidents
// and of nothing else, in Swedish, in words of their own; where none is named,
// nobody is.
func TestOfficerHearsOfIncidents(t *testing.T) {
	t.Parallel()
	const orderer, officer = "elin@u.example en", "dso@myndigheten.example"
	s := state()
	s.Application.Principal.Country, s.Application.Principal.Representative.Email = "NO", ""
	for _, tt := range []struct {
		ev   order.Event
		want string
	}{
		{&order.DeliveryRecalled{}, orderer + "; " + officer + " sv"},
		{&order.RecallAnswered{}, officer + " sv"},
		{&order.IncidentSettled{}, orderer + "; " + officer + " sv"},
		{&order.Delivered{}, orderer},
		{&order.Acknowledged{}, orderer},
	} {
		if got := told(s, tt.ev, officer); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.ev.Type(), got, tt.want)
		}
	}
	if got := told(s, &order.RecallAnswered{}); got != "" {
		t.Errorf("no officer is named, and %q hears", got)
	}
	body := func(to notice.Audience) string {
		p := []notice.Piece{{Case: s.ID, Event: "delivery_recalled", Audience: to}}
		return notice.Body(nil, "Myndigheten", "sv", notice.Link("https://s", "sv", p), p, false)
	}
	if text := body(notice.Officer); !strings.Contains(text, "72 timmar") || strings.Contains(text, "Öppna den inte") {
		t.Error(text)
	}
	if text := body(notice.Orderer); strings.Contains(text, "72 timmar") || !strings.Contains(text, "Öppna den inte") {
		t.Error(text)
	}
}

// TestTable: every row names an event that there is, says something in both
// languages that is easy to read, and letters go to the representative only.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, l := range notice.Table {
		if !slices.Contains(order.EventTypes(), l.Event) || len(l.To) == 0 || l.Text.SV == "" || l.Text.EN == "" || l.Text.SV == l.Text.EN {
			t.Errorf("%+v", l)
		}
		if len(l.Letters) > 0 && (l.To[0] != notice.Representative || l.Digest) {
			t.Errorf("%s has letters", l.Event)
		}
	}
}

// TestPromise14MailNamesNobody: subject and body of every notice hold the
// number of the case, the sentence and one link: no name, title, address or
// identity number, in a text that is easy to read.
func TestPromise14MailNamesNobody(t *testing.T) {
	t.Parallel()
	for _, l := range notice.Table {
		for _, lang := range []string{"sv", "en"} {
			pieces := []notice.Piece{{Case: "FK-2026-00017", Event: l.Event, Audience: l.To[0], Page: l.Page}}
			text := notice.Subject(nil, "Myndigheten", lang, pieces) + "\n" + notice.Body(nil, "Myndigheten", lang, notice.Link("https://sluss.example.se", lang, pieces), pieces, true)
			s := state()
			for _, secret := range []string{s.Application.Title, s.Application.Orderer.Name, s.Application.Principal.Name, "@"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s tells %q", l.Event, secret)
				}
			}
			if strings.Count(text, "https://") != 1 || !strings.Contains(text, l.Text.In(lang)) || swede.Contains(text) || lix.Of(text).LIX() > lix.Orderer {
				t.Errorf("%s in %s (LIX %.0f):\n%s", l.Event, lang, lix.Of(text).LIX(), text)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	a, b := notice.Piece{Case: "FK-2026-00001", Event: "purged"}, notice.Piece{Case: "FK-2026-00002", Event: "delivered", Page: "parcel"}
	for want, pieces := range map[string][]notice.Piece{
		"https://s/cases/FK-2026-00001": {a}, "https://s/cases/FK-2026-00002/parcel": {b}, "https://s/cases/FK-2026-00002": {b, b}, "https://s/cases": {a, b},
	} {
		if got := notice.Link("https://s/", "sv", pieces); got != want+"?lang=sv" {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := notice.Link("https://s", "en", []notice.Piece{a}); got != "https://s/cases/FK-2026-00001?lang=en" {
		t.Errorf("%s", got)
	}
	if got := notice.Subject(nil, "M", "en", []notice.Piece{a, b}); got != "M: news in your cases" {
		t.Errorf("%s", got)
	}
}
