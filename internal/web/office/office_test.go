package office_test

import (
	"archive/zip"
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/measure"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/office"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
	"sluss/internal/workorder"
)

var rooms = []page.Room{caseroom.Room, office.Room}

// TestJourneyPurge: on the purge day the registrar orders the purge; the vault
// sends its protocol; the case's archive package can be fetched.
func TestJourneyPurge(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("purge_soon")
	b := c.As(showcase.Registrar)
	on := c.State(id).Delivery.PurgeOn
	b.Get("/purges").Is(t, 200).Has(t, id, on.String(), "Gallringsbeslut", "Sparade kodnycklar")
	if p := b.Get("/cases/"+id+"/purge").Is(t, 200).Has(t, "populationsfilen"); p.HasForm("/purge") {
		t.Error("a purge is offered before its day")
	}
	early := c.Now
	c.Now = time.Unix(int64(on)*86400+10*3600, 0).UTC()
	p := b.Get("/cases/"+id+"/purge").Is(t, 200).Has(t, "kan inte ångras")
	due := c.Now
	c.Now = early // a form that is sent all the same is refused
	b.Send(p, "/purge", webtest.Values{}).Is(t, 422).Has(t, "Gallringsdagen har inte kommit")
	c.Now = due
	before := b.Submissions
	p = b.Send(b.Get("/cases/"+id+"/purge"), "/purge", webtest.Values{}).Is(t, 200).Has(t, "Gallringen är beställd")
	if p.HasForm("/purge") {
		t.Error("a purge can be ordered twice")
	}
	for range 20 {
		w, err := c.App.NextWork(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		if w.Order != id {
			continue
		}
		note := "{\"type\":\"protocol\"}\n\n— vault signature\n"
		if err := c.App.Take(t.Context(), w.ID, workorder.Report{Purged: &order.Purged{Protocol: note, Hash: canon.Sum([]byte(note)), Objects: 2}}); err != nil {
			t.Fatal(err)
		}
		break
	}
	b.Get("/cases/"+id+"/purge").Is(t, 200).Has(t, "Gallringsprotokoll", "2 objekt")
	if got := b.Get("/cases/" + id + "/purge/protocol").HTML; !strings.Contains(got, "vault signature") {
		t.Errorf("protocol: %q", got)
	}
	data := []byte(b.Get("/cases/"+id+"/archive").Is(t, 200).HTML)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) < 5 {
		t.Errorf("archive: %v", err)
	}
	t.Logf("purge: %d submission", b.Submissions-before)
}

// TestInvoice: what is to be invoiced, its basis, and that it is issued once.
func TestInvoice(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_invoice")
	b := c.As(showcase.Finance)
	b.Get("/invoices").Is(t, 200).Has(t, id, "Att fakturera nu", c.Case("invoiced"))
	p := b.Get("/cases/"+id+"/invoice").Is(t, 200).Has(t, "Underlaget", "Timmar i ärendet", "kr")
	b.Send(p, "/invoice", webtest.Values{}).Is(t, 200).Has(t, "lämnat till ekonomisystemet", "SHA-256")
	s := c.State(id)
	if s.Invoice == nil {
		t.Fatal("not invoiced")
	}
	number := id + "-F1"
	if got := b.Get("/cases/"+id+"/invoice/file/xml").Is(t, 200).HTML; !strings.Contains(got, "<cbc:ID>"+number+"</cbc:ID>") || !strings.Contains(got, "urn:fdc:peppol.eu:2017:poacc:billing") {
		t.Errorf("as Peppol: %.400s", got)
	}
	if got := b.Get("/cases/"+id+"/invoice/file/csv").Is(t, 200).HTML; !strings.Contains(got, number+";faktura;") {
		t.Errorf("as CSV: %.400s", got)
	}
	b.Get("/cases/"+id+"/invoice/file/pdf").Is(t, 422)
	b.Get("/cases/"+c.Case("to_receive")+"/invoice/file/xml").Is(t, 422).Has(t, "Fakturaunderlaget är inte lämnat än")
	c.As(showcase.Handler).Get("/cases/"+id+"/invoice").Lacks(t, "Lämna till fakturering")
	b.Get("/cases/"+id+"/invoice").Lacks(t, "Lämna till fakturering") // twice
	exports(t, b, id, string(s.Invoice.Hash), c.Case("closed"))
	b.Get("/cases/"+c.Case("to_receive")+"/invoice").Is(t, 200).Has(t, "Fakturan skickas tidigast").Lacks(t, "Lämna till fakturering")
	b.Get("/cases/"+c.Case("no_fee")+"/invoice").Is(t, 200).Has(t, "avgiftsfri").Lacks(t, "Lämna till fakturering")
}

