package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// The documents of a case: what comes by mail or post and what leaves, and
// outsiders' requests to see them.

const (
	lawRegister = "offentlighets- och sekretesslagen (2009:400) 5 kap. 1–2 §§"
	lawPublic   = "tryckfrihetsförordningen 2 kap. 15–16 §§; offentlighets- och sekretesslagen (2009:400) 6 kap. 2–3 §§"
)

// Channels a document comes or leaves by.
const (
	ChannelMail   = "mail"
	ChannelPost   = "post"
	ChannelUpload = "upload"
)

// Arrival is how a document came when staff register it for its sender. The
// day it arrived is day 0 of every clock, whenever it is registered.
type Arrival struct {
	On      day.Day    `json:"on"`
	Channel string     `json:"channel"` // mail or post
	Sender  string     `json:"sender"`
	Name    string     `json:"name"` // of the original
	Blob    string     `json:"blob"` // where the original is kept
	SHA256  canon.Hash `json:"sha256"`
}

// Document is a registered document; No is its number within the case.
type Document struct {
	No      int        `json:"no"`
	Out     bool       `json:"out,omitempty"`
	Kind    string     `json:"kind"`
	Name    string     `json:"name"`
	On      day.Day    `json:"on"`    // came or left
	Party   string     `json:"party"` // sender or recipient
	Channel string     `json:"channel"`
	Secrecy string     `json:"secrecy,omitempty"` // provision of the secrecy mark, "" = none
	Blob    string     `json:"blob"`
	SHA256  canon.Hash `json:"sha256"`
}

// The documents' events.
type (
	// DocumentRegistered: a document came in or left.
	DocumentRegistered struct {
		Document Document `json:"document"`
	}
	// DocumentsRequested: somebody asks to see public documents of the case.
	DocumentsRequested struct {
		ID   int     `json:"id"`
		Text string  `json:"text"` // what is asked for; the asker can be anonymous
		On   day.Day `json:"on"`
	}
	// RequestDecided: the answer to such a request.
	RequestDecided struct {
		ID      int          `json:"id"`
		Outcome string       `json:"outcome"` // full, masked or refused
		Masked  []Masking    `json:"masked,omitempty"`
		Reasons catalog.Text `json:"reasons,omitzero"`
		Appeal  catalog.Text `json:"appeal,omitzero"`
	}
	// FileSealedAway: an attachment held identity numbers; it was sealed to the
	// vault and is no part of the case.
	FileSealedAway struct {
		Blob   string `json:"blob"`
		Sender string `json:"sender"` // id of the actor who sent it
	}
	// SealedDestroyed: a file that had been sealed away is gone.
	SealedDestroyed struct {
		Blob string `json:"blob"`
	}
)

// Masking is what is covered in one document, and by which provision.
type Masking struct {
	Document string `json:"document"`
	What     string `json:"what"`
	Law      string `json:"law"`
}

var documentEvents = map[string]func() Event{
	"document_registered": func() Event { return &DocumentRegistered{} },
	"documents_requested": func() Event { return &DocumentsRequested{} },
	"request_decided":     func() Event { return &RequestDecided{} },
	"file_sealed_away":    func() Event { return &FileSealedAway{} },
	"sealed_destroyed":    func() Event { return &SealedDestroyed{} },
}

func (*DocumentRegistered) Type() string { return "document_registered" }
func (*DocumentsRequested) Type() string { return "documents_requested" }
func (*RequestDecided) Type() string     { return "request_decided" }
func (*FileSealedAway) Type() string     { return "file_sealed_away" }
func (*SealedDestroyed) Type() string    { return "sealed_destroyed" }

// SealedFile is an attachment that was sealed to the vault.
type SealedFile struct {
	Blob string
	On   day.Day
	Gone bool
}

// DocumentRequest is an outsider's request.
type DocumentRequest struct {
	ID      int
	On      day.Day
	Decided bool
}

func (ev *DocumentRegistered) apply(s State, _ Entry) State {
	s.Documents = with(s.Documents, ev.Document)
	return s
}

func (ev *DocumentsRequested) apply(s State, _ Entry) State {
	s.Requests = with(s.Requests, DocumentRequest{ID: ev.ID, On: ev.On})
	return s
}

func (ev *RequestDecided) apply(s State, _ Entry) State {
	s.Requests = changed(s.Requests, func(r DocumentRequest) bool { return r.ID == ev.ID }, func(r *DocumentRequest) { r.Decided = true })
	return s
}

func (ev *FileSealedAway) apply(s State, e Entry) State {
	s.SealedAway = with(s.SealedAway, SealedFile{Blob: ev.Blob, On: civil(e)})
	return s
}

func (ev *SealedDestroyed) apply(s State, _ Entry) State {
	s.SealedAway = changed(s.SealedAway, func(f SealedFile) bool { return f.Blob == ev.Blob }, func(f *SealedFile) { f.Gone = true })
	return s
}

// civil is the Swedish day of an entry.
func civil(e Entry) day.Day { return swede.CivilDay(e.At) }

