package clock

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Events that the built-in definitions know. A caller maps its own log to
// these names.
const (
	Arrived             = "arrived"              // the order came in; attribute on: the day the post or mail arrived
	Acknowledged        = "acknowledged"         // the orderer has been told
	CompletenessChecked = "completeness_checked" // complete or a supplement asked for
	SupplementRequested = "supplement_requested" // id; days: working days to answer in
	SupplementAnswered  = "supplement_answered"  // id; also when it timed out
	Completed           = "completed"            // on: the day the last item came
	DraftSent           = "draft_sent"           // id: version of the draft quote; days: working days to answer in
	DraftAnswered       = "draft_answered"       // id
	DraftAgreed         = "draft_agreed"
	Decided             = "decided"          // population: file or none; gives: yes or no
	DecisionSent        = "decision_sent"    // the representative has the decision and its quote; until: last day to accept
	DecisionServed      = "decision_served"  // the party has been served (delgiven); appealable: yes or no
	QuoteAccepted       = "quote_accepted"   //
	FileCalled          = "file_called"      // the population file has been called for (avrop)
	FileAccepted        = "file_accepted"    // id; on: the day it arrived
	FileFaulty          = "file_faulty"      // id; found faulty after it had been accepted
	Promised            = "promised"         // until: the delivery day promised to a statistics order
	Delivered           = "delivered"        // months: retention
	StickDue            = "stick_due"        // id; a stick is to be written and posted
	StickOff            = "stick_off"        // id; it need not be posted any more
	StickPosted         = "stick_posted"     // id of what was due
	StickUnderway       = "stick_underway"   // id of the stick
	StickEnded          = "stick_ended"      // id of the stick: it has arrived, is lost or recalled
	Invoiced            = "invoiced"         //
	Purged              = "purged"           //
	Appealed            = "appealed"         //
	DelayNotified       = "delay_notified"   //
	RulingRequested     = "ruling_requested" // the party asks for a decision, FL 12 §; on
	RulingRefused       = "ruling_refused"   //
	KeyKept             = "key_kept"         // until
	KeyReminded         = "key_reminded"     //
	KeyDestroyed        = "key_destroyed"    //
	Withdrawn           = "withdrawn"        //
	Dismissed           = "dismissed"        //
	Refused             = "refused"          // every row refused
)

// Kinds of case and party, as in intake.
const (
	research   = "research"
	statistics = "statistics"
	private    = "private"
	equated    = "equated"
)

const (
	page  = "Försäkringskassan, Beställning av individdata, 2025-06-27"
	own   = "egen regel / own rule"
	fl    = "förvaltningslagen (2017:900) "
	lawFL = "2018-07-01" // förvaltningslagen in force
)

