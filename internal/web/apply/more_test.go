package apply_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/orderfile"
	"sluss/internal/showcase"
	"sluss/internal/swede"
	"sluss/internal/web/webtest"
)

// TestSentTwice: the button pressed twice makes one case; one pressed on
// answers that have been changed meanwhile shows them again.
func TestSentTwice(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	stale := b.Get("/drafts/" + id + "/check")
	b.Send(b.Get("/drafts/"+id+"/about"), "about/save", webtest.Values{"title": "En annan titel"}).Is(t, 200)
	again := b.Send(stale, "check/send", nil).Is(t, 409).Has(t, "En annan titel")
	first := b.Send(again, "check/send", nil).Is(t, 200)
	second := b.Send(again, "check/send", nil).Is(t, 200)
	if !strings.HasSuffix(first.Path, "/receipt") || first.Path != second.Path {
		t.Errorf("%s, then %s", first.Path, second.Path)
	}
	c.As(showcase.OtherOrderer).Send(again, "check/send", nil).Is(t, 404)
}

// TestIncompleteIsNotSent: what is missing is told with links, and there is no
// button; one that is pressed all the same changes nothing.
func TestIncompleteIsNotSent(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftShared)
	p := b.Get("/drafts/"+id+"/check").Has(t, "svar behöver kompletteras", "/drafts/"+id+"/matrix")
	if p.HasForm("check/send") {
		t.Error("it can be sent")
	}
	whole := b.Get("/drafts/" + c.Case(showcase.DraftComplete) + "/check")
	b.Send(b.Get("/drafts/"+c.Case(showcase.DraftComplete)+"/delivery"), "delivery/save", webtest.Values{"invoice.reference": ""}).Is(t, 200)
	b.Send(whole, "check/send", nil).Is(t, 409)
	b.Get("/drafts/"+c.Case(showcase.DraftComplete)).Is(t, 200).Has(t, "Påbörjad", "Kan inte börja än")
}

// TestFilesSurvive: a file that is taken stays although another is refused and
// a date is wrong; it can be opened again, and what is refused says why.
func TestFilesSurvive(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	p := b.Get("/drafts/"+id+"/attachments").Has(t, "25 MB")
	p = b.SendFiles(p, "attachments/save", webtest.Values{"new.0.kind": "other", "new.0.name": "Datahanteringsplan", "new.1.kind": "other"}, map[string]webtest.Upload{
		"new.0_file": {Name: "dhp.pdf", Data: pdf("Datahanteringsplan")}, "new.1_file": {Name: "makro.docm", Data: []byte("MZ")},
	}).Is(t, 422).Has(t, "Datahanteringsplan", `href="#new-1_file"`)
	a, _ := application(t, c, showcase.Orderer, id)
	n := len(a.Attachments)
	if a.Attachments[n-1].Name != "Datahanteringsplan" || a.Attachments[n-1].SHA256 == "" {
		t.Fatalf("%+v", a.Attachments)
	}
	file := b.Get("/drafts/"+id+"/files/"+a.Attachments[n-1].ID).Is(t, 200)
	if !strings.HasPrefix(file.HTML, "%PDF") || !strings.Contains(file.Header.Get("Content-Disposition"), "dhp.pdf") {
		t.Errorf("%q", file.Header)
	}
	b.Send(p, "attachments/save", webtest.Values{"do": "drop:attachments." + string(rune('0'+n-1))})
	if a, _ = application(t, c, showcase.Orderer, id); len(a.Attachments) != n-1 {
		t.Errorf("%d attachments", len(a.Attachments))
	}
}

// TestPersonsAreSealedAway: a list of persons among the attachments is not
// kept there, and no number of it is told.
func TestPersonsAreSealedAway(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	var list strings.Builder
	for i := range 9 {
		fmt.Fprintln(&list, swede.Make(day.MustParse("1980-03-01")+day.Day(i), 120, false, swede.Real).Reveal())
	}
	before, _ := application(t, c, showcase.Orderer, id)
	p := b.SendFiles(b.Get("/drafts/"+id+"/attachments"), "attachments/save", nil, map[string]webtest.Upload{"new.0_file": {Name: "lista.txt", Data: []byte(list.String())}})
	p.Is(t, 422).Has(t, "förseglad")
	if after, _ := application(t, c, showcase.Orderer, id); len(after.Attachments) != len(before.Attachments) {
		t.Error("it stands among the attachments")
	}
}

