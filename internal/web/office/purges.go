package office

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// keep is a case whose files are kept, or go.
type keep struct {
	ID, Title, Principal, On, What string
	Due                            bool
}

// monthOf is a month of the purge calendar.
type monthOf struct {
	Name, ISO string
	Share     string
	Cases     []keep
}

type purgesBody struct {
	Now    []keep // can be purged today, or are being
	Months []monthOf
	Keys   []keep // kept keys with the day they must be gone
	Rule   string
}

// ended are the phases in which a case has ended early and may still hold
// files.
var ended = []order.Phase{order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn, order.PhaseExpired}

// purges is the calendar of what is to be gone when: parcels and key files.
func purges(a *page.Ask) error {
	all, err := cases(a, "purges", order.PhaseDelivered, order.PhasePurge)
	if err != nil {
		return err
	}
	others, err := over(a, false, append(slices.Clone(ended), order.PhaseClosed)...)
	if err != nil {
		return err
	}
	all = append(all, others...)
	b := purgesBody{Rule: a.Authority.PurgeRule}
	byMonth := map[int][]keep{}
	for _, s := range all {
		x := keep{ID: s.ID, Title: cmp.Or(s.Application.Title, a.Word("case.untitled")), Principal: s.Application.Principal.Name}
		switch {
		case s.PurgeOpen:
			x.What = a.Word("office.purge_ordered")
			b.Now = append(b.Now, x)
		case s.Ended != "" && s.Holds():
			x.What, x.Due = a.Word("office.purge_ended"), true
			b.Now = append(b.Now, x)
		case s.Ended == "" && s.Delivery != nil && !s.Purged:
			on := s.Delivery.PurgeOn
			if x.On, x.Due = on.String(), on <= a.Today; x.Due {
				x.What = a.Word("office.purge_due")
				b.Now = append(b.Now, x)
				break
			}
			x.What = a.Word("office.parcel")
			byMonth[on.Month()] = append(byMonth[on.Month()], x)
		}
		if d := s.Decision; d != nil && d.Scope.Identity.KeyPolicy == order.KeyKeptUntil && s.Delivery != nil {
			x.On, x.What, x.Due = d.Scope.Identity.KeepUntil, a.Word("office.key"), d.Scope.Identity.KeepUntil <= a.Today.String()
			b.Keys = append(b.Keys, x)
		}
	}
	b.Months = calendarOf(a, byMonth)
	slices.SortFunc(b.Keys, func(x, y keep) int { return cmp.Compare(x.On, y.On) })
	return a.Show("office-purges", page.View{Title: a.Word("office.purges"), Nav: "office.nav_purges", Body: b})
}

// calendarOf is the months in order, those without a purge between them too.
func calendarOf(a *page.Ask, byMonth map[int][]keep) []monthOf {
	var out []monthOf
	last, most := a.Today.Month()-1, 1
	for m, list := range byMonth {
		last, most = max(last, m), max(most, len(list))
	}
	for m := a.Today.Month(); m <= min(last, a.Today.Month()+months); m++ {
		first := day.FirstOfMonth(m)
		long := page.LongDay(a.Lang, first)
		_, name, _ := strings.Cut(long, "\u00a0")
		x := monthOf{Name: name, ISO: first.String()[:7], Cases: byMonth[m], Share: percent(int64(len(byMonth[m])), int64(most))}
		slices.SortFunc(x.Cases, func(x, y keep) int { return cmp.Or(cmp.Compare(x.On, y.On), cmp.Compare(x.ID, y.ID)) })
		out = append(out, x)
	}
	return out
}

// months bounds the calendar: ten years.
const months = 120

// purgeBody is what is kept of a case, and what has become of it.
type purgeBody struct {
	page.Head
	On, Rule, Reason string
	Holds            []string
	F                *page.Form
	Ordered          string
	Gone             *gone
	Certificates     []certificate
	Archive          bool
}

// gone is the purge protocol.
type gone struct {
	On, Hash, Protocol string
	Objects            int
}

