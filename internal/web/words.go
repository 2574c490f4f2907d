package web

import (
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
)

// words are the texts of the pages; a test compares them with the templates.
var words = map[string]catalog.Text{
	"cases":     {SV: "Ärenden", EN: "Cases"},
	"case":      {SV: "Ärende", EN: "Case"},
	"title":     {SV: "Beställning", EN: "Order"},
	"principal": {SV: "Huvudman", EN: "Principal"},
	"phase":     {SV: "Läge", EN: "Phase"},
	"changed":   {SV: "Ändrat", EN: "Changed"},
	"purge_on":  {SV: "Gallras", EN: "Purged on"},
	"none":      {SV: "Inga ärenden ännu. De visas här när den första beställningen har kommit in.", EN: "No cases yet. They appear here when the first order has arrived."},
	"no_case":   {SV: "Ärendet finns inte", EN: "There is no such case"},
	"no_case_2": {SV: "Kontrollera ärendenumret, eller gå till listan över ärenden.", EN: "Check the case number, or go to the list of cases."},
	"failed":    {SV: "Något gick fel hos oss. Försök igen om en stund.", EN: "Something failed on our side. Try again in a while."},
	"gates":     {SV: "Slussportar", EN: "Gates"},
	"open":      {SV: "öppen", EN: "open"},
	"shut":      {SV: "stängd", EN: "shut"},
	"next":      {SV: "nästa", EN: "next"},
	"steps":     {SV: "Vad som har hänt", EN: "What has happened"},
	"checked":   {SV: "Kontrollerat", EN: "Checked"},
	"basis":     {SV: "Stöd", EN: "Basis"},
	"other":     {SV: "In English", EN: "På svenska"},
	"skip":      {SV: "Till innehållet", EN: "Skip to content"},
}

func word(lang, key string) string {
	t, ok := words[key]
	if !ok {
		panic("web: no text for " + key) // found by the test that renders every page
	}
	return t.In(lang)
}

var phases = map[order.Phase]catalog.Text{
	order.PhaseNone:       {SV: "Utkast", EN: "Draft"},
	order.PhaseReceived:   {SV: "Inkommen", EN: "Received"},
	order.PhaseSupplement: {SV: "Väntar på komplettering", EN: "Waiting for a supplement"},
	order.PhaseComplete:   {SV: "Fullständig", EN: "Complete"},
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
	order.RoleRepresentative: {SV: "Huvudmannens företrädare", EN: "Principal's representative"},
	order.RoleHandler:        {SV: "Handläggare", EN: "Case handler"},
	order.RoleReviewer:       {SV: "Sekretessgranskare", EN: "Reviewer"},
	order.RoleDecider:        {SV: "Beslutsfattare", EN: "Decision maker"},
	order.RoleStatistician:   {SV: "Statistiker", EN: "Data statistician"},
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
func longDay(lang, iso string) string {
	d, err := day.Parse(iso)
	if err != nil {
		return iso
	}
	y, m, dd := d.YMD()
	return strconv.Itoa(dd) + "\u00a0" + months[lang][m-1] + " " + strconv.Itoa(y)
}