// TestExcelThereAndBack: the basket as Excel, changed and sent back; a wrong
// cell is told with its place, and then nothing changes.
func TestExcelThereAndBack(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftShared)
	before, _ := application(t, c, showcase.Orderer, id)
	book := []byte(b.Get("/drafts/"+id+"/basket.xlsx").Is(t, 200).HTML)
	p := b.Get("/drafts/"+id+"/data").Is(t, 200)
	p = b.SendFiles(p, "data/import", nil, map[string]webtest.Upload{"book_file": {Name: "b.xlsx", Data: book}}).Is(t, 200).Has(t, "inläst")
	after, _ := application(t, c, showcase.Orderer, id)
	if rows, err := intake.Difference(before, after); err != nil || len(rows) > 0 {
		t.Fatalf("there and back: %+v %v", rows, err)
	}
	edit := func(cell, value string) []byte {
		f, err := excelize.OpenReader(bytes.NewReader(book))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellValue("Uppgifter", cell, value); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := f.Write(&out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	b.SendFiles(p, "data/import", nil, map[string]webtest.Upload{"book_file": {Name: "b.xlsx", Data: edit("E3", "skostorlek")}}).Is(t, 422).Has(t, "Uppgifter!E3", "Variabeln finns inte")
	if now, _ := application(t, c, showcase.Orderer, id); len(now.Data[0].Variables) != len(before.Data[0].Variables) {
		t.Error("a refused workbook changed the order")
	}
	b.SendFiles(p, "data/import", nil, map[string]webtest.Upload{"book_file": {Name: "b.xlsx", Data: edit("H2", "2020-12-31")}}).Is(t, 200)
	if now, _ := application(t, c, showcase.Orderer, id); now.Data[0].To.String() != "2020-12-31" {
		t.Errorf("to %v", now.Data[0].To)
	}
	b.SendFiles(p, "data/import", nil, map[string]webtest.Upload{"book_file": {Name: "b.xlsx", Data: book}}).Is(t, 409)
}

// TestOrderFile: the exported order is one that the order file's reader takes,
// with the same answers.
func TestOrderFile(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	text := b.Get("/drafts/"+id+"/order.yaml").Is(t, 200).HTML
	f, err := orderfile.Read(strings.NewReader(text), "order.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	a, _ := application(t, c, showcase.Orderer, id)
	if rows, err := intake.Difference(a, f.Application); err != nil || len(rows) > 0 {
		t.Errorf("%+v %v", rows, err)
	}
}

// TestOrderAgain: a delivered case becomes a new draft with new years and its
// own copies of the documents; it can be sent when what must be given anew is
// given.
func TestOrderAgain(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	number := c.Case(showcase.Closed)
	old := c.State(number).Application
	who := map[string]string{"elise.sandahl-ohrn@sjolunda.example": showcase.Orderer, "abdi@norrstrand.example": showcase.OtherOrderer, "marta.hagglov@ith.example": showcase.PrivateOrderer, "lena.va@mas.example": showcase.StatsOrderer}[old.Orderer.Email]
	b := c.As(who)
	b.Get("/cases/"+number).Has(t, "Beställ igen med nya år")
	p := b.Get("/cases/"+number+"/again").Is(t, 200)
	b.Send(p, "again/begin", webtest.Values{"from": "2023-01-01", "to": "2022-01-01"}).Is(t, 422).Has(t, "2023-01-01")
	p = b.Send(p, "again/begin", webtest.Values{"from": "2018-01-01", "to": "2024-12-31", "reason": "Ett år till."}).Is(t, 200)
	id := strings.Split(p.Path, "/")[2]
	a, _ := application(t, c, who, id)
	if a.Child.Parent != number || a.Child.Reason != "Ett år till." || a.Data[0].From.String() != "2018-01-01" || a.Data[0].To.String() != "2024-12-31" || a.Sensitive != nil {
		t.Errorf("%+v", a)
	}
	if len(a.Attachments) != len(old.Attachments) {
		t.Fatalf("%d attachments of %d", len(a.Attachments), len(old.Attachments))
	}
	for i, at := range a.Attachments {
		if at.ID == old.Attachments[i].ID {
			t.Errorf("attachment %d is the old case's", i)
		}
		b.Get("/drafts/"+id+"/files/"+at.ID).Is(t, 200)
	}
	for _, x := range a.Ethics.Approvals {
		if !strings.HasPrefix(x.Application, "B-") || x.Application == old.Ethics.Approvals[0].Application {
			t.Errorf("approval names %s", x.Application)
		}
	}
	c.As(showcase.OtherOrderer).Get("/drafts/" + id)
}

// TestBasketLine: who orders puts things into the order that was changed last,
// or another one; nobody else sees any of it.
func TestBasketLine(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	variable := "/catalogue/midas_sjuk/midas_sjp/nettodagar"
	for _, who := range []string{"", showcase.Handler, showcase.Representative} {
		c.As(who).Get(variable).Is(t, 200).Lacks(t, "Lägg i beställningen", "Din beställning")
	}
	b, shared := c.As(showcase.OtherOrderer), c.Case(showcase.DraftBegun)
	p := b.Get("/catalogue?q=nettodagar").Has(t, "Öron-, näs-")
	b.Send(p, "/basket/add", nil).Is(t, 200).Has(t, "Det ligger i beställningen", "Ligger i beställningen")
	a, _ := application(t, c, showcase.OtherOrderer, shared)
	if len(a.Data) != 1 || len(a.Data[0].Variables) != 1 || a.Data[0].Register == "" {
		t.Errorf("%+v", a.Data)
	}
	b.Send(b.Get("/catalogue/midas_sjuk"), "/basket/add", webtest.Values{"variable": "dagar\ndiagnos"}).Is(t, 200)
	a, _ = application(t, c, showcase.OtherOrderer, shared)
	n := 0
	for _, w := range a.Data {
		n += len(w.Variables)
	}
	if n < 2 || n > 3 {
		t.Errorf("%+v", a.Data)
	}
	c.As(showcase.Orderer).Send(b.Get("/catalogue/midas_sjuk"), "/basket/add", webtest.Values{"variable": "dagar"}).Is(t, 404)
}

// TestProposals: a need in words becomes variables that can be put into the
// order.
func TestProposals(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.OtherOrderer), c.Case(showcase.DraftBegun)
	p := b.Get("/drafts/"+id+"/data?need=sjukpenning+med+diagnos+och+nettodagar").Is(t, 200)
	b.Send(p, "/basket/add", nil).Is(t, 200)
	if a, _ := application(t, c, showcase.OtherOrderer, id); len(a.Data) != 1 || len(a.Data[0].Variables) == 0 {
		t.Errorf("%+v", a.Data)
	}
}

// TestTwinOfADraft: what has been asked for so far can be had as made-up data
// before the order is sent; where no table has been chosen, nothing is offered.
func TestTwinOfADraft(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Orderer)
	id := c.Case("draft_complete")
	for _, page := range []string{"/data", "/check"} {
		p := b.Get("/drafts/"+id+page).Is(t, 200)
		if !slices.Contains(p.Links(), "/drafts/"+id+"/twin.zip") {
			t.Errorf("%s does not offer it: %q", page, p.Links())
		}
	}
	p := b.Get("/drafts/"+id+"/twin.zip").Is(t, 200)
	z, err := zip.NewReader(strings.NewReader(p.HTML), int64(len(p.HTML)))
	if err != nil || len(z.File) < 3 {
		t.Errorf("%d files, %v", len(z.File), err)
	}
	c.As(showcase.OtherOrderer).Get("/drafts/"+id+"/twin.zip").Is(t, 404)
}