// arrived is the day that counts: that of the arrival, or of the entry.
func arrived(a *Arrival, e Entry) day.Day {
	if a != nil {
		return a.On
	}
	return civil(e)
}

func (a *Arrival) document(no int, kind string) Document {
	return Document{No: no, Kind: kind, Name: a.Name, On: a.On, Party: a.Sender, Channel: a.Channel, Blob: a.Blob, SHA256: a.SHA256}
}

// oldestArrival is how far back an arrival can be registered, in days.
const oldestArrival = 366

// check refuses an arrival by anybody but the registrar, one in the future or
// long ago, and one whose original is not kept. A registrar must give one.
func (a *Arrival) check(ctx Context) error {
	registrar := ctx.By.Role == RoleRegistrar
	if a == nil && !registrar {
		return nil
	}
	if a == nil || !registrar {
		return input("on_behalf", "Endast registrator registrerar åt någon annan, och anger då hur handlingen kom.", "Only the registrar registers on somebody's behalf, and then says how the document came.")
	}
	return documentComplete(a.document(1, "application"), ctx)
}

func documentComplete(d Document, ctx Context) error {
	switch {
	case d.On > ctx.Day() || d.On < ctx.Day()-oldestArrival:
		return input("arrival_day", "Ankomstdagen ligger i framtiden eller mer än ett år tillbaka.", "The day of arrival lies in the future or more than a year back.")
	case !slices.Contains([]string{ChannelMail, ChannelPost, ChannelUpload}, d.Channel):
		return input("channel", "Ange om handlingen kom med e-post (mail), med post (post) eller som uppladdning (upload).", "Say whether the document came by mail, by post or as an upload.")
	case d.Party == "" || d.Name == "" || d.Kind == "":
		return refuse("document_facts", 0, lawRegister, "Registreringen ska ange avsändare eller mottagare, slag och namn.", "The registration must state sender or recipient, kind and name.")
	case d.Blob == "" || d.SHA256 == "":
		return refuse("document_original", 0, lawRegister, "Originalet ska bevaras: lägg in filen.", "The original must be kept: put the file in.")
	}
	return nil
}

// Behalf is part of the commands that a registrar can give for somebody who
// writes by mail or post: Mail is the number of the registered document that
// says so.
type Behalf struct{ Mail int }

// check refuses a registrar's act without an incoming document of this case,
// and a document by anybody else.
func (b Behalf) check(s State, ctx Context) error {
	if ctx.By.Role != RoleRegistrar {
		if b.Mail != 0 {
			return input("on_behalf", "Endast registrator handlar efter en registrerad handling.", "Only the registrar acts on a registered document.")
		}
		return nil
	}
	if b.Mail < 1 || b.Mail > len(s.Documents) || s.Documents[b.Mail-1].Out {
		return refuse("no_document", 0, lawRegister, "Ange vilken inkommen, registrerad handling det rör.", "Name the registered incoming document that asks for it.")
	}
	return nil
}

var documentCommands = []Command{
	RegisterDocument{},
	RequestDocuments{},
	DecideRequest{},
	SealAway{},
	DestroySealed{},
}

// RegisterDocument registers a document that came in or left.
type RegisterDocument struct{ Document Document }

// Name returns register_document.
func (RegisterDocument) Name() string { return "register_document" }

// Roles that may register.
func (RegisterDocument) Roles() []Role { return []Role{RoleRegistrar, RoleHandler} }

// Decide refuses a registration that lacks what OSL 5:2 asks for, or the
// original. The number is given here.
func (c RegisterDocument) Decide(s State, ctx Context) ([]Event, error) {
	if err := documentComplete(c.Document, ctx); err != nil {
		return nil, err
	}
	d := c.Document
	d.No = len(s.Documents) + 1
	return []Event{&DocumentRegistered{d}}, nil
}

func (RegisterDocument) endures() bool { return true }

// RequestDocuments registers an outsider's request for public documents. Who
// asks and why must not be asked (TF 2:18), so it is no part of it.
type RequestDocuments struct {
	Text string
	On   day.Day // 0 = today
}

// Name returns request_documents.
func (RequestDocuments) Name() string { return "request_documents" }

// Roles that may register it.
func (RequestDocuments) Roles() []Role { return []Role{RoleRegistrar, RoleHandler} }

// Decide refuses a request that does not say what it is for.
func (c RequestDocuments) Decide(s State, ctx Context) ([]Event, error) {
	on := c.On
	if on == 0 {
		on = ctx.Day()
	}
	if c.Text == "" || on > ctx.Day() {
		return nil, input("request", "Ange vilka handlingar som begärs och när.", "Say which documents are asked for, and when.")
	}
	return []Event{&DocumentsRequested{ID: len(s.Requests) + 1, Text: c.Text, On: on}}, nil
}

func (RequestDocuments) endures() bool { return true }

// DecideRequest answers a request for public documents.
type DecideRequest struct {
	ID      int
	Outcome string
	Masked  []Masking
	Reasons catalog.Text
	Appeal  catalog.Text
}