// exports fetches every month that the page offers: each has its own rows and
// no others, and together they have what is wanted.
func exports(t *testing.T, b *webtest.Browser, wanted ...string) {
	t.Helper()
	months := regexp.MustCompile(`<option value="(\d{4}-\d{2})">`).FindAllStringSubmatch(b.Get("/invoices").HTML, -1)
	if len(months) < 2 {
		t.Fatalf("the page offers %v", months)
	}
	all := ""
	for i, m := range months {
		got := b.Get("/invoices/export?month="+m[1]).Is(t, 200).HTML
		if i == 0 && b.Get("/invoices/export").HTML != got {
			t.Error("the latest month is not what comes when none is named")
		}
		if n := strings.Count(got, ";"+m[1]+"-"); n != strings.Count(got, "\n")-1 || n == 0 && (i == 0 || i == len(months)-1) {
			t.Errorf("%s: %d rows of the month and others: %s", m[1], n, got)
		}
		all += got
	}
	for _, w := range wanted {
		if !strings.Contains(all, w) {
			t.Errorf("no export has %s: %s", w, all)
		}
	}
	b.Get("/invoices/export?month=x").Is(t, 404)
}

// TestInvoiceByHours: other hours than those noted, in a case that is billed by
// hours; what cannot be read is kept.
func TestInvoiceByHours(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Finance)
	for _, id := range c.Shown.All {
		s := c.State(id)
		if s.Quote == nil || s.Quote.Form == "fixed" || s.Delivery == nil || s.Invoice != nil || s.Quote.NoFee != nil {
			continue
		}
		c.Now = time.Unix(int64(s.Delivery.BillFrom)*86400+10*3600, 0).UTC()
		p := b.Get("/cases/" + id + "/invoice")
		p = b.Send(p, "/invoice", webtest.Values{"hours_extraction": "sju"}).Is(t, 422).Has(t, "Skriv timmar som 7,5.")
		if p.Field("/invoice", "hours_extraction") != "sju" {
			t.Error("what was typed is gone")
		}
		b.Send(p, "/invoice", webtest.Values{"hours_extraction": "7,5"}).Is(t, 200)
		if inv := c.State(id).Invoice; inv == nil || inv.Invoice.Lines[0].Centis != 750 {
			t.Errorf("invoiced: %+v", inv)
		}
		return
	}
	t.Fatal("no case is billed by hours")
}

// TestReplay: a case as it was on a day knows nothing of later days.
func TestReplay(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Auditor)
	id := c.Case("closed")
	entries, err := c.App.Entries(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	s := c.State(id)
	first := entries[0].At.Format("2006-01-02")
	b.Get("/cases/"+id+"/replay").Is(t, 200).Has(t, "Avslutad och gallrad", string(s.DecisionHash))
	b.Get("/cases/"+id+"/replay?on="+first).Is(t, 200).Has(t, "Inkommen", "poster kom senare").Lacks(t, string(s.DecisionHash), "Beslutet fattades", s.DecidedBy)
	decided := s.Decision.Date
	b.Get("/cases/"+id+"/replay?on="+(decided-1).String()).Is(t, 200).Lacks(t, string(s.DecisionHash))
	b.Get("/cases/"+id+"/replay?on="+decided.String()).Is(t, 200).Has(t, string(s.DecisionHash))
	b.Get("/cases/"+id+"/replay?on=igår").Is(t, 422).Has(t, "Skriv en dag som", "igår")
	b.Get("/cases/"+id+"/replay?on=1999-01-01").Is(t, 422).Has(t, "Ärendet började")
	b.Get("/cases/"+c.Case("protected")+"/replay").Is(t, 404)
}

