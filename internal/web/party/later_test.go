package party_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

// TestPopulation: the supplier finds the call, uploads the file in one
// submission and gets a receipt; a faulty file is replaced; the report counts
// and holds no line of the file.
func TestPopulation(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.PopulationCalled)
	b := c.As(showcase.SupplierContact)
	b.Get("/calls").Is(t, 200).Has(t, id, "Att lämna nu")
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Lämna populationsfilen")
	p := b.Get("/cases/"+id+"/population").Is(t, 200).Has(t, "personnummer", "Leverantörens referens", "age1")
	call := b.Get("/cases/" + id + "/population/call")
	if call.Status != 200 || !strings.Contains(call.HTML, order.CallVersion) {
		t.Error("the call cannot be fetched")
	}
	b.Send(p, "/population", nil).Is(t, 422).Has(t, "Välj en fil")
	b.Submissions = 0
	p = b.SendFiles(p, "/population", nil, map[string]webtest.Upload{"file": {Name: "pop.csv", Data: []byte("personnummer;lopnr\r\nNUMMER;1\r\n")}})
	p.Is(t, 200).Has(t, "Filen är mottagen", "Kvittens", "kontrollsumma")
	s := c.State(id)
	if s.Population == nil || s.Population.Checked || b.Submissions != 1 {
		t.Fatal("the file has not been taken in by one submission")
	}
	f, err := c.App.Blobs.Get(t.Context(), s.Population.Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var stored bytes.Buffer
	if _, err := stored.ReadFrom(f); err != nil || !sealed.IsSealed(stored.Bytes()) || bytes.Contains(stored.Bytes(), []byte("NUMMER")) {
		t.Error("the file does not lie sealed")
	}
	if p.HasForm("/population") {
		t.Error("a second file is offered while the first is checked")
	}

	id = c.Case(showcase.PopulationRejected)
	p = b.Get("/cases/"+id+"/population").Is(t, 200).Has(t, "Kontrollrapport", "Fel kontrollsiffra", "Rader i filen", "Fler än beslutet medger")
	b.Get("/calls").Has(t, "Filen gick inte att använda")
	c.As(showcase.OtherOrderer).Get("/cases/"+id+"/population").Is(t, 200).Has(t, "Kontrollrapport")
	if !p.HasForm("/population") {
		t.Fatal("a faulty file cannot be replaced")
	}
	b.SendFiles(p, "/population", nil, map[string]webtest.Upload{"file": {Name: "pop.csv", Data: []byte("personnummer\r\n")}}).Is(t, 200).Has(t, "filen kontrolleras").Lacks(t, "Kontrollrapport")
}

// TestPromise01EarlyFileOnThePage: a file before the decision is told kindly
// and not read.
func TestPromise01EarlyFileOnThePage(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.EarlyPopulation)
	b := c.As(showcase.SupplierContact)
	p := b.Get("/cases/"+id+"/population").Is(t, 200).Has(t, "Vänta med filen", "Vi har inte läst den")
	if p.HasForm("/population") {
		t.Error("the page offers to take a file before the decision")
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	w, _ := m.CreateFormFile("file", "pop.csv")
	_, _ = w.Write([]byte("personnummer\r\n"))
	rest := &unread{}
	r := httptest.NewRequest(http.MethodPost, "/cases/"+id+"/population", struct{ *join }{&join{&body, rest}})
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "sluss", Value: showcase.SupplierContact + "|" + string(order.RoleSupplier)})
	answer := httptest.NewRecorder()
	before := len(c.State(id).Early)
	c.Mux.ServeHTTP(answer, r)
	if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "Invänta beslutet") {
		t.Errorf("status %d", answer.Code)
	}
	if got := len(c.State(id).Early); got != before+1 {
		t.Errorf("%d arrivals are logged, want %d", got, before+1)
	}
	if c.State(id).Population != nil || rest.n > 1<<16 {
		t.Errorf("the file was read: %d bytes", rest.n)
	}
}

// join gives the head of a form and then a file without end.
type join struct {
	head *bytes.Buffer
	rest *unread
}

func (j *join) Read(b []byte) (int, error) {
	if j.head.Len() > 0 {
		return j.head.Read(b)
	}
	return j.rest.Read(b)
}

type unread struct{ n int }

