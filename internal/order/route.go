package order

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sluss/internal/canon"
	"sluss/internal/clock"
	"sluss/internal/day"
)

// Routes: how the sealed parcel reaches its recipient. It is fetched, by the
// recipient or by the secure processing environment in which the data are to be
// used, or it is written on a stick that goes by registered post. The parcel is
// the same, sealed to the recipient's own key, or the environment's: whoever finds
// a stick finds ciphertext, and no passphrase has to follow it by another way. The orderer may ask for a route
// before the release; what the house has chosen stands.
//
// A stick is dispatched when the registrar has written down the number of the
// letter and the parcel's fingerprint, read from the stick itself: another
// parcel than the case's is refused. It arrives with the recipient's receipt, or
// is lost, which is an incident like any other ([Recall]).

const lawPost = "dataskyddsförordningen (EU) 2016/679 artikel 32"

// Ways by which a parcel travels.
const (
	RouteFetch       = "fetch"       // from the counter, over HTTPS or SFTP
	RouteUSB         = "usb"         // on a stick, by registered post
	RouteEnvironment = "environment" // a secure processing environment fetches it
)

// Routes are all of them.
var Routes = []string{RouteFetch, RouteUSB, RouteEnvironment}

type (
	// RouteChosen: how the parcel shall reach the recipient.
	RouteChosen struct {
		Route string `json:"route"`
		// Environment is the secure processing environment, its name and who runs
		// it, on that route.
		Environment string `json:"environment,omitempty"`

		Why   string `json:"why,omitempty"`
		Asked bool   `json:"asked,omitempty"` // by the orderer; the house may choose otherwise
	}
	// StickDispatched: the parcel has left by registered post.
	StickDispatched struct {
		ID          int    `json:"id"`
		Tracking    string `json:"tracking"`    // of the registered letter
		Fingerprint string `json:"fingerprint"` // of the parcel, as it was read on the stick
	}
)

var routeEvents = map[string]func() Event{
	"route_chosen":     func() Event { return &RouteChosen{} },
	"stick_dispatched": func() Event { return &StickDispatched{} },
}

func (*RouteChosen) Type() string     { return "route_chosen" }
func (*StickDispatched) Type() string { return "stick_dispatched" }

// What became of a stick; "" while it is on its way.
const (
	StickArrived  = "arrived"
	StickLost     = "lost" // also the kind of the incident
	StickRecalled = "recalled"
	StickOld      = "replaced" // its parcel is no longer the case's
)

// Stick is a medium with the parcel, sent by registered post.
type Stick struct {
	ID       int
	Tracking string
	On       day.Day
	Parcel   string // fingerprint
	Fate     string
}

func (ev *RouteChosen) apply(s State, _ Entry) State {
	s.RouteChosen, s.Environment, s.RouteSettled = ev.Route, ev.Environment, !ev.Asked
	return s
}

func (ev *StickDispatched) apply(s State, e Entry) State {
	s.Sticks = with(s.Sticks, Stick{ID: ev.ID, Tracking: ev.Tracking, On: civil(e), Parcel: ev.Fingerprint})
	s.PostAgain = false
	return s
}

// stickFate says what became of the stick that is on its way, where one is.
func (s State) stickFate(fate string) State {
	s.Sticks = changed(s.Sticks, func(x Stick) bool { return x.Fate == "" }, func(x *Stick) { x.Fate = fate })
	return s
}

// Route is how the parcel reaches the recipient.
func (s State) Route() string {
	if s.RouteChosen == "" {
		return RouteFetch
	}
	return s.RouteChosen
}

// ByPost reports whether the parcel goes by registered post, so that its
// recipient fetches nothing.
func (s State) ByPost() bool { return s.Route() == RouteUSB }

// StickUnderway is the stick that is on its way, nil when there is none.
func (s State) StickUnderway() *Stick {
	for i := range s.Sticks {
		if s.Sticks[i].Fate == "" {
			return &s.Sticks[i]
		}
	}
	return nil
}

// AwaitsPosting reports whether a stick is to be written and posted.
func (s State) AwaitsPosting() bool {
	return s.postable() == nil && (!s.Receipt || s.PostAgain)
}

// postable refuses where there is no stick to post.
func (s State) postable() error {
	switch {
	case s.Delivery == nil:
		return wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	case !s.ByPost():
		return wrongState("not_by_post", "Leveransen hämtas; den postas inte.", "The delivery is fetched; it is not posted.")
	case s.PurgeOpen || s.Purged:
		return refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case s.Recalled:
		return s.recalledNow()
	case s.Replacing || s.Resealing != nil:
		return wrongState("parcel_changes", "Paketet görs om eller förseglas på nytt: posta det nya.", "The parcel is being made again or sealed again: post the new one.")
	case s.StickUnderway() != nil:
		return wrongState("stick_underway", "Ett minne är redan på väg. Har det kommit bort ska leveransen återkallas först.", "A stick is on its way already. If it has been lost, recall the delivery first.")
	}
	return nil
}

