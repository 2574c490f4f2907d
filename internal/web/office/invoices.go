package office

import (
	"cmp"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/peppol"
	"sluss/internal/quote"
	"sluss/internal/web/page"
)

// bill is a case on the list of invoices.
type bill struct {
	ID, Title, Principal string
	From, To, Sum, State string
	Late, Early          bool
}

type invoicesBody struct {
	Part                   string // the list that is shown alone, "" = all
	ShowToBill, ShowBilled bool
	Due, Later, Issued     []bill
	MoreToBill, MoreIssued string
	Months                 []monthOf // that can be fetched, the latest first
}

// billOf is a row of the list of invoices.
func billOf(a *page.Ask, r app.Standing) bill {
	b := bill{ID: r.Case, Title: cmp.Or(r.Title, a.Word("case.untitled")), Principal: r.Principal, From: r.Row.From, To: r.Row.To, Sum: page.Kronor(r.Row.Net)}
	today := a.Today.String()
	b.Early, b.Late = today < b.From, b.To != "" && today > b.To
	return b
}

// invoices is what is to be invoiced now, what is later, and what has been.
func invoices(a *page.Ask) error {
	if err := a.Orders.LogList(a.R.Context(), a.Visitor.Person, "invoices"); err != nil {
		return err
	}
	b := invoicesBody{Part: a.Value("show"), ShowToBill: a.Shows("to_bill"), ShowBilled: a.Shows("billed")}
	if b.ShowToBill {
		rows, err := a.Rows("to_bill", app.StandQuery{List: app.ListToBill})
		if err != nil {
			return err
		}
		b.MoreToBill = rows.Next
		for _, r := range rows.All {
			if x := billOf(a, r); x.Early {
				b.Later = append(b.Later, x)
			} else {
				b.Due = append(b.Due, x)
			}
		}
	}
	if b.ShowBilled {
		rows, err := a.Rows("billed", app.StandQuery{List: app.ListBilled, Latest: true})
		if err != nil {
			return err
		}
		b.MoreIssued = rows.Next
		for _, r := range rows.All {
			x := billOf(a, r)
			x.State = r.On
			b.Issued = append(b.Issued, x)
		}
		if b.Months, err = monthsBilled(a); err != nil {
			return err
		}
	}
	return a.Show("office-invoices", page.View{Title: a.Word("office.invoices"), Nav: "office.nav_invoices", Body: b})
}

// monthsBilled are the months from the first issued invoice to the last, the
// latest first; at most ten years of them.
func monthsBilled(a *page.Ask) ([]monthOf, error) {
	var ends [2]day.Day
	for i, latest := range []bool{false, true} {
		rows, err := a.Orders.Standing(a.R.Context(), a.Visitor.Person, app.StandQuery{List: app.ListBilled, Latest: latest, Limit: 1})
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		if ends[i], err = day.Parse(rows[0].On); err != nil {
			return nil, err
		}
	}
	var out []monthOf
	for m := ends[1].Month(); m >= ends[0].Month() && len(out) < months; m-- {
		first := day.FirstOfMonth(m)
		_, name, _ := strings.Cut(page.LongDay(a.Lang, first), "\u00a0")
		out = append(out, monthOf{ISO: first.String()[:7], Name: name})
	}
	return out, nil
}

