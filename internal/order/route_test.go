package order

import (
	"strings"
	"testing"
	"time"

	"sluss/internal/clock"
	"sluss/internal/day"
)

// stickWorld is a delivered case, and what is done to it.
type stickWorld struct {
	t  *testing.T
	s  State
	on day.Day
}

func delivered(t *testing.T) *stickWorld {
	on := day.MustParse("2026-11-02")
	d := Decision{}
	d.Scope.Recipient.Key = keyNo(1)
	return &stickWorld{t: t, on: on, s: State{
		Version: 30, Submitted: true, Released: true, Decision: &d, Extracted: &Extracted{Manifest: "m1"},
		Delivery: &Delivered{Manifest: "m1", SHA256: hash("parcel"), On: on, PurgeOn: on + 180, BillFrom: on + 30},
	}}
}

func (w *stickWorld) try(r Role, cmd Command) error {
	c := Context{At: time.Unix(int64(w.on)*86400+9*3600, 0), By: Actor{ID: string(r), Role: r}, Authority: &Authority{}}
	events, err := Decide(w.s, cmd, c)
	for _, ev := range events {
		w.s = Apply(w.s, Entry{Version: w.s.Version + 1, At: c.At, By: c.By, Event: ev})
	}
	return err
}

func (w *stickWorld) do(r Role, cmd Command) {
	w.t.Helper()
	if err := w.try(r, cmd); err != nil {
		w.t.Fatalf("%s: %v", cmd.Name(), err)
	}
}

func (w *stickWorld) refused(r Role, cmd Command, code string) {
	w.t.Helper()
	if err := w.try(r, cmd); err == nil || !strings.Contains(err.Error(), code) {
		w.t.Errorf("%s: %v, want %s", cmd.Name(), err, code)
	}
}

// clock is how a clock of sticks stands, "" when there is none.
func (w *stickWorld) clock(id string) (status clock.Status) {
	for _, r := range Clocks(w.s, &Authority{}, w.on) {
		if r.ID == id && r.Status != clock.NotStarted {
			status = r.Status
		}
	}
	return status
}

// TestThreat06StickOfAnotherCase: a stick is posted only with the parcel of the
// case as it is now, read from the stick; one at a time, each letter once; and
// nobody but who writes it fetches the parcel.
func TestThreat06StickOfAnotherCase(t *testing.T) {
	t.Parallel()
	w := delivered(t)
	post := DispatchStick{Tracking: "rr 123 456 789 se", Fingerprint: ParcelPrint(hash("parcel"))}
	w.refused(RoleRegistrar, post, "not_by_post")
	w.refused(RoleHandler, ChooseRoute{Route: "pigeon"}, "route")
	w.refused(RoleOrderer, ChooseRoute{Route: RouteUSB}, "route_settled") // it has been delivered
	w.do(RoleReleaser, ChooseRoute{Route: RouteUSB, Why: "mottagaren har inget nät"})
	w.refused(RoleHandler, ChooseRoute{Route: RouteUSB}, "route_same")
	if w.s.FetchableBy(RoleOrderer) == nil || w.s.FetchableBy(RoleHandler) == nil || w.s.FetchableBy(RoleRegistrar) != nil || w.s.FetchableBy(RoleReleaser) != nil {
		t.Error("who may fetch what goes by post?")
	}
	w.refused(RoleOrderer, ConfirmReceipt{Manifest: "m1"}, "not_posted")
	w.refused(RoleOrderer, post, "access.denied")
	w.refused(RoleHandler, post, "access.denied")
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR1", Fingerprint: ParcelPrint(hash("another"))}, "other_parcel")
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR1"}, "other_parcel")
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR/1", Fingerprint: post.Fingerprint}, "tracking")
	if w.s.StickUnderway() != nil || !w.s.AwaitsPosting() || w.clock("post") != clock.Running {
		t.Errorf("before it is posted: %+v, %s", w.s.Sticks, w.clock("post"))
	}
	w.on++
	w.do(RoleRegistrar, DispatchStick{Tracking: post.Tracking, Fingerprint: strings.ToUpper(post.Fingerprint)})
	x := w.s.StickUnderway()
	if x == nil || x.Tracking != "RR123456789SE" || x.On != w.on || w.s.AwaitsPosting() || w.clock("post") != clock.Met || w.clock("stick") != clock.Running {
		t.Fatalf("posted: %+v, %s, %s", x, w.clock("post"), w.clock("stick"))
	}
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: post.Fingerprint}, "stick_underway")
	w.refused(RoleHandler, ChooseRoute{Route: RouteFetch}, "stick_underway")
	w.refused(RoleHandler, SendAgain{Reason: "x"}, "stick_underway")
	w.on += 30
	if w.clock("stick") != clock.Late {
		t.Errorf("a stick without a receipt: %s", w.clock("stick"))
	}
	w.do(RoleOrderer, ConfirmReceipt{Manifest: "m1"})
	if w.s.StickUnderway() != nil || w.s.Sticks[0].Fate != StickArrived || w.s.AwaitsPosting() {
		t.Errorf("arrived: %+v", w.s.Sticks)
	}
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: post.Fingerprint}, "stick_arrived")
	w.do(RoleHandler, SendAgain{Reason: "minnet gick sönder"})
	w.refused(RoleHandler, SendAgain{Reason: "x"}, "stick_due")
	w.refused(RoleRegistrar, post, "tracking") // the letter's number again
	w.do(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: post.Fingerprint})
	w.on = w.s.Delivery.PurgeOn
	w.do(RoleOrderer, ConfirmReceipt{Manifest: "m1"})
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR3", Fingerprint: post.Fingerprint}, "purge_due")
}

