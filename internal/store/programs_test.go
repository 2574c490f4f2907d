//go:build unix

package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/storetest"
)

// programs is what the interface for programs asks of both databases.
type programs interface {
	storetest.Store
	app.Tokens
	app.Answers
	app.Lists
}

var _ programs = (*store.Store)(nil)

// TestPrograms runs what the interface for programs needs on both databases.
func TestPrograms(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(testing.TB) storetest.Place{"SQLite": sqlite, "Postgres": postgres} {
		for what, f := range map[string]func(*testing.T, programs){"Tokens": tokens, "Answers": answers, "ClaimedOnce": claimedOnce, "Page": page, "Tied": tied} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				f(t, place(t).Open(t).(programs))
			})
		}
	}
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func tokens(t *testing.T, s programs) {
	ctx := t.Context()
	secret := canon.Sum([]byte("secret"))
	want := app.Token{
		ID: "t1", Person: access.Person{ID: "elin", Role: order.RoleOrderer, Email: "elin@u.example", Organisation: "U"},
		Scopes: []string{"orders:read", "orders:act"}, Created: noon, Expires: noon.Add(time.Hour),
	}
	if err := s.PutToken(ctx, secret, want); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Token(ctx, secret); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := s.PutToken(ctx, canon.Sum([]byte("other")), want); err == nil {
		t.Error("two tokens have the same id")
	}
	if _, err := s.Token(ctx, canon.Sum([]byte("t1"))); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("unknown token: %v", err)
	}
	if l, err := s.ListTokens(ctx); err != nil || len(l) != 1 {
		t.Errorf("%v, %v", l, err)
	}
	if err := s.RevokeToken(ctx, "t1"); err != nil {
		t.Error(err)
	}
	if _, err := s.Token(ctx, secret); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("revoked token: %v", err)
	}
	if err := s.RevokeToken(ctx, "t1"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
}

func answers(t *testing.T, s programs) {
	ctx := t.Context()
	const keep = 24 * time.Hour
	first, second := canon.Sum([]byte("1")), canon.Sum([]byte("2"))
	claim := func(asker string, request canon.Hash, at time.Time) (app.Answer, bool) {
		t.Helper()
		a, ok, err := s.Claim(ctx, asker, "k", request, at, keep)
		if err != nil {
			t.Fatal(err)
		}
		return a, ok
	}
	if _, ok := claim("a", first, noon); !ok {
		t.Fatal("a new key is taken")
	}
	if a, ok := claim("a", second, noon); ok || a.Request != first || a.Status != 0 {
		t.Errorf("a key in use: %+v %v", a, ok)
	}
	if _, ok := claim("b", second, noon); !ok {
		t.Error("the keys of one asker bind another")
	}
	want := app.Answer{Request: first, Status: 201, Headers: map[string]string{"Location": "/x"}, Body: []byte(`{"å":1}`)}
	if err := s.Answered(ctx, "a", "k", want); err != nil {
		t.Fatal(err)
	}
	if a, ok := claim("a", first, noon.Add(keep-time.Millisecond)); ok || !reflect.DeepEqual(a, want) {
		t.Errorf("%+v %v", a, ok)
	}
	if err := s.Unclaim(ctx, "a", "k"); err != nil {
		t.Fatal(err)
	}
	if _, ok := claim("a", first, noon); ok {
		t.Error("an answered key was given back")
	}
	if _, ok := claim("a", second, noon.Add(keep)); !ok {
		t.Error("an answer is kept too long")
	}
	if err := s.Unclaim(ctx, "a", "k"); err != nil {
		t.Fatal(err)
	}
	if _, ok := claim("a", first, noon.Add(keep)); !ok {
		t.Error("a key that was given back is taken")
	}
}

func claimedOnce(t *testing.T, s programs) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 12 {
		wg.Go(func() {
			_, ok, err := s.Claim(t.Context(), "a", "k", canon.Sum([]byte("1")), noon, time.Hour)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if ok {
				got++
			}
		})
	}
	wg.Wait()
	if got != 1 {
		t.Errorf("the key was claimed %d times", got)
	}
}

func page(t *testing.T, s programs) {
	ctx := t.Context()
	for i := range 5 {
		id := fmt.Sprintf("FK-2026-%05d", i)
		sum := app.Summary{ID: id, Title: "T", Phase: order.PhaseReceived, Version: 1, Changed: noon.Add(time.Duration(i/2) * time.Second)}
		if err := s.Append(ctx, id, []order.Entry{{Version: 1, At: noon, By: order.Actor{ID: "k", Role: order.RoleHandler}, Event: &order.Acknowledged{}}}, sum, nil); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	var at app.Cursor
	for {
		sums, err := s.Page(ctx, app.Everything, at, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(sums) == 0 {
			break
		}
		for _, c := range sums {
			got = append(got, c.ID[8:])
			at = app.Cursor{Changed: c.Changed, ID: c.ID}
		}
	}
	if want := []string{"00004", "00003", "00002", "00001", "00000"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func tied(t *testing.T, s programs) {
	ctx := t.Context()
	for i, mail := range []string{"a@x.example", "b@x.example", "A@x.example"} {
		id := fmt.Sprintf("FK-2026-%05d", i)
		e := order.Entry{Version: 1, At: noon, By: order.Actor{ID: "p" + mail, Role: order.RoleOrderer}, Event: &order.Submitted{Application: intake.Application{Orderer: intake.Person{Email: mail}}}}
		if err := s.Append(ctx, id, []order.Entry{e}, app.Summary{ID: id, Changed: noon}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for who, want := range map[access.Person][]string{
		{ID: "x", Role: order.RoleOrderer, Email: "a@x.example"}:            {"FK-2026-00002", "FK-2026-00000"},
		{ID: "pb@x.example", Role: order.RoleOrderer, Email: "a@x.example"}: {"FK-2026-00002", "FK-2026-00001", "FK-2026-00000"},
		{ID: "x", Role: order.RoleRepresentative, Email: "a@x.example"}:     nil,
		{ID: "x", Role: order.RoleHandler, Email: "a@x.example"}:            nil,
	} {
		if got, err := s.Tied(ctx, access.Keys(who)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %v, %v, want %v", who, got, err, want)
		}
	}
}