// exportInvoices is the invoice bases that were issued in a month, the latest
// where none is named, as CSV, one line each, the latest first: of open cases
// and of those that are closed.
func exportInvoices(a *page.Ask) error {
	months, err := monthsBilled(a)
	if err != nil {
		return err
	}
	month := a.Value("month")
	if month == "" && len(months) > 0 {
		month = months[0].ISO
	}
	if month == "" {
		month = a.Today.String()[:7]
	}
	first, err := day.Parse(month + "-01")
	if err != nil {
		return app.ErrNotFound
	}
	if err := a.Orders.LogList(a.R.Context(), a.Visitor.Person, "invoices.csv"); err != nil {
		return err
	}
	a.Download("invoices-"+month+".csv", "text/csv; charset=utf-8")
	w := csv.NewWriter(a.W)
	w.Comma, w.UseCRLF = ';', true
	_ = w.Write([]string{"case", "principal", "reference", "peppol", "date", "net_kronor", "vat_kronor", "gross_kronor", "quote_sha256", "invoice_sha256"})
	for q := (app.StandQuery{List: app.ListBilled, From: month, To: day.FirstOfMonth(first.Month() + 1).String(), Latest: true, Limit: exported}); ; {
		rows, err := a.Orders.Standing(a.R.Context(), a.Visitor.Person, q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			entries, err := a.Cases.Load(a.R.Context(), r.Case)
			if err != nil {
				return err
			}
			s := order.Fold(r.Case, entries)
			inv := s.Invoice.Invoice
			_ = w.Write([]string{
				s.ID, app.PlainCell(s.Application.Principal.Name), app.PlainCell(s.Application.Invoice.Reference), app.PlainCell(s.Application.Invoice.PeppolID),
				inv.Date.String(), plainKronor(inv.NetOre), plainKronor(inv.VATOre), plainKronor(inv.GrossOre), string(inv.Quote), string(s.Invoice.Hash),
			})
		}
		if len(rows) < exported {
			break
		}
		q.After = app.StandPlace{On: rows[exported-1].On, Case: rows[exported-1].Case}
	}
	w.Flush()
	return nil // the reader is gone when writing fails
}

// exported is how many rows an export reads at a time.
const exported = 500

// plainKronor writes öre as programs read kronor: 20400.50.
func plainKronor(ore int64) string {
	sign := ""
	if ore < 0 {
		sign, ore = "-", -ore
	}
	return sign + strconv.FormatInt(ore/100, 10) + "." + strconv.FormatInt(ore%100/10, 10) + strconv.FormatInt(ore%10, 10)
}

// invoiceBody is one case's invoice: what it is made from, and the basis.
type invoiceBody struct {
	page.Head
	Principal, Reference, Peppol string
	Kinds                        []hoursRow
	Quote                        *moneyView
	Changes                      []changeRow
	Basis                        *moneyView
	Window                       string
	Refusal                      string
	F                            *page.Form
	Issued, Hash                 string
	Files                        bool // the invoice can be had as a file
	Number                       string
	Credits                      []creditRow
	Credit                       *page.Form
	Unbilled                     bool // taken back for good
}

// creditRow is a credit note.
type creditRow struct {
	No                   int
	Number, On, Sum, Why string
	Files                bool
}

type hoursRow struct {
	Name, Quoted, Worked string
	Over                 bool
	Share                string
}

type changeRow struct {
	Reason, Sum string
	Approved    bool
}

// moneyView is lines of hours and their sums.
type moneyView struct {
	Lines                 []moneyLine
	Cap, Net, VAT, Gross  string
	Form, Date, VATReason string
}

type moneyLine struct{ Name, Hours, Sum string }

func lines(a *page.Ask, ls []quote.Line) []moneyLine {
	var out []moneyLine
	for _, l := range ls {
		out = append(out, moneyLine{quote.KindName(l.Kind).In(a.Lang), page.HoursText(a.Lang, l.Centis), page.Kronor(l.Ore)})
	}
	return out
}

func basisOf(a *page.Ask, inv quote.Invoice) *moneyView {
	v := &moneyView{Lines: lines(a, inv.Lines), Net: page.Kronor(inv.NetOre), VAT: page.Kronor(inv.VATOre), Gross: page.Kronor(inv.GrossOre), Date: inv.Date.String()}
	for _, c := range inv.Changes {
		v.Lines = append(v.Lines, moneyLine{a.Word("office.change") + " " + c.Change + ", " + quote.KindName(c.Kind).In(a.Lang), page.HoursText(a.Lang, c.Centis), page.Kronor(c.Ore)})
	}
	if inv.CapOre != 0 {
		v.Cap = page.Kronor(-inv.CapOre)
	}
	return v
}

