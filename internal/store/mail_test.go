//go:build unix

package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	kinds "sluss/internal/letter"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/storetest"
)

type mailing interface {
	app.Log
	app.Outbox
	app.KeptLetters
}

var _ mailing = (*store.Store)(nil)

// TestMail runs the outbox on both databases.
func TestMail(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(testing.TB) storetest.Place{"SQLite": sqlite, "Postgres": postgres} {
		for what, f := range map[string]func(*testing.T, storetest.Place){"Once": mailOnce, "Digest": mailDigest, "Settled": mailSettled, "Letters": keptLetters} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				f(t, place(t))
			})
		}
	}
}

// happens stores the next entry of a case.
func happens(t *testing.T, s mailing, id string, version int) {
	t.Helper()
	e := order.Entry{Version: version, At: noon, By: order.Actor{ID: "a", Role: order.RoleHandler}, Event: &order.Acknowledged{}}
	ok(t, s.Append(t.Context(), id, []order.Entry{e}, app.Summary{ID: id, Phase: order.PhaseReceived, Version: version, Changed: noon}, nil))
}

// to makes one mail of the latest entry of every case.
func to(address string, digest bool, version int) func(string, int, time.Time) ([]app.Mail, int, error) {
	return func(id string, last int, _ time.Time) ([]app.Mail, int, error) {
		if last >= version {
			return nil, version, nil
		}
		return []app.Mail{{Version: version, Event: "acknowledged", Audience: "orderer", Address: address, Lang: "sv", Page: "p", Letters: []kinds.Kind{kinds.Decision, kinds.Quote}, Digest: digest, Made: noon, RunAt: noon}}, version, nil
	}
}

