package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// AsSeen is the case as far as the events that somebody in the role sees tell
// it: what clocks and forecasts are read in for those outside, so that no date
// tells of a decision that has not been dispatched.
func AsSeen(role order.Role, rel access.Relation, entries []order.Entry, s order.State) order.State {
	if !access.Outside(role) {
		return s
	}
	var seen []order.Entry
	for _, v := range access.Read(role, rel, entries, s) {
		seen = append(seen, v.Entry)
	}
	return order.Fold(s.ID, seen)
}

// ClocksOn returns every clock of the case as it stands on a day.
func (a *App) ClocksOn(s order.State, on day.Day) []clock.Reading {
	return order.Clocks(s, a.House(), on)
}

// LeftOn returns the working days that a clock has left on a day.
func (a *App) LeftOn(r clock.Reading, on day.Day) int {
	return r.LeftWorkingDays(a.House().Calendar, on)
}

// Version is one version of an application that has been handed in or agreed.
type Version struct {
	N           int // 1 = the first
	On          day.Day
	Kind        string // submitted, supplemented or data_agreed
	Application intake.Application
}

// Versions are the versions of the application of a case, oldest first.
func Versions(entries []order.Entry) []Version {
	var out []Version
	s := order.State{}
	for _, e := range entries {
		s = order.Apply(s, e)
		switch e.Event.(type) {
		case *order.Submitted, *order.Supplemented, *order.DataAgreed:
			out = append(out, Version{len(out) + 1, s.LastItemOn, e.Event.Type(), s.Application})
		}
	}
	return out
}

// DraftQuotes are the draft quotes of a case, oldest first.
func DraftQuotes(entries []order.Entry) []quote.Quote {
	var out []quote.Quote
	for _, e := range entries {
		if ev, ok := e.Event.(*order.QuoteDrafted); ok {
			out = append(out, ev.Quote)
		}
	}
	return out
}

// Pair picks two of n versions: from and to count from 1, 0 is the last but one
// and the last.
func Pair(n, from, to int) (i, j int, err error) {
	if to == 0 {
		to = n
	}
	if from == 0 {
		from = max(1, to-1)
	}
	if from < 1 || to < 1 || from > n || to > n {
		return 0, 0, fault.New("differences.version", fmt.Sprintf("Det finns %d versioner.", n), fmt.Sprintf("There are %d versions.", n)).
			Do("Ange from och to bland dem.", "Give from and to among them.")
	}
	return from - 1, to - 1, nil
}

// Worksheet is the confidentiality review as it stands.
type Worksheet struct {
	Scope     plan.Scope
	Questions []review.Question
	Answers   []review.Answer
	Problems  []review.Problem
	Proposed  []review.Proposal
	Similar   []review.Hit
}

// similarHits is how many earlier decisions stand beside a worksheet.
const similarHits = 10

// Review is the worksheet of a case, with answers given but not recorded (nil =
// those recorded) and the scope that they are to lead to (nil = the one
// recorded, before that what is asked for), and earlier decisions to compare
// with, of cases that the person may know of.
func (a *App) Review(ctx context.Context, p access.Person, s order.State, answers []review.Answer, scope *plan.Scope, withdrawn []string) (Worksheet, error) {
	w := Worksheet{Scope: s.Wished(), Answers: answers}
	if s.Proposed != nil {
		w.Scope = *s.Proposed
	}
	if scope != nil {
		w.Scope = *scope
	}
	if answers == nil {
		w.Answers = s.Worksheet
	}
	subject := s.Subject(a.Catalogue, nil)
	w.Questions = review.Questions(subject, w.Scope, a.Catalogue)
	w.Problems = review.Problems(subject, w.Scope, a.Catalogue, w.Answers)
	w.Proposed = review.Propose(subject, w.Scope.Rows, a.Catalogue, w.Answers, withdrawn)
	var err error
	w.Similar, err = a.similar(ctx, p, CompareOf(s, a.Catalogue))
	return w, err
}