func (u *unread) Read(b []byte) (int, error) {
	u.n += len(b)
	if u.n > 1<<24 {
		return 0, http.ErrBodyReadAfterClose
	}
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

// TestDeliveryToReceipt: what is in it, the parcel as it lies, one submission
// for the receipt; then a fault.
func TestDeliveryToReceipt(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReceive)
	b := c.As(showcase.OtherOrderer)
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Hämta leveransen")
	p := b.Get("/cases/"+id+"/parcel").Is(t, 200).Has(t, "sluss verify", "sluss open", "Gallras", "Det här ingår", string(c.State(id).Delivery.Manifest))
	got := b.Get("/cases/" + id + "/parcel/file")
	if string(canon.Sum([]byte(got.HTML))) != string(c.State(id).Delivery.SHA256) || !strings.Contains(got.Header.Get("Content-Disposition"), id+".sluss") {
		t.Error("the parcel is not what was delivered")
	}
	b.Submissions = 0
	p = b.Send(p, "/parcel/receipt", nil).Is(t, 200).Has(t, "leveransen är bekräftad")
	if !c.State(id).Receipt || b.Submissions != 1 {
		t.Error("the receipt takes more than one submission")
	}
	b.Send(p, "/parcel/fault", nil).Is(t, 422).Has(t, "Beskriv felet")
	p = b.Send(p, "/parcel/fault", webtest.Values{"what": "Kolumnen slut är tom."}).Is(t, 200).Has(t, "Felet är anmält", "Kolumnen slut är tom.", "Hos oss: vi utreder felet")
	b.Send(p, "/parcel/again", webtest.Values{"why": "Skivan gick sönder."}).Is(t, 200).Has(t, "Samma paket")
	c.As(showcase.Orderer).Get("/cases/"+id+"/parcel/file").Is(t, 404)

	gone := c.As(showcase.OtherOrderer).Get("/cases/"+c.Case(showcase.Purged)+"/parcel").Is(t, 200).Has(t, "gallrad hos oss")
	if gone.HasForm("/parcel") {
		t.Error("something can be done with a delivery that is purged")
	}
	b.Get("/cases/"+c.Case(showcase.Purged)+"/parcel/file").Is(t, 404)
}

