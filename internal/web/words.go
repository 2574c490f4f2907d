package web

import (
	"embed"
	"encoding/json"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts are the words of the pages: language, key, text. One file a language;
// a test compares their keys with each other and with the templates.
var texts = map[string]map[string]string{"sv": readTexts("sv"), "en": readTexts("en")}

func readTexts(lang string) map[string]string {
	raw, err := textFiles.ReadFile("texts/" + lang + ".json")
	if err != nil {
		panic(err) // they are embedded
	}
	var m map[string]string
	if err := json.Unmarshal(raw, &m); err != nil {
		panic("texts/" + lang + ".json: " + err.Error())
	}
	return m
}

func word(lang, key string) string {
	t, ok := texts[lang][key]
	if !ok {
		panic("web: no text for " + key + " in " + lang) // found by the test that renders every page
	}
	return t
}

var phases = map[order.Phase]catalog.Text{
	order.PhaseNone:       {SV: "Utkast", EN: "Draft"},
	order.PhaseEnquiry:    {SV: "Förfrågan", EN: "Enquiry"},
	order.PhaseAnswered:   {SV: "Besvarad", EN: "Answered"},
	order.PhaseExpired:    {SV: "Beslutets tid gick ut", EN: "Decision ran out"},
	order.PhaseReceived:   {SV: "Inkommen", EN: "Received"},
	order.PhaseSupplement: {SV: "Väntar på komplettering", EN: "Waiting for a supplement"},
	order.PhaseComplete:   {SV: "Komplett", EN: "Complete"},
	order.PhaseDraft:      {SV: "Utkast till offert", EN: "Draft quote"},
	order.PhaseReview:     {SV: "Sekretessprövning", EN: "Confidentiality review"},
	order.PhaseDecision:   {SV: "Inför beslut", EN: "Before the decision"},
	order.PhaseDecided:    {SV: "Beslutad", EN: "Decided"},
	order.PhasePopulation: {SV: "Väntar på population", EN: "Waiting for the population"},
	order.PhaseExtraction: {SV: "Uttag", EN: "Extraction"},
	order.PhaseRelease:    {SV: "Granskas före leverans", EN: "Reviewed before delivery"},
	order.PhaseDelivered:  {SV: "Levererad", EN: "Delivered"},
	order.PhasePurge:      {SV: "Gallring", EN: "Purge"},
	order.PhaseClosed:     {SV: "Avslutad och gallrad", EN: "Closed and purged"},
	order.PhaseRefused:    {SV: "Avslagen", EN: "Refused"},
	order.PhaseDismissed:  {SV: "Avvisad", EN: "Dismissed"},
	order.PhaseWithdrawn:  {SV: "Återkallad", EN: "Withdrawn"},
}

func phase(lang string, p order.Phase) string { return phases[p].In(lang) }

var roles = map[order.Role]catalog.Text{
	order.RoleOrderer:        {SV: "Beställare", EN: "Orderer"},
	order.RoleCoApplicant:    {SV: "Medsökande", EN: "Co-applicant"},
	order.RoleRepresentative: {SV: "Huvudmannens företrädare", EN: "Principal's representative"},
	order.RoleHandler:        {SV: "Handläggare", EN: "Case handler"},
	order.RoleReviewer:       {SV: "Sekretessgranskare", EN: "Reviewer"},
	order.RoleDecider:        {SV: "Beslutsfattare", EN: "Decision maker"},
	order.RoleStatistician:   {SV: "Uttagsansvarig", EN: "Data statistician"},
	order.RoleReleaser:       {SV: "Frisläppare", EN: "Releaser"},
	order.RoleSupplier:       {SV: "Populationens leverantör", EN: "Population supplier"},
	order.RoleFinance:        {SV: "Ekonomi", EN: "Finance"},
	order.RoleRegistrar:      {SV: "Registrator", EN: "Registrar"},
	order.RoleEngine:         {SV: "Valvet", EN: "The vault"},
	order.RoleClock:          {SV: "Kalendern", EN: "The calendar"},
}

func role(lang string, r order.Role) string { return roles[r].In(lang) }

var months = map[string][]string{
	"sv": {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// longDay writes 2026-12-04 as 4 december 2026.
func longDay(lang string, d day.Day) string {
	y, m, dd := d.YMD()
	return strconv.Itoa(dd) + "\u00a0" + months[lang][m-1] + " " + strconv.Itoa(y)
}

// shortDay writes 2026-12-04 as 4 dec.
func shortDay(lang string, d day.Day) string {
	_, m, dd := d.YMD()
	return strconv.Itoa(dd) + "\u00a0" + months[lang][m-1][:3]
}
