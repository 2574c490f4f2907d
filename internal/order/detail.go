package order

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// detail completes the line of an event of an aspect with its figures and
// dates; free text stays in the event.

func (ev *Enquired) detail() (sv, en string) {
	topic := map[string][2]string{
		"variables": {"vilka variabler som behövs", "which variables are needed"},
		"wording":   {"om en formulering räcker", "whether a wording is enough"},
		"orderable": {"vad som går att beställa än", "what can be ordered yet"},
	}[ev.Topic]
	return topic[0], topic[1]
}

func (ev *DocumentRegistered) detail() (sv, en string) {
	d := ev.Document
	if d.Out {
		return fmt.Sprintf("nr %d, utgående %s", d.No, longSV(d.On)), fmt.Sprintf("no. %d, outgoing %s", d.No, longEN(d.On))
	}
	return fmt.Sprintf("nr %d, inkommen %s", d.No, longSV(d.On)), fmt.Sprintf("no. %d, incoming %s", d.No, longEN(d.On))
}

func (ev *DataProposed) detail() (sv, en string) {
	var tables []string
	for _, w := range ev.Data {
		tables = append(tables, w.Table)
	}
	list := strings.Join(tables, ", ")
	return list, list
}

func (ev *Assigned) detail() (sv, en string) {
	role := ev.Role.Title()
	sv, en = ev.To+", "+strings.ToLower(role.SV), ev.To+", "+strings.ToLower(role.EN)
	if ev.For != "" {
		sv, en = sv+", för "+ev.For+" till och med "+longSV(ev.Until), en+", for "+ev.For+" through "+longEN(ev.Until)
	}
	return sv, en
}

func (ev *HoursLogged) detail() (sv, en string) {
	kind := quote.KindName(ev.Kind)
	return quote.Centis(ev.Centis, "sv") + ", " + kind.SV, quote.Centis(ev.Centis, "en") + ", " + kind.EN
}

func (ev *ChangeProposed) detail() (sv, en string) {
	return swede.Ore(ev.NetOre).Text("sv") + " exkl. moms", swede.Ore(ev.NetOre).Text("en") + " excl. VAT"
}

func (ev *ChangeAnswered) detail() (sv, en string) {
	if ev.Approved {
		return "godkänd", "approved"
	}
	return "avböjd", "declined"
}

func (ev *Appealed) detail() (sv, en string) {
	if ev.InTime {
		return "i rätt tid; sista dag " + longSV(ev.LastDay), "in time; last day " + longEN(ev.LastDay)
	}
	return "för sent; sista dag var " + longSV(ev.LastDay), "too late; the last day was " + longEN(ev.LastDay)
}

func (ev *Reopened) detail() (sv, en string) {
	return map[string]string{KindCorrection: "rättelse", KindReconsideration: "ändring", KindAfterAppeal: "efter överklagande"}[ev.Kind], ev.Kind
}

func (ev *Redecided) detail() (sv, en string) {
	return decided(&Decided{Decision: ev.Decision})
}

func (ev *DatePromised) detail() (sv, en string) {
	return longSV(ev.From) + " – " + longSV(ev.To), longEN(ev.From) + " – " + longEN(ev.To)
}

func (ev *ClockWarned) detail() (sv, en string) {
	for _, d := range clock.Definitions() {
		if d.ID == ev.Clock {
			return d.Name.SV + ", " + longSV(ev.Due), d.Name.EN + ", " + longEN(ev.Due)
		}
	}
	return ev.Clock + ", " + longSV(ev.Due), ev.Clock + ", " + longEN(ev.Due) // one of the authority's own
}

func (ev *ChildOpened) detail() (sv, en string) { return ev.Case, ev.Case }

func (ev *FaultSettled) detail() (sv, en string) {
	return map[string]string{"replace": "ersätts", "none": "inget fel", "new_case": "ny beställning"}[ev.Outcome],
		map[string]string{"replace": "replaced", "none": "no fault", "new_case": "another order"}[ev.Outcome]
}

func (ev *RetentionExtended) detail() (sv, en string) {
	return "gallras " + longSV(ev.PurgeOn), "purged on " + longEN(ev.PurgeOn)
}

func (ev *PopulationCalled) detail() (sv, en string) {
	x := ev.Call
	return x.Supplier.Name + ", " + longSV(x.Opens) + " – " + longSV(x.Closes), x.Supplier.Name + ", " + longEN(x.Opens) + " – " + longEN(x.Closes)
}

func longSV(d day.Day) string { return swede.LongDay(d, "sv") }
func longEN(d day.Day) string { return swede.LongDay(d, "en") }

// partNames are parts of an order as the form calls them.
func partNames(parts []string) (sv, en string) {
	var svs, ens []string
	for _, p := range parts {
		t, ok := intake.Label(p)
		if !ok {
			t = catalog.Text{SV: p, EN: p}
		}
		svs, ens = append(svs, t.SV), append(ens, t.EN)
	}
	return strings.Join(svs, ", "), strings.Join(ens, ", ")
}