// certificate is a medium that was returned or destroyed, or a file that was
// destroyed unread.
type certificate struct{ On, What, How string }

func purgeOf(a *page.Ask) (*page.Case, *purgeBody, error) {
	c, err := a.Case(access.ViewPurge)
	if err != nil {
		return nil, nil, err
	}
	s := c.State
	b := &purgeBody{Head: a.HeadOf(c, "office.purge_lead"), Rule: a.Authority.PurgeRule, Archive: slices.Contains(archiving, a.Role())}
	if s.Delivery != nil {
		b.On = s.Delivery.PurgeOn.String()
	}
	if s.Holds() {
		if s.TookIn {
			b.Holds = append(b.Holds, a.Word("office.holds_population"))
		}
		if s.Spec != nil {
			b.Holds = append(b.Holds, a.Word("office.holds_files"))
		}
		if s.Delivery != nil {
			b.Holds = append(b.Holds, a.Word("office.holds_parcel"))
		}
	}
	for _, e := range c.Entries {
		on := e.At.Format("2006-01-02")
		switch ev := e.Event.(type) {
		case *order.PurgeOrdered:
			b.Ordered, b.Reason, b.Rule = on, a.Word("office.reason_"+ev.Reason), ev.Rule
		case *order.Purged:
			b.Gone = &gone{On: on, Hash: string(ev.Hash), Protocol: ev.Protocol, Objects: ev.Objects}
		case *order.MediumSettled:
			b.Certificates = append(b.Certificates, certificate{on, a.Word("office.medium") + " " + strconv.Itoa(ev.ID), a.Word("office.how_" + ev.How)})
		case *order.SealedDestroyed:
			b.Certificates = append(b.Certificates, certificate{on, a.Word("office.sealed_away"), a.Word("office.how_destroyed")})
		}
	}
	if a.May(c, order.OrderPurge{}) && !s.PurgeOpen && !s.Purged && (s.Delivery != nil && a.Today >= s.Delivery.PurgeOn || s.Ended != "" && s.Holds()) {
		b.F = a.Form("/cases/"+c.ID+"/purge", a.Word("office.purge_now"))
		b.F.Version, b.F.Danger = c.Version, true
	}
	return c, b, nil
}

func purgeView(a *page.Ask, b *purgeBody) page.View {
	return page.View{Title: a.Word("office.purge"), Nav: "office.nav_purges", Body: b}
}

func showPurge(a *page.Ask) error {
	_, b, err := purgeOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-purge", purgeView(a, b))
}

// orderPurge tells the vault to destroy what it holds for the case.
func orderPurge(a *page.Ask) error {
	c, b, err := purgeOf(a)
	if err != nil {
		return err
	}
	if b.F == nil {
		b.F = a.Form("/cases/"+c.ID+"/purge", a.Word("office.purge_now"))
	}
	err = a.Do(c, order.OrderPurge{})
	if err == nil {
		return a.Go("/cases/"+c.ID+"/purge", "done.office_purge")
	}
	if err := b.Taken(a, c, b.F, err); err != nil {
		return err
	}
	return a.Refused("office-purge", b.F, purgeView(a, b))
}

// protocol is the gallringsprotokoll as the vault has signed it.
func protocol(a *page.Ask) error {
	c, b, err := purgeOf(a)
	if err != nil {
		return err
	}
	if b.Gone == nil {
		return app.ErrNotFound
	}
	a.Download(c.ID+"-gallringsprotokoll.txt", "text/plain; charset=utf-8")
	_, _ = io.WriteString(a.W, b.Gone.Protocol) // the reader is gone when this fails
	return nil
}

// archive is the case as a package for the authority's archive.
func archive(a *page.Ask) error {
	c, err := a.Case(access.ViewDocuments)
	if err != nil {
		return err
	}
	a.Download(c.ID+".zip", "application/zip")
	return a.Orders.Archive(a.R.Context(), a.W, c.ID)
}
