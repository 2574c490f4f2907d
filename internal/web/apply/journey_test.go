package apply_test

import (
	"fmt"
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// pdf is a small document of a page with a text.
func pdf(lines ...string) []byte {
	var text strings.Builder
	text.WriteString("BT /F1 11 Tf 56 780 Td 15 TL\n")
	for _, l := range lines {
		for _, r := range "(" + l + ") Tj T*\n" {
			text.WriteByte(byte(r)) // WinAnsi
		}
	}
	text.WriteString("ET")
	var b strings.Builder
	var at []int
	b.WriteString("%PDF-1.4\n")
	for i, body := range []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	xref := b.Len()
	b.WriteString("xref\n0 6\n0000000000 65535 f \n")
	for _, p := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", p)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref)
	return []byte(b.String())
}

// mostSubmissions is how many forms a newcomer may have to send for a first
// complete order.
const mostSubmissions = 12

// TestFirstOrder: a newcomer orders health data for research with ethics
// approval, a population file and attachments, from the catalogue to the
// receipt, and nothing is missing in it.
func TestFirstOrder(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.PrivateOrderer) // has no draft
	b.Get("/drafts").Is(t, 200).Has(t, "ingen beställning på gång")
	p := b.Get("/catalogue/midas_sjuk").Is(t, 200).Has(t, "Det första du väljer börjar en beställning")

	p = b.Send(p, "/basket/add", webtest.Values{"variable": "from_datum\ntom_datum\ndiagnos\nnettodagar"}).Is(t, 200)
	id := strings.Split(p.Path, "/")[2]
	at := "/drafts/" + id
	b.Send(p, "data/0/save", webtest.Values{
		"data.0.benefits": "SJP", "data.0.shape": "spell", "data.0.from": "2015-01-01", "data.0.to": "2024-12-31", "data.0.motive": "Fallens längd och diagnos är utfallet.",
	}).Is(t, 200)
	b.Get(at).Has(t, "2 av 6", "Kan inte börja än", "13\u00a0600–34\u00a0000\u00a0kr", "exklusive moms") // a price at once
	p = b.Send(b.Get(at+"/about"), "about/save", webtest.Values{
		"title": "Återgång i arbete efter sjukskrivning", "project.questions": "Hur hänger fallens längd samman med återgång i arbete?", "project.student_thesis": "no",
		"project.start": "2026-12-01", "project.end": "2029-12-31",
	}).Is(t, 200)
	p = b.Send(p, "principal/save", webtest.Values{
		"principal.org_no": "559199-0014", "principal.kind": "private", "principal.representative.name": "Göran Dahlåker", "principal.representative.email": "goran.dahlaker@norrstrand.example",
	}).Is(t, 200)
	p = b.Send(p, "people/save", webtest.Values{"project.researchers": "Märta Hägglöv\nLo Ask"}).Is(t, 200)
	b.Send(p, "delivery/save", webtest.Values{"invoice.reference": "KST 4711"}).Is(t, 200)

	application := pdf("Ansökan om etikprövning. Forskningshuvudman är institutet, organisationsnummer 559199-0014.",
		"Studiepopulationen består av högst 5000 personer. Populationen avgränsas så: anställda 20-64 år i tre län.",
		"Uppgifter om sjukpenning hämtas från Försäkringskassan.",
		"Från Försäkringskassan hämtas samtliga diagnoser enligt ICD-10-SE. Känsliga personuppgifter om hälsa behandlas.",
		"Uppgifterna är nödvändiga för att besvara forskningsfrågorna.",
		"Uppgifterna avser tiden 2015-01-01 till och med 2024-12-31.")
	p = b.SendFiles(b.Get(at+"/approvals"), "approvals/save", webtest.Values{
		"sensitive": "yes", "sensitive_categories": "health", "ethics.approvals.0.number": "2026-01234-01", "ethics.approvals.0.decided": "2026-06-01", "ethics.approvals.0.signed": "yes",
	}, map[string]webtest.Upload{
		"ethics.approvals.0.application_file": {Name: "ansokan.pdf", Data: application}, "ethics.approvals.0.decision_file": {Name: "beslut.pdf", Data: pdf("Beslut. Ansökan godkänns.")},
	}).Is(t, 200)
	if p.Path != at+"/matrix" {
		t.Fatalf("after the approvals comes %s", p.Path)
	}
	p.Has(t, "hittat av maskin", "Det här letar handläggaren efter")
	if got := p.Field("matrix/save", "ethics.coverage.benefit:SJP.page"); got != "1" {
		t.Errorf("sick pay is found on page %q", got)
	}
	if p.Field("matrix/save", "ethics.coverage.benefit:SJP.met") != "" {
		t.Error("the machine has confirmed")
	}
	confirm := webtest.Values{"ethics.coverage.benefit:SJP.from_authority": "yes", "ethics.coverage.diagnosis.from_authority": "yes", "ethics.coverage.diagnosis.limit": "all"}
	document := p.Field("matrix/save", "ethics.coverage.benefit:SJP.attachment")
	for _, item := range []string{"population", "benefit:SJP", "diagnosis", "motivated", "period", "principal", "category:health"} {
		row := "ethics.coverage." + item
		confirm[row+".met"], confirm[row+".attachment"], confirm[row+".page"] = "yes", document, "1"
	}
	confirm["ethics.coverage.principal.principal_org_nos"] = "559199-0014"
	confirm["ethics.coverage.period.period_from"], confirm["ethics.coverage.period.period_to"] = "2015-01-01", "2024-12-31"
	b.Send(p, "matrix/save", confirm).Is(t, 200)
	b.Send(b.Get(at+"/population"), "population/save", webtest.Values{
		"population.definition": "Anställda 20–64 år i tre län", "population.size": "5000", "population.source": "file", "population.holder": "Statistiska centralbyrån",
		"population.ready.on": "2026-10-20", "population.ready.by": "Statistiska centralbyrån",
	}).Is(t, 200)
	b.Get(at).Has(t, "Om det behövs")
	b.SendFiles(b.Get(at+"/attachments"), "attachments/save", webtest.Values{"new.0.kind": "project_plan", "new.0.name": "Forskningsplan"},
		map[string]webtest.Upload{"new.0_file": {Name: "plan.pdf", Data: pdf("Forskningsplan")}}).Is(t, 200)
	b.Get(at).Is(t, 200).Has(t, "5 av 6")
	p = b.Get(at+"/check").Is(t, 200)
	p.Lacks(t, "svar behöver kompletteras")
	p = b.Send(p, "check/send", nil).Is(t, 200).Has(t, "Vi har tagit emot din beställning", "Vi bekräftar senast den", "6\u00a0november 2026")
	number := strings.Split(p.Path, "/")[2]
	s := c.State(number)
	if s.Phase() != order.PhaseReceived || len(s.Application.Attachments) != 3 || !s.Application.Covered("benefit:SJP") {
		t.Errorf("phase %s, %+v", s.Phase(), s.Application)
	}
	t.Logf("a first order takes %d submissions", b.Submissions)
	if b.Submissions > mostSubmissions {
		t.Errorf("a first order takes %d submissions, at most %d", b.Submissions, mostSubmissions)
	}
}
