package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sluss/internal/access"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Subscription is an address that is told what happens in the cases that a
// person may see. It lives as long as the token that it was made with: when
// that has expired or been revoked, nothing more is sent.
type Subscription struct {
	ID      string
	Token   string        // id of the token
	Person  access.Person // whose token it is
	URL     string
	Types   []string // types of events; empty = all
	Created time.Time
}

// Delivery is one message to one subscription.
type Delivery struct {
	ID           int64
	Subscription string
	URL          string
	Person       access.Person
	Case         string
	// Number is the event's place among those that the person sees; with the
	// case it names the message, also when it is sent again.
	Number   int
	Type     string
	At       time.Time // of the event
	Attempts int
	State    string // queued, leased or dead
	Fault    string // code of the last fault
}

// Hooks keeps subscriptions and their messages. A message is made from a row
// that [Log.Append] writes in the same transaction as the entries, so none can
// be lost and none can tell of what was not stored.
type Hooks interface {
	PutSubscription(ctx context.Context, s Subscription) error
	// Subscriptions returns those whose token holds at the time; SubscriptionsOf
	// those of one person.
	Subscriptions(ctx context.Context, now time.Time) ([]Subscription, error)
	SubscriptionsOf(ctx context.Context, p access.Person, now time.Time) ([]Subscription, error)
	// DeleteSubscription removes a subscription and what waits for it.
	DeleteSubscription(ctx context.Context, id string) error
	// Spread takes a case in which something has happened and hands it, with
	// the number of the last message to each subscription, to make, whose
	// messages it stores; false when nothing has happened.
	Spread(ctx context.Context, make func(id string, last map[string]int) ([]Delivery, error)) (bool, error)
	// NextDelivery leases the oldest message that is due and not held back by
	// an earlier one of the same case to the same subscription; ErrNotFound
	// when there is none.
	NextDelivery(ctx context.Context, worker string, now time.Time, lease time.Duration) (Delivery, error)
	// Delivered removes a message; it has arrived.
	Delivered(ctx context.Context, id int64) error
	// Failed puts a message back until a time, or lets it die. A report on
	// another attempt than the one under way comes too late: it changes nothing.
	Failed(ctx context.Context, id int64, attempt int, at time.Time, code string, dead bool) error
	// Deliveries lists what waits for a subscription, in order.
	Deliveries(ctx context.Context, subscription string, limit int) ([]Delivery, error)
	// Replay puts the dead messages of a subscription back and Discard removes
	// them; they return how many there were.
	Replay(ctx context.Context, subscription string, now time.Time) (int, error)
	Discard(ctx context.Context, subscription string) (int, error)
}

// Limits of subscriptions.
const (
	maxSubscriptions = 20
	// DeliveryAttempts is how often a message is sent before it is dead.
	DeliveryAttempts = 12
	deliveryLease    = time.Minute
	firstWait        = 5 * time.Second
	longestWait      = 6 * time.Hour
)

// Subscribe makes a subscription and returns the secret that its messages are
// signed with. The address must be https; programs on the counter's own
// machine can be reached by http, by those who work at the authority.
func (a *App) Subscribe(ctx context.Context, p access.Person, token, address string, types []string) (Subscription, string, error) {
	if a.Hooks == nil || a.HookSecret == nil {
		return Subscription{}, "", ErrNotFound
	}
	if !access.Works(p.Role) && !access.Outside(p.Role) {
		return Subscription{}, "", (&fault.Fault{Code: "access.denied", Class: fault.Gate, Rule: "access", SV: "Rollen " + string(p.Role) + " ser inga ärenden.", EN: "The role " + string(p.Role) + " sees no cases."}).
			Do("Använd en annan nyckel.", "Use another token.")
	}
	if !hookAddress(address, access.Works(p.Role)) {
		return Subscription{}, "", fault.New("hook.address", "Adressen går inte att använda.", "The address cannot be used.").At(fault.Where{Column: "url"}).
			Do("Den ska börja på https:// och varken ha användarnamn eller fragment.", "It must begin https:// and have neither user name nor fragment.")
	}
	for _, typ := range types {
		if !slices.Contains(order.EventTypes(), typ) {
			return Subscription{}, "", fault.New("hook.type", "Det finns ingen sådan händelse.", "There is no such event.").At(fault.Where{Column: "types"}).Do("Se docs/access.md.", "See docs/access.md.")
		}
	}
	have, err := a.Hooks.SubscriptionsOf(ctx, p, a.Clock())
	if err != nil {
		return Subscription{}, "", err
	}
	if len(have) >= maxSubscriptions {
		return Subscription{}, "", fault.New("hook.too_many", fmt.Sprintf("Det finns redan %d prenumerationer.", maxSubscriptions), fmt.Sprintf("There are %d subscriptions already.", maxSubscriptions)).
			Do("Ta bort någon först.", "Remove one first.")
	}
	s := Subscription{ID: "P-" + rand.Text()[:16], Token: token, Person: p, URL: address, Types: types, Created: a.Clock()}
	if err := a.Hooks.PutSubscription(ctx, s); err != nil {
		return Subscription{}, "", err
	}
	return s, hex.EncodeToString(a.HookSecret(s.ID)), nil
}

func hookAddress(address string, local bool) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Fragment != "" || u.Host == "" || len(address) > 2000 {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" && (local || !loopback) || u.Scheme == "http" && local && loopback
}

