package peppol

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
)

// Columns of the finance system's file, in order.
var Columns = []string{
	"fakturanummer", "typ", "fakturadatum", "forfallodatum", "kund", "organisationsnummer", "referens", "arende", "krediterar",
	"rad", "text", "timmar", "timpris", "belopp", "moms", "momsbelopp_faktura", "att_betala_faktura",
}

// CSV writes bills as lines for the finance system's import: UTF-8, semicolons,
// decimal points, one row a line of a bill. Cells that a spreadsheet would take
// for a formula begin with an apostrophe.
func CSV(bills []Bill) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = ';'
	if err := w.Write(Columns); err != nil {
		return nil, err
	}
	for _, b := range bills {
		if err := b.check(); err != nil {
			return nil, err
		}
		typ, of := "faktura", ""
		if b.Of != nil {
			typ, of = "kredit", b.Of.Number
		}
		rows := b.lines(false)
		if cap := b.Basis.CapOre; cap > 0 {
			rows = append(rows, line{ID: fmt.Sprint(len(rows) + 1), Amount: money(-cap), Item: item{Name: "Takbelopp enligt accepterad offert"}})
		}
		for _, l := range rows {
			hours, price := "", ""
			if l.Invoiced != nil {
				hours, price = l.Invoiced.Value, l.Price.Amount.Value
			}
			row := []string{
				b.Number, typ, b.Issued.String(), b.Due.String(), b.Buyer.Name, b.Buyer.OrgNo, b.Buyer.Reference, b.Basis.Order, of,
				l.ID, l.Item.Name, hours, price, l.Amount.Value, b.Basis.VAT, money(b.Basis.VATOre).Value, money(b.Basis.GrossOre).Value,
			}
			for i := range row {
				row[i] = plain(row[i])
			}
			if err := w.Write(row); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// plain keeps a spreadsheet from taking a text for a formula; amounts stay.
func plain(s string) string {
	if s == "" || !strings.ContainsAny(s[:1], "=+@\t\r") && (s[0] != '-' || len(s) > 1 && s[1] >= '0' && s[1] <= '9') {
		return s
	}
	return "'" + s
}
