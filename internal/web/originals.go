package web

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/letter"
	"sluss/internal/lix"
	"sluss/internal/notice"
	"sluss/internal/web/page"
	"sluss/internal/wording"
)

// where tells on which pages each text was seen when every page was visited as
// everybody who may see it. It is made by the test that visits them
// (go test ./internal/web -run TestWhereTextsAreRead -update), and only tells an
// administrator where to look.
//
//go:embed where.json
var where []byte

// places are the rooms as an administrator knows them.
var places = map[string]catalog.Text{
	"page":      {SV: "Alla sidor", EN: "All pages"},
	"public":    {SV: "Sidor för alla: start, katalog, så går det till", EN: "Pages for everybody: start, catalogue, how it works"},
	"diarium":   {SV: "Det som alla får läsa om beställningar, och väntetiden", EN: "What everybody may read of orders, and the waiting time"},
	"entrance":  {SV: "Inloggning", EN: "Login"},
	"caseroom":  {SV: "Ärendets sida och listan över ärenden", EN: "The case's page and the list of cases"},
	"apply":     {SV: "Beställningen, medan den skrivs", EN: "The order, while it is being written"},
	"desk":      {SV: "Handläggning", EN: "Handling"},
	"party":     {SV: "Det som beställare, företrädare och leverantör svarar på", EN: "What orderer, representative and supplier answer"},
	"rulings":   {SV: "Beslut", EN: "Decisions"},
	"vaultdesk": {SV: "Uttag och frisläppande", EN: "Extraction and release"},
	"office":    {SV: "Fakturor, gallring, logg, drift och statistik", EN: "Invoices, purges, the log, running and statistics"},
}

// Book is every text that an authority may say otherwise: of pages, letters and
// mail.
func Book() (*wording.Book, error) {
	var seen map[string][]string
	if err := json.Unmarshal(where, &seen); err != nil {
		return nil, err
	}
	var all []wording.Original
	add := func(room string, sv, en map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(sv)) {
			all = append(all, wording.Original{Key: key, Text: catalog.Text{SV: sv[key], EN: en[key]}, Place: places[room], Paths: seen[key], Bound: lix.Orderer})
		}
	}
	for _, r := range append([]page.Room{{Name: "page", Files: page.Own}}, Rooms...) {
		add(r.Name, page.ReadTexts(r.Files, "sv"), page.ReadTexts(r.Files, "en"))
	}
	return wording.NewBook(all, letter.Originals(), notice.Originals())
}
