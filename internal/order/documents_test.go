package order

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

func paper(on day.Day) Document {
	return Document{Kind: "letter", Name: "Brev", On: on, Party: "Sjölunda universitet", Channel: ChannelPost, Blob: "b/1", SHA256: hash("1")}
}

// TestDocuments: what OSL 5:2 asks of a registration, and that the day a paper
// came counts, not the day it was registered.
func TestDocuments(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "draft_quote")
	for code, change := range map[string]func(*Document){
		"order.arrival_day":       func(d *Document) { d.On = w.today + 1 },
		"order.channel":           func(d *Document) { d.Channel = "pigeon" },
		"order.document_facts":    func(d *Document) { d.Party = "" },
		"order.document_original": func(d *Document) { d.Blob = "" },
	} {
		d := paper(w.today)
		change(&d)
		w.refused(RoleRegistrar, RegisterDocument{d}, code, 0)
	}
	long := paper(w.today - oldestArrival - 1)
	w.refused(RoleRegistrar, RegisterDocument{long}, "order.arrival_day", 0)
	d := paper(w.today)
	d.No = 77 // the number is given, not taken
	w.do(RoleRegistrar, RegisterDocument{d})
	d.Out = true
	w.do(RoleHandler, RegisterDocument{d})
	if w.s.Documents[0].No != 1 || w.s.Documents[1].No != 2 {
		t.Errorf("numbers %d, %d", w.s.Documents[0].No, w.s.Documents[1].No)
	}
	// An outgoing letter is nobody's word.
	w.refused(RoleRegistrar, ReturnDraft{Text: "x", Behalf: Behalf{Mail: 2}}, "order.no_document", 0)
	w.refused(RoleOrderer, ReturnDraft{Text: "x", Behalf: Behalf{Mail: 1}}, "order.on_behalf", 0)

	post := newWorld(t, research())
	post.today = start + 5
	post.do(RoleRegistrar, Submit{Application: post.app, OnBehalf: true, Arrival: letter(start)})
	if post.s.ReceivedOn != start || post.s.LastItemOn != start || post.s.Documents[0].Kind != "application" {
		t.Errorf("received %s, last item %s", post.s.ReceivedOn, post.s.LastItemOn)
	}
	post.do(RoleHandler, ConfirmComplete{})
	if post.s.CompleteOn != start {
		t.Errorf("complete on %s", post.s.CompleteOn)
	}
	newWorld(t, research()).refused(RoleRegistrar, Submit{Application: post.app, OnBehalf: true, Arrival: letter(start + 1)}, "order.arrival_day", 0)
	newWorld(t, research()).refused(RoleOrderer, Submit{Application: post.app, Arrival: letter(start)}, "order.on_behalf", 0)
}

// TestByMailAllTheWay: an orderer without an account goes from application to
// receipt by post, each act resting on a registered document.
func TestByMailAllTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, research())
	post := func(cmd func(Behalf) Command) {
		t.Helper()
		w.do(RoleRegistrar, RegisterDocument{paper(w.today)})
		w.do(RoleRegistrar, cmd(Behalf{Mail: len(w.s.Documents)}))
	}
	for _, st := range way {
		if st.name == "send_again" {
			break
		}
		w.today += day.Day(st.days)
		switch st.name {
		case "submit":
			w.do(RoleRegistrar, Submit{Application: w.app, OnBehalf: true, Arrival: letter(w.today)})
		case "agree_draft":
			post(func(b Behalf) Command { return AgreeDraft{Hash: w.s.DraftHash, Behalf: b} })
		case "accept_quote":
			post(func(b Behalf) Command { return AcceptQuote{Hash: w.s.QuoteHash, Behalf: b} })
		case "confirm_receipt":
			post(func(b Behalf) Command { return ConfirmReceipt{Manifest: hash("manifest"), Behalf: b} })
		case "take_medium":
			w.do(RoleRegistrar, TakeMedium{Road: "post", Tracking: "RR123456789SE"})
		default:
			w.do(st.role, st.cmd(w))
		}
	}
	if !w.s.Receipt || len(w.s.Documents) != 4 {
		t.Errorf("receipt %v, %d documents", w.s.Receipt, len(w.s.Documents))
	}
}

// TestDocumentRequests: whoever keeps a document gives it out; masking and
// refusal are the authority's, with provision, reasons and appeal guide.
func TestDocumentRequests(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "the end")
	w.refused(RoleRegistrar, RequestDocuments{}, "order.request", 0)
	w.do(RoleRegistrar, RequestDocuments{Text: "beslutet"})
	w.do(RoleHandler, RequestDocuments{Text: "allt"})
	w.refused(RoleRegistrar, DecideRequest{ID: 9, Outcome: "full"}, "order.no_request", 0)
	w.refused(RoleRegistrar, DecideRequest{ID: 1, Outcome: "maybe"}, "order.request_outcome", 0)
	w.do(RoleRegistrar, DecideRequest{ID: 1, Outcome: "full"})
	w.refused(RoleRegistrar, DecideRequest{ID: 1, Outcome: "full"}, "order.no_request", 0)
	masked := DecideRequest{
		ID: 2, Outcome: "masked", Masked: []Masking{{Document: "1", What: "kontaktuppgifter", Law: "OSL 21:3"}},
		Reasons: catalog.Text{SV: "skäl"}, Appeal: catalog.Text{SV: "kammarrätten"},
	}
	w.refused(RoleRegistrar, masked, "order.request_delegation", 0)
	without := masked
	without.Appeal = catalog.Text{}
	w.refused(RoleDecider, without, "order.request_reasons", 0)
	without = masked
	without.Masked = []Masking{{Document: "1", What: "x"}}
	w.refused(RoleDecider, without, "order.request_masking", 0)
	without.Masked = nil
	w.refused(RoleDecider, without, "order.request_masking", 0)
	w.do(RoleDecider, masked)
}