// FetchableBy refuses a parcel to whom it is not handed out: one that goes by
// post is fetched by whoever writes the stick, and by nobody else.
func (s State) FetchableBy(r Role) error {
	if err := s.Fetchable(); err != nil {
		return err
	}
	if s.ByPost() && !WritesSticks(r) {
		return wrongState("by_post", "Leveransen kommer med rekommenderad post på ett USB-minne.", "The delivery comes by registered post, on a USB stick.")
	}
	return nil
}

// WritesSticks reports whether a role fetches a parcel to write it on a stick.
func WritesSticks(r Role) bool { return r == RoleRegistrar || r == RoleReleaser }

// ParcelPrint is what people compare of a parcel: the first 16 hexadecimal
// digits of its SHA-256 in groups of four, as its label has them; "" for what is
// no hash.
func ParcelPrint(sum canon.Hash) string {
	if len(sum) < 16 {
		return ""
	}
	h := string(sum)
	return h[:4] + "-" + h[4:8] + "-" + h[8:12] + "-" + h[12:16]
}

// parcelPrint is that of the parcel as it is now.
func (s State) parcelPrint() string {
	if s.Delivery == nil {
		return ""
	}
	return ParcelPrint(s.Delivery.SHA256)
}

// ChooseRoute says how the parcel shall reach the recipient.
type ChooseRoute struct {
	Route       string
	Environment string // name and operator, on the route to one
	Why         string
}

// longestEnvironment is how many characters the name of an environment has at most.
const longestEnvironment = 200

// Name returns choose_route.
func (ChooseRoute) Name() string { return "choose_route" }

// Roles that may; the orderer asks, the house chooses.
func (ChooseRoute) Roles() []Role {
	return []Role{RoleOrderer, RoleHandler, RoleRegistrar, RoleReleaser}
}

// Decide refuses a route that there is not, one to an environment without a name, one that stands already, one to an
// environment for a parcel that has been sealed to another key, a wish after the
// house has chosen or the delivery been released, and any change
// while a stick is on its way or after the purge.
func (c ChooseRoute) Decide(s State, ctx Context) ([]Event, error) {
	asked := ctx.By.Role == RoleOrderer
	environment := ""
	if c.Route == RouteEnvironment {
		environment = strings.Join(strings.Fields(c.Environment), " ")
	}
	switch {
	case s.Enquiry:
		return nil, wrongState("key_enquiry", "En förfrågan lämnar inget ut.", "An enquiry discloses nothing.")
	case !slices.Contains(Routes, c.Route):
		return nil, input("route", "Ange hur leveransen ska komma: fetch (hämtas), usb (rekommenderad post) eller environment (säker bearbetningsmiljö).", "Say how the delivery shall come: fetch, usb (registered post) or environment (secure processing environment).")
	case c.Route == RouteEnvironment && (environment == "" || utf8.RuneCountInString(environment) > longestEnvironment):
		return nil, input("environment", "Ange den säkra bearbetningsmiljön och vem som driver den, högst 200 tecken.", "Name the secure processing environment and who runs it, at most 200 characters.")
	case s.PurgeOpen || s.Purged:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case c.Route == RouteEnvironment && s.Delivery != nil && s.SealedTo == "":
		return nil, wrongState("environment_late", "Paketet är redan förseglat till mottagarens nyckel. Registrera miljöns nyckel och låt försegla på nytt först.", "The parcel has been sealed to the recipient's key already. Register the environment's key and have it sealed again first.")
	case asked && (s.RouteSettled || s.Released || s.Delivery != nil):
		return nil, wrongState("route_settled", "Myndigheten har redan valt hur leveransen kommer. Ställ en fråga i ärendet om det inte går.", "The authority has already chosen how the delivery comes. Ask in the case if that does not work.")
	case s.StickUnderway() != nil:
		return nil, wrongState("stick_underway", "Ett minne är redan på väg. Har det kommit bort ska leveransen återkallas först.", "A stick is on its way already. If it has been lost, recall the delivery first.")
	case s.Route() == c.Route && s.Environment == environment && (asked || s.RouteSettled):
		return nil, wrongState("route_same", "Leveransen kommer redan den vägen.", "The delivery comes that way already.")
	}
	return []Event{&RouteChosen{Route: c.Route, Environment: environment, Why: strings.TrimSpace(c.Why), Asked: asked}}, nil
}

