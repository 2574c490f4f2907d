package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/letter"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Directions of a document.
const (
	DocumentIn  = "in"
	DocumentOut = "out"
	DocumentOwn = "own" // drawn up here, sent to nobody
)

// CaseDocument is a line of the document list (dokumentförteckning) of a case.
// The list is derived from the log: what nobody registered by hand is there
// all the same, and numbers never change. Offentlighets- och sekretesslagen
// (2009:400) 5 kap. 1–2 §§.
type CaseDocument struct {
	No        int
	Direction string // in, out or own
	Kind      string
	Name      catalog.Text
	On        day.Day // came, left or was drawn up
	Party     string  // sender or recipient
	Secrecy   string  // provision of the secrecy mark, "" = none
	// Version is the entry that it stands in; Registered its number among the
	// documents that staff have registered, 0 when nobody did.
	Version    int
	Registered int
	// Blob is where the original lies, with its hash; "" for what is an event
	// of the log and has content instead.
	Blob    string
	SHA256  canon.Hash
	content any
}

// IsLetter reports whether the document can be read as a letter.
func (d CaseDocument) IsLetter() bool {
	return d.content != nil && slices.Contains(letter.Kinds, letter.Kind(d.Kind))
}

// JSON is the content of a document that is part of the log, as canonical
// JSON. nil for an original that lies as a file.
func (d CaseDocument) JSON() ([]byte, error) {
	if d.content == nil {
		return nil, nil
	}
	return canon.JSON(d.content)
}

// DocumentList is the document list of a case with these entries. A decision
// and its quote are documents from the day they are dispatched.
func DocumentList(id string, entries []order.Entry) []CaseDocument {
	b := listing{s: order.State{ID: id}}
	for _, e := range entries {
		before := b.s
		b.s, b.e = order.Apply(b.s, e), e
		b.entry(before)
	}
	return b.out
}

// listing builds a document list; s is the case after e.
type listing struct {
	s   order.State
	e   order.Entry
	out []CaseDocument
}

func (b *listing) add(direction, kind, sv, en, party string, content any) *CaseDocument {
	b.out = append(b.out, CaseDocument{
		No: len(b.out) + 1, Direction: direction, Kind: kind, Name: catalog.Text{SV: sv, EN: en}, On: swede.CivilDay(b.e.At), Party: party, Version: b.e.Version, content: content,
	})
	return &b.out[len(b.out)-1]
}

// members is the content of a document that is part of an event.
type members map[string]any

func (b *listing) entry(before order.State) {
	orderer, representative := b.s.Application.Orderer.Name, b.s.Application.Principal.Representative.Name
	switch ev := b.e.Event.(type) {
	case *order.Submitted:
		b.add(DocumentIn, "application", "Ansökan", "Application", orderer, members{"application": ev.Application, "hash": ev.Hash}).On = b.s.ReceivedOn
		b.original(before)
	case *order.Enquired:
		b.add(DocumentIn, "enquiry", "Förfrågan", "Enquiry", ev.Email, members{"topic": ev.Topic, "text": ev.Text}).On = b.s.ReceivedOn
		b.original(before)
	case *order.Acknowledged:
		b.add(DocumentOut, string(letter.Receipt), "Bekräftelse", "Receipt", orderer, members{})
	case *order.SupplementReminded:
		b.add(DocumentOut, string(letter.Reminder), fmt.Sprintf("Påminnelse om komplettering %d", ev.ID), fmt.Sprintf("Reminder of supplement %d", ev.ID), orderer, members{"id": ev.ID})
	case *order.SupplementRequested:
		b.add(DocumentOut, "supplement_request", fmt.Sprintf("Begäran om komplettering %d", ev.ID), fmt.Sprintf("Request for supplement %d", ev.ID), orderer,
			members{"id": ev.ID, "parts": ev.Parts, "text": ev.Text, "due": ev.Due})
	case *order.Supplemented:
		b.add(DocumentIn, "supplement", fmt.Sprintf("Komplettering %d", ev.ID), fmt.Sprintf("Supplement %d", ev.ID), orderer, members{"application": ev.Application, "hash": ev.Hash}).On = b.s.LastItemOn
	case *order.DataAgreed:
		b.add(DocumentIn, "data_agreed", "Överenskomna uppgifter", "Data agreed", orderer, members{"application": ev.Application, "hash": ev.Hash})
	case *order.QuoteDrafted:
		b.add(DocumentOut, "draft_quote", fmt.Sprintf("Utkast till offert, version %d", ev.Quote.Version), fmt.Sprintf("Draft quote, version %d", ev.Quote.Version), orderer, members{"quote": ev.Quote, "hash": ev.Hash})
	case *order.DraftAgreed:
		b.add(DocumentIn, "draft_agreed", "Godkänt utkast", "Draft agreed", orderer, members{"hash": ev.Hash})
	case *order.DecisionDispatched:
		b.decision(ev)
	case *order.QuoteAccepted:
		b.add(DocumentIn, "acceptance", "Accept av offerten", "Acceptance of the quote", representative, members{"hash": ev.Hash})
	case *order.PopulationCalled:
		b.add(DocumentOut, "call", "Avrop av populationsfil", "Call for the population file", ev.Call.Supplier.Name, members{"call": ev.Call, "hash": ev.Hash, "note": ev.Note})
	default:
		b.late()
	}
}