// mailOnce: nothing is noted before mail is used; what happens is noted in the
// same transaction, told from the first time on, and made once; another process
// sees it after a restart.
func mailOnce(t *testing.T, p storetest.Place) {
	s := p.Open(t).(mailing)
	happens(t, s, numbered(1), 1)
	if more, err := s.SpreadMail(t.Context(), to("a@x.example", false, 1)); more || err != nil {
		t.Errorf("before it is used: %v, %v", more, err)
	}
	ok(t, s.UseMail(t.Context(), noon))
	ok(t, s.UseMail(t.Context(), noon.Add(time.Hour)))
	happens(t, s, numbered(1), 2)
	happens(t, s, numbered(1), 3)
	failed := errors.New("no")
	if _, err := s.SpreadMail(t.Context(), func(string, int, time.Time) ([]app.Mail, int, error) { return nil, 0, failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	var since time.Time
	more, err := s.SpreadMail(t.Context(), func(id string, last int, from time.Time) ([]app.Mail, int, error) {
		since = from
		return to("a@x.example", false, 3)(id, last, from)
	})
	if !more || err != nil || !since.Equal(noon) {
		t.Errorf("%v %v %v", more, err, since)
	}
	if more, err := s.SpreadMail(t.Context(), to("a@x.example", false, 3)); more || err != nil {
		t.Errorf("again: %v, %v", more, err)
	}
	all, err := p.Open(t).(mailing).MailOf(t.Context(), numbered(1))
	if err != nil || len(all) != 1 || all[0].State != app.MailQueued || all[0].Address != "a@x.example" || fmt.Sprint(all[0].Letters) != "[decision quote]" || all[0].Version != 3 || !all[0].Made.Equal(noon) {
		t.Errorf("%+v, %v", all, err)
	}
}

// mailDigest: what can wait is sent together, to one address in one language;
// what cannot goes alone. What is leased is nobody else's until the lease ends.
func mailDigest(t *testing.T, p storetest.Place) {
	s := p.Open(t).(mailing)
	ok(t, s.UseMail(t.Context(), noon))
	for i, x := range []struct {
		address string
		digest  bool
	}{{"a@x.example", true}, {"b@x.example", true}, {"a@x.example", true}, {"a@x.example", false}} {
		happens(t, s, numbered(i+1), 1)
		_, err := s.SpreadMail(t.Context(), to(x.address, x.digest, 1))
		ok(t, err)
	}
	var got string
	for range 4 {
		all, err := s.LeaseMail(t.Context(), noon, time.Minute)
		if errors.Is(err, app.ErrNotFound) {
			got += "none"
			continue
		}
		ok(t, err)
		for _, m := range all {
			got += m.Case[8:] + " "
		}
		got += "; "
	}
	if got != "00001 00003 ; 00002 ; 00004 ; none" {
		t.Errorf("%s", got)
	}
	if all, err := s.LeaseMail(t.Context(), noon.Add(time.Minute), time.Minute); err != nil || len(all) != 2 || all[0].Attempts != 2 {
		t.Errorf("after the lease: %+v, %v", all, err)
	}
}

// mailSettled: what is put back waits for its time; what has ended is not sent
// again, cannot change any more, and keeps no address.
func mailSettled(t *testing.T, p storetest.Place) {
	s := p.Open(t).(mailing)
	ok(t, s.UseMail(t.Context(), noon))
	happens(t, s, numbered(1), 1)
	_, err := s.SpreadMail(t.Context(), to("a@x.example", false, 1))
	ok(t, err)
	lease := func(at time.Time) int64 {
		all, err := s.LeaseMail(t.Context(), at, time.Minute)
		if errors.Is(err, app.ErrNotFound) {
			return 0
		}
		ok(t, err)
		return all[0].ID
	}
	id := lease(noon)
	ok(t, s.SettleMail(t.Context(), []int64{id}, app.MailQueued, "mail.later", noon.Add(time.Hour)))
	if lease(noon.Add(59*time.Minute)) != 0 || lease(noon.Add(time.Hour)) != id {
		t.Error("the time to wait is not kept")
	}
	ok(t, s.SettleMail(t.Context(), []int64{id}, app.MailSent, "", noon.Add(time.Hour)))
	ok(t, s.SettleMail(t.Context(), []int64{id}, app.MailRefused, "mail.refused", noon.Add(2*time.Hour)))
	all, err := s.MailOf(t.Context(), numbered(1))
	if err != nil || len(all) != 1 || all[0].State != app.MailSent || all[0].Address != "" || all[0].Fault != "" || !all[0].Settled.Equal(noon.Add(time.Hour)) || lease(noon.Add(100*time.Hour)) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// keptLetters: a letter is kept once with its hash, which stands in the log in a
// stream of its own that is no case.
func keptLetters(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(mailing), t.Context()
	l := app.KeptLetter{Case: numbered(1), No: 4, Lang: "sv", Format: "pdf", Number: numbered(1) + ":4", Blob: "letters/x", SHA256: "aa", Issued: noon}
	by := order.Actor{ID: "sluss", Role: order.RoleClock}
	ok(t, s.KeepLetter(ctx, l, by))
	again := l
	again.SHA256 = "bb"
	is(t, "twice", s.KeepLetter(ctx, again, by), app.ErrConflict)
	again.Lang = "en"
	ok(t, s.KeepLetter(ctx, again, by))
	all, err := p.Open(t).(mailing).KeptLetters(ctx, numbered(1))
	if err != nil || len(all) != 2 || all[0].Lang != "en" || all[1] != l {
		t.Errorf("%+v, %v", all, err)
	}
	_, err = s.Load(ctx, "letters/"+numbered(1))
	is(t, "as a case", err, app.ErrNotFound)
	var n int
	var data string
	ok(t, p.Raw(t).QueryRowContext(ctx, `SELECT count(*), min(data) FROM events WHERE stream = $1 AND type = 'letter_issued' AND actor = 'sluss'`, "letters/"+numbered(1)).Scan(&n, &data))
	if want := `{"format":"pdf","lang":"sv","no":4,"number":"FK-2026-00001:4","sha256":"aa"}`; n != 2 || data != want && !strings.Contains(data, "bb") {
		t.Errorf("%d, %s", n, data)
	}
}
