package order

import (
	"slices"
	"strconv"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// What random runs do beside the way: wrong and right commands of every kind.

func detour(rt *rapid.T, w *world) Command {
	changed := w.app
	changed.Data = slices.Clone(changed.Data)
	changed.Data[0].To += day.Day(rapid.IntRange(0, 1).Draw(rt, "changed"))
	changed.Title = "Ny titel"
	spec := w.specification()
	switch rapid.IntRange(0, 3).Draw(rt, "spec") {
	case 0:
		spec.Extracts[0].Columns[2].Coarsen = nil
	case 1:
		spec.Extracts[0].Window.From.Date -= 400
	case 2:
		spec.Identity.Kind = plan.IdentityPersonalNumber
	}
	failed := w.extracted()
	failed.Egress = []CheckResult{{Check: "dates"}}
	return rapid.SampledFrom([]Command{
		RequestSupplement{Parts: []string{"data", "title"}, Text: "x", DueDays: 3},
		AnswerSupplement{Application: changed},
		AnswerSupplement{Application: w.app},
		DraftQuote{Terms: w.terms()},
		ReturnDraft{Text: "x"},
		Withdraw{},
		Dismiss{Ground: "g", Reason: "r"},
		TakeMedium{Road: "post"},
		TakeMedium{Blob: "b/9", SHA256: hash("9"), Road: "upload"},
		SettleMedium{ID: 1, How: "returned"},
		RecordPopulationCheck{PopulationChecked{ID: w.s.Arrivals}},
		RecordPopulationCheck{PopulationChecked{ID: w.s.Arrivals, Accepted: true, Persons: 5000, Intake: plan.Ref{SHA256: hash("x")}}},
		OrderExtraction{Spec: spec, Note: "x"},
		RecordExtraction{failed},
		RecordFailure{ExtractionFailed{Spec: w.s.SpecHash}},
		Release{Manifest: hash("other")},
		RecordDelivery{Manifest: hash("other")},
		SendAgain{},
		OrderPurge{},
		RecordPurge{},
		AcknowledgeForbehall{Person: "Nils"},
		AcknowledgeForbehall{Person: "Ida"},
		AgreeDraft{Hash: hash("x")},
		AcceptQuote{Hash: w.s.QuoteHash},
	}).Draw(rt, "detour")
}

// aside is a command of one of the aspects.
func aside(rt *rapid.T, w *world) Command {
	n := rapid.IntRange(1, 3).Draw(rt, "n")
	text := catalog.Text{SV: "s", EN: "e"}
	mail := Behalf{Mail: rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(rt, "mail")}
	proposal, change := hash("none"), hash("none")
	if w.s.Proposal != nil {
		proposal = w.s.Proposal.Hash
	}
	for _, c := range w.s.Changes {
		change = c.Hash
	}
	wish := w.app.Data[0]
	wish.To -= day.Day(n)
	replaced := w.specification()
	if w.s.Replacing && rapid.IntRange(0, 3).Draw(rt, "snapshot") == 0 {
		replaced.AsOf = plan.AsOf{Snapshot: "s2"}
	}
	outcome := rapid.SampledFrom([]string{"replace", "replace", "none", "new_case"}).Draw(rt, "outcome")
	kind := rapid.SampledFrom([]string{KindCorrection, KindReconsideration, KindReconsideration, KindAfterAppeal}).Draw(rt, "kind")
	recall := rapid.SampledFrom(IncidentKinds).Draw(rt, "recall")
	incident, then := rapid.SampledFrom(IncidentOutcomes).Draw(rt, "incident"), rapid.SampledFrom(Thens).Draw(rt, "then")
	return rapid.SampledFrom([]Command{
		Enquire{Topic: "other", Text: "x"},
		CloseEnquiry{},
		AskQuestion{Text: "x", Behalf: mail},
		AnswerQuestion{ID: n, Text: "x", Behalf: mail},
		WriteNote{Text: "x"},
		RegisterKey{Key: keyNo(n)},
		ConfirmKey{Fingerprint: KeyFingerprint(keyNo(n)), Channel: "phone", With: "x"},
		ProposeData{Data: append(slices.Clone(w.app.Data[:0]), wish)},
		AgreeData{Hash: proposal, Behalf: mail},
		RemindSupplement{},
		TimeOutSupplement{},
		RegisterDocument{paper(w.today)},
		RequestDocuments{Text: "x"},
		DecideRequest{ID: n, Outcome: "full"},
		SealAway{Blob: "b", Sender: "s"},
		Assign{Role: RoleReviewer, To: "reviewer.1", Why: "x"},
		Assign{Role: RoleReleaser, To: "statistician.1", Why: "x"},
		Unassign{Role: RoleReviewer, Why: "x"},
		DeclareConflict{Person: rapid.SampledFrom([]string{"petra", "petra", "petra", "releaser.1"}).Draw(rt, "who"), Ground: "x"},
		LogHours{Kind: quote.Review, Centis: int64(100 * n)},
		ProposeChange{Hours: hoursOf(quote.Extraction, int64(300-200*n)), Reason: "x"},
		AnswerChange{Hash: change, Approve: n > 1, Behalf: mail},
		ReturnReview{Text: "x"},
		RegisterAppeal{Behalf: mail},
		ForwardAppeal{ID: n},
		DismissAppeal{ID: n, Reason: text},
		SettleAppeal{ID: n, Outcome: "returned", Reference: "x"},
		Reopen{Kind: kind, Ground: "x"},
		Reopen{Kind: kind, Ground: "x"},
		MarkProtected{Ground: "x"},
		ReportFault{Text: "x"},
		ReportFault{Text: "y"},
		PromiseDate{From: w.today, To: w.today + 9, Reason: text},
		NotifyDelay{Reason: text, Expected: w.today + 9},
		RequestRuling{Behalf: mail},
		RefuseRuling{text, text},
		WarnClock{Clock: "total", Due: w.today},
		RemindKey{},
		Expire{},
		LinkChild{Case: "FK-2026-00002", Kind: KinRetention},
		ReportFault{Text: "x", Behalf: mail},
		SettleFault{ID: n, Outcome: outcome, Text: "x"},
		SettleFault{ID: 1, Outcome: "replace", Text: "x"},
		OrderExtraction{Spec: replaced, Note: "x"},
		GrantRetention{Until: w.today + 400, Reasons: text, Support: "x"},
		RefuseRetention{text},
		ExtendRetention{Until: w.today + 400, Child: "FK-2026-00002"},
		Recall{Kind: recall, Text: "x"},
		ChooseRoute{Route: Routes[n%3], Environment: "Miljön, Sjölunda universitet"},
		DispatchStick{Tracking: "RR" + strconv.Itoa(n), Fingerprint: ParcelPrint(hash("parcel"))},
		AnswerRecall{Opened: n > 1, Destroyed: n > 2, Text: "x", Behalf: mail},
		SettleIncident{Outcome: incident, Then: then, Text: "x"},
		CreditInvoice{Reason: "x", Final: n == 1},
		CorrectAddress{Of: "orderer", Email: "ny@sjolunda.example", Why: "x"},
		WithholdEntry{Parts: EntryParts[:n-1], Provision: "24 kap. 8 § OSL", Why: "x"},
		Reseal{Manifest: hash("manifest"), Fingerprint: KeyFingerprint(keyNo(n)), Note: "x"},
		RecordReseal{Resealed{Manifest: hash("again"), Was: hash("manifest"), Fingerprint: KeyFingerprint(keyNo(n)), Blob: "b/3", SHA256: hash("3")}},
	}).Draw(rt, "aside")
}

// waits is a command that something in the case waits for.
type waits struct {
	cmd  Command
	role Role
}

// pending are the commands that the case waits for beside its way: without
// them random runs would begin many things and end few.
func pending(rt *rapid.T, w *world) (out []waits) {
	add := func(cmd Command, r Role) { out = append(out, waits{cmd, r}) }
	text := catalog.Text{SV: "s", EN: "e"}
	s := w.s
	if s.Reopened != "" {
		add(reopened(rt, w))
	}
	for _, c := range s.Changes {
		if !c.Answered {
			add(AnswerChange{Hash: c.Hash, Approve: c.ID%2 == 1}, RoleRepresentative)
		}
	}
	for _, a := range s.Appeals {
		switch {
		case a.Settled:
		case a.Forwarded:
			add(SettleAppeal{ID: a.ID, Outcome: "returned", Reference: "x"}, RoleRegistrar)
		default:
			add(ForwardAppeal{ID: a.ID}, RoleHandler)
			add(DismissAppeal{ID: a.ID, Reason: text}, RoleDecider)
		}
	}
	for _, f := range s.Faults {
		if f.Outcome == "" {
			add(SettleFault{ID: f.ID, Outcome: "replace", Text: "x"}, RoleHandler)
		}
	}
	if s.Delivery != nil && !s.PurgeOpen && !s.Purged {
		if len(s.Incidents) == 0 {
			add(Recall{Kind: rapid.SampledFrom(IncidentKinds).Draw(rt, "gone wrong"), Text: "x"}, RoleHandler)
		}
		if s.TakesKey() && s.SealedTo == "" && (s.RecipientKey == nil || s.RecipientKey.Key == s.RecipientNow()) {
			add(RegisterKey{Key: keyNo(3)}, RoleOrderer)
		}
	}
	if s.Invoice != nil && len(s.Credits) == 0 {
		add(CreditInvoice{Reason: "x", Final: rapid.Bool().Draw(rt, "for good")}, RoleFinance)
	}
	if s.AwaitsPosting() {
		add(DispatchStick{Tracking: "RR-" + strconv.Itoa(len(s.Sticks)), Fingerprint: s.parcelPrint()}, RoleRegistrar)
	}
	if s.StickUnderway() != nil {
		add(Recall{Kind: StickLost, Text: "x"}, RoleRegistrar)
		add(ConfirmReceipt{Manifest: s.Delivery.Manifest}, RoleOrderer)
	}
	if s.another() {
		add(SettleIncident{Outcome: "not_recovered", Then: ThenResume, Text: "x"}, RoleHandler)
	}
	if s.OpenIncident() != nil {
		add(SettleIncident{Outcome: "destroyed", Then: ThenReplace, Text: "x"}, RoleHandler)
		add(SettleIncident{Outcome: "no_incident", Then: ThenResume, Text: "x"}, RoleRegistrar)
	}
	if k := s.RecipientKey; s.KeyToConfirm() && s.Delivery != nil {
		add(ConfirmKey{Fingerprint: k.Fingerprint, Channel: "phone", With: "x"}, RoleHandler)
	}
	if s.AwaitsReseal() {
		add(Reseal{Manifest: s.Delivery.Manifest, Fingerprint: s.RecipientKey.Fingerprint, Note: "x"}, RoleReleaser)
	}
	if r := s.Resealing; r != nil {
		add(RecordReseal{Resealed{Manifest: hash(r.Fingerprint + string(r.Manifest)), Was: r.Manifest, Fingerprint: r.Fingerprint, Blob: "b/3", SHA256: hash("3")}}, RoleEngine)
	}
	if s.Replacing {
		add(OrderExtraction{Spec: w.specification(), Note: "x"}, RoleStatistician)
		add(RecordExtraction{w.extracted()}, RoleEngine)
		add(Release{Manifest: hash("manifest")}, RoleReleaser)
		add(RecordDelivery{Manifest: hash("manifest"), Blob: "b/2", SHA256: hash("2")}, RoleEngine)
	}
	if s.RulingDue != 0 {
		add(RefuseRuling{text, text}, RoleDecider)
	}
	if s.Parent != nil && s.Parent.Kind == KinRetention && s.Ended == "" {
		add(GrantRetention{Until: w.today + 400, Reasons: text, Support: "x"}, RoleDecider)
		add(RefuseRetention{text}, RoleDecider)
	}
	if s.Proposal != nil {
		add(AgreeData{Hash: s.Proposal.Hash}, RoleOrderer)
	}
	if len(w.authority.Suppliers) > 0 && s.PopulationDue() && s.Call == nil && s.Dispatched {
		if c, err := MakeCall(s, w.authority, "scb", "r", 0, w.today, w.today+90, w.today, "age1"); err == nil {
			add(CallPopulation{Call: c, Signature: "x"}, RoleHandler)
		}
	}
	for _, c := range DueActs(s, w.authority, w.today) {
		add(c, RoleClock)
	}
	return out
}

// reopened is what a reopened case waits for.
func reopened(rt *rapid.T, w *world) (Command, Role) {
	if w.s.Reopened != KindCorrection && !w.s.Reviewed {
		return fullReview(), RoleReviewer
	}
	change := anyDecision(rt)
	if w.s.Reopened == KindCorrection && rapid.IntRange(0, 3).Draw(rt, "as it was") > 0 {
		change = nil
	}
	return w.again(w.s.Reopened, change), RoleDecider
}