// decision lists what a dispatch sends: the decision and, with it, the quote.
func (b *listing) decision(ev *order.DecisionDispatched) {
	d := b.s.Decision
	if d == nil {
		return
	}
	to := strings.Join(ev.To, ", ")
	b.add(DocumentOut, "decision", "Beslut "+d.ID, "Decision "+d.ID, to, members{"decision": d, "hash": b.s.DecisionHash, "note": b.s.DecisionNote})
	if b.s.Quote != nil && d.Quote != "" {
		b.add(DocumentOut, "quote", "Offert", "Quote", to, members{"quote": b.s.Quote, "hash": b.s.QuoteHash})
	}
	if d.Forbehall != nil {
		b.add(DocumentOut, string(letter.Terms), "Förbehåll", "Terms of use", to, members{"decision": b.s.DecisionHash, "terms": d.Forbehall})
	}
}

// late lists what comes after the decision, and what ends a case.
func (b *listing) late() {
	a := b.s.Application
	recipient := a.Principal.Name
	if a.Recipient != nil {
		recipient = a.Recipient.Name
	}
	switch ev := b.e.Event.(type) {
	case *order.DelayNotified:
		b.add(DocumentOut, string(letter.Delay), "Underrättelse om försening", "Notice of delay", a.Orderer.Name, members{"reason": ev.Reason, "expected": ev.Expected})
	case *order.MediumSettled:
		if ev.How == "destroyed" {
			b.add(DocumentOut, string(letter.Destruction), fmt.Sprintf("Förstöringsintyg, medium %d", ev.ID), fmt.Sprintf("Certificate of destruction, medium %d", ev.ID), a.Orderer.Name, members{"medium": ev.ID})
		}
	case *order.Delivered:
		b.add(DocumentOut, "delivery_note", "Leveransbesked", "Delivery note", recipient, members{
			"manifest": ev.Manifest, "sha256": ev.SHA256, "bytes": ev.Bytes, "route": ev.Route, "on": ev.On, "purge_on": ev.PurgeOn, "replaces": ev.Replaces,
		})
	case *order.Invoiced:
		b.add(DocumentOut, "invoice", "Fakturaunderlag", "Invoice basis", a.Principal.Name, members{"invoice": ev.Invoice, "hash": ev.Hash})
	case *order.Credited:
		b.add(DocumentOut, string(letter.Credit), fmt.Sprintf("Kreditnota %d", ev.No), fmt.Sprintf("Credit note %d", ev.No), a.Principal.Name, members{"no": ev.No, "invoice": ev.Invoice, "reason": ev.Reason, "on": ev.On, "final": ev.Final})
	case *order.DeliveryRecalled:
		b.add(DocumentOut, "recall", "Återkallelse av leveransen", "Recall of the delivery", recipient, members{"kind": ev.Kind, "text": ev.Text, "on": ev.On})
	case *order.Purged:
		b.add(DocumentOwn, "purge_protocol", "Gallringsprotokoll", "Purge protocol", "", members{"protocol": ev.Protocol, "hash": ev.Hash, "objects": ev.Objects})
	case *order.Appealed:
		b.add(DocumentIn, "appeal", fmt.Sprintf("Överklagande %d", ev.ID), fmt.Sprintf("Appeal %d", ev.ID), a.Principal.Name, members{"id": ev.ID, "against": ev.Against, "on": ev.On, "last_day": ev.LastDay, "in_time": ev.InTime, "forum": ev.Forum}).On = ev.On
	case *order.AppealForwarded:
		b.add(DocumentOut, "appeal_forwarded", fmt.Sprintf("Överlämnande av överklagande %d", ev.ID), fmt.Sprintf("Appeal %d handed over", ev.ID), "", members{"id": ev.ID})
	case *order.AppealDismissed:
		b.add(DocumentOut, "appeal_dismissed", fmt.Sprintf("Avvisning av överklagande %d", ev.ID), fmt.Sprintf("Appeal %d dismissed", ev.ID), a.Principal.Name, members{"id": ev.ID, "reason": ev.Reason})
	case *order.Dismissed:
		b.add(DocumentOut, "dismissal", "Beslut om avvisning", "Decision to dismiss", a.Orderer.Name, members{"ground": ev.Ground, "reason": ev.Reason})
	case *order.Withdrawn:
		b.add(DocumentIn, "withdrawal", "Återkallelse", "Withdrawal", a.Orderer.Name, members{"reason": ev.Reason})
	case *order.DocumentRegistered:
		b.registered(ev.Document)
	}
}

// original lists the original of what staff registered for its sender.
func (b *listing) original(before order.State) {
	for _, d := range b.s.Documents[len(before.Documents):] {
		b.registered(d)
	}
}

func (b *listing) registered(d order.Document) {
	direction := DocumentIn
	if d.Out {
		direction = DocumentOut
	}
	x := b.add(direction, cmp.Or(d.Kind, "other"), d.Name, d.Name, d.Party, nil)
	x.On, x.Secrecy, x.Registered, x.Blob, x.SHA256 = d.On, d.Secrecy, d.No, d.Blob, d.SHA256
}

// DocumentsFor are the lines that somebody in the role may know of, with the
// numbers that they have in the whole list. Those outside see what has been
// exchanged with them; originals in the authority's own storage stay inside.
func DocumentsFor(role order.Role, rel access.Relation, entries []order.Entry, s order.State) []CaseDocument {
	depth := map[int]access.Depth{}
	for _, v := range access.Read(role, rel, entries, s) {
		depth[v.Entry.Version] = v.Depth
	}
	return slices.DeleteFunc(DocumentList(s.ID, entries), func(d CaseDocument) bool {
		return depth[d.Version] != access.Full || d.Blob != "" && access.Outside(role)
	})
}

// OpenOriginal opens the file of a document of the list.
func (a *App) OpenOriginal(ctx context.Context, d CaseDocument) (io.ReadCloser, error) {
	if d.Blob == "" {
		return nil, ErrNotFound
	}
	return a.Blobs.Get(ctx, d.Blob)
}
