package clock_test

import (
	"fmt"

	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/swede"
)

func ExampleBook_Read() {
	on := func(d, event string, attrs ...string) clock.Mark {
		m := clock.Mark{Day: day.MustParse(d), Event: event, Attrs: map[string]string{}}
		for i := 0; i < len(attrs); i += 2 {
			m.Attrs[attrs[i]] = attrs[i+1]
		}
		return m
	}
	c := clock.Case{
		Purpose: "research", Party: "private", Calendar: swede.NewCalendar(), Today: day.MustParse("2026-12-01"),
		Marks: []clock.Mark{
			on("2026-11-05", clock.Arrived, "on", "2026-11-02"), // a letter, registered three days later
			on("2026-11-03", clock.Acknowledged),
			on("2026-11-09", clock.Completed),
			on("2026-11-10", clock.SupplementRequested, "id", "1"),
			on("2026-11-20", clock.SupplementAnswered, "id", "1"),
		},
	}
	for _, id := range []string{"acknowledge", "total"} {
		for _, r := range clock.Definitions().Read(id, c) {
			fmt.Println(r.Def.Name.EN, "–", r.Status, "– by", r.Due)
			for _, s := range r.Steps {
				fmt.Println("  " + s.Text.EN)
			}
		}
	}
	// Output:
	// Acknowledge that the order has arrived – met – by 2026-11-04
	//   2026-11-02: the order arrived. This is day 0 and is not counted.
	//   + 2 working days (Försäkringskassan, Beställning av individdata, 2025-06-27).
	//   That gives 2026-11-04; working days counted: 2026-11-03, 2026-11-04.
	//   2026-11-03: done, in time.
	// From complete order to delivery – running – by 2027-03-19
	//   2026-11-09: the order became complete. This is day 0 and is not counted.
	//   + 4 months (Försäkringskassan, Beställning av individdata, 2025-06-27).
	//   Not counted, we wait for your supplement: 2026-11-11–2026-11-20 (10 days).
	//   That gives 2027-03-19; without waiting 2027-03-09, moved by 10 days.
	//   2026-12-01: the clock is running.
}