func invoiceOf(a *page.Ask) (*page.Case, *invoiceBody, error) {
	c, err := a.Case(access.ViewInvoice)
	if err != nil {
		return nil, nil, err
	}
	s := c.State
	b := &invoiceBody{Head: a.HeadOf(c, ""), Principal: s.Application.Principal.Name, Reference: s.Application.Invoice.Reference, Peppol: s.Application.Invoice.PeppolID}
	used, _ := app.Hours(c.Entries, s)
	most := int64(1)
	for _, u := range used {
		most = max(most, u.Worked, u.Quoted)
	}
	for _, u := range used {
		b.Kinds = append(b.Kinds, hoursRow{quote.KindName(u.Kind).In(a.Lang), page.HoursText(a.Lang, u.Quoted), page.HoursText(a.Lang, u.Worked), u.Worked > u.Quoted, percent(u.Worked, most)})
	}
	if q := s.Quote; q != nil {
		b.Quote = &moneyView{Lines: lines(a, q.Lines), Net: page.Kronor(q.NetOre), VAT: page.Kronor(q.VATOre), Gross: page.Kronor(q.GrossOre), Form: a.Word("office.form_" + q.Form), Date: q.Date.String(), VATReason: q.VATReason}
	}
	for _, x := range s.Changes {
		b.Changes = append(b.Changes, changeRow{x.Reason, page.Kronor(x.NetOre), x.Approved})
	}
	if d := s.Delivery; d != nil {
		b.Window = d.BillFrom.String() + "–" + d.BillTo.String()
	}
	for _, x := range s.Credits {
		_, err := peppol.CreditOf(s, a.Authority, x.No)
		b.Credits = append(b.Credits, creditRow{x.No, s.ID + "-K" + strconv.Itoa(x.No), x.On.String(), page.Kronor(x.Invoice.Invoice.GrossOre), x.Reason, err == nil})
	}
	b.Unbilled = s.Unbilled()
	if s.Invoice != nil {
		b.Number = s.ID + "-F" + strconv.Itoa(s.InvoiceNo())
		if a.May(c, order.CreditInvoice{}) && !b.Unbilled {
			b.Credit = creditForm(a, c)
		}
		b.Basis, b.Issued, b.Hash = basisOf(a, s.Invoice.Invoice), s.Invoice.Invoice.Date.String(), string(s.Invoice.Hash)
		_, err := peppol.Write(s, a.Authority, peppol.FormatUBL)
		b.Files = err == nil
		return c, b, nil
	}
	if err := b.preview(a, c); err != nil {
		return nil, nil, err
	}
	return c, b, nil
}

// creditForm takes the issued invoice back.
func creditForm(a *page.Ask, c *page.Case) *page.Form {
	f := a.Form("/cases/"+c.ID+"/invoice/credit", a.Word("office.credit"),
		&page.Field{ID: "reason", Kind: page.Text, Label: a.Word("office.credit_reason"), Hint: a.Word("office.credit_hint"), Max: 300},
		&page.Field{ID: "then", Kind: page.Radio, Label: a.Word("office.credit_then"), Options: []page.Option{{Value: "again", Label: a.Word("office.credit_again")}, {Value: "nothing", Label: a.Word("office.credit_nothing")}}})
	f.Version, f.Small = c.Version, true
	return f
}

