package dpia

// Measure is something that the program does to protect people, and the test
// that fails when it no longer does.
type Measure struct {
	SV, EN string
	Room   string // folder of the test under internal, "root" or cmd/…
	Test   string
}

// Measures are those that an assessment asks for (articles 25 and 32). That each
// test exists is itself tested.
var Measures = []Measure{
	{"En populationsfil läses inte före ett beslut om utlämnande", "No population file is read before a disclosing decision", "works", "TestPromise01UnreadBeforeTheDecision"},
	{"Ingenting utanför beslutet lämnas ut; det kontrolleras på planen och på de färdiga filerna", "Nothing outside the decision leaves; checked on the plan and on the finished files", "disclose", "TestPromise03NothingOutsideTheDecision"},
	{"Personnummer lämnas ut bara där beslutet säger det", "Identity numbers leave only where the decision says so", "plan", "TestPromise04NumbersNeedTheDecision"},
	{"Forskning på känsliga uppgifter kräver etikgodkännande", "Research on sensitive data needs the ethics approval", "review", "TestPromise05ReviewNeedsCoverage"},
	{"Löpnummer kan inte kopplas mellan projekt", "Löpnummer cannot be linked across projects", "pseudonym", "TestPromise09ProjectsAreUnlinkable"},
	{"Filer och nycklar förstörs på sin dag, med undertecknat protokoll", "Files and keys are destroyed on their day, with a signed protocol", "works", "TestPromise10Purge"},
	{"Det som har gallrats kommer inte tillbaka ur en säkerhetskopia", "What was purged does not come back from a backup", "vault", "TestPromise10RestoreAfterPurge"},
	{"Den som tar ut data släpper dem inte; godkännanden är bundna till det som godkändes", "Who extracts does not release; approvals are bound to what was approved", "order", "TestPromise13FourEyes"},
	{"En nyckelfil öppnas bara av två personer tillsammans", "A key file is opened by two persons together only", "works", "TestThreat04KeyFileNeedsTwoPersons"},
	{"Inga personuppgifter i loggar, mätvärden eller mejl", "No person's data in logs, metrics or mail", "vitals", "TestPromise14MetricsAndLogNameNobody"},
	{"Läsningar av ärenden loggas", "Reads of cases are logged", "api", "TestThreat03ReadsAreLogged"},
	{"Ärenden syns bara för dem som har med dem att göra", "Cases are seen only by those concerned", "api", "TestThreat21EveryRouteForEveryRole"},
	{"Loggen kan inte ändras obemärkt", "The log cannot be changed unnoticed", "cmd/sluss", "TestThreat22LogTamperingIsFound"},
	{"En disk som har tagits över får inget ut ur valvet", "A counter that has been taken over gets nothing out of the vault", "engineroom", "TestThreat24TheCounterIsTakenOver"},
	{"Risken för igenkänning mäts på de färdiga filerna före leverans", "The risk of recognition is measured on the finished files before delivery", "engineroom", "TestPromise14EveryExtractionIsMeasured"},
	{"Ett förlorat medium berättar ingenting", "A lost medium tells nothing", "engineroom", "TestThreat05LostMediumTellsNothing"},
}

func (w *writer) measures() {
	sec := w.section("Åtgärder", "Measures",
		w.t("Vad programmet gör, och det test som slår larm när det inte längre gör det. Fullständiga listor: docs/promises.md och docs/threats.md.",
			"What the program does, and the test that fails when it no longer does. Whole lists: docs/promises.md and docs/threats.md."))
	sec.Head = []string{w.t("Åtgärd", "Measure"), "Test"}
	for _, m := range Measures {
		sec.Rows = append(sec.Rows, []string{w.t(m.SV, m.EN), m.Room + ": " + m.Test})
	}
}
