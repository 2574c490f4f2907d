package order

import (
	"fmt"

	"sluss/internal/day"
)

// PurgeDate returns the first day on which received and delivered files must
// be gone: months whole months after delivery, 1–120; the default is six. In a
// month that is too short its last day is used.
// It panics if months is out of range: callers validate the agreement first.
//
// Source: Försäkringskassan, Beställning av individdata, 2025-06-27.
func PurgeDate(delivered day.Day, months int) day.Day {
	if months < 1 || months > 120 {
		panic(fmt.Sprintf("order: retention of %d months", months))
	}
	return delivered.AddMonths(months)
}

// InvoiceWindow returns the first and last day on which the invoice should be
// sent: one to three months after delivery.
//
// Source: as [PurgeDate].
func InvoiceWindow(delivered day.Day) (first, last day.Day) {
	return delivered.AddMonths(1), delivered.AddMonths(3)
}

// DeliverBy returns the day by which delivery is normally made: one month
// after the key file.
//
// Source: as [PurgeDate].
func DeliverBy(keyFile day.Day) day.Day { return keyFile.AddMonths(1) }

// AcknowledgeWorkingDays is how soon an order is acknowledged, at the latest.
//
// Source: as [PurgeDate].
const AcknowledgeWorkingDays = 2
