package order

import "testing"

func scb(w *world) Supplier {
	s := Supplier{ID: "scb", Name: "SCB", Contact: "Mikrodata", Email: "m@scb.example"}
	w.authority.Suppliers = []Supplier{s}
	return s
}

// TestPromise01Call: a call goes out only after a dispatched, disclosing
// decision, to an agreed supplier that holds the population, and says exactly
// what was decided; uploads come on a call, in its window, and nobody else's.
func TestPromise01Call(t *testing.T) {
	t.Parallel()
	call := func(w *world, change func(*Call)) CallPopulation {
		t.Helper()
		c, err := MakeCall(w.s, w.authority, "scb", "SCB-1", 0, w.today, w.today+30, w.today, "age1vault")
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(&c)
		}
		return CallPopulation{Call: c, Signature: "signed"}
	}
	for _, step := range []string{"decide", "dispatch_decision"} {
		w := at(t, research(), step)
		scb(w)
		if _, err := MakeCall(w.s, w.authority, "scb", "SCB-1", 0, w.today, w.today+30, w.today, "age1vault"); err == nil {
			t.Errorf("called before %s", step)
		}
	}
	w := at(t, research(), "take_medium")
	scb(w)
	upload := TakeMedium{Blob: "b", SHA256: hash("x"), Road: "upload"}
	w.refused(RoleSupplier, upload, "order.not_called", 1)
	w.refused(RoleOrderer, upload, "order.upload_road", 1)
	for code, change := range map[string]func(*Call){
		"order.call_content": func(c *Call) { c.Columns = append(c.Columns, w.s.Decision.Scope.Persons.Columns...); c.ID = "namn" },
		"order.call":         func(c *Call) { c.Rows = 1001 },
	} {
		promise := 0
		if code == "order.call_content" {
			promise = 3
		}
		w.refused(RoleHandler, call(w, change), code, promise)
	}
	w.refused(RoleHandler, call(w, func(c *Call) { c.Scope = hash("wider") }), "order.call_content", 3)
	w.refused(RoleHandler, call(w, func(c *Call) { c.Closes = c.Opens - 1 }), "order.call", 0)
	w.refused(RoleHandler, call(w, func(c *Call) { c.Supplier.ID = "x" }), "order.supplier", 1)
	w.do(RoleHandler, call(w, func(c *Call) { c.Rows = 900 }))
	if w.s.Call.Rows != 900 || w.s.Call.SealingKey != "age1vault" || w.s.Call.Scope != w.s.Decision.ScopeHash {
		t.Errorf("%+v", w.s.Call)
	}
	w.refused(RoleOrderer, upload, "order.upload_road", 1)
	w.refused(RoleRegistrar, upload, "order.upload_road", 1)
	opened := w.today
	w.today = opened + 31
	w.refused(RoleSupplier, upload, "order.call_window", 1)
	w.today = opened + 30
	w.do(RoleSupplier, upload)

	w = at(t, research(), "take_medium") // somebody else holds it
	s := scb(w)
	s.Name = "Annan"
	w.authority.Suppliers = []Supplier{s}
	if _, err := MakeCall(w.s, w.authority, "scb", "SCB-1", 0, w.today, w.today+30, w.today, "age1vault"); err == nil {
		t.Error("called from somebody who does not hold it")
	}
	w.refused(RoleSupplier, upload, "order.upload_road", 1)
	w.refused(RoleRegistrar, TakeMedium{Road: "post"}, "order.tracking", 0)
	w.refused(RoleRegistrar, TakeMedium{Road: "post", Tracking: "brev nr 1!"}, "order.tracking", 0)
	w.refused(RoleSupplier, TakeMedium{Road: "post", Tracking: "RR1"}, "order.medium_empty", 0)
	w.do(RoleRegistrar, TakeMedium{Road: "post", Tracking: "rr 123 456 789 se"})
	if n := w.log[len(w.log)-1].Event.(*PopulationReceived).Tracking; n != "RR123456789SE" {
		t.Errorf("tracking %q", n)
	}
	if w.s.Population.Blob != "" || w.s.Phase() != PhasePopulation {
		t.Errorf("%+v", w.s.Population)
	}
	early := at(t, research(), "dispatch_decision") // whoever sends too early is logged, agreed or not
	scb(early)
	early.do(RoleOrderer, upload)
	if len(early.s.Early) != 1 || early.s.Population != nil {
		t.Error("not logged as early")
	}
}