// TestOtherAnswers: the restriction, a change, an appeal, the key, an enquiry,
// questions, and taking back, each with what is missing told first.
func TestOtherAnswers(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)

	private := c.As(showcase.PrivateOrderer)
	at := "/cases/" + c.Case(showcase.ForbehallOpen) + "/restriction"
	p := private.Get(at).Is(t, 200).Has(t, "får inte lämnas vidare", "Har bekräftat")
	p = private.Send(p, "/restriction", nil).Is(t, 422).Has(t, "Välj vem som bekräftar")
	rest := c.State(c.Case(showcase.ForbehallOpen))
	var open string
	for _, n := range rest.Decision.Forbehall.Names {
		if !rest.Bound[n] {
			open = n
		}
	}
	private.Send(p, "/restriction", webtest.Values{"person": open, "read": "yes"}).Is(t, 200).Has(t, "Förbehållet är bekräftat")

	r := c.As(showcase.Representative)
	id := c.Case(showcase.ChangeProposed)
	p = r.Get("/cases/"+id+"/change").Is(t, 200).Has(t, "Urvalet behöver delas", "4,5")
	r.Send(p, "/change", nil).Is(t, 422)
	r.Send(p, "/change", webtest.Values{"answer": "yes"}).Is(t, 200).Has(t, "Ändringen är godkänd")

	orderer := c.As(showcase.OtherOrderer)
	id = c.Case(showcase.Refused)
	who := ownerOf(t, c, id)
	p = c.As(who).Get("/cases/"+id+"/appeal").Is(t, 200)
	if p.HasForm("/appeal") {
		b := c.As(who)
		b.Send(p, "/appeal", nil).Is(t, 422)
		b.Send(p, "/appeal", webtest.Values{"sure": "yes"}).Is(t, 200).Has(t, "Överklagandet är anmält")
	}

	id = c.Case(showcase.DraftReturned)
	if order.KeyFingerprint(c.App.VaultKey) != sealed.Fingerprint(c.App.VaultKey) {
		t.Error("two fingerprints of one key")
	}
	_, key, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	p = orderer.Get("/cases/"+id+"/key").Is(t, 200).Has(t, "sluss keygen", "Ingen nyckel är angiven")
	wrong := orderer.Send(p, "/key", webtest.Values{"key": "AGE-SECRET-KEY-1QQQ"}).Is(t, 422).Has(t, "den hemliga nyckeln")
	wrong.Lacks(t, "AGE-SECRET")
	if strings.Contains(wrong.HTML, "AGE-SECRET") {
		t.Error("a secret key comes back in the page")
	}
	wrong = orderer.Send(p, "/key", webtest.Values{"key": "-----BEGIN CRYPT4GH PRIVATE KEY----- YzRnaC12MQ== -----END CRYPT4GH PRIVATE KEY-----"}).Is(t, 422).Has(t, "den hemliga nyckeln")
	if strings.Contains(wrong.HTML, "YzRnaC12MQ") {
		t.Error("a secret key comes back in the page")
	}
	orderer.Send(p, "/key", webtest.Values{"key": "-----BEGIN CRYPT4GH PUBLIC KEY----- G6Ia69gMfVksM9O650oGxa6ESvz8WDWz9Tvo6t98ZFs= -----END CRYPT4GH PUBLIC KEY-----"}).Is(t, 200).
		Has(t, "crypt4gh:G6Ia69gMfVksM9O650oGxa6ESvz8WDWz9Tvo6t98ZFs=", "Väntar på att vi ringer")
	p = orderer.Get("/cases/" + id + "/key")
	orderer.Send(p, "/key", webtest.Values{"key": key}).Is(t, 200).Has(t, key, sealed.Fingerprint(key), "Väntar på att vi ringer")
	if k := c.State(id).RecipientKey; k == nil || k.Key != key || k.Confirmed {
		t.Errorf("registered %+v", k)
	}

	p = orderer.Get("/enquire").Is(t, 200)
	orderer.Send(p, "/enquire", webtest.Values{"text": "Finns 2026?"}).Is(t, 422).Has(t, "Välj vad frågan gäller")
	p = orderer.Send(p, "/enquire", webtest.Values{"topic": "orderable", "text": "Finns 2026?"}).Is(t, 200).Has(t, "Frågan är skickad")
	orderer.Get(p.Path+"/questions").Is(t, 200).Has(t, "Finns 2026?", "vi har inte svarat")

	p = orderer.Get("/cases/"+id+"/withdraw").Is(t, 200).Has(t, "Det kostar inget")
	orderer.Send(p, "/withdraw", webtest.Values{"reason": "Ändrade planer"}).Is(t, 422).Has(t, "Ändrade planer")
	orderer.Send(p, "/withdraw", webtest.Values{"sure": "yes"}).Is(t, 200).Has(t, "återkallad")
	orderer.Get("/cases/"+id+"/withdraw").Has(t, "går inte att ta tillbaka längre")

	o := c.As(showcase.Orderer)
	id = c.Case(showcase.DataProposed)
	p = o.Get("/cases/"+id+"/proposal").Is(t, 200).Has(t, "Vi föreslår", "nettodagar")
	o.Send(p, "/proposal", nil).Is(t, 200).Has(t, "Du har godtagit förslaget")
}

// TestQuestionsBothWays: the parties answer what the authority asks.
func TestQuestionsBothWays(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReview)
	handler := order.Actor{ID: showcase.Handler, Role: order.RoleHandler, Assurance: 3}
	s, err := c.App.Do(t.Context(), handler, id, order.AskQuestion{Text: "Vem läser filerna?"})
	if err != nil {
		t.Fatal(err)
	}
	b := c.As(showcase.Orderer)
	b.Get("/cases/"+id).Has(t, "Svara på vår fråga")
	p := b.Get("/cases/"+id+"/questions").Has(t, "Vem läser filerna?").Lacks(t, showcase.Handler)
	n := string(rune('0' + len(s.Questions)))
	b.Send(p, "/questions/"+n, nil).Is(t, 422).Has(t, "Skriv ditt svar")
	b.Send(p, "/questions/"+n, webtest.Values{"answer" + n: "Två forskare."}).Is(t, 200).Has(t, "Två forskare.")
}