var (
	pageDay = day.MustParse("2000-01-01") // the page's times are held for every case in the log
	flDay   = day.MustParse(lawFL)

	arrived   = Trigger{Event: Arrived, DayFrom: "on", Name: catalog.Text{SV: "beställningen kom in", EN: "the order arrived"}}
	completed = Trigger{Event: Completed, DayFrom: "on", Name: catalog.Text{SV: "beställningen blev komplett", EN: "the order became complete"}}
	accepted  = Trigger{Event: FileAccepted, DayFrom: "on", Name: catalog.Text{SV: "den godkända nyckelfilen kom in", EN: "the accepted key file arrived"}}
	quoteYes  = Trigger{Event: QuoteAccepted, Name: catalog.Text{SV: "offerten godkändes", EN: "the quote was accepted"}}
	noFile    = Trigger{Event: Decided, Attr: "population", Is: "none", Name: catalog.Text{SV: "beslut fattades; ingen populationsfil behövs", EN: "the decision was made; no population file is due"}}
	delivered = Trigger{Event: Delivered, Name: catalog.Text{SV: "leverans gjordes", EN: "delivery was made"}}
	decided   = Trigger{Event: Decided}

	over   = []Trigger{{Event: Withdrawn}, {Event: Dismissed}}
	overNo = []Trigger{{Event: Withdrawn}, {Event: Dismissed}, {Event: Refused}}

	waitOrderer = Pause{
		Reason: catalog.Text{SV: "vi väntar på komplettering från er", EN: "we wait for your supplement"},
		Begin:  []Trigger{{Event: SupplementRequested}}, End: []Trigger{{Event: SupplementAnswered}}, Key: "id",
	}
	waitDraft = Pause{
		Reason: catalog.Text{SV: "vi väntar på ert svar på utkastet till offert", EN: "we wait for your answer to the draft quote"},
		Begin:  []Trigger{{Event: DraftSent}}, End: []Trigger{{Event: DraftAnswered}, {Event: DraftAgreed}},
	}
	waitAcceptance = Pause{
		Reason: catalog.Text{SV: "vi väntar på att företrädaren godkänner offerten", EN: "we wait for the representative to accept the quote"},
		Begin:  []Trigger{{Event: DecisionSent}}, End: []Trigger{{Event: QuoteAccepted}},
	}
	waitFile = Pause{
		Reason: catalog.Text{SV: "vi väntar på populationsfilen", EN: "we wait for the population file"},
		Begin:  []Trigger{{Event: FileCalled}, {Event: FileFaulty}}, End: []Trigger{{Event: FileAccepted, DayFrom: "on"}},
	}
)

func starts(all ...Trigger) []Start { return []Start{{All: all}} }

// Definitions are the clocks of Försäkringskassan's statistics unit. Lengths
// that the page or law leaves open (how soon completeness is checked, how long
// an answer may take, when a warning comes) are our own proposals and say so in
// their source; another authority brings its own book.
//
// The page's 1–4 months and one month are for research. A statistics order is
// delivered on the day that was promised to it.
//
// Förvaltningslagen 11 and 12 §§ are for cases begun by an individual party:
// here private principals and private ones equated with authorities (OSL 2 kap.
// 4 §), which remain individuals to förvaltningslagen. That a case is
// "substantially" delayed (11 §) is a judgement; the book takes it to be so
// when the last day of the total time, or of a promise to a statistics order,
// has passed.
//
// The last day of appeal is counted from service; förvaltningslagen 44 §. For
// an authority that appeals to the government the same three weeks are counted,
// see review.AppealGuide for what is uncertain there.
func Definitions() Book {
	b := make(Book, 0, 22)
	b = append(b, intakeClocks()...)
	b = append(b, deliveryClocks()...)
	return append(b, afterwardsClocks()...)
}