// similar compares a case with every earlier decision that the person may know
// of. Which decisions there are is at most ten minutes old ([App.decisions]);
// what the person may know of, and the decisions that are shown, are read now.
func (a *App) similar(ctx context.Context, p access.Person, of review.Decided) ([]review.Hit, error) {
	past, err := a.decisions(ctx)
	if err != nil || len(past) == 0 {
		return nil, err
	}
	for n := 4 * similarHits; ; n *= 8 {
		alike := review.Similar(past, of, n)
		ids := make([]string, 0, len(alike))
		for _, h := range alike {
			ids = append(ids, h.Order)
		}
		var known []review.Decided
		err := a.Digests.SomeDigests(ctx, PartDecided, ids, viewer(p), func(id, text string) error {
			var d review.Decided
			if err := json.Unmarshal([]byte(text), &d); err != nil {
				return fmt.Errorf("decision of %s: %w", id, err)
			}
			known = append(known, d)
			return nil
		})
		if err != nil || len(known) >= similarHits || len(alike) < n || n > mostAlike {
			return review.Similar(known, of, similarHits), err
		}
	}
}

// mostAlike bounds how many decisions are looked through when the person may
// know of few of those most alike.
const mostAlike = 2000

// Estimate says how many hours a case like this has taken, and why so. The
// experience that it rests on is at most ten minutes old.
func (a *App) Estimate(ctx context.Context, s order.State) (quote.Interval, error) {
	all, _, err := a.learn(ctx)
	if err != nil {
		return quote.Interval{}, err
	}
	f := FeaturesOf(s, a.Catalogue)
	var past []quote.Past
	for _, x := range all {
		if x.Features.Purpose == f.Purpose && x.id != s.ID {
			past = append(past, x.Past)
		}
	}
	return quote.Estimate(past, f), nil
}

// Expected answers when the data of a case can be expected, and why then. The
// lead times that have been measured hold the time in the queue.
func (a *App) Expected(ctx context.Context, s order.State) (clock.Range, error) {
	_, leads, err := a.learn(ctx)
	return a.House().Book().Promise(order.ClockCase(s, a.House(), a.today()), leads[string(s.Application.Purpose)], 0, 0), err
}

// Hours compares the hours logged on a case with those quoted and approved, and
// lists the log.
func Hours(entries []order.Entry, s order.State) (used []quote.Usage, log []quote.Logged) {
	for _, e := range entries {
		if ev, ok := e.Event.(*order.HoursLogged); ok {
			log = append(log, quote.Logged{Day: ev.On, Kind: ev.Kind, Centis: ev.Centis, Note: ev.Note})
		}
	}
	if q := s.Quote; q != nil {
		return quote.Used(*q, s.Amendments(), log), log
	}
	if q := s.Draft; q != nil {
		return quote.Used(*q, nil, log), log
	}
	return quote.Used(quote.Quote{}, nil, log), log
}

// Orderable is the answer to "can this be ordered yet?".
type Orderable struct {
	Register string
	Names    catalog.Text
	Year     int
	Known    bool    // the register has a coverage limit
	Until    day.Day // last day that can be ordered today
	From     day.Day // first day on which the whole year can be
	Answer   catalog.Text
}

// OrderableYear answers whether a year of a register can be ordered today.
func (a *App) OrderableYear(ctx context.Context, register string, year int) (Orderable, error) {
	r := a.Catalogue.Register(register)
	if r == nil || year < 1955 || year > 2200 {
		var ids []string
		for _, x := range a.Catalogue.Registers {
			ids = append(ids, x.ID)
		}
		return Orderable{}, fault.New("advice.register", "Det finns inget sådant register eller år.", "There is no such register or year.").
			Do(fmt.Sprintf("Ange ett år från 1955 och ett av registren %v.", ids), fmt.Sprintf("Give a year from 1955 and one of the registers %v.", ids))
	}
	measured, err := a.measured(ctx)
	if err != nil {
		return Orderable{}, err
	}
	last := day.FirstOfMonth(day.MustParse(fmt.Sprintf("%04d-12-01", year)).Month()+1) - 1
	out := Orderable{Register: r.ID, Names: r.Names, Year: year, Answer: measured.Answer(r, last, a.today())}
	reach := measured.Of(r, a.today())
	out.Until, out.Known = reach.Until, reach.Limited
	out.From, _ = intake.OrderableFrom(r, last)
	return out, nil
}

// Supported searches the text of an ethics document for what an application
// needs support for. Nothing of either is kept.
func (a *App) Supported(ctx context.Context, app intake.Application, file []byte) ([]intake.Finding, error) {
	if a.Pages == nil {
		return nil, ErrNotFound
	}
	if err := a.Scan(ctx, file); err != nil {
		return nil, err
	}
	pages, err := a.Pages(ctx, file)
	if err != nil {
		return nil, err
	}
	found := intake.Search(app, pages, a.Catalogue)
	return slices.Clip(found), nil
}
