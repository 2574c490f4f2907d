package order

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/plan"
	"sluss/internal/swede"
)

// Line is one entry of a case told to a reader: what happened, what was
// checked before it could happen, and on which law it rests.
type Line struct {
	What    catalog.Text
	Checked catalog.Text // "" when the act needs no check
	Law     string
}

// story is how an event type is told; What can be completed by [Tell].
var story = merged(wayStory, dialogueStory, documentStory, deskStory, moneyStory, rulingStory, timeStory, kinStory, callStory, keyStory, resealStory, recallStory, creditStory, routeStory)

// wayStory tells the way that every order goes.
var wayStory = map[string]Line{
	"submitted": {
		catalog.Text{SV: "Beställningen kom in", EN: "The order arrived"},
		catalog.Text{SV: "fullständig enligt reglerna för ändamålet", EN: "complete by the rules of its purpose"},
		"förvaltningslagen 19–20 §§",
	},
	"acknowledged": {catalog.Text{SV: "Mottagandet bekräftades", EN: "Receipt was acknowledged"}, catalog.Text{}, "förvaltningslagen 6 §"},
	"supplement_requested": {
		catalog.Text{SV: "Komplettering begärdes", EN: "A supplement was asked for"},
		catalog.Text{SV: "endast namngivna delar låses upp", EN: "only the named parts are unlocked"},
		"förvaltningslagen 20 §",
	},
	"supplemented": {
		catalog.Text{SV: "Kompletteringen kom in", EN: "The supplement arrived"},
		catalog.Text{SV: "inget annat än de upplåsta delarna är ändrat", EN: "nothing but the unlocked parts has changed"},
		"förvaltningslagen 20 §",
	},
	"completed": {
		catalog.Text{SV: "Beställningen är fullständig", EN: "The order is complete"},
		catalog.Text{SV: "varje krav på fullständighet; etikgodkännandet täcker varje förmån", EN: "every requirement of completeness; the ethics approval covers each benefit"},
		"etikprövningslagen 3–6 §§; förvaltningslagen 20 §",
	},
	"quote_drafted":  {catalog.Text{SV: "Utkast till offert skickades", EN: "A draft quote was sent"}, catalog.Text{SV: "prislistan som gäller dagen", EN: "the price list in force"}, "avgiftsförordningen 4 §"},
	"quote_returned": {catalog.Text{SV: "Beställaren bad om ett nytt utkast", EN: "The orderer asked for another draft"}, catalog.Text{}, "avgiftsförordningen 4 §"},
	"draft_agreed":   {catalog.Text{SV: "Utkastet godkändes", EN: "The draft was agreed"}, catalog.Text{SV: "svaret gäller det senaste utkastet", EN: "the answer is to the latest draft"}, "avgiftsförordningen 4 §"},
	"reviewed": {
		catalog.Text{SV: "Sekretessprövningen gjordes", EN: "The confidentiality review was made"},
		catalog.Text{SV: "mottagare, täckning, minimering, risk, skydd och bedömning", EN: "recipient, coverage, minimisation, risk, safeguards and assessment"},
		"OSL 24 kap. 8 §",
	},
	"decided": {
		catalog.Text{SV: "Beslut fattades", EN: "A decision was made"},
		catalog.Text{SV: "fullständig, utkast överenskommet, sekretessprövad; underskriften är beslutsfattarens", EN: "complete, draft agreed, reviewed; the signature is the decision maker's"},
		"OSL 6 kap. 3 §, 24 kap. 8 §; förvaltningslagen 31–33 §§",
	},
	"decision_dispatched": {catalog.Text{SV: "Beslut och offert skickades", EN: "Decision and quote were sent"}, catalog.Text{SV: "offerten följer beslutet", EN: "the quote goes with the decision"}, "förvaltningslagen 33 §"},
	"quote_accepted":      {catalog.Text{SV: "Offerten accepterades", EN: "The quote was accepted"}, catalog.Text{SV: "offerten är beslutets", EN: "the quote is the decision's"}, "avgiftsförordningen 4 §"},
	"forbehall_acknowledged": {
		catalog.Text{SV: "Förbehållet bekräftades", EN: "The restriction was acknowledged"},
		catalog.Text{SV: "personen är namngiven i beslutet", EN: "the decision names the person"},
		"OSL 10 kap. 14 §",
	},
	"medium_early": {
		catalog.Text{SV: "En populationsfil kom för tidigt och lästes inte", EN: "A population file came too early and was not read"},
		catalog.Text{SV: "inget beslut om utlämnande finns", EN: "there is no decision to disclose"},
		"OSL 24 kap. 8 §",
	},
	"medium_settled": {catalog.Text{SV: "Det för tidiga mediet togs om hand", EN: "The early medium was settled"}, catalog.Text{}, "arkivlagen 10 §"},
	"population_received": {
		catalog.Text{SV: "Populationsfilen togs emot, förseglad", EN: "The population file was received, sealed"},
		catalog.Text{SV: "beslutet är expedierat", EN: "the decision has been dispatched"},
		"OSL 24 kap. 8 §",
	},
	"population_checked": {
		catalog.Text{SV: "Valvet kontrollerade populationen", EN: "The vault checked the population"},
		catalog.Text{SV: "varje rad; kolumner och antal enligt beslutet", EN: "every line; columns and number as decided"},
		"dataskyddsförordningen art. 5.1 c–d",
	},
	"extraction_ordered": {
		catalog.Text{SV: "Uttaget beställdes", EN: "The extraction was ordered"},
		catalog.Text{SV: "beslut, accepterad offert och godkänd population; specifikationen ryms i beslutet, led för led", EN: "decision, accepted quote and accepted population; the specification lies within the decision, element by element"},
		"OSL 24 kap. 8 §",
	},
	"extracted": {
		catalog.Text{SV: "Uttaget är gjort och förseglat", EN: "The extraction is made and sealed"},
		catalog.Text{SV: "de färdiga filerna mot beslutet", EN: "the finished files against the decision"},
		"OSL 24 kap. 8 §; dataskyddsförordningen art. 5.1 f",
	},
	"extraction_failed": {catalog.Text{SV: "Uttaget stoppades", EN: "The extraction was stopped"}, catalog.Text{}, "OSL 24 kap. 8 §"},
	"released": {
		catalog.Text{SV: "Leveransen släpptes av en andra person", EN: "The delivery was released by a second person"},
		catalog.Text{SV: "någon annan än den som gjorde uttaget; samma innehåll som granskades", EN: "somebody other than who ran the extraction; the same content that was reviewed"},
		"dataskyddsförordningen art. 32",
	},
	"delivered": {
		catalog.Text{SV: "Paketet ligger klart", EN: "The parcel is ready"},
		catalog.Text{SV: "frisläppt; paketet kom fram oförändrat", EN: "released; the parcel arrived unchanged"},
		"OSL 24 kap. 8 §",
	},
	"sent_again":        {catalog.Text{SV: "Samma paket skickades igen", EN: "The same parcel was sent again"}, catalog.Text{SV: "gallringsdagen har inte kommit", EN: "the purge date has not come"}, "OSL 24 kap. 8 §"},
	"receipt_confirmed": {catalog.Text{SV: "Mottagaren bekräftade innehållet", EN: "The recipient confirmed the content"}, catalog.Text{SV: "samma innehåll som släpptes", EN: "the same content that was released"}, "dataskyddsförordningen art. 5.1 f"},
	"invoiced":          {catalog.Text{SV: "Fakturaunderlaget lämnades", EN: "The invoice basis was handed over"}, catalog.Text{SV: "en till tre månader efter leverans; den accepterade offerten", EN: "one to three months after delivery; the accepted quote"}, "avgiftsförordningen 4 §"},
	"purge_ordered":     {catalog.Text{SV: "Gallring beställdes", EN: "A purge was ordered"}, catalog.Text{SV: "gallringsdagen har kommit; gallringsbeslutet är angivet", EN: "the purge date has come; the gallringsbeslut is named"}, "arkivlagen 10 §"},
	"purged":            {catalog.Text{SV: "Gallrat; protokollet är undertecknat", EN: "Purged; the protocol is signed"}, catalog.Text{SV: "nycklar förstörda, inget går att öppna", EN: "keys destroyed, nothing can be opened"}, "arkivlagen 10 §; dataskyddsförordningen art. 5.1 e"},
	"dismissed":         {catalog.Text{SV: "Beställningen avvisades", EN: "The order was dismissed"}, catalog.Text{}, "förvaltningslagen 20 § andra stycket"},
	"withdrawn":         {catalog.Text{SV: "Beställningen återkallades", EN: "The order was withdrawn"}, catalog.Text{}, "förvaltningslagen 9 §"},
}

