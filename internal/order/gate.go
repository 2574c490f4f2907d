package order

import "sluss/internal/fault"

// GateID names a legal condition.
type GateID string

// The gates in the order of the canal.
const (
	GateComplete   GateID = "complete"
	GateDraft      GateID = "draft_agreed"
	GateReview     GateID = "reviewed"
	GateDecision   GateID = "disclosing_decision"
	GateQuote      GateID = "quote_accepted"
	GateForbehall  GateID = "forbehall"
	GatePopulation GateID = "population_checked"
	GateEgress     GateID = "egress_checked"
	GateRelease    GateID = "released_by_second_person"
	GatePurge      GateID = "kept_no_longer"
)

// Gate is a condition that must hold before what lies behind it may happen.
type Gate struct {
	ID      GateID
	SV, EN  string // name on the canal
	ClosedS string // what is said when it is shut
	ClosedE string
	DoS     string // how it is opened
	DoE     string
	Law     string
	Promise int
	Opens   Role // who can open it
	Open    func(State) bool
}

// Gates is every gate once, in order.
var Gates = []Gate{
	{
		GateComplete, "Fullständig", "Complete",
		"Beställningen är inte fullständig.", "The order is not complete.",
		"Begär komplettering eller bekräfta att inget saknas.", "Ask for supplements or confirm that nothing is missing.",
		"förvaltningslagen (2017:900) 20 §", 5, RoleHandler,
		func(s State) bool { return s.Complete },
	},
	{
		GateDraft, "Överens om utkastet", "Draft agreed",
		"Det finns inget utkast till offert som beställaren har godkänt.", "There is no draft quote that the orderer has agreed to.",
		"Skicka ett utkast och invänta svaret.", "Send a draft and wait for the answer.",
		"avgiftsförordningen (1992:191) 4 §; Försäkringskassan, Beställning av individdata, 2025-06-27", 16, RoleOrderer,
		func(s State) bool { return s.AgreedDraft != "" && s.AgreedDraft == s.DraftHash },
	},
	{
		GateReview, "Sekretessprövad", "Confidentiality reviewed",
		"Sekretessprövningen är inte gjord.", "The confidentiality review has not been made.",
		"Fyll i prövningen.", "Complete the review.",
		"offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §", 8, RoleReviewer,
		func(s State) bool { return s.Reviewed },
	},
	{
		GateDecision, "Beslut om utlämnande", "Decision to disclose",
		"Det finns inget beslut om utlämnande.", "There is no decision to disclose.",
		"Invänta beslutet.", "Wait for the decision.",
		"offentlighets- och sekretesslagen (2009:400) 6 kap. 3 § och 24 kap. 8 §", 1, RoleDecider,
		State.Discloses,
	},
	{
		GateQuote, "Offert accepterad", "Quote accepted",
		"Offerten är inte accepterad och inget beslut om avgiftsfrihet finns.", "The quote is not accepted, and there is no decision on no fee.",
		"Invänta huvudmannens svar på beslut och offert.", "Wait for the principal's answer to decision and quote.",
		"avgiftsförordningen (1992:191) 4 §", 2, RoleRepresentative,
		func(s State) bool { return s.Dispatched && (s.Accepted || s.Quote != nil && s.Quote.NoFee != nil) },
	},
	{
		GateForbehall, "Förbehåll bekräftat", "Restriction acknowledged",
		"Förbehållet är inte bekräftat av alla som det gäller.", "The restriction has not been acknowledged by everyone it binds.",
		"Låt de namngivna forskarna bekräfta förbehållet.", "Let the named researchers acknowledge the restriction.",
		"offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §", 7, RoleOrderer,
		forbehallDone,
	},
	{
		GatePopulation, "Population kontrollerad", "Population checked",
		"Populationsfilen är inte mottagen och godkänd.", "The population file has not been received and accepted.",
		"Invänta filen och kontrollen av den.", "Wait for the file and its check.",
		"dataskyddsförordningen (EU) 2016/679 artikel 5.1 c; offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §", 2, RoleSupplier,
		func(s State) bool {
			return s.Discloses() && (!s.PopulationDue() || s.Population != nil && s.Population.Accepted)
		},
	},
	{
		GateEgress, "Filerna kontrollerade", "Files checked",
		"De färdiga filerna är inte kontrollerade mot beslutet.", "The finished files have not been checked against the decision.",
		"Gör uttaget och invänta kontrollen.", "Run the extraction and wait for the check.",
		"offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §; dataskyddsförordningen (EU) 2016/679 artikel 5.1 f", 3, RoleEngine,
		egressDone,
	},
	{
		GateRelease, "Frisläppt av en andra person", "Released by a second person",
		"Leveransen är inte frisläppt.", "The delivery has not been released.",
		"Låt någon annan än den som gjorde uttaget granska och frisläppa det.", "Let somebody other than the person who ran the extraction review and release it.",
		"dataskyddsförordningen (EU) 2016/679 artikel 32", 13, RoleReleaser,
		func(s State) bool { return s.Released },
	},
	{
		GatePurge, "Gallrad", "Purged",
		"Filerna finns kvar.", "The files are still kept.",
		"Gallra när tiden är ute.", "Purge when the time is out.",
		"arkivlagen (1990:782) 10 §; dataskyddsförordningen (EU) 2016/679 artikel 5.1 e", 10, RoleClock,
		func(s State) bool { return s.Purged },
	},
}

func forbehallDone(s State) bool {
	if s.Decision == nil || s.Decision.Forbehall == nil {
		return s.Decision != nil
	}
	for _, n := range s.Decision.Forbehall.Names {
		if !s.Bound[n] {
			return false
		}
	}
	return true
}

func egressDone(s State) bool {
	if s.Extracted == nil {
		return false
	}
	for _, c := range s.Extracted.Egress {
		if !c.OK {
			return false
		}
	}
	return len(s.Extracted.Egress) > 0
}

// GateByID returns the gate; it panics for a name that is not one.
func GateByID(id GateID) Gate {
	for _, g := range Gates {
		if g.ID == id {
			return g
		}
	}
	panic("order: no gate " + string(id))
}

// Shut returns the refusal of the gate, for whoever must tell about it.
func (g Gate) Shut() *fault.Fault {
	return &fault.Fault{
		Code: "gate." + string(g.ID), Class: fault.Gate, SV: g.ClosedS, EN: g.ClosedE, DoSV: g.DoS, DoEN: g.DoE,
		Rule: string(g.ID), Promise: g.Promise, Law: g.Law,
	}
}

// need returns the refusal of the first gate that is shut, or nil.
func need(s State, ids ...GateID) error {
	for _, id := range ids {
		if g := GateByID(id); !g.Open(s) {
			return g.Shut()
		}
	}
	return nil
}

// refuse is a rule that is not a gate of the canal.
func refuse(rule string, promise int, law, sv, en string) *fault.Fault {
	return &fault.Fault{Code: "order." + rule, Class: fault.Gate, SV: sv, EN: en, Rule: rule, Promise: promise, Law: law}
}

// wrongState is the refusal of a command that has no place now.
func wrongState(rule, sv, en string) *fault.Fault {
	return refuse(rule, 0, "förvaltningslagen (2017:900) 9 §", sv, en)
}
