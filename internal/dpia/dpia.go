// Package dpia writes what the running configuration can contribute to a
// data-protection impact assessment (GDPR article 35.7): purposes and legal
// bases, whose data of which kinds, who receives them, how long they are kept,
// and the measures that the program takes, each with the test that fails when it
// no longer does. [Of] collects it, [Report.Markdown] and [Report.HTML] write it
// in Swedish or English.
//
// It is input, not the assessment: whether the processing is necessary and
// proportionate, and which risks are left, the authority says; the last part asks.
//
// Sources: dataskyddsförordningen (EU) 2016/679 articles 5, 6, 9, 30, 32, 35 and 89;
// lag (2018:218); offentlighets- och sekretesslagen (2009:400) 24 and 28 chapters;
// socialförsäkringsbalken 114 chapter; lag (2003:460); arkivlagen (1990:782).
package dpia

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Setting is how the programs are run, as far as it protects anybody.
type Setting struct {
	On         day.Day // of the report
	Origin     string  // how browsers reach the counter; "" when none does
	Mail       bool    // mail is sent
	SFTP       bool    // parcels are handed out over SFTP too
	Database   string  // sqlite or postgresql
	Problems   int     // findings of the doctor about the authority's file
	BackupDays int     // for how long a backup of the counter is kept
	KeyDays    int     // and one of the vault's keys
}

// Section is a part of the report.
type Section struct {
	Title string
	Paras []string
	Head  []string   // of the table, nil without one
	Rows  [][]string // of the table
}

// Report is the input in one language.
type Report struct {
	Lang     string
	Title    string
	Sections []Section
}

// writer collects sections in a language.
type writer struct {
	lang string
	r    Report
}

func (w *writer) t(sv, en string) string {
	if w.lang == "sv" {
		return sv
	}
	return en
}

func (w *writer) section(sv, en string, paras ...string) *Section {
	w.r.Sections = append(w.r.Sections, Section{Title: w.t(sv, en), Paras: paras})
	return &w.r.Sections[len(w.r.Sections)-1]
}

// Of collects the report in "sv" or "en". What somebody has written into a
// setting is masked where it looks like an identity number.
func Of(a *order.Authority, c *catalog.Catalogue, s Setting, lang string) Report {
	w := writer{lang: lang, r: Report{Lang: lang}}
	w.r.Title = w.t("Underlag för konsekvensbedömning: utlämnande av individdata", "Input for an impact assessment: disclosure of individual-level data")
	w.controller(a, c, s)
	w.purposes()
	w.subjects(c)
	w.data(c)
	w.recipients(a, s)
	w.retention(a, s)
	w.measures()
	w.questions()
	return w.r
}

func (w *writer) controller(a *order.Authority, c *catalog.Catalogue, s Setting) {
	sec := w.section("Vem och vad", "Who and what",
		w.t("Skrivet av programmet ur den konfiguration som körs. Det är underlag; bedömningen gör myndigheten.", "Written by the program from the configuration that runs. It is input; the assessment is the authority's."))
	sec.Head = []string{w.t("Uppgift", "Item"), w.t("Värde", "Value")}
	database := map[string]string{"sqlite": "SQLite", "postgresql": "PostgreSQL"}[s.Database]
	sec.Rows = [][]string{
		{w.t("Personuppgiftsansvarig", "Controller"), swede.Mask(a.Name.In(w.lang))},
		{w.t("Dag", "Day"), s.On.String()},
		{w.t("Katalogens version", "Version of the catalogue"), fmt.Sprintf("%d (%s)", c.Version, c.Hash().Short())},
		{w.t("Register", "Registers"), fmt.Sprint(len(c.Registers))},
		{w.t("Sidornas adress", "Address of the pages"), orNone(w, s.Origin)},
		{w.t("Diskens databas", "Database of the counter"), database},
		{w.t("Anmärkningar på myndighetens fil", "Findings about the authority's file"), fmt.Sprint(s.Problems)},
	}
}

func orNone(w *writer, s string) string {
	if s == "" {
		return w.t("ingen", "none")
	}
	return s
}