func intakeClocks() Book {
	return Book{
		{
			ID: "acknowledge", Kind: Duty, Source: page, From: pageDay, Unit: WorkingDays, Length: 2, Warn: 1,
			Name:  catalog.Text{SV: "Bekräfta att beställningen har kommit in", EN: "Acknowledge that the order has arrived"},
			Start: starts(arrived), Stop: []Trigger{{Event: Acknowledged}}, Cancel: over,
		},
		{
			ID: "completeness", Kind: Duty, Source: own, From: pageDay, Unit: WorkingDays, Length: 10, Warn: 2,
			Name:  catalog.Text{SV: "Kontrollera om beställningen är komplett", EN: "Check whether the order is complete"},
			Start: starts(arrived), Restart: []Trigger{{Event: SupplementAnswered, DayFrom: "on", Name: catalog.Text{SV: "kompletteringen kom in", EN: "the supplement arrived"}}},
			Stop: []Trigger{{Event: CompletenessChecked}, {Event: SupplementRequested}, {Event: Completed}}, Cancel: over,
		},
		{
			ID: "supplement", Kind: Duty, Source: fl + "20 §; " + own, From: pageDay, Unit: WorkingDays, Length: 15, LengthFrom: "days", Warn: 5, Key: "id",
			Name:  catalog.Text{SV: "Komplettering ska ha kommit in", EN: "The supplement is due"},
			Start: starts(Trigger{Event: SupplementRequested, Name: catalog.Text{SV: "komplettering begärdes", EN: "a supplement was asked for"}}),
			Stop:  []Trigger{{Event: SupplementAnswered}}, Cancel: over,
		},
		{
			ID: "draft_answer", Kind: Duty, Source: own, From: pageDay, Unit: WorkingDays, Length: 20, LengthFrom: "days", Warn: 5, Key: "id",
			Name:  catalog.Text{SV: "Svar på utkastet till offert", EN: "Answer to the draft quote"},
			Start: starts(Trigger{Event: DraftSent, Name: catalog.Text{SV: "utkastet skickades", EN: "the draft was sent"}}),
			Stop:  []Trigger{{Event: DraftAnswered}, {Event: DraftAgreed}}, Cancel: over,
		},
		{
			ID: "acceptance", Kind: Duty, Source: own, From: pageDay, Unit: Days, UntilFrom: "until", Warn: 5,
			Name:  catalog.Text{SV: "Offerten gäller till och med", EN: "The quote is valid until"},
			Start: starts(Trigger{Event: DecisionSent, Name: catalog.Text{SV: "beslut och offert skickades", EN: "decision and quote were sent"}}),
			Stop:  []Trigger{{Event: QuoteAccepted}}, Cancel: overNo,
		},
		{
			ID: "appeal", Kind: Right, Source: fl + "44 §", From: flDay, Unit: Days, Length: 21, Roll: RollLaw,
			Name:  catalog.Text{SV: "Sista dag att överklaga", EN: "Last day to appeal"},
			Start: starts(Trigger{Event: DecisionServed, Attr: "appealable", Is: "yes", Name: catalog.Text{SV: "parten fick del av beslutet", EN: "the party was served with the decision"}}),
			Stop:  []Trigger{{Event: Appealed}},
		},
	}
}

func deliveryClocks() Book {
	pauses := []Pause{waitOrderer, waitDraft, waitAcceptance, waitFile}
	return Book{
		{
			ID: "total", Kind: Duty, Source: page, From: pageDay, Unit: Months, Length: 4, Least: 1, Warn: 10,
			Name:  catalog.Text{SV: "Från komplett beställning till leverans", EN: "From complete order to delivery"},
			Start: starts(completed), Pauses: pauses, Stop: []Trigger{delivered}, Cancel: overNo, Purposes: []string{research},
		},
		{
			ID: "delivery", Kind: Duty, Source: page, From: pageDay, Unit: Months, Length: 1, Warn: 5,
			Name:    catalog.Text{SV: "Leverans efter nyckelfil", EN: "Delivery after the key file"},
			Start:   []Start{{All: []Trigger{accepted}}, {All: []Trigger{noFile, quoteYes}}},
			Restart: []Trigger{accepted}, Reset: []Trigger{{Event: FileFaulty}},
			Stop: []Trigger{delivered}, Cancel: overNo, Purposes: []string{research},
		},
		{
			ID: "promised", Kind: Duty, Source: page, From: pageDay, Unit: Days, UntilFrom: "until", Warn: 5,
			Name:    catalog.Text{SV: "Leverans den dag som har utlovats", EN: "Delivery on the promised day"},
			Start:   starts(Trigger{Event: Promised, Name: catalog.Text{SV: "leveransdagen utlovades", EN: "the delivery day was promised"}}),
			Restart: []Trigger{{Event: Promised, Name: catalog.Text{SV: "en ny leveransdag utlovades", EN: "a new delivery day was promised"}}},
			Stop:    []Trigger{delivered}, Cancel: overNo, Purposes: []string{statistics},
		},
		delayNotice("total", research),
		delayNotice("promised", statistics),
		{
			ID: "ruling_right", Kind: Right, Source: fl + "12 §", From: flDay, Unit: Months, Length: 6,
			Name:  catalog.Text{SV: "Parten får begära att ärendet avgörs", EN: "The party may ask for a ruling"},
			Start: starts(arrived), Stop: []Trigger{{Event: RulingRequested}}, Cancel: append([]Trigger{decided}, overNo...), Parties: []string{private, equated},
		},
		{
			ID: "ruling_answer", Kind: Duty, Source: fl + "12 §", From: flDay, Unit: Days, Length: 28, Warn: 5,
			Name:  catalog.Text{SV: "Avgöra ärendet eller avslå begäran om avgörande", EN: "Decide the case or refuse the request for a ruling"},
			Start: starts(Trigger{Event: RulingRequested, DayFrom: "on", Name: catalog.Text{SV: "begäran om avgörande kom in", EN: "the request for a ruling arrived"}}),
			Stop:  []Trigger{decided, {Event: Refused}, {Event: Dismissed}, {Event: RulingRefused}}, Cancel: []Trigger{{Event: Withdrawn}}, Parties: []string{private, equated},
		},
	}
}

