//go:build unix

package login_test

import (
	"errors"
	"testing"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/login"
	"sluss/internal/order"
)

var cast = []login.Persona{
	{ID: "elise", Name: "Élise", Email: "elise@u.example", Roles: []order.Role{order.RoleRepresentative}},
	{ID: "bo", Name: "Bo", Staff: true, Roles: []order.Role{order.RoleDecider, order.RoleHandler}},
}

// TestPersonasOnlyInDemo tries every combination of mode, address, origin and
// mark: made-up people exist in one, and nowhere else is there a way in.
func TestPersonasOnlyInDemo(t *testing.T) {
	t.Parallel()
	allowed := 0
	for _, mode := range []login.Mode{login.Production, login.Demo, "", "Demo", "demo "} {
		for _, addr := range []string{"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "", ":8080", "0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080", "sluss.example:443", "localhost.example:80"} {
			for _, origin := range []string{"http://localhost:8080", "https://sluss.example"} {
				for _, marked := range []bool{true, false} {
					safe := mode == login.Demo && (addr == "localhost:8080" || addr == "127.0.0.1:8080" || addr == "[::1]:8080") && origin == "http://localhost:8080" && marked
					err := login.PersonasAllowed(mode, addr, origin, marked)
					f, ok := errors.AsType[*fault.Fault](err)
					if (err == nil) != safe || err != nil && (!ok || f.Code != "login.personas") {
						t.Errorf("mode %q, addr %q, origin %q, marked %v: %v", mode, addr, origin, marked, err)
					}
					if err == nil {
						allowed++
					}
				}
			}
		}
	}
	if allowed != 3 {
		t.Errorf("%d combinations are allowed", allowed)
	}
	w := newWorld(t)
	for _, marked := range []bool{false, true} {
		if marked {
			w.ok(w.db.MarkDemo(t.Context()))
		}
		for _, mode := range []login.Mode{login.Production, login.Demo} {
			for _, addr := range []string{"localhost:8080", "0.0.0.0:8080"} {
				o := w.options()
				o.Mode, o.Addr, o.Origin, o.Personas = mode, addr, "https://localhost:8080", cast
				_, err := login.New(o)
				if safe := marked && mode == login.Demo && addr == "localhost:8080"; (err == nil) != safe {
					t.Errorf("marked %v, mode %s, addr %s: %v", marked, mode, addr, err)
				}
			}
		}
	}
}

// TestPersonas: one click logs in; without personas there is no such way in.
func TestPersonas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ok(w.db.MarkDemo(t.Context()))
	o := w.options()
	o.Mode, o.Addr, o.Origin, o.Personas = login.Demo, "localhost:8080", "http://localhost:8080", cast
	for range 2 { // a demo that is started again has the same people
		l, err := login.New(o)
		w.ok(err)
		w.Login = l
	}
	for _, tt := range []struct {
		id   string
		role order.Role
	}{{"elise", order.RoleRepresentative}, {"bo", order.RoleDecider}} {
		in, err := w.EnterPersona(t.Context(), tt.id, "")
		w.ok(err)
		v := w.visitor(in.Secret)
		if v.Person.ID != tt.id || v.Person.Role != tt.role || v.Method != "persona" || v.Assurance != app.AssuranceKey {
			t.Errorf("%+v", v)
		}
	}
	if _, err := w.EnterPersona(t.Context(), "ingen", ""); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("%v", err)
	}
	o.Personas = nil
	l, err := login.New(o)
	w.ok(err)
	if _, err := l.EnterPersona(t.Context(), "bo", ""); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("without personas: %v", err)
	}
}