// TestCalendarAndPapers: the calendar file names the case and no person; a
// document of the list can be fetched, what the list does not have cannot.
func TestCalendarAndPapers(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReceive)
	b := c.As(showcase.OtherOrderer)
	ics := b.Get("/cases/"+id+"/dates/calendar").Is(t, 200)
	for _, line := range strings.Split(ics.HTML, "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if !strings.HasPrefix(ics.HTML, "BEGIN:VCALENDAR\r\n") || !strings.Contains(ics.HTML, id) || strings.Contains(ics.HTML, "@norrstrand") || strings.Count(ics.HTML, "BEGIN:VEVENT") < 1 {
		t.Errorf("calendar:\n%s", ics.HTML)
	}
	p := b.Get("/cases/"+id+"/documents").Is(t, 200).Has(t, "Ansökan", "Beslut", "Offert", "Leveransbesked")
	p.Lacks(t, "sluss/blob")
	if one := b.Get("/cases/"+id+"/documents/1").Is(t, 200); !strings.HasPrefix(one.HTML, "{") {
		t.Error("a document is not what it says")
	}
	b.Get("/cases/"+id+"/documents/99").Is(t, 404)
	b.Get("/cases/"+id+"/people").Is(t, 200).Has(t, "Abdirahman Åkerblom-Nyström").Lacks(t, "Karin Ekebjär")
	b.Get("/cases/"+c.Case(showcase.New)+"/dates").Is(t, 200).Has(t, "Leverans väntas")
}

// ownerOf is the orderer of a case.
func ownerOf(t *testing.T, c *webtest.Counter, id string) string {
	t.Helper()
	for _, p := range showcase.Cast() {
		if p.Email != "" && p.Email == c.State(id).Application.Orderer.Email {
			return p.ID
		}
	}
	t.Fatalf("nobody of the cast ordered %s", id)
	return ""
}

// TestTestdata: a party sees what is in the synthetic twin of the case and
// fetches it, the same bytes every time; one whose data are left to the
// dialogue is told so.
func TestTestdata(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Orderer)
	id := c.Case("paused")
	b.Get("/cases/"+id+"/testdata").Is(t, 200).Has(t, "Påhittade uppgifter", "-syntetisk.", "Hämta testdata", "las_in.R")
	first := b.Get("/cases/" + id + "/twin.zip")
	if first.Status != 200 || !strings.HasPrefix(first.HTML, "PK") || !strings.Contains(first.HTML, id+"-syntetisk/") || !strings.Contains(first.Header.Get("Content-Disposition"), "-syntetisk.zip") {
		t.Fatalf("the twin cannot be fetched: %d", first.Status)
	}
	if b.Get("/cases/"+id+"/twin.zip").HTML != first.HTML {
		t.Error("other bytes the second time")
	}
}

// TestKeyLostAfterDelivery: the page of the key tells how it stands, takes a
// lost key's successor, and the parcel comes in parts and from any byte.
func TestKeyLostAfterDelivery(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.KeyLost)
	b := c.As(showcase.Orderer)
	b.Get("/cases/"+id+"/key").Is(t, 200).Has(t, "Vi förseglar leveransen till den", "Har nyckeln kommit bort?", c.State(id).RecipientKey.Fingerprint)
	_, key, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	b.Send(b.Get("/cases/"+id+"/key"), "/key", webtest.Values{"key": key}).Is(t, 200)
	if k := c.State(id).RecipientKey; k.Key != key || k.Confirmed {
		t.Fatalf("%+v", k)
	}
	list := b.Get("/cases/"+id+"/parcel/parts").Is(t, 200)
	if l, err := parcel.ParsePartList(id+".sluss", []byte(list.HTML)); err != nil || len(l.Sums) != 1 || l.Sums[0] != c.State(id).Delivery.SHA256 {
		t.Errorf("%v: %s", err, list.HTML)
	}
	b.Get("/cases/"+id+"/parcel/parts/1").Is(t, 200)
	for _, no := range []string{"0", "2", "-1", "x"} {
		if p := b.Get("/cases/" + id + "/parcel/parts/" + no); p.Status == 200 {
			t.Errorf("part %s is there", no)
		}
	}
	c.As(showcase.OtherOrderer).Get("/cases/"+id+"/parcel/parts/1").Is(t, 404)
}

// TestRecalledDelivery: nothing of it can be fetched; the recipient reads what to
// do and says what became of the copies, and the handler ends the inquiry.
func TestRecalledDelivery(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.Recalled)
	b := c.As(showcase.OtherOrderer)
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Svara på återkallelsen")
	p := b.Get("/cases/"+id+"/parcel").Is(t, 200).Has(t, "Leveransen är återkallad", "Förstör varje kopia", "En kolumn hör till en annan period")
	if p.HasForm("/parcel/receipt") || p.HasForm("/parcel/again") {
		t.Error("a recalled delivery can be confirmed or sent again")
	}
	for _, path := range []string{"file", "parts", "parts/1"} {
		if got := b.Get("/cases/" + id + "/parcel/" + path); got.Status == 200 || strings.Contains(got.HTML, "age-encryption") {
			t.Errorf("%s: status %d", path, got.Status)
		}
	}
	b.Send(p, "/parcel/recalled", nil).Is(t, 422).Has(t, "Svara ja eller nej")
	b.Send(p, "/parcel/recalled", webtest.Values{"opened": "yes", "destroyed": "no"}).Is(t, 422).Has(t, "Skriv var kopiorna finns")
	b.Send(p, "/parcel/recalled", webtest.Values{"opened": "yes", "destroyed": "yes"}).Is(t, 200).Has(t, "Vi utreder vad som hände")
	if i := c.State(id).OpenIncident(); i == nil || !i.Answered {
		t.Errorf("%+v", i)
	}
}