// Name returns decide_request.
func (DecideRequest) Name() string { return "decide_request" }

// Roles that may answer: whoever keeps the document gives it out; a refusal is
// the authority's (OSL 6:3), so masking and refusal are the decision maker's.
func (DecideRequest) Roles() []Role { return []Role{RoleRegistrar, RoleDecider} }

// Decide refuses an answer without a request, masking without a provision for
// each, and a refusal, in whole or part, that is not the decision maker's or
// lacks reasons and appeal guide.
func (c DecideRequest) Decide(s State, ctx Context) ([]Event, error) {
	if !slices.ContainsFunc(s.Requests, func(r DocumentRequest) bool { return r.ID == c.ID && !r.Decided }) {
		return nil, wrongState("no_request", "Ingen sådan begäran väntar på svar.", "No such request waits for an answer.")
	}
	less := c.Outcome == "masked" || c.Outcome == "refused"
	switch {
	case c.Outcome != "full" && !less:
		return nil, input("request_outcome", "Svaret är full, masked eller refused.", "The answer is full, masked or refused.")
	case less && ctx.By.Role != RoleDecider:
		return nil, refuse("request_delegation", 0, lawPublic, "Den som har handlingen får lämna ut den; att vägra eller maskera är myndighetens beslut.", "Whoever keeps the document may give it out; to refuse or mask is the authority's decision.")
	case less && (c.Reasons.SV == "" || c.Appeal.SV == ""):
		return nil, refuse("request_reasons", 0, lawPublic, "Ett avslag, helt eller delvis, kräver skäl och överklagandehänvisning.", "A refusal, in whole or in part, needs reasons and an appeal guide.")
	case (c.Outcome == "masked") != (len(c.Masked) > 0) || slices.ContainsFunc(c.Masked, func(m Masking) bool { return m.Document == "" || m.What == "" || m.Law == "" }):
		return nil, refuse("request_masking", 0, lawPublic, "Ange för varje maskering handling, vad som täcks och vilken bestämmelse.", "For each masking name the document, what is covered and the provision.")
	}
	return []Event{&RequestDecided{ID: c.ID, Outcome: c.Outcome, Masked: c.Masked, Reasons: c.Reasons, Appeal: c.Appeal}}, nil
}

func (DecideRequest) endures() bool { return true }

// SealAway says that an attachment with identity numbers was sealed to the
// vault instead of becoming part of the case.
type SealAway struct{ Blob, Sender string }

// Name returns seal_away.
func (SealAway) Name() string { return "seal_away" }

// Roles: the counter itself, when a file comes in.
func (SealAway) Roles() []Role { return []Role{RoleClock} }

// Decide refuses nothing that names what was sealed.
func (c SealAway) Decide(State, Context) ([]Event, error) {
	if c.Blob == "" || c.Sender == "" {
		return nil, input("sealed_away", "Ange vad som förseglades och vem som skickade det.", "Name what was sealed and who sent it.")
	}
	return []Event{&FileSealedAway{c.Blob, c.Sender}}, nil
}

func (SealAway) endures() bool { return true }

// DestroySealed says that a file which had been sealed away is gone: its time is
// up, or the case has ended.
type DestroySealed struct{ Blob string }

// Name returns destroy_sealed.
func (DestroySealed) Name() string { return "destroy_sealed" }

// Roles: a date.
func (DestroySealed) Roles() []Role { return []Role{RoleClock} }

// Decide tells it once, and nothing of a file that the case does not know.
func (c DestroySealed) Decide(s State, _ Context) ([]Event, error) {
	if !slices.ContainsFunc(s.SealedAway, func(f SealedFile) bool { return f.Blob == c.Blob && !f.Gone }) {
		return nil, nil
	}
	return []Event{&SealedDestroyed{c.Blob}}, nil
}

func (DestroySealed) endures() bool { return true }

var documentStory = map[string]Line{
	"document_registered": told("En handling registrerades", "A document was registered", "dag, avsändare eller mottagare och innehåll; originalet är bevarat", "day, sender or recipient and content; the original is kept", "OSL 5 kap. 1–2 §§"),
	"documents_requested": told("Någon begärde att få ta del av handlingar", "Somebody asked to see documents", "", "", "TF 2 kap. 15 §"),
	"request_decided":     told("Begäran om handlingar besvarades", "The request for documents was answered", "maskering och avslag har bestämmelse, skäl och överklagandehänvisning", "masking and refusal have provision, reasons and appeal guide", "TF 2 kap. 16 §; OSL 6 kap. 3 §"),
	"sealed_destroyed":    told("En undanförseglad bilaga förstördes", "An attachment that had been sealed away was destroyed", "tiden är ute eller ärendet avslutat", "its time is up or the case has ended", "dataskyddsförordningen art. 5.1 e"),
	"file_sealed_away":    told("En bilaga med personnummer förseglades undan", "An attachment with identity numbers was sealed away", "fler än fem personnummer", "more than five identity numbers", "dataskyddsförordningen art. 5.1 c och f"),
}