// TestAudit: cases by number, the signed log, and who has read.
func TestAudit(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_review")
	c.As(showcase.Handler).Get("/cases/"+id).Is(t, 200)
	b := c.As(showcase.Auditor)
	p := b.Get("/audit?q="+id[len(id)-5:]).Is(t, 200).Has(t, id, "Undertecknade poster", "Trädets rot")
	p = b.Send(p, "/audit/verify", webtest.Values{}).Is(t, 200).Has(t, "Loggen är hel.")
	p = b.Send(p, "/audit/reads", webtest.Values{}).Is(t, 422).Has(t, "Skriv en person eller ett ärendenummer.")
	p = b.Send(p, "/audit/reads", webtest.Values{"who": id}).Is(t, 200).Has(t, showcase.Handler, "case")
	p = b.Send(p, "/audit/reads", webtest.Values{"who": showcase.Handler}).Is(t, 200).Has(t, id)
	b.Send(p, "/audit/reads", webtest.Values{"who": "FK-2020-99999"}).Is(t, 422).Has(t, "Ärendet finns inte")
	b.Get("/audit?q="+c.Case("protected")).Is(t, 200).Has(t, "Inget ärende har det numret.")
	if p.Path != "/audit/reads" {
		t.Errorf("whose reads are shown stands in the address: %s", p.Path)
	}
}

// TestAdministrator: who works here, absences, rules, catalogue, health.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Administrator)
	p := b.Get("/admin").Is(t, 200).Has(t, showcase.Handler, "mikrodata")
	p = b.Send(p, "/admin/members?", webtest.Values{"id": "nils.ny"}).Is(t, 422).Has(t, "Välj minst en roll.")
	if p.Field("/admin/members?", "id") != "nils.ny" {
		t.Error("what was typed is gone")
	}
	b.Send(p, "/admin/members?", webtest.Values{"roles": "handler\nreviewer", "teams": "uttag, mikrodata", "cleared": "yes"}).Is(t, 200).Has(t, "nils.ny", "handläggare, sekretessgranskare")
	m, err := c.DB.Member(t.Context(), "nils.ny")
	if err != nil || len(m.Roles) != 2 || len(m.Teams) != 2 || !m.Cleared {
		t.Errorf("member: %+v, %v", m, err)
	}
	p = b.Get("/admin")
	p = b.Send(p, "/admin/absences?", webtest.Values{"person": "nils.ny", "first": "2026-12-01", "last": "2026-11-30"}).Is(t, 422).Has(t, "slutar innan den börjar")
	p = b.Send(p, "/admin/absences?", webtest.Values{"last": "2026-12-24", "substitute": showcase.Handler}).Is(t, 200).Has(t, "2026-12-24")
	b.Send(p, "/admin/absences/remove", webtest.Values{}).Is(t, 200)
	b.Get("/admin/rules").Is(t, 200).Has(t, "Klockor", "release")
	b.Get("/admin/catalogue").Is(t, 200).Has(t, string(c.App.Catalogue.Hash()))
	b.Get("/admin/health").Is(t, 200).Has(t, "Databasen", "Senast undertecknade logg")

	w, err := c.App.NextWork(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.App.Take(t.Context(), w.ID, workorder.Report{Refused: &workorder.RefusedReport{Code: "works.signer", SV: "x", EN: "x"}}); err != nil {
		t.Fatal(err)
	}
	p = b.Get("/admin/health").Is(t, 200).Has(t, "works.signer", w.ID)
	b.Send(p, "/admin/requeue", webtest.Values{}).Is(t, 200).Has(t, "ligger i kön igen")
	b.Send(p, "/admin/requeue", webtest.Values{}).Is(t, 422).Has(t, "behöver inte köas om")
	if j, err := c.App.Queue.Job(t.Context(), w.ID); err != nil || j.State != "queued" {
		t.Errorf("job %+v, %v", j, err)
	}
}