// TestDeliveryByPost: the orderer asks for a stick, reads where it is, cannot
// fetch what comes by post, and confirms it when it has come.
func TestDeliveryByPost(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.OnItsWay)
	b := c.As(showcase.OtherOrderer)
	p := b.Get("/cases/"+id+"/parcel").Is(t, 200).Has(t, "kommer på ett USB-minne", "RR123456789SE", "sluss open")
	for _, path := range []string{"file", "parts", "parts/1"} {
		if got := b.Get("/cases/" + id + "/parcel/" + path); got.Status == 200 || strings.Contains(got.HTML, "age-encryption") {
			t.Errorf("%s: status %d", path, got.Status)
		}
	}
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Hämta ut brevet", "Kvittens på det postade minnet", "Bekräfta leveransen")
	b.Send(p, "/parcel/receipt", nil).Is(t, 200)
	if s := c.State(id); !s.Receipt || s.StickUnderway() != nil {
		t.Errorf("%+v", s.Sticks)
	}
	id = c.Case(showcase.ToPost)
	b = c.As(showcase.Orderer)
	if p := b.Get("/cases/"+id+"/parcel").Is(t, 200).Has(t, "Vi skriver minnet och postar det"); p.HasForm("/parcel/receipt") || p.HasForm("/parcel/again") {
		t.Error("what has not been posted can be confirmed, or sent again")
	}
	id = c.Case(showcase.ToExtract)
	p = b.Get("/cases/"+id+"/key").Is(t, 200).Has(t, "Hur vill du ha leveransen?")
	b.Send(p, "/route", webtest.Values{"route": "usb"}).Is(t, 200).Has(t, "Önskemålet är sparat")
	if c.State(id).Route() != "usb" {
		t.Error("the wish is not kept")
	}
}

// TestDeliveryToAnEnvironment: the orderer names the environment, reads that it
// fetches the delivery, and can still confirm; where the counter serves SFTP the
// page says how, and where it does not, nothing.
func TestDeliveryToAnEnvironment(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms, func(_ *app.App, s *page.Site) {
		s.SFTP = page.SFTP{Host: "sluss.example.se", Port: "2022", Fingerprint: "SHA256:abc"}
	})
	id := c.Case(showcase.ToEnvironment)
	b := c.As(showcase.OtherOrderer)
	p := b.Get("/cases/"+id+"/parcel").Is(t, 200).Has(t, "Miljön hämtar leveransen", "Säker analysmiljö, Sjölunda universitet", "/api/v1/orders/"+id+"/handover", "sftp -P 2022 sluss.example.se:/"+id+".sluss", "SHA256:abc")
	b.Send(p, "/parcel/receipt", nil).Is(t, 200).Has(t, "leveransen är bekräftad")
	id = c.Case(showcase.ToExtract)
	b = c.As(showcase.Orderer)
	p = b.Get("/cases/"+id+"/key").Is(t, 200).Has(t, "Hämtas av en säker bearbetningsmiljö")
	p = b.Send(p, "/route", webtest.Values{"route": "environment"}).Is(t, 422).Has(t, "Ange den säkra bearbetningsmiljön")
	b.Send(p, "/route", webtest.Values{"route": "environment", "environment": "Miljön, Sjölunda"}).Is(t, 200).Has(t, "Önskemålet är sparat", "Miljön, Sjölunda")
	if s := c.State(id); s.Route() != "environment" || s.Environment != "Miljön, Sjölunda" {
		t.Errorf("%s %q", s.Route(), s.Environment)
	}
	if p := webtest.New(t, rooms).As(showcase.OtherOrderer).Get("/cases/" + c.Case(showcase.ToEnvironment) + "/parcel"); strings.Contains(p.HTML, "sftp -P") {
		t.Error("SFTP that nobody serves is shown")
	}
}
