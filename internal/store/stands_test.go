//go:build unix

package store_test

import (
	"errors"
	"reflect"
	"testing"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/store/storetest"
)

// stands: a case's places in lists are written with its entries, read along the
// list by day and number, and hidden from who must not know of the case.
func stands(t *testing.T, p storetest.Place) {
	s := p.Open(t).(office)
	place := func(n int, protected bool, conflicts string, all ...app.Stand) {
		b, err := canon.JSON(all)
		ok(t, err)
		d := app.Digest{Fact: "{}", Stands: string(b), Conflicts: conflicts}
		if len(all) == 0 {
			d.Stands = ""
		}
		version := 1
		if got, err := s.Load(t.Context(), numbered(n)); err == nil {
			version = len(got) + 1
		}
		put(t, s, numbered(n), version, protected, d)
	}
	on := func(day string) app.Stand {
		return app.Stand{List: app.ListPurge, On: day, Row: app.StandRow{What: "parcel", Net: 5}}
	}
	place(3, false, "", on("2026-12-04"), app.Stand{List: app.ListKeys, On: "2030-01-01"})
	place(1, false, "", on("2026-12-04"))
	place(2, false, "", on(""))
	place(4, true, "", on("2026-11-30"))
	place(5, false, `["ove"]`, on("2027-01-01"))
	read := func(q app.StandQuery) (out []string) {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		ok(t, s.Standing(t.Context(), q, func(r app.Standing) error {
			out = append(out, r.Case[8:]+" "+r.On)
			return nil
		}))
		return out
	}
	all := app.Everything
	for what, x := range map[string]struct {
		q    app.StandQuery
		want []string
	}{
		"by day and number":   {app.StandQuery{List: app.ListPurge, Viewer: all}, []string{"00002 ", "00004 2026-11-30", "00001 2026-12-04", "00003 2026-12-04", "00005 2027-01-01"}},
		"latest first":        {app.StandQuery{List: app.ListPurge, Viewer: all, Latest: true, Limit: 2}, []string{"00005 2027-01-01", "00003 2026-12-04"}},
		"the latest's rest":   {app.StandQuery{List: app.ListPurge, Viewer: all, Latest: true, Limit: 2, After: app.StandPlace{On: "2026-12-04", Case: numbered(3)}}, []string{"00001 2026-12-04", "00004 2026-11-30"}},
		"the rest":            {app.StandQuery{List: app.ListPurge, Viewer: all, After: app.StandPlace{On: "2026-12-04", Case: numbered(1)}}, []string{"00003 2026-12-04", "00005 2027-01-01"}},
		"after one undated":   {app.StandQuery{List: app.ListPurge, Viewer: all, Limit: 1, After: app.StandPlace{Case: numbered(2)}}, []string{"00004 2026-11-30"}},
		"a month":             {app.StandQuery{List: app.ListPurge, Viewer: all, From: "2026-12-01", To: "2027-01-01"}, []string{"00001 2026-12-04", "00003 2026-12-04"}},
		"without clearance":   {app.StandQuery{List: app.ListPurge, To: "2026-12-01"}, []string{"00002 "}},
		"disqualified (jäv)":  {app.StandQuery{List: app.ListPurge, Viewer: app.Viewer{Person: "ove", Cleared: true}, From: "2026-12-05"}, nil},
		"another list":        {app.StandQuery{List: app.ListKeys, Viewer: all}, []string{"00003 2030-01-01"}},
		"a list nobody is in": {app.StandQuery{List: app.ListRuns, Viewer: all}, nil},
	} {
		same(t, what, read(x.q), x.want)
	}
	same(t, "what a row says", func() (r app.Standing) {
		ok(t, s.Standing(t.Context(), app.StandQuery{List: app.ListPurge, Viewer: all, Limit: 1}, func(x app.Standing) error { r = x; return nil }))
		return r
	}(), app.Standing{Case: numbered(2), Row: app.StandRow{What: "parcel", Net: 5}})
	months := func(v app.Viewer) map[string]int {
		got, err := s.StandingByMonth(t.Context(), app.ListPurge, v)
		ok(t, err)
		return got
	}
	same(t, "months", months(all), map[string]int{"": 1, "2026-11": 1, "2026-12": 2, "2027-01": 1})
	same(t, "months as ove knows them", months(app.Viewer{Person: "ove"}), map[string]int{"": 1, "2026-12": 2})
	// The next entry moves the case, and the last takes it away.
	place(3, false, "", on("2027-02-02"))
	same(t, "moved", read(app.StandQuery{List: app.ListPurge, Viewer: all, From: "2026-12-01"}), []string{"00001 2026-12-04", "00005 2027-01-01", "00003 2027-02-02"})
	same(t, "left", read(app.StandQuery{List: app.ListKeys, Viewer: all}), []string(nil))
	place(3, false, "")
	same(t, "gone", read(app.StandQuery{List: app.ListPurge, Viewer: all, From: "2027-01-02"}), []string(nil))
	stop := errors.New("stop")
	if err := s.Standing(t.Context(), app.StandQuery{List: app.ListPurge, Viewer: all, Limit: 9}, func(app.Standing) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a reader that stops: %v", err)
	}
	// Verification sees the places with the rest of the digest.
	var whole app.Digest
	ok(t, s.EachWhole(t.Context(), func(id string, d app.Digest) error {
		if id == numbered(1) {
			whole = d
		}
		return nil
	}))
	if got, err := app.StandsIn(whole.Stands); err != nil || !reflect.DeepEqual(got, []app.Stand{on("2026-12-04")}) {
		t.Errorf("stands of 1: %+v, %v", got, err)
	}
}