func (w *writer) purposes() {
	sec := w.section("Ändamål och rättslig grund", "Purposes and legal bases")
	sec.Head = []string{w.t("Ändamål", "Purpose"), w.t("Grund", "Basis"), w.t("Spärr i programmet", "Gate in the program")}
	sec.Rows = [][]string{
		{
			w.t("Lämna ut uppgifter till forskning", "Disclose data for research"),
			w.t("dataskyddsförordningen 6.1 e, 9.2 j och 89; OSL 24 kap. 8 §; lagen (2003:460) om etikprövning", "GDPR 6.1 e, 9.2 j and 89; OSL 24:8; the Ethical Review Act (2003:460)"),
			w.t("etikgodkännande för känsliga uppgifter, sekretessprövning, undertecknat beslut", "ethics approval for sensitive data, confidentiality review, signed decision"),
		},
		{
			w.t("Lämna ut uppgifter till officiell statistik", "Disclose data for official statistics"),
			w.t("dataskyddsförordningen 6.1 e, 9.2 j och 89; OSL 24 kap. 8 §; lagen (2001:99) om den officiella statistiken", "GDPR 6.1 e, 9.2 j and 89; OSL 24:8; the Official Statistics Act (2001:99)"),
			w.t("mottagaren ansvarar för statistik med samma sekretess", "the recipient is responsible for statistics under the same secrecy"),
		},
		{
			w.t("Handlägga beställningar", "Handle orders"), w.t("dataskyddsförordningen 6.1 c och e; förvaltningslagen (2017:900)", "GDPR 6.1 c and e; the Administrative Procedure Act (2017:900)"),
			w.t("åtkomst efter roll och ärende; läsningar loggas", "access by role and case; reads are logged"),
		},
		{
			w.t("Ta betalt", "Charge"), w.t("avgiftsförordningen (1992:191)", "the Fees Ordinance (1992:191)"), w.t("inga uppgifter om registrerade", "no data about those registered"),
		},
	}
}

func (w *writer) subjects(c *catalog.Catalogue) {
	paras := []string{
		w.t("Personer i registren, och de som ett register nämner vid sidan av dem (barn, närstående, den som är egenföretagare). Beställare, handläggare och andra som handlar i ärenden.",
			"Persons in the registers, and those whom a register mentions beside them (children, relatives, sole traders). Orderers, staff and others who act in cases."),
		w.t("Personer med skyddade personuppgifter: ärenden om dem ser bara den som har behörighet.", "Persons with protected identity: only those cleared for it see cases about them."),
	}
	mentions := 0
	for _, r := range c.Registers {
		for _, t := range r.Tables {
			for _, v := range t.Variables {
				if v.Entity != "" {
					mentions++
				}
			}
		}
	}
	paras = append(paras, fmt.Sprintf(w.t("Variabler som pekar ut en person: %d.", "Variables that point at a person: %d."), mentions))
	w.section("Registrerade", "Data subjects", paras...)
}

func (w *writer) data(c *catalog.Catalogue) {
	sec := w.section("Uppgifter", "Categories of data",
		w.t("Per register: grund, hur många variabler som kan lämnas ut och hur många av dem som rör hälsa (artikel 9) eller kan bidra till att någon känns igen.",
			"For each register: basis, how many variables can be disclosed, and how many of them concern health (article 9) or can help somebody to be recognised."))
	sec.Head = []string{w.t("Register", "Register"), w.t("Grund", "Basis"), w.t("Variabler", "Variables"), w.t("Hälsa", "Health"), w.t("Igenkänning", "Identifying"), w.t("Från", "From")}
	for _, r := range c.Registers {
		all, health, known := 0, 0, 0
		for _, t := range r.Tables {
			for _, v := range t.Variables {
				if len(v.Shapes) == 0 {
					continue
				}
				all++
				if v.Sensitivity == catalog.SensitiveHealth {
					health++
				}
				if v.Identifying != catalog.NotIdentifying {
					known++
				}
			}
		}
		sec.Rows = append(sec.Rows, []string{r.Names.In(w.lang), strings.Join(r.Basis, "; "), fmt.Sprint(all), fmt.Sprint(health), fmt.Sprint(known), r.From})
	}
}

func (w *writer) recipients(a *order.Authority, s Setting) {
	sec := w.section("Mottagare", "Recipients",
		w.t("Den som har ett beslut, i den omfattning som beslutet anger, förseglat till en nyckel som har bekräftats på ett annat sätt. Ingen annan får individdata; disken har dem bara förseglade.",
			"Whoever has a decision, to the extent that it states, sealed to a key that was confirmed in another way. Nobody else gets individual-level data; the counter has them sealed only."))
	sec.Head = []string{w.t("Leverantör av populationsfiler", "Supplier of population files"), w.t("Kontakt", "Contact")}
	for _, x := range a.Suppliers {
		sec.Rows = append(sec.Rows, []string{swede.Mask(x.Name), swede.Mask(x.Contact)})
	}
	if len(sec.Rows) == 0 {
		sec.Rows = [][]string{{w.t("ingen avtalad", "none agreed"), ""}}
	}
	mail := w.t("Mejl skickas inte.", "No mail is sent.")
	if s.Mail {
		mail = w.t("Mejl skickas med ett ärendenummer och en länk, utan uppgifter om registrerade.", "Mail is sent with a case number and a link, without data about those registered.")
	}
	sec.Paras = append(sec.Paras, mail)
	if s.SFTP {
		sec.Paras = append(sec.Paras, w.t("Förseglade paket lämnas också ut över SFTP, till innehavare av SSH-nycklar som myndigheten har registrerat för en person till och med en viss dag.",
			"Sealed parcels are handed out over SFTP too, to holders of SSH keys that the authority has registered for one person until a certain day."))
	}
}