// DispatchStick says that a stick with the parcel has left by registered post.
// Fingerprint is the parcel's, as it was read on the stick.
type DispatchStick struct {
	Tracking    string
	Fingerprint string
}

// Name returns dispatch_stick.
func (DispatchStick) Name() string { return "dispatch_stick" }

// Roles that may post it.
func (DispatchStick) Roles() []Role { return []Role{RoleRegistrar, RoleReleaser} }

// Decide refuses where nothing is to be posted, another parcel than the case's,
// and a letter without a number, or with one that an earlier stick had.
func (c DispatchStick) Decide(s State, ctx Context) ([]Event, error) {
	if err := s.postable(); err != nil {
		return nil, err
	}
	number, ok := TrackingNumber(c.Tracking)
	switch {
	case ctx.Day() >= s.Delivery.PurgeOn:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case !s.AwaitsPosting():
		return nil, wrongState("stick_arrived", "Mottagaren har kvitterat leveransen. Begär att den skickas igen innan ett nytt minne postas.", "The recipient has confirmed the delivery. Ask for it to be sent again before another stick is posted.")
	case !ok || slices.ContainsFunc(s.Sticks, func(x Stick) bool { return x.Tracking == number }):
		return nil, input("tracking", "Skriv brevets nummer: bokstäver A–Z, siffror och bindestreck, högst 40 tecken, ett för varje minne.", "Write the number of the letter: letters A–Z, digits and hyphens, at most 40 characters, one for each stick.")
	case plainPrint(c.Fingerprint) != plainPrint(s.parcelPrint()):
		return nil, refuse("other_parcel", 3, lawPost, "Det som ligger på minnet är inte ärendets paket. Posta det inte: radera minnet och skriv det på nytt.", "What lies on the stick is not the parcel of the case. Do not post it: erase the stick and write it again.")
	}
	return []Event{&StickDispatched{ID: len(s.Sticks) + 1, Tracking: number, Fingerprint: s.parcelPrint()}}, nil
}

// posted refuses a receipt for a stick that never left.
func (s State) posted() error {
	if s.ByPost() && !slices.ContainsFunc(s.Sticks, func(x Stick) bool { return x.Parcel == s.parcelPrint() }) {
		return wrongState("not_posted", "Minnet är inte postat än.", "The stick has not been posted yet.")
	}
	return nil
}

// another reports whether an incident is about a stick that was lost with the
// parcel as it still is: nothing is wrong with what can be posted again.
func (s State) another() bool {
	i := s.OpenIncident()
	n := len(s.Sticks)
	return i != nil && i.Kind == StickLost && n > 0 && s.Sticks[n-1].Fate == StickLost && s.Sticks[n-1].Parcel == s.parcelPrint()
}

// duePosting notes since which entry a stick is to be posted, 0 when none is.
func (s State) duePosting(e Entry) State {
	switch due := s.AwaitsPosting(); {
	case !due:
		s.StickDue = 0
	case s.StickDue == 0:
		s.StickDue = e.Version
	}
	return s
}

// postMarks tells the clocks when a stick is to be posted and when a receipt for
// one is waited for; the state says so before and after an entry.
func postMarks(before, after State, e Entry) (out []clock.Mark) {
	add := func(event string, id int) {
		out = append(out, clock.Mark{Day: civil(e), Event: event, Attrs: map[string]string{"id": strconv.Itoa(id)}})
	}
	was, is := before.StickUnderway(), after.StickUnderway()
	switch {
	case before.StickDue == 0 && after.StickDue != 0:
		add(clock.StickDue, after.StickDue)
	case before.StickDue != 0 && after.StickDue == 0 && is != nil:
		add(clock.StickPosted, before.StickDue)
	case before.StickDue != 0 && after.StickDue == 0:
		add(clock.StickOff, before.StickDue)
	}
	if is != nil && was == nil {
		add(clock.StickUnderway, is.ID)
	}
	if was != nil && is == nil {
		add(clock.StickEnded, was.ID)
	}
	return out
}

var routeCommands = []Command{ChooseRoute{}, DispatchStick{}}

var routeStory = map[string]Line{
	"route_chosen":     told("Leveransens väg valdes", "The delivery's route was chosen", "", "", "dataskyddsförordningen art. 32"),
	"stick_dispatched": told("Ett minne med paketet postades", "A stick with the parcel was posted", "paketet på minnet är ärendets, förseglat till mottagarens nyckel", "the parcel on the stick is the case's, sealed to the recipient's key", "dataskyddsförordningen art. 32"),
}
