//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"sluss/internal/access"
	"sluss/internal/api"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// eventsEach is how many events a case begins with.
const eventsEach = 24

// seeded is what the driver needs to know of the cases.
type seeded struct {
	IDs    []string
	Tokens map[string]string // by who
}

// seedOnce stores the cases, or takes those that were kept the last time.
func seedOnce(ctx context.Context, p place, cases int) (made seeded, err error) {
	if p.kept == "" {
		return seed(ctx, p, cases)
	}
	if b, err := os.ReadFile(p.kept); err == nil {
		err = json.Unmarshal(b, &made)
		if err == nil && len(made.IDs) != cases {
			err = fmt.Errorf("%s holds %d cases: ask for as many, or for another folder", p.kept, len(made.IDs))
		}
		return made, err
	}
	if made, err = seed(ctx, p, cases); err != nil {
		return made, err
	}
	b, err := json.Marshal(made)
	if err != nil {
		return made, err
	}
	return made, os.WriteFile(p.kept, b, 0o600)
}

func handlerID(n int) string { return fmt.Sprintf("handler-%03d", n%handlers) }

const ordererID = "orderer"

// seed stores the cases and makes tokens.
func seed(ctx context.Context, p place, cases int) (seeded, error) {
	first, _, err := p.start(ctx) // makes key and schema
	if err != nil {
		return seeded{}, err
	}
	if err := first.stop(); err != nil {
		return seeded{}, err
	}
	db, err := p.open(ctx)
	if err != nil {
		return seeded{}, err
	}
	defer db.Close()
	out := seeded{Tokens: map[string]string{}}
	people := []access.Person{{ID: ordererID, Role: order.RoleOrderer, Email: "orderer@bench.example"}}
	for n := range handlers {
		people = append(people, access.Person{ID: handlerID(n), Role: order.RoleHandler})
	}
	for _, who := range people {
		secret := rand.Text()
		t := app.Token{ID: rand.Text(), Person: who, Scopes: api.Scopes, Created: time.Now(), Expires: time.Now().Add(30 * 24 * time.Hour)}
		if err := db.PutToken(ctx, canon.Sum([]byte(secret)), t); err != nil {
			return out, err
		}
		out.Tokens[who.ID] = secret
	}
	for n := range cases {
		number, err := db.NextNumber(ctx, time.Now().Year())
		if err != nil {
			return out, err
		}
		id := fmt.Sprintf("FK-%d-%05d", time.Now().Year(), number)
		entries, sum, err := oneCase(id, n)
		if err != nil {
			return out, err
		}
		if err := db.Append(ctx, id, entries, sum, nil); err != nil {
			return out, err
		}
		out.IDs = append(out.IDs, id)
	}
	private, _, err := p.key()
	if err != nil {
		return out, err
	}
	return out, p.sequence(ctx, db, private)
}

