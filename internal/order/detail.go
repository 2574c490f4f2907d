package order

import (
	"fmt"
	"strings"

	"sluss/internal/clock"

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
		return fmt.Sprintf("nr %d, utgående %s", d.No, d.On), fmt.Sprintf("no. %d, outgoing %s", d.No, d.On)
	}
	return fmt.Sprintf("nr %d, inkommen %s", d.No, d.On), fmt.Sprintf("no. %d, incoming %s", d.No, d.On)
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
	who := ev.To + " (" + string(ev.Role) + ")"
	if ev.For != "" {
		return who + ", för " + ev.For + " till och med " + ev.Until.String(), who + ", for " + ev.For + " through " + ev.Until.String()
	}
	return who, who
}

func (ev *HoursLogged) detail() (sv, en string) {
	h := fmt.Sprintf("%d.%02d h %s", ev.Centis/100, abs(ev.Centis%100), ev.Kind)
	return h, h
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
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
		return "i rätt tid; sista dag " + ev.LastDay.String(), "in time; last day " + ev.LastDay.String()
	}
	return "för sent; sista dag var " + ev.LastDay.String(), "too late; the last day was " + ev.LastDay.String()
}

func (ev *Reopened) detail() (sv, en string) {
	return map[string]string{KindCorrection: "rättelse", KindReconsideration: "ändring", KindAfterAppeal: "efter överklagande"}[ev.Kind], ev.Kind
}

func (ev *Redecided) detail() (sv, en string) {
	return decided(&Decided{Decision: ev.Decision})
}

func (ev *DatePromised) detail() (sv, en string) {
	span := ev.From.String() + " – " + ev.To.String()
	return span, span
}

func (ev *ClockWarned) detail() (sv, en string) {
	for _, d := range clock.Definitions() {
		if d.ID == ev.Clock {
			return d.Name.SV + ", " + ev.Due.String(), d.Name.EN + ", " + ev.Due.String()
		}
	}
	return ev.Clock + ", " + ev.Due.String(), ev.Clock + ", " + ev.Due.String() // one of the authority's own
}

func (ev *ChildOpened) detail() (sv, en string) { return ev.Case, ev.Case }

func (ev *FaultSettled) detail() (sv, en string) {
	return map[string]string{"replace": "ersätts", "none": "inget fel", "new_case": "ny beställning"}[ev.Outcome],
		map[string]string{"replace": "replaced", "none": "no fault", "new_case": "another order"}[ev.Outcome]
}

func (ev *RetentionExtended) detail() (sv, en string) {
	return "gallras " + ev.PurgeOn.String(), "purged on " + ev.PurgeOn.String()
}

func (ev *PopulationCalled) detail() (sv, en string) {
	return ev.Call.Supplier.Name + ", " + ev.Call.Opens.String() + " – " + ev.Call.Closes.String(), ev.Call.Supplier.Name + ", " + ev.Call.Opens.String() + " – " + ev.Call.Closes.String()
}
