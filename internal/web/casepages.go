package web

import (
	"errors"
	"net/http"
	"slices"

	"sluss/internal/app"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/turn"
	"sluss/internal/web/canal"
)

// reader is in which role the pages are read, as long as there is no login:
// that of a case handler.
const reader = order.RoleHandler

// column is a heap of cases on the board.
type column struct {
	Name  string
	Cases []card
}

// card is a case on the board and in the list.
type card struct {
	ID, Title, Principal, Phase string
	Due                         string // as it is written on the card
	DueISO                      string
	Late, Soon, Ended           bool
}

type listBody struct {
	Open, Late, Soon int
	Columns          []column
	All              []card
}

// columns of the board: phases that wait for the same.
var columns = []struct {
	sv, en string
	phases []order.Phase
}{
	{"Nya", "New", []order.Phase{order.PhaseEnquiry, order.PhaseReceived, order.PhaseComplete}},
	{"Hos beställaren", "With the orderer", []order.Phase{order.PhaseSupplement, order.PhaseDraft, order.PhaseDecided, order.PhasePopulation}},
	{"Prövning", "Review", []order.Phase{order.PhaseReview, order.PhaseDecision}},
	{"Uttag", "Extraction", []order.Phase{order.PhaseExtraction, order.PhaseRelease}},
	{"Levererat", "Delivered", []order.Phase{order.PhaseDelivered, order.PhasePurge}},
}

func (s *site) list(w http.ResponseWriter, r *http.Request) {
	lang := language(r)
	sums, err := s.Cases.List(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	today := swede.CivilDay(s.Clock())
	var b listBody
	for _, c := range columns {
		b.Columns = append(b.Columns, column{Name: pick(lang, c.sv, c.en)})
	}
	for _, sum := range sums {
		c := cardOf(lang, sum, today)
		if sum.Protected { // there is no login: nobody has clearance here
			c.Title, c.Principal = word(lang, "cases.protected"), ""
		}
		b.All = append(b.All, c)
		for i := range columns {
			if slices.Contains(columns[i].phases, sum.Phase) {
				b.Open++
				b.Columns[i].Cases = append(b.Columns[i].Cases, c)
				if c.Late {
					b.Late++
				} else if c.Soon {
					b.Soon++
				}
			}
		}
	}
	for i := range b.Columns { // the nearest date first, those without one last
		slices.SortStableFunc(b.Columns[i].Cases, func(x, y card) int {
			switch {
			case x.DueISO == y.DueISO:
				return 0
			case y.DueISO == "" || x.DueISO != "" && x.DueISO < y.DueISO:
				return -1
			}
			return 1
		})
	}
	s.show(w, r, http.StatusOK, "list", page{Title: word(lang, "cases.title"), Nav: "cases", Body: b})
}

func cardOf(lang string, sum app.Summary, today day.Day) card {
	c := card{ID: sum.ID, Title: sum.Title, Principal: sum.Principal, Phase: phase(lang, sum.Phase), DueISO: sum.NextDue}
	if due, err := day.Parse(sum.NextDue); err == nil {
		c.Due, c.Late, c.Soon = shortDay(lang, due), today > due, due-today <= 7
	}
	return c
}

type caseBody struct {
	ID, Title, Principal, Phase string
	Turn                        turnView
	Canal                       canal.Drawing
	Label                       string
	Gates                       []gateView
	Clocks                      []clockView
	Steps                       []stepView
}

type turnView struct {
	Class, Whose, Where, Do string
	By, ByISO               string
	Late                    bool
}

// gateView is one gate as the ordered list tells it.
type gateView struct {
	Basin, Name, Basis, Opens, State, Class, On string
	Here                                        bool
}

type clockView struct {
	Name, Due, DueISO, Source string
	Late                      bool
	Steps                     []string
}

type stepView struct {
	Day, ISO, Role, What, Checked, Law string
}

func (s *site) one(w http.ResponseWriter, r *http.Request) {
	lang := language(r)
	id := r.PathValue("id")
	entries, err := s.Cases.Load(r.Context(), id)
	st := order.Fold(id, entries)
	if errors.Is(err, app.ErrNotFound) || err == nil && st.Protected {
		s.show(w, r, http.StatusNotFound, "missing", page{Title: word(lang, "missing.case")})
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	today := swede.CivilDay(s.Clock())
	if n := len(entries); n > 0 { // a case of simulated time is read on its own day
		today = max(today, swede.CivilDay(entries[n-1].At))
	}
	b := caseBody{ID: id, Title: st.Application.Title, Principal: st.Application.Principal.Name, Phase: phase(lang, st.Phase())}
	b.Turn = turnOf(lang, turn.Of(st, s.Authority, today, reader))
	c := canal.Of(st, reader, b.Turn.Late)
	b.Canal, b.Label = c.Draw(lang, func(x canal.Basin) string { return below(lang, x) }), c.Label().In(lang)
	for _, x := range c.Basins {
		b.Gates = append(b.Gates, gateOf(lang, x))
	}
	for _, k := range order.Clocks(st, s.Authority, today) {
		if k.Status == clock.Running || k.Status == clock.Paused || k.Status == clock.Late && !k.HasDone {
			b.Clocks = append(b.Clocks, clockOf(lang, k, today))
		}
	}
	for _, e := range entries {
		l := order.Tell(e)
		on := swede.CivilDay(e.At)
		b.Steps = append(b.Steps, stepView{longDay(lang, on), on.String(), role(lang, e.By.Role), l.What.In(lang), l.Checked.In(lang), l.Law})
	}
	s.show(w, r, http.StatusOK, "case", page{Title: id + " " + b.Title, Nav: "cases", Body: b})
}

func turnOf(lang string, t turn.Turn) turnView {
	v := turnView{Class: string(t.Whose), Whose: word(lang, "case.turn_"+string(t.Whose)), Where: t.Where.In(lang), Do: t.Do.In(lang), Late: t.Late}
	if t.HasBy {
		v.By, v.ByISO = longDay(lang, t.By), t.By.String()
	}
	return v
}

func gateOf(lang string, b canal.Basin) gateView {
	g := b.Gate
	v := gateView{
		Basin: b.Name.In(lang), Name: g.Name.In(lang), Basis: g.Basis, Opens: role(lang, g.Opens), Class: string(g.State), State: word(lang, "case."+string(g.State)), Here: b.Here,
	}
	if g.HasOn {
		v.On = longDay(lang, g.On)
	}
	return v
}

// below is the line under a basin: the day its gate opened, or that the boat
// is there.
func below(lang string, b canal.Basin) string {
	switch {
	case b.Gate.State == canal.Free:
		return word(lang, "case.free")
	case b.Gate.HasOn:
		return shortDay(lang, b.Gate.On)
	case b.Here:
		return word(lang, "case.here")
	}
	return ""
}

func clockOf(lang string, k clock.Reading, today day.Day) clockView {
	v := clockView{Name: k.Def.Name.In(lang), Due: longDay(lang, k.Due), DueISO: k.Due.String(), Source: k.Def.Source, Late: today > k.Due}
	for _, st := range k.Steps {
		v.Steps = append(v.Steps, st.Text.In(lang))
	}
	return v
}