// oneCase is a case whose draft quote has gone back and forth and waits for an
// answer, as the rules make it.
func oneCase(id string, n int) ([]order.Entry, app.Summary, error) {
	s := order.State{ID: id}
	now := time.Now().Add(-time.Minute)
	var entries []order.Entry
	give := func(who string, role order.Role, cmd order.Command) error {
		by := order.Actor{ID: who, Role: role}
		events, err := order.Decide(s, cmd, order.Context{At: now, By: by, Authority: authority, Catalogue: catalogue})
		for _, ev := range events {
			now = now.Add(time.Millisecond)
			e := order.Entry{Version: s.Version + 1, At: now.UTC().Truncate(time.Millisecond), By: by, Event: ev}
			entries, s = append(entries, e), order.Apply(s, e)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", cmd.Name(), err)
		}
		return nil
	}
	h := handlerID(n)
	err := errors.Join(
		give(ordererID, order.RoleOrderer, order.Submit{Application: application(n)}),
		give(h, order.RoleHandler, order.Acknowledge{}),
		give(h, order.RoleHandler, order.Assign{Role: order.RoleHandler, To: h, Why: "queue"}),
		give(h, order.RoleHandler, order.RequestSupplement{Parts: []string{"title"}, Text: "Förtydliga gärna titeln.", DueDays: 10}),
		give(ordererID, order.RoleOrderer, order.AnswerSupplement{Application: application(n)}),
		give(h, order.RoleHandler, order.ConfirmComplete{}),
		give(h, order.RoleHandler, order.DraftQuote{Terms: terms}),
	)
	for err == nil && len(entries) < eventsEach-1 {
		err = errors.Join(give(ordererID, order.RoleOrderer, order.ReturnDraft{Text: "Kan det bli färre timmar?"}), give(h, order.RoleHandler, order.DraftQuote{Terms: terms}))
	}
	for err == nil && len(entries) < eventsEach {
		err = give(h, order.RoleHandler, order.WriteNote{Text: "Ringde och förklarade."})
	}
	sum := app.Summary{
		ID: id, Title: s.Application.Title, Principal: s.Application.Principal.Name, Purpose: string(s.Application.Purpose), Phase: s.Phase(), Version: s.Version, Changed: now, AssignedTo: h,
		Digest: app.DigestOf(s, authority, catalogue, swede.CivilDay(now)), HasDigest: true,
	}
	if due := order.NextDue(s, authority, swede.CivilDay(now)); due != 0 {
		sum.NextDue = due.String()
	}
	if err == nil && len(entries) != eventsEach {
		err = fmt.Errorf("a case of %d events", len(entries))
	}
	return entries, sum, err
}

var (
	authority = config.Authority()
	catalogue = catalog.Builtin()
	today     = swede.CivilDay(time.Now())
	terms     = quote.Terms{
		Form: quote.FormFixed, Hours: []quote.Hours{{Kind: quote.Review, Centis: 800}, {Kind: quote.Extraction, Centis: 1600}}, VAT: quote.VATStandard, VATReason: "tjänst", ValidTo: today + 200,
	}
)

// application is a complete one from a university, about 2 kB of JSON.
func application(n int) intake.Application {
	yes := true
	return intake.Application{
		Purpose: intake.Research, Title: fmt.Sprintf("Sjukfrånvaro och återgång i arbete, delstudie %d", n), Sensitive: &yes,
		Principal: intake.Principal{Name: "Sjölunda universitet", OrgNo: "202100-5489", Kind: intake.PrincipalAuthority, Representative: intake.Person{Name: "R", Email: "representative@bench.example"}},
		Orderer:   intake.Person{Name: "E", Email: "orderer@bench.example"},
		Project:   intake.Project{Questions: "Hur hänger återgång i arbete samman med ersättningens längd?", Start: today, End: today + 900, Deliveries: 1},
		Ethics: intake.Ethics{
			Approvals: []intake.Approval{{Kind: intake.ApprovalFirst, Number: "2026-01234-01", Decided: today - 90, Application: "ansokan", Decision: "beslut", Signed: true}},
			Coverage:  []intake.Coverage{{Item: intake.CoverPopulation, Met: true}, {Item: "benefit:SJP", Met: true}, {Item: intake.CoverDiagnosis, Met: true}},
		},
		Population: intake.Population{Source: "file", Holder: "SCB", Definition: "Alla 20–64 år i tre län", Size: 10_000, Ready: &intake.Attestation{On: today - 9, By: "SCB"}},
		Data:       []intake.Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, From: day.MustParse("2020-01-01"), To: day.MustParse("2024-12-31"), Need: "Sjukfall", Table: "midas_sjp", Variables: []string{"from_datum", "diagnos"}}},
		Delivery:   intake.Delivery{Formats: []string{"csv"}},
		Invoice:    intake.InvoiceTo{Reference: "SU-1"},
		Attachments: []intake.Attachment{
			{ID: "ansokan", Kind: intake.AttachEthicsApplication, Name: "Etikansökan"}, {ID: "beslut", Kind: intake.AttachEthicsDecision, Name: "Etikbeslut"},
		},
	}
}
