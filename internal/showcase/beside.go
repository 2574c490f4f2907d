package showcase

import (
	"context"
	"fmt"
	"slices"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/order"
)

// beside puts in what is no case: drafts, letters that wait, an absence.
func (s *stage) beside(ctx context.Context) error {
	s.set(s.last, evening+90)
	for _, part := range []func(context.Context) error{s.drafts, s.letters, s.absence} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("showcase: %w", err)
		}
	}
	return nil
}

// drafts are applications that nobody has handed in.
func (s *stage) drafts(ctx context.Context) error {
	begun := intake.Application{Form: 2, Purpose: intake.Research, Title: "Öron-, näs- och halssjukdomar hos lärare"}
	shared := s.research(0, Orderer, "Sjukfrånvaro och klimat: värmeböljor, köldknäppar och föräldraledighet i norra Sverige %s", sickPay, parental)
	shared.Ethics.Coverage, shared.Invoice = nil, intake.InvoiceTo{}
	for _, d := range []struct {
		who    string
		what   intake.Application
		shows  Situation
		invite string
	}{
		{OtherOrderer, begun, DraftBegun, ""},
		{Orderer, shared, DraftShared, persona(CoApplicant).Email},
		{Orderer, s.research(0, Orderer, "Närståendepenning i livets slutskede", sickPay), DraftComplete, ""},
		{StatsOrderer, s.statistics(0, "Föräldrapenning per kommun och kön", "", parental), DraftStatistics, ""},
	} {
		t := &tale{stage: s, papers: documents(d.what)}
		p := as(d.who, order.RoleOrderer)
		id, _, err := t.draft(ctx, p, d.what)
		if err != nil {
			return err
		}
		if d.invite != "" {
			if _, err := s.app.Invite(ctx, p, id, d.invite); err != nil {
				return err
			}
		}
		s.cases[d.shows] = id
	}
	return nil
}

// letters wait in the registrar's list.
func (s *stage) letters(ctx context.Context) error {
	numbered := s.tales[slices.IndexFunc(s.tales, func(t *tale) bool { return slices.Contains(t.shows, WaitingForOrderer) })]
	for _, l := range []struct {
		channel, sender, subject, text string
		shows                          Situation
	}{
		{order.ChannelMail, persona(Orderer).Email, "Svar på komplettering i " + numbered.id, "Kontrollerna väljs per kön, ålder och län, tre per fall.", LetterMatching},
		{order.ChannelMail, "handelser@nyhetsredaktionen.example", "Begäran om allmän handling", "Jag begär att få ta del av besluten om utlämnande till lärosäten under förra året.", LetterNew},
		{order.ChannelPost, "Norrstrands högskola, registrator", "Undertecknat biträdesavtal", "Personuppgiftsbiträdesavtal mellan Norrstrands högskola och Datorhallen i Älvdalen AB.", ""},
		{order.ChannelMail, persona(OtherPrincipal).Email, "Ny kontaktperson från årsskiftet", "Från årsskiftet företräds huvudmannen av förvaltningschefen.", ""},
		{order.ChannelPost, "Sjölunda universitet, Institutionen för folkhälsa och epidemiologi", "Ansökan om individdata, undertecknad på papper", "Vi ansöker om uppgifter om sjukpenning för en uppföljning av en tidigare studie.", ""},
		{order.ChannelMail, "ekonomi@ith.example", "Fråga om faktura", "Vilken referens ska stå på fakturan?", ""},
	} {
		got, err := s.letter(ctx, l.channel, l.sender, l.subject, l.text)
		if err != nil {
			return err
		}
		if l.shows != "" {
			s.cases[l.shows] = got.ID
		}
	}
	return nil
}

// absence: one of the handlers is away from today, with a substitute.
func (s *stage) absence(ctx context.Context) error {
	_, err := s.app.SetAbsence(ctx, as(Administrator, access.RoleAdministrator), app.Absence{Person: OtherHandler, First: s.Now, Last: s.Now + 9, Substitute: Handler})
	return err
}