// delayNotice starts when the last day of another clock has passed.
func delayNotice(after, purpose string) Definition {
	return Definition{
		ID: "delay_notice", Kind: Duty, Source: fl + "11 §; " + own, From: flDay, Unit: WorkingDays, Length: 5, Warn: 2, AfterLate: after,
		Name: catalog.Text{SV: "Underrätta parten om förseningen", EN: "Tell the party about the delay"},
		Stop: []Trigger{{Event: DelayNotified}}, Cancel: append([]Trigger{delivered}, overNo...),
		Purposes: []string{purpose}, Parties: []string{private, equated},
	}
}

func afterwardsClocks() Book {
	return Book{
		{
			ID: "post", Kind: Duty, Source: own, From: pageDay, Unit: WorkingDays, Length: 2, Warn: 1, Key: "id",
			Name:  catalog.Text{SV: "Posta minnet", EN: "Post the stick"},
			Start: starts(Trigger{Event: StickDue, Name: catalog.Text{SV: "paketet blev klart att posta", EN: "the parcel was ready to be posted"}}),
			Stop:  []Trigger{{Event: StickPosted}}, Cancel: append([]Trigger{{Event: StickOff}}, over...),
		},
		{
			ID: "stick", Kind: Duty, Source: own, From: pageDay, Unit: WorkingDays, Length: 10, Warn: 3, Key: "id",
			Name:  catalog.Text{SV: "Kvittens på det postade minnet", EN: "Receipt for the posted stick"},
			Start: starts(Trigger{Event: StickUnderway, Name: catalog.Text{SV: "minnet postades", EN: "the stick was posted"}}),
			Stop:  []Trigger{{Event: StickEnded}},
		},
		{
			ID: "invoice", Kind: Duty, Source: page, From: pageDay, Unit: Months, Length: 3, Least: 1, Warn: 10,
			Name:  catalog.Text{SV: "Fakturera", EN: "Invoice"},
			Start: starts(delivered), Stop: []Trigger{{Event: Invoiced}},
		},
		{
			ID: "purge", Kind: Duty, Source: page, From: pageDay, Unit: Months, Length: 6, LengthFrom: "months", Warn: 10,
			Name:  catalog.Text{SV: "Gallra det som har tagits emot och levererats", EN: "Purge what was received and delivered"},
			Start: starts(delivered), Stop: []Trigger{{Event: Purged}},
		},
		{
			ID: "kept_key", Kind: Reminder, Source: own, From: pageDay, Unit: Months, Length: 12,
			Name:    catalog.Text{SV: "Fråga om kodnyckeln fortfarande behövs", EN: "Ask whether the kept key is still needed"},
			Start:   starts(Trigger{Event: KeyKept, Name: catalog.Text{SV: "kodnyckeln sparades", EN: "the key was kept"}}),
			Restart: []Trigger{{Event: KeyReminded, Name: catalog.Text{SV: "påminnelse skickades", EN: "a reminder was sent"}}},
			Cancel:  []Trigger{{Event: KeyDestroyed}},
		},
	}
}