// TestThreat05LostStick: a lost stick is an incident; another is posted when it
// has been looked into, and only of the parcel that was lost sealed.
func TestThreat05LostStick(t *testing.T) {
	t.Parallel()
	w := delivered(t)
	w.do(RoleHandler, ChooseRoute{Route: RouteUSB})
	p := ParcelPrint(hash("parcel"))
	w.do(RoleRegistrar, DispatchStick{Tracking: "RR1", Fingerprint: p})
	w.do(RoleRegistrar, Recall{Kind: StickLost, Text: "brevet kom aldrig fram"})
	if w.s.Sticks[0].Fate != StickLost || w.s.AwaitsPosting() || w.clock("stick") != clock.Met {
		t.Fatalf("lost: %+v %s", w.s.Sticks, w.clock("stick"))
	}
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: p}, "recalled")
	w.do(RoleHandler, SettleIncident{Outcome: "not_recovered", Then: ThenResume, Text: "Minnet är förseglat; ingen kan läsa det."})
	if !w.s.AwaitsPosting() || w.clock("post") != clock.Running {
		t.Errorf("another is not asked for: %s", w.clock("post"))
	}
	w.do(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: p})
	w.do(RoleOrderer, ConfirmReceipt{Manifest: "m1"})

	// What had been opened and was lost afterwards is another matter.
	w.do(RoleHandler, Recall{Kind: StickLost, Text: "mottagarens dator är borta"})
	w.refused(RoleHandler, SettleIncident{Outcome: "not_recovered", Then: ThenResume, Text: "x"}, "incident_resume")

	// A stick with something wrong in it does not go on either.
	w = delivered(t)
	w.do(RoleHandler, ChooseRoute{Route: RouteUSB})
	w.do(RoleRegistrar, DispatchStick{Tracking: "RR1", Fingerprint: p})
	w.do(RoleHandler, Recall{Kind: "wrong_content", Text: "fel period"})
	if w.s.Sticks[0].Fate != StickRecalled {
		t.Errorf("%+v", w.s.Sticks)
	}
	w.refused(RoleHandler, SettleIncident{Outcome: "returned", Then: ThenResume, Text: "x"}, "incident_resume")

	// A stick whose parcel has been made again meanwhile is not waited for.
	meanwhile := delivered(t)
	meanwhile.do(RoleHandler, ChooseRoute{Route: RouteUSB})
	meanwhile.do(RoleRegistrar, DispatchStick{Tracking: "RR1", Fingerprint: p})
	meanwhile.s = Apply(meanwhile.s, Entry{Version: 90, Event: &Delivered{Manifest: "m2", SHA256: hash("mended"), On: w.on, PurgeOn: w.on + 180, Replaces: true}})
	if meanwhile.s.Sticks[0].Fate != StickOld || !meanwhile.s.AwaitsPosting() {
		t.Errorf("%+v", meanwhile.s.Sticks)
	}

	// A parcel that is made again is another: its stick has to be posted, and the
	// old fingerprint will not do.
	w.s = Apply(w.s, Entry{Version: 90, Event: &Delivered{Manifest: "m2", SHA256: hash("mended"), On: w.on, PurgeOn: w.on + 180, Replaces: true}})
	if !w.s.AwaitsPosting() {
		t.Error("the new parcel is not to be posted")
	}
	w.refused(RoleOrderer, ConfirmReceipt{Manifest: "m2"}, "not_posted")
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: p}, "other_parcel")
	w.do(RoleRegistrar, DispatchStick{Tracking: "RR2", Fingerprint: ParcelPrint(hash("mended"))})
}