// Headline returns what happened at an event of the type, without figures,
// dates or names.
func Headline(typ string) catalog.Text { return story[typ].What }

// Tell returns the line of an entry.
func Tell(e Entry) Line {
	l := story[e.Event.Type()]
	if s, ok := e.Event.(*Submitted); ok && s.OnBehalf {
		l.Checked = catalog.Text{SV: "tas emot som den är; det som saknas begärs in", EN: "taken as it is; what is missing is asked for"}
	}
	if sub, ok := e.Event.(*Submitted); ok && sub.OnBehalf {
		l.Checked = catalog.Text{SV: "registrerad åt avsändaren; fullständigheten prövas för sig", EN: "registered on the sender's behalf; completeness is tested by itself"}
	}
	sv, en := details(e.Event)
	if sv != "" {
		l.What.SV += ": " + sv
	}
	if en != "" {
		l.What.EN += ": " + en
	}
	return l
}

// details completes the line with figures and dates of the event.
func details(e Event) (sv, en string) {
	switch e := e.(type) {
	case *Submitted:
		return e.Application.Title, e.Application.Title
	case *SupplementRequested:
		sv, en := partNames(e.Parts)
		return sv + ". Senast " + longSV(e.Due), en + ". By " + longEN(e.Due)
	case *Completed:
		return "sedan " + longSV(e.On), "since " + longEN(e.On)
	case *QuoteDrafted:
		return swede.Ore(e.Quote.NetOre).Text("sv") + " exkl. moms", swede.Ore(e.Quote.NetOre).Text("en") + " excl. VAT"
	case *Decided:
		return decided(e)
	case *DecisionDispatched:
		return strings.Join(e.To, ", "), strings.Join(e.To, ", ")
	case *ForbehallAcknowledged:
		return e.Name, e.Name
	case *PopulationChecked:
		if e.Code != "" {
			return "går inte att läsa: " + e.SV, "cannot be read: " + e.EN
		}
		if !e.Accepted {
			sv, en = fmt.Sprintf("underkänd, %d rader", e.Rows), fmt.Sprintf("not accepted, %d lines", e.Rows)
			if e.SV != "" {
				sv, en = sv+". "+e.SV, en+". "+e.EN
			}
			return sv, en
		}
		if n := e.Counts[CountOrganisations]; n > 0 {
			return fmt.Sprintf("%d rader, %d organisationer och %d enskilda näringsidkare", e.Rows, n, e.Counts[CountTraders]), fmt.Sprintf("%d lines, %d organisations and %d sole traders", e.Rows, n, e.Counts[CountTraders])
		}
		return fmt.Sprintf("%d rader, %d personer", e.Rows, e.Persons), fmt.Sprintf("%d lines, %d persons", e.Rows, e.Persons)
	case *ExtractionOrdered:
		return fmt.Sprintf("%d filer ur %s", len(e.Spec.Extracts), e.Spec.AsOf.Snapshot), fmt.Sprintf("%d files from %s", len(e.Spec.Extracts), e.Spec.AsOf.Snapshot)
	case *Extracted:
		passed := 0
		for _, c := range e.Egress {
			if c.OK {
				passed++
			}
		}
		return fmt.Sprintf("%d av %d kontroller godkända", passed, len(e.Egress)), fmt.Sprintf("%d of %d checks passed", passed, len(e.Egress))
	case *ExtractionFailed:
		return e.SV, e.EN
	case *Released:
		if e.Why != "" {
			return e.Manifest.Short() + ", röd röjanderapport: " + e.Why, e.Manifest.Short() + ", red disclosure report: " + e.Why
		}
		return e.Manifest.Short(), e.Manifest.Short()
	case *Delivered:
		return "gallras " + longSV(e.PurgeOn) + ", fakturan tidigast " + longSV(e.BillFrom), "purged on " + longEN(e.PurgeOn) + ", invoice from " + longEN(e.BillFrom)
	case *RouteChosen:
		words := map[string]catalog.Text{RouteFetch: {SV: "hämtas", EN: "fetched"}, RouteUSB: {SV: "minne med rekommenderad post", EN: "a stick by registered post"}, RouteEnvironment: {SV: "säker bearbetningsmiljö: " + e.Environment, EN: "secure processing environment: " + e.Environment}}
		return words[e.Route].SV, words[e.Route].EN
	case *StickDispatched:
		return e.Tracking, e.Tracking
	case *Invoiced:
		return swede.Ore(e.Invoice.GrossOre).Text("sv") + " inkl. moms", swede.Ore(e.Invoice.GrossOre).Text("en") + " incl. VAT"
	case *PurgeOrdered:
		return e.Rule, e.Rule
	case *Purged:
		return fmt.Sprintf("%d objekt", e.Objects), fmt.Sprintf("%d objects", e.Objects)
	case *MediumSettled:
		return map[string]string{"returned": "återsänt", "destroyed": "förstört"}[e.How], e.How
	case *Dismissed:
		return e.Reason, e.Reason
	case *Withdrawn:
		return e.Reason, e.Reason
	case interface{ detail() (sv, en string) }:
		return e.detail()
	}
	return "", ""
}

func decided(e *Decided) (sv, en string) {
	switch e.Decision.Outcome() {
	case plan.OutcomeDisclose:
		sv, en = "utlämnas", "disclosed"
	case plan.OutcomePartly:
		sv, en = "utlämnas delvis", "disclosed in part"
	default:
		sv, en = "avslag", "refused"
	}
	return fmt.Sprintf("%s (%s)", sv, e.Decision.ID), fmt.Sprintf("%s (%s)", en, e.Decision.ID)
}
