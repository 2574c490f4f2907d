package page

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/wording"
)

// Texts are the words of pages: language, key, text. Each room has one file a
// language; a test compares their keys with each other and with what pages ask
// for.
type Texts map[string]map[string]string

// add reads a room's texts. A key that another room has is an error.
func (t Texts) add(files fs.FS, room string) error {
	for _, lang := range []string{"sv", "en"} {
		raw, err := fs.ReadFile(files, "texts/"+lang+".json")
		if err != nil {
			return err
		}
		var m map[string]string
		if err := json.Unmarshal(raw, &m); err != nil {
			return fmt.Errorf("room %s, texts/%s.json: %w", room, lang, err)
		}
		if t[lang] == nil {
			t[lang] = map[string]string{}
		}
		for key, text := range m {
			if _, taken := t[lang][key]; taken {
				return fmt.Errorf("room %s, texts/%s.json: another room has %s", room, lang, key)
			}
			t[lang][key] = text
		}
	}
	return nil
}

// ReadTexts are a room's texts in a language, for tests that compare them.
func ReadTexts(files fs.FS, lang string) map[string]string {
	t := Texts{}
	if err := t.add(files, ""); err != nil {
		panic(err)
	}
	return t[lang]
}

// Own are the kit's own files, its texts among them.
var Own fs.FS = files

// word is a text of the pages in a language, as the authority says it.
func (k *Kit) word(lang, key string) string {
	was := k.texts.word(lang, key)
	if k.Orders != nil {
		if own, ok := k.Orders.Said(key); ok {
			return wording.Fits(was, own.In(lang))
		}
	}
	return was
}

// Level is what a level is called that a variable can be made coarser to.
func (a *Ask) Level(level string) string { return a.Word("level." + level) }

func (t Texts) has(key string) bool { return t["sv"][key] != "" }

func (t Texts) word(lang, key string) string {
	text, ok := t[lang][key]
	if !ok {
		panic("web: no text for " + key + " in " + lang) // found by the tests that show every page
	}
	return text
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

// Phase is the name of a phase.
func Phase(lang string, p order.Phase) string { return phases[p].In(lang) }

// others are the roles that no case knows.
var others = map[order.Role]catalog.Text{
	access.RoleAuditor:       {SV: "Granskare av logg", EN: "Auditor"},
	access.RoleAdministrator: {SV: "Administratör", EN: "Administrator"},
}

// Role is the name of a role.
func Role(lang string, r order.Role) string {
	if t, ok := others[r]; ok {
		return t.In(lang)
	}
	return r.Title().In(lang)
}

var months = map[string][]string{
	"sv": {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// LongDay writes 2026-12-04 as 4 december 2026.
func LongDay(lang string, d day.Day) string { return swede.LongDay(d, lang) }

// ShortDay writes 2026-12-04 as 4 dec.
func ShortDay(lang string, d day.Day) string {
	_, m, dd := d.YMD()
	return strconv.Itoa(dd) + "\u00a0" + months[lang][m-1][:3]
}

// Kronor writes an amount in öre as whole or decimal kronor: 20 400 kr.
func Kronor(ore int64) string {
	sign := ""
	if ore < 0 {
		sign, ore = "−", -ore
	}
	text := sign + Thousands(ore/100)
	if rest := ore % 100; rest != 0 {
		text += fmt.Sprintf(",%02d", rest)
	}
	return text + " kr"
}

// Thousands writes a number with no-break spaces: 20 400.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), " ")
}

// HoursText writes hundredths of hours: 24, 7,5.
func HoursText(lang string, centis int64) string {
	text := Thousands(centis / 100)
	if rest := centis % 100; rest != 0 {
		mark := ","
		if lang == "en" {
			mark = "."
		}
		text += mark + strings.TrimRight(fmt.Sprintf("%02d", rest), "0")
	}
	return text
}

// Size writes a number of bytes: 1,2 MB.
func Size(lang string, n int64) string {
	units := []string{"byte", "kB", "MB", "GB", "TB"}
	u, whole, rest := 0, n, int64(0)
	for whole >= 1000 && u < len(units)-1 {
		rest = whole % 1000 / 100
		whole /= 1000
		u++
	}
	mark := ","
	if lang == "en" {
		mark = "."
	}
	if u > 0 && whole < 10 {
		return fmt.Sprintf("%d%s%d %s", whole, mark, rest, units[u])
	}
	return fmt.Sprintf("%d %s", whole, units[u])
}
