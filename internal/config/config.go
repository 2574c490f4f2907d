// Package config holds what differs between authorities: name, price list,
// retention, purge rule. The built-in authority follows Försäkringskassan's
// published pages; another register holder replaces it with a file.
package config

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// Authority returns the built-in authority. Its gallringsbeslut is a
// placeholder that names itself as one: an authority that puts Sluss to use
// states its own.
func Authority() *order.Authority {
	return &order.Authority{
		ID: "forsakringskassan", CasePrefix: "FK",
		Name: catalog.Text{SV: "Försäkringskassan", EN: "The Swedish Social Insurance Agency"},
		Prices: quote.PriceList{{
			From: day.MustParse("2018-01-01"), HourOre: 85_000, Basis: "avgiftsförordningen (1992:191) 4 §",
			Source: catalog.Text{
				SV: "Försäkringskassan, Beställning av individdata, 2025-06-27", EN: "Försäkringskassan, ordering individual data, 2025-06-27",
			},
		}},
		RetentionMonths: 6,
		PurgeRule:       "gallringsbeslut EXEMPEL-2026:1 (ersätts av myndighetens eget)",
		Calendar:        swede.NewCalendar(),
		// The only supplier of digital population files, by the page named above.
		Suppliers:   []order.Supplier{{ID: "scb", Name: "Statistiska centralbyrån", Contact: "Mikrodata", Email: "mikrodata@scb.example"}},
		FaultMonths: 3,
	}
}
