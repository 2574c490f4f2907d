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

// keeps is a part of a list of them; More leads to the rest.
type keeps struct {
	All  []keep
	More string
}

// monthOf is a month of the purge calendar. Its cases are listed when it is
// the first that has any, or is asked for.
type monthOf struct {
	Name, ISO string
	Share     string
	Count     int
	Listed    bool
	Cases     keeps
}

type purgesBody struct {
	Part         string // the list that is shown alone, "" = all
	ShowNow      bool
	Now          keeps // can be purged today, or are being
	Months       []monthOf
	ShowKeys     bool
	Keys         keeps  // kept keys with the day they must be gone
	Rule         string // the decision on purging
	PartOfMonths bool
}

// purges is the calendar of what is to be gone when: parcels and key files.
func purges(a *page.Ask) error {
	if err := a.Orders.LogList(a.R.Context(), a.Visitor.Person, "purges"); err != nil {
		return err
	}
	b := purgesBody{Rule: a.Authority.PurgeRule, Part: a.Value("show"), ShowNow: a.Shows("now"), ShowKeys: a.Shows("keys")}
	var err error
	if b.ShowNow {
		b.Now, err = kept(a, "now", app.StandQuery{List: app.ListPurge, To: (a.Today + 1).String()})
	}
	if err == nil && b.ShowKeys {
		b.Keys, err = kept(a, "keys", app.StandQuery{List: app.ListKeys})
	}
	if err == nil {
		b.Months, err = calendarOf(a, b.Part)
	}
	if err != nil {
		return err
	}
	b.PartOfMonths = b.Part == "" || slices.ContainsFunc(b.Months, func(m monthOf) bool { return m.ISO == b.Part })
	return a.Show("office-purges", page.View{Title: a.Word("office.purges"), Nav: "office.nav_purges", Body: b})
}

// kept reads a list of what is kept.
func kept(a *page.Ask, name string, q app.StandQuery) (keeps, error) {
	rows, err := a.Rows(name, q)
	out := keeps{More: rows.Next}
	for _, r := range rows.All {
		x := keep{ID: r.Case, Title: cmp.Or(r.Title, a.Word("case.untitled")), Principal: r.Principal, On: r.On}
		x.Due = r.On <= a.Today.String() && r.Row.What != "ordered"
		switch {
		case q.List == app.ListKeys:
			x.What = a.Word("office.key")
		case r.Row.What == "parcel" && x.Due:
			x.What = a.Word("office.purge_due")
		case r.Row.What == "parcel":
			x.What = a.Word("office.parcel")
		default:
			x.What = a.Word("office.purge_" + r.Row.What)
		}
		out.All = append(out.All, x)
	}
	return out, err
}

// calendarOf is the months in order from this one, those without a purge
// between them too. show is the month that is asked for.
func calendarOf(a *page.Ask, show string) ([]monthOf, error) {
	counts, err := a.Orders.StandingByMonth(a.R.Context(), a.Visitor.Person, app.ListPurge)
	if err != nil {
		return nil, err
	}
	this := a.Today.Month()
	last, most := this-1, 1
	for m := this; m <= this+months; m++ {
		if n := counts[day.FirstOfMonth(m).String()[:7]]; n > 0 {
			last, most = m, max(most, n)
		}
	}
	var out []monthOf
	for m := this; m <= last; m++ {
		first := day.FirstOfMonth(m)
		_, name, _ := strings.Cut(page.LongDay(a.Lang, first), "\u00a0")
		x := monthOf{Name: name, ISO: first.String()[:7]}
		x.Count = counts[x.ISO]
		x.Share = percent(int64(x.Count), int64(most))
		if x.Listed = show == x.ISO || show == "" && x.Count > 0 && !slices.ContainsFunc(out, func(o monthOf) bool { return o.Listed }); x.Listed {
			if x.Cases, err = kept(a, x.ISO, app.StandQuery{List: app.ListPurge, From: first.String(), To: day.FirstOfMonth(m + 1).String()}); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
	}
	return out, nil
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