// creditInvoice issues a credit note.
func creditInvoice(a *page.Ask) error {
	c, b, err := invoiceOf(a)
	if err != nil {
		return err
	}
	if b.Credit == nil {
		if err := a.Allowed(c, order.CreditInvoice{}); err != nil {
			return err
		}
		b.Credit = creditForm(a, c) // refused below, with the reason
	}
	f := b.Credit.Read(a)
	f.Need("reason", a.Word("office.need_reason"))
	f.Need("then", a.Word("office.need_then"))
	if f.OK() {
		err := a.Do(c, order.CreditInvoice{Reason: a.Value("reason"), Final: a.Value("then") == "nothing"})
		if err == nil {
			return a.Go("/cases/"+c.ID+"/invoice", "done.office_credited")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("office-invoice", f, page.View{Title: a.Word("office.invoice"), Nav: "office.nav_invoices", Body: b})
}

// invoiceFile is the invoice as a file for the finance system: Peppol BIS or CSV.
func invoiceFile(a *page.Ask) error {
	c, err := a.Case(access.ViewInvoice)
	if err != nil {
		return err
	}
	f, err := peppol.WriteNo(c.State, a.Authority, a.R.PathValue("no"), a.R.PathValue("format"))
	if errors.Is(err, peppol.ErrNothing) {
		return app.ErrNotFound
	}
	if err != nil {
		return err
	}
	a.Download(f.Name, f.Type)
	_, _ = a.W.Write(f.Body) // the reader is gone when writing fails
	return nil
}

// preview is the basis as it would be issued today, or why it would not.
func (b *invoiceBody) preview(a *page.Ask, c *page.Case) error {
	at := a.Clock()
	if d := c.State.Delivery; d != nil && a.Today < d.BillFrom { // as on its first day
		at = at.AddDate(0, 0, int(d.BillFrom-a.Today))
	}
	by := a.Visitor.Person.Actor()
	by.Role = order.RoleFinance
	events, err := order.IssueInvoice{}.Decide(c.State, order.Context{At: at, By: by, Authority: a.Authority, Catalogue: a.Catalogue})
	if err != nil {
		f := &page.Form{Lang: a.Lang}
		if !f.Take(err) {
			return err
		}
		b.Refusal = f.Problems[0].Text
	} else if ev, ok := events[0].(*order.Invoiced); ok {
		b.Basis = basisOf(a, ev.Invoice)
	}
	if !a.May(c, order.IssueInvoice{}) || !c.State.Billable() {
		return nil
	}
	if d := c.State.Delivery; d != nil && a.Today < d.BillFrom {
		b.Refusal = a.Word("office.early") + " " + d.BillFrom.String() + "."
		return nil
	}
	b.F = a.Form("/cases/"+c.ID+"/invoice", a.Word("office.issue"))
	b.F.Version = c.Version
	if c.State.Quote.Form != quote.FormFixed {
		for _, k := range []string{quote.Dialogue, quote.Review, quote.Extraction} {
			x := a.Optional(&page.Field{ID: "hours_" + k, Kind: page.Text, Narrow: true, Label: a.Word("office.f_hours") + ": " + quote.KindName(k).In(a.Lang)})
			b.F.Fields = append(b.F.Fields, x)
		}
		b.F.Fields[0].Hint = a.Word("office.h_hours")
	}
	return nil
}

func invoiceView(a *page.Ask, b *invoiceBody) page.View {
	return page.View{Title: a.Word("office.invoice"), Nav: "office.nav_invoices", Body: b}
}

func showInvoice(a *page.Ask) error {
	_, b, err := invoiceOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-invoice", invoiceView(a, b))
}

// issue hands the invoice basis to the finance system.
func issue(a *page.Ask) error {
	c, b, err := invoiceOf(a)
	if err != nil {
		return err
	}
	if b.F == nil {
		b.F = a.Form("/cases/"+c.ID+"/invoice", a.Word("office.issue")) // the rules say why not
	}
	f := b.F.Read(a)
	var cmd order.IssueInvoice
	for _, k := range []string{quote.Dialogue, quote.Review, quote.Extraction} {
		if x := f.Field("hours_" + k); x != nil && x.Value != "" {
			n, ok := centis(x.Value)
			if !ok {
				f.Wrong(x.ID, a.Word("office.n_hours"))
			}
			cmd.Worked = append(cmd.Worked, quote.Hours{Kind: k, Centis: n})
		}
	}
	if f.OK() {
		err := a.Do(c, cmd)
		if err == nil {
			return a.Go("/cases/"+c.ID+"/invoice", "done.office_issued")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("office-invoice", f, invoiceView(a, b))
}

// centis reads hours as people write them, 7,5 or 7.5, as hundredths.
func centis(text string) (int64, bool) {
	whole, part := text, ""
	if i := slices.IndexFunc([]rune(text), func(r rune) bool { return r == ',' || r == '.' }); i >= 0 {
		whole, part = text[:i], text[i+1:]
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 32)
	return int64(n), err == nil && len(part) <= 2 && whole != "" && n > 0
}