// TestStatistics: open to all for whole quarters, with small numbers hidden; any
// period for those who work here.
func TestStatistics(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	nobody := c.As("")
	p := nobody.Get("/statistics").Is(t, 200).Has(t, "2026-07-01–2026-09-30", "Antal under 5", "Ledtider")
	nobody.Get("/statistics?from=2026-07-02&to=2026-09-30").Is(t, 422)
	nobody.Get("/statistics?from=2026-10-01&to=2026-12-31").Is(t, 422)
	r, err := c.App.PublicStatistics(t.Context(), app.Quarter(webtest.Today))
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for _, x := range r.Counts {
		if x.Hidden && x.Purpose == "" {
			hidden++
		}
	}
	if got := strings.Count(p.HTML, "dolt"); hidden > 0 && got == 0 {
		t.Errorf("%d numbers are hidden, %d on the page", hidden, got)
	}
	csv := nobody.Get("/statistics/export").Is(t, 200).HTML
	if !strings.HasPrefix(csv, "table;row;purpose;measure;value;hidden\r\n") {
		t.Errorf("csv: %.100q", csv)
	}
	nobody.Get("/statistics/internal").Is(t, 303)
	b := c.As(showcase.Handler)
	b.Get("/statistics/internal").Is(t, 200).Has(t, "Uppmätta ledtider")
	b.Get("/statistics/internal?from=2026-09-10&to=2026-10-20").Is(t, 200).Has(t, "2026-09-10–2026-10-20")
	b.Get("/statistics/internal?from=x&to=y").Is(t, 422).Has(t, "Skriv två dagar")
	c.As(showcase.Orderer).Get("/statistics/internal").Is(t, 403)
}

// TestWords: what the pages name by a code has words.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"sv", "en"} {
		words := page.ReadTexts(office.Room.Files, lang)
		need := func(key string) {
			if words[key] == "" {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
		for _, x := range []string{measure.Open, measure.Disclosed, measure.Partly, measure.Refused, measure.Withdrawn, measure.Dismissed} {
			need("office.outcome_" + x)
		}
		for _, k := range []workorder.Kind{workorder.Population, workorder.Extract, workorder.Deliver, workorder.Purge} {
			need("office.job_" + string(k))
		}
		for _, p := range []order.Phase{order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn, order.PhaseExpired, order.PhaseAnswered, "due"} {
			need("office.reason_" + string(p))
		}
	}
}

// TestWhoMay: every page of the room, as everybody of the cast in each role and
// in both languages.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			b := c.As(p.ID, role)
			for _, r := range office.Room.Routes {
				if r.Example == "" {
					continue
				}
				path := strings.NewReplacer("{case:invoiced}", c.Case("invoiced"), "{case:credited}", c.Case("credited"), "{case:to_invoice}", c.Case("to_invoice"), "{case:purged}", c.Case("purged"), "{case:closed}", c.Case("closed")).Replace(r.Example)
				want := 403
				if r.As == nil {
					want = 200
				}
				for _, x := range r.As {
					if x == role {
						want = 200
					}
				}
				for _, lang := range []string{"sv", "en"} {
					b.Lang = lang
					b.Get(path).Is(t, want)
				}
			}
		}
	}
	if role := access.RoleAdministrator; c.As(showcase.Administrator, role).Get("/cases/"+c.Case("closed")+"/purge").Status != 403 {
		t.Error("the administrator sees a case")
	}
}