// OwnSubscriptions returns a person's subscriptions.
func (a *App) OwnSubscriptions(ctx context.Context, p access.Person) ([]Subscription, error) {
	if a.Hooks == nil {
		return nil, nil
	}
	return a.Hooks.SubscriptionsOf(ctx, p, a.Clock())
}

func (a *App) ownSubscription(ctx context.Context, p access.Person, id string) error {
	all, err := a.OwnSubscriptions(ctx, p)
	if err == nil && !slices.ContainsFunc(all, func(s Subscription) bool { return s.ID == id }) {
		err = ErrNotFound
	}
	return err
}

// Unsubscribe ends a subscription of the person's; what waits for it is
// dropped.
func (a *App) Unsubscribe(ctx context.Context, p access.Person, id string) error {
	if err := a.ownSubscription(ctx, p, id); err != nil {
		return err
	}
	return a.Hooks.DeleteSubscription(ctx, id)
}

// WaitingFor lists what waits for a subscription of the person's, in order.
func (a *App) WaitingFor(ctx context.Context, p access.Person, id string) ([]Delivery, error) {
	if err := a.ownSubscription(ctx, p, id); err != nil {
		return nil, err
	}
	return a.Hooks.Deliveries(ctx, id, 200)
}

// ReplayDead sends the dead messages of a subscription again, and DiscardDead
// gives them up, so that later ones of the same cases go on.
func (a *App) ReplayDead(ctx context.Context, p access.Person, id string) (int, error) {
	if err := a.ownSubscription(ctx, p, id); err != nil {
		return 0, err
	}
	return a.Hooks.Replay(ctx, id, a.Clock())
}

// DiscardDead gives the dead messages of a subscription up.
func (a *App) DiscardDead(ctx context.Context, p access.Person, id string) (int, error) {
	if err := a.ownSubscription(ctx, p, id); err != nil {
		return 0, err
	}
	return a.Hooks.Discard(ctx, id)
}

// SpreadHooks makes the messages of one case in which something has happened;
// false when there is none. A message tells of one event that the subscriber
// may know of, in the order and under the number in which the subscriber sees
// it: what is announced later comes later.
func (a *App) SpreadHooks(ctx context.Context) (bool, error) {
	if a.Hooks == nil {
		return false, nil
	}
	subs, err := a.Hooks.Subscriptions(ctx, a.Clock())
	if err != nil {
		return false, err
	}
	return a.Hooks.Spread(ctx, func(id string, last map[string]int) ([]Delivery, error) {
		entries, err := a.Log.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		s := order.Fold(id, entries)
		var out []Delivery
		for _, sub := range subs {
			for _, v := range access.Read(sub.Person.Role, access.Relate(sub.Person, entries), entries, s) {
				typ := v.Entry.Event.Type()
				if v.Number <= last[sub.ID] || v.Entry.At.Before(sub.Created) || len(sub.Types) > 0 && !slices.Contains(sub.Types, typ) {
					continue
				}
				out = append(out, Delivery{Subscription: sub.ID, Case: id, Number: v.Number, Type: typ, At: v.Entry.At})
			}
		}
		return out, nil
	})
}

// NextDelivery leases the next message that is due.
func (a *App) NextDelivery(ctx context.Context, worker string) (Delivery, error) {
	if a.Hooks == nil {
		return Delivery{}, ErrNotFound
	}
	return a.Hooks.NextDelivery(ctx, worker, a.Clock(), deliveryLease)
}

// Sent stores how sending a message went; the fault's code is "" when it
// arrived. What failed is tried again, later each time.
func (a *App) Sent(ctx context.Context, d Delivery, code string) error {
	if code == "" {
		return a.Hooks.Delivered(ctx, d.ID)
	}
	wait := min(firstWait<<min(d.Attempts-1, 20), longestWait)
	return a.Hooks.Failed(ctx, d.ID, d.Attempts, a.Clock().Add(wait), code, d.Attempts >= DeliveryAttempts)
}

// Message is what is sent: a CloudEvent (specification 1.0.2) that tells that
// something happened, where and when, and no more. Whoever wants to know what
// reads the case with a token.
type Message struct {
	SpecVersion string      `json:"specversion"`
	ID          string      `json:"id"`
	Source      string      `json:"source"`
	Type        string      `json:"type"`
	Subject     string      `json:"subject"`
	Time        time.Time   `json:"time"`
	ContentType string      `json:"datacontenttype"`
	Data        MessageData `json:"data"`
}

// MessageData names the case and the event's place in it.
type MessageData struct {
	Order   string `json:"order"`
	Version int    `json:"version"`
	Event   string `json:"event"`
}

// Body is the message of a delivery; the same bytes whenever it is sent.
func (d Delivery) Body() ([]byte, error) {
	return json.Marshal(Message{
		SpecVersion: "1.0", ID: d.Subscription + "." + d.Case + "." + strconv.Itoa(d.Number), Source: "/api/v1/orders/" + d.Case, Type: "sluss.order." + d.Type, Subject: d.Case,
		Time: d.At.UTC(), ContentType: "application/json", Data: MessageData{d.Case, d.Number, d.Type},
	})
}

// Signature is the header Sluss-Signature of a message that is sent at a time:
// t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hexadecimal>. The
// receiver computes it with the secret, compares in constant time, and refuses
// an old t.
func Signature(secret, body []byte, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(t + "."))
	h.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))
}