// TestRouteIsAskedFor: the orderer asks for a route, the house chooses; what
// comes by post has that route from the delivery on.
func TestRouteIsAskedFor(t *testing.T) {
	t.Parallel()
	w := delivered(t)
	w.s.Delivery, w.s.Released = nil, false
	if w.s.Route() != RouteFetch {
		t.Error(w.s.Route())
	}
	w.do(RoleOrderer, ChooseRoute{Route: RouteUSB})
	if w.s.Route() != RouteUSB || w.s.RouteSettled {
		t.Error("the wish is not kept, or binds the house")
	}
	w.refused(RoleOrderer, ChooseRoute{Route: RouteUSB}, "route_same")
	w.do(RoleHandler, ChooseRoute{Route: RouteUSB}) // the house grants it
	w.refused(RoleOrderer, ChooseRoute{Route: RouteFetch}, "route_settled")
	w.do(RoleHandler, ChooseRoute{Route: RouteFetch})
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR1"}, "not_delivered")

	full := at(t, research(), "record_delivery")
	full.do(RoleHandler, ChooseRoute{Route: RouteUSB})
	full.do(RoleEngine, RecordDelivery{Manifest: hash("manifest"), Blob: "b/parcel", SHA256: hash("parcel"), Bytes: 99})
	if full.s.Delivery.Route != RouteUSB || !full.s.AwaitsPosting() {
		t.Errorf("delivered by %q", full.s.Delivery.Route)
	}
}

// TestRouteToAnEnvironment: a route to a secure processing environment names it,
// can be asked for and changed, and the delivery is fetched and confirmed as any
// that is not posted.
func TestRouteToAnEnvironment(t *testing.T) {
	t.Parallel()
	late := delivered(t)
	late.refused(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: "Miljön"}, "environment_late")
	late.s.SealedTo = keyNo(2)
	late.do(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: "Miljön"})

	w := delivered(t)
	released := w.s
	w.s.Released, w.s.Delivery = false, nil
	w.refused(RoleHandler, ChooseRoute{Route: RouteEnvironment}, "environment")
	w.refused(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: " \n "}, "environment")
	w.refused(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: strings.Repeat("å", 201)}, "environment")
	w.do(RoleOrderer, ChooseRoute{Route: RouteEnvironment, Environment: "Miljö ett"})
	w.refused(RoleOrderer, ChooseRoute{Route: RouteEnvironment, Environment: "Miljö ett"}, "route_same")
	w.do(RoleOrderer, ChooseRoute{Route: RouteEnvironment, Environment: "Miljö två"})
	w.do(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: "  Miljön,\tSjölunda  universitet "})
	if w.s.Route() != RouteEnvironment || w.s.Environment != "Miljön, Sjölunda universitet" || !w.s.RouteSettled || w.s.ByPost() || w.s.AwaitsPosting() {
		t.Errorf("%q %q", w.s.Route(), w.s.Environment)
	}
	w.refused(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: "Miljön, Sjölunda universitet"}, "route_same")
	w.s.Released, w.s.Delivery = true, released.Delivery
	w.refused(RoleRegistrar, DispatchStick{Tracking: "RR1", Fingerprint: ParcelPrint(hash("parcel"))}, "not_by_post")
	if w.s.FetchableBy(RoleOrderer) != nil {
		t.Error("nobody can fetch")
	}
	w.refused(RoleHandler, ChooseRoute{Route: RouteEnvironment, Environment: "En annan"}, "environment_late")
	w.do(RoleOrderer, ConfirmReceipt{Manifest: "m1"})
	w.do(RoleHandler, ChooseRoute{Route: RouteFetch, Environment: "står kvar i formuläret"})
	if w.s.Environment != "" {
		t.Errorf("fetched, but to %q", w.s.Environment)
	}
}