func (w *writer) retention(a *order.Authority, s Setting) {
	sec := w.section("Hur länge", "Retention", w.t("Gallringsbeslut: ", "Gallringsbeslut: ")+swede.Mask(a.PurgeRule)+".")
	sealed := a.SealedDays
	if sealed == 0 {
		sealed = 30
	}
	days := func(n int) string { return fmt.Sprintf(w.t("%d dagar", "%d days"), n) }
	sec.Head = []string{w.t("Vad", "What"), w.t("Tid", "Time")}
	sec.Rows = [][]string{
		{w.t("Mottagna och levererade filer, nyckelfiler", "Received and delivered files, key files"), fmt.Sprintf(w.t("%d månader efter leverans om inget annat beslutas", "%d months after delivery unless decided otherwise"), a.RetentionMonths)},
		{w.t("Nyckelfil som får sparas", "Key file that may be kept"), w.t("till dagen i beslutet", "until the day in the decision")},
		{w.t("Bilagor med många personnummer", "Attachments with many identity numbers"), days(sealed)},
		{w.t("Text som inte har skickats", "Text that was not sent"), days(30)},
		{w.t("Säkerhetskopia av disken (utan individdata)", "Backup of the counter (without individual-level data)"), days(s.BackupDays)},
		{w.t("Säkerhetskopia av valvets nycklar", "Backup of the vault's keys"), days(s.KeyDays)},
		{w.t("Ansökan, beslut, brev och logg", "Application, decision, letters and log"), w.t("bevaras enligt arkivlagen", "kept under the Archives Act")},
	}
}

func (w *writer) questions() {
	w.section("Det som återstår att bedöma", "What remains to be assessed",
		w.t("Är varje ändamål nödvändigt och står det i proportion till vad det innebär för de registrerade (artikel 35.7 b)?", "Is each purpose necessary, and in proportion to what it means for those registered (article 35.7 b)?"),
		w.t("Vilka risker finns kvar när åtgärderna ovan är vidtagna, hur sannolika och allvarliga är de (35.7 c)? Se docs/threats.md, raden Left.", "Which risks are left when the measures above are taken, how likely and how grave are they (35.7 c)? See docs/threats.md, the row Left."),
		w.t("Vem kör maskinerna, var ligger valvets disk och dess säkerhetskopior, och vem har rotnyckeln?", "Who runs the machines, where are the vault's disk and its backups, and who has the root key?"),
		w.t("Har dataskyddsombudet sagt sitt (35.2), och har de registrerade eller deras företrädare hörts (35.9)?", "Has the data protection officer been heard (35.2), and have those registered or their representatives (35.9)?"),
		w.t("Krävs förhandssamråd med Integritetsskyddsmyndigheten (artikel 36)?", "Must the supervisory authority be consulted (article 36)?"))
}

// Markdown writes the report.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", r.Title)
	cell := func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
	}
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n## %s\n", s.Title)
		for _, p := range s.Paras {
			fmt.Fprintf(&b, "\n%s\n", p)
		}
		if s.Head == nil {
			continue
		}
		b.WriteString("\n|")
		for _, h := range s.Head {
			b.WriteString(" " + cell(h) + " |")
		}
		b.WriteString("\n|" + strings.Repeat("---|", len(s.Head)) + "\n")
		for _, row := range s.Rows {
			b.WriteString("|")
			for _, c := range row {
				b.WriteString(" " + cell(c) + " |")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// HTML writes the report as a page of its own.
func (r Report) HTML() string {
	var b strings.Builder
	text := escape.Replace
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>%s</title>\n", r.Lang, text(r.Title))
	b.WriteString("<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #949494}</style></head>\n<body><main>\n")
	fmt.Fprintf(&b, "<h1>%s</h1>\n", text(r.Title))
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "<h2>%s</h2>\n", text(s.Title))
		for _, p := range s.Paras {
			fmt.Fprintf(&b, "<p>%s</p>\n", text(p))
		}
		if s.Head == nil {
			continue
		}
		b.WriteString("<table><thead><tr>")
		for _, h := range s.Head {
			fmt.Fprintf(&b, "<th scope=\"col\">%s</th>", text(h))
		}
		b.WriteString("</tr></thead><tbody>\n")
		for _, row := range s.Rows {
			b.WriteString("<tr>")
			for i, c := range row {
				if i == 0 {
					fmt.Fprintf(&b, "<th scope=\"row\">%s</th>", text(c))
				} else {
					fmt.Fprintf(&b, "<td>%s</td>", text(c))
				}
			}
			b.WriteString("</tr>\n")
		}
		b.WriteString("</tbody></table>\n")
	}
	b.WriteString("</main></body></html>\n")
	return b.String()
}
