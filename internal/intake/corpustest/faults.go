package corpustest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/day"
	"sluss/internal/intake"
)

// kind is a way in which orders go wrong. do puts it into an order and says
// where it must be found; field "" means that the order has no place for it.
type kind struct {
	name string
	part string // of two faults in one part, one may hide the other: only one is seeded
	rule string
	do   func(*writer, *intake.Application) (field string)
}

// spoil puts one to three faults into an order.
func (w *writer) spoil(a *intake.Application) []Seeded {
	var out []Seeded
	parts := map[string]bool{}
	for want := 1 + w.r.IntN(3); len(out) < want; {
		k := kinds[w.r.IntN(len(kinds))]
		if parts[k.part] {
			continue
		}
		b := copied(*a)
		if field := k.do(w, &b); field != "" {
			parts[k.part], *a = true, b
			out = append(out, Seeded{k.name, "intake." + k.rule, field})
		}
	}
	return out
}

func copied(a intake.Application) (b intake.Application) {
	raw, err := json.Marshal(a)
	if err == nil {
		err = json.Unmarshal(raw, &b)
	}
	if err != nil {
		panic("corpustest: " + err.Error()) // a test's own data
	}
	return b
}

// Kinds returns the names of the faults.
func Kinds() []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = k.name
	}
	return out
}

func sensitiveResearch(a *intake.Application) bool { return len(a.Ethics.Approvals) > 0 }

// row returns the place of an item in the matrix, -1 when it is not there.
func row(a *intake.Application, item string) int {
	return slices.IndexFunc(a.Ethics.Coverage, func(c intake.Coverage) bool { return c.Item == item })
}

// uncover takes the support away from an item, in one of the ways it happens.
func uncover(w *writer, a *intake.Application, item string) string {
	i := row(a, item)
	if i < 0 {
		return ""
	}
	if w.chance(50) {
		a.Ethics.Coverage[i].Met = false
	} else {
		a.Ethics.Coverage = slices.Delete(a.Ethics.Coverage, i, i+1)
	}
	return "ethics.coverage." + item
}

func document(a *intake.Application, id string) int {
	return slices.IndexFunc(a.Attachments, func(x intake.Attachment) bool { return x.ID == id })
}

func drop(a *intake.Application, id string) bool {
	i := document(a, id)
	if i >= 0 {
		a.Attachments = slices.Delete(a.Attachments, i, i+1)
	}
	return i >= 0
}

func approvalOf(a *intake.Application, kind string) int {
	return slices.IndexFunc(a.Ethics.Approvals, func(x intake.Approval) bool { return x.Kind == kind })
}

func when(yes bool, field string) string {
	if yes {
		return field
	}
	return ""
}

var kinds = slices.Concat(partyFaults, dataFaults, ethicsFaults, otherFaults)

var partyFaults = []kind{
	{"no title", "title", "parties", func(_ *writer, a *intake.Application) string { a.Title = ""; return "title" }},
	{"no representative", "representative", "parties", func(_ *writer, a *intake.Application) string {
		a.Principal.Representative = intake.Person{}
		return "principal.representative"
	}},
	{"contact without e-mail", "orderer", "parties", func(_ *writer, a *intake.Application) string { a.Orderer.Email = ""; return "orderer" }},
	{"e-mail without host", "orderer", "addresses", func(_ *writer, a *intake.Application) string {
		a.Orderer.Email = "elin.sjolund"
		return "orderer.email"
	}},
	{"foreign principal", "principal", "principal_swedish", func(_ *writer, a *intake.Application) string {
		a.Principal.Country = "DK"
		return when(a.Purpose == intake.Research, "principal.country")
	}},
	{"foreign number", "principal", "principal_swedish", func(_ *writer, a *intake.Application) string {
		if a.Purpose != intake.Research || a.Principal.Country == "DK" {
			return ""
		}
		a.Principal.OrgNo = "NO 974 767 880"
		return "principal.org_no"
	}},
	{"company as authority", "principal", "principal_kind", func(w *writer, a *intake.Application) string {
		if a.Principal.Kind != intake.PrincipalPrivate {
			return ""
		}
		a.Principal.Kind = intake.PrincipalAuthority
		return "principal.kind"
	}},
	{"equated without ground", "principal", "principal_kind", func(_ *writer, a *intake.Application) string {
		if a.Principal.Kind != intake.PrincipalEquated {
			return ""
		}
		a.Principal.EquatedAs = ""
		return "principal.equated_as"
	}},
	{"student thesis", "thesis", "student_thesis", func(_ *writer, a *intake.Application) string {
		if a.Purpose != intake.Research {
			return ""
		}
		a.Project.Thesis = truth(true)
		return "project.student_thesis"
	}},
	{"private without names", "named", "researchers", func(_ *writer, a *intake.Application) string {
		if a.Purpose != intake.Research || a.Principal.Kind != intake.PrincipalPrivate {
			return ""
		}
		a.Project.Named = nil
		return "project.researchers"
	}},
	{"no questions", "questions", "project", func(_ *writer, a *intake.Application) string { a.Project.Questions = "  "; return "project.questions" }},
	{"end before start", "time", "project", func(_ *writer, a *intake.Application) string {
		a.Project.End = a.Project.Start - 30
		return when(a.Delivery.KeepKeyUntil == "" || a.Project.End > Today, "project.end")
	}},
	{"no number of withdrawals", "withdrawals", "project", func(_ *writer, a *intake.Application) string { a.Project.Deliveries = 0; return "project.deliveries" }},
}

var dataFaults = []kind{
	{"no data", "data", "data", func(_ *writer, a *intake.Application) string { a.Data = nil; return "data" }},
	{"period reversed", "period", "data", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 {
			return ""
		}
		a.Data[0].From, a.Data[0].To = day.MustParse("2019-01-01"), day.MustParse("2018-01-01")
		return "data[0].to"
	}},
	{"no benefit", "benefits", "data", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 {
			return ""
		}
		a.Data[0].Benefits = nil
		return "data[0].benefits"
	}},
	{"benefit of another register", "benefits", "data", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 || a.Data[0].Register == "midas_sers" {
			return ""
		}
		a.Data[0].Benefits = append(a.Data[0].Benefits, "SE")
		return fmt.Sprintf("data[0].benefits[%d]", len(a.Data[0].Benefits)-1)
	}},
	{"neither table nor need", "table", "data", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 {
			return ""
		}
		a.Data[0].Table, a.Data[0].Variables, a.Data[0].Need = "", nil, ""
		return "data[0].need"
	}},
	{"unknown variable", "table", "data", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 || a.Data[0].Table == "" {
			return ""
		}
		a.Data[0].Variables = append(a.Data[0].Variables, "blodtryck")
		return fmt.Sprintf("data[0].variables[%d]", len(a.Data[0].Variables)-1)
	}},
	{"table of another register", "table", "data", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 || a.Data[0].Register == "tfp" {
			return ""
		}
		a.Data[0].Table, a.Data[0].Variables = "tfp", nil
		return "data[0].table"
	}},
	{"no motive", "motive", "motive", func(_ *writer, a *intake.Application) string {
		if len(a.Data) == 0 {
			return ""
		}
		i := len(a.Data) - 1
		a.Data[i].Motive = ""
		return fmt.Sprintf("data[%d].motive", i)
	}},
	{"past the coverage limit", "period", "orderable", func(_ *writer, a *intake.Application) string {
		for i := range a.Data {
			if strings.HasPrefix(a.Data[i].Register, "midas") {
				a.Data[i].To = day.MustParse("2026-09-30")
				return fmt.Sprintf("data[%d].to", i)
			}
		}
		return ""
	}},
	{"no for health", "sensitive", "sensitive_derived", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) || !health(*a) {
			return ""
		}
		a.Sensitive = truth(false)
		return "sensitive"
	}},
	{"no for a need that names diagnoses", "sensitive", "sensitive_derived", func(w *writer, a *intake.Application) string {
		if a.Purpose != intake.Research || len(a.Data) != 1 || a.Data[0].Register != "midas_foraldra" {
			return ""
		}
		a.Data[0].Table, a.Data[0].Variables, a.Data[0].Need = "", nil, pick(w, "Dagar per år och förälderns diagnos", "Föräldrapenning och sjukpenningdagar per år")
		return "sensitive"
	}},
	{"sensitive unanswered", "sensitive", "sensitive_derived", func(_ *writer, a *intake.Application) string {
		if a.Purpose != intake.Research {
			return ""
		}
		a.Sensitive = nil
		return "sensitive"
	}},
	{"no categories", "categories", "sensitive_categories", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) || !health(*a) {
			return ""
		}
		a.Categories = nil
		return "sensitive_categories"
	}},
}

var ethicsFaults = []kind{
	{"no approval at all", "approvals", "ethics_approval", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) || !health(*a) {
			return ""
		}
		a.Ethics.Approvals = nil
		return "ethics.approvals"
	}},
	{"decision not attached", "approvals", "ethics_decisions", func(_ *writer, a *intake.Application) string {
		return when(sensitiveResearch(a) && drop(a, "beslut"), "ethics.approvals[0].decision")
	}},
	{"application not attached", "approvals", "ethics_decisions", func(_ *writer, a *intake.Application) string {
		return when(sensitiveResearch(a) && drop(a, "ansokan"), "ethics.approvals[0].application")
	}},
	{"not signed", "approvals", "ethics_decisions", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) {
			return ""
		}
		a.Ethics.Approvals[0].Signed = false
		return "ethics.approvals[0].signed"
	}},
	{"no diary number", "approvals", "ethics_decisions", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) {
			return ""
		}
		a.Ethics.Approvals[0].Number = ""
		return "ethics.approvals[0].number"
	}},
	{"amendment without a decision", "approvals", "ethics_decisions", func(w *writer, a *intake.Application) string {
		i := approvalOf(a, intake.ApprovalAmendment)
		if i < 0 {
			return ""
		}
		a.Ethics.Approvals[i].Decision = pick(w, "", "beslut") // none, or the first one's
		return fmt.Sprintf("ethics.approvals[%d].decision", i)
	}},
	{"supplement that no decision names", "approvals", "ethics_supplements", func(_ *writer, a *intake.Application) string {
		i := approvalOf(a, intake.ApprovalAddition)
		if i < 0 {
			return ""
		}
		a.Ethics.Approvals[i].NamedThere = false
		return fmt.Sprintf("ethics.approvals[%d].named_in_decision", i)
	}},
	{"amendment attached and not mentioned", "approvals", "ethics_decisions", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) {
			return ""
		}
		a.Attachments = append(a.Attachments, intake.Attachment{ID: "a3", Kind: intake.AttachEthicsAmendment, Name: "Ändringsansökan, ny delstudie"})
		return fmt.Sprintf("attachments[%d]", len(a.Attachments)-1)
	}},
	{"authority before 2019", "approvals", "ethics_board", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) || a.Ethics.Approvals[0].Board != "" {
			return ""
		}
		a.Ethics.Approvals[0].Decided = day.MustParse("2018-06-01")
		return "ethics.approvals[0].board"
	}},
	{"regional board after 2018", "approvals", "ethics_board", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) || a.Ethics.Approvals[0].Board != "" {
			return ""
		}
		a.Ethics.Approvals[0].Board = intake.BoardRegional
		return "ethics.approvals[0].decided"
	}},
	{"approval lapsed", "time", "ethics_supplements", func(_ *writer, a *intake.Application) string {
		if !sensitiveResearch(a) {
			return ""
		}
		a.Project.Start = a.Ethics.Approvals[0].Decided.AddMonths(30)
		a.Project.End = max(a.Project.End, a.Project.Start+400)
		return "project.start"
	}},
	{"annex missing", "approvals", "ethics_annexes", func(_ *writer, a *intake.Application) string {
		return when(sensitiveResearch(a) && drop(a, "bil0"), "ethics.approvals[0].annexes")
	}},
	{"population not covered", "population row", "ethics_coverage", func(w *writer, a *intake.Application) string { return uncover(w, a, "population") }},
	{"benefit not named", "benefit row", "ethics_coverage", func(w *writer, a *intake.Application) string {
		if len(a.Data) == 0 || len(a.Data[0].Benefits) == 0 || !sensitiveResearch(a) {
			return ""
		}
		return uncover(w, a, "benefit:"+a.Data[0].Benefits[0])
	}},
	{"benefit not from the authority", "benefit row", "ethics_source", func(w *writer, a *intake.Application) string {
		if len(a.Data) == 0 || len(a.Data[0].Benefits) == 0 {
			return ""
		}
		item := "benefit:" + a.Data[0].Benefits[0]
		i := row(a, item)
		if i < 0 || !a.Ethics.Coverage[i].Met {
			return ""
		}
		a.Ethics.Coverage[i].FromAuthority = pick(w, nil, truth(false))
		return "ethics.coverage." + item + ".from_authority"
	}},
	{"diagnosis not covered", "diagnosis row", "ethics_coverage", func(w *writer, a *intake.Application) string { return uncover(w, a, "diagnosis") }},
	{"diagnosis without chapters", "diagnosis row", "ethics_chapters", func(_ *writer, a *intake.Application) string {
		i := row(a, "diagnosis")
		if i < 0 {
			return ""
		}
		a.Ethics.Coverage[i].Limit = ""
		return "ethics.coverage.diagnosis.limit"
	}},
	{"diagnosis outside the approved chapters", "diagnosis row", "ethics_chapters", func(w *writer, a *intake.Application) string {
		i := row(a, "diagnosis")
		if i < 0 {
			return ""
		}
		a.Ethics.Coverage[i].Limit = "G"
		for j, x := range a.Data {
			if len(x.Diagnoses) > 0 {
				return fmt.Sprintf("data[%d].diagnoses[0]", j)
			}
		}
		return ""
	}},
	{"withdrawals not covered", "withdrawals", "ethics_coverage", func(w *writer, a *intake.Application) string { return uncover(w, a, "withdrawals") }},
	{"kept key not covered", "key", "ethics_coverage", func(w *writer, a *intake.Application) string { return uncover(w, a, "kept_key") }},
	{"personnummer not covered", "personnummer row", "identified", func(w *writer, a *intake.Application) string { return uncover(w, a, "personnummer") }},
	{"linkage not covered", "linkage row", "ethics_coverage", func(w *writer, a *intake.Application) string { return uncover(w, a, "linkage") }},
	{"not motivated", "motivated row", "ethics_scope", func(w *writer, a *intake.Application) string { return uncover(w, a, "motivated") }},
	{"category not covered", "categories", "ethics_scope", func(w *writer, a *intake.Application) string { return uncover(w, a, "category:health") }},
	{"another principal approved", "principal", "ethics_scope", func(w *writer, a *intake.Application) string {
		i := row(a, "principal")
		if i < 0 {
			return ""
		}
		a.Ethics.Coverage[i].OrgNos = []string{w.number("2120")}
		return "ethics.coverage.principal.principal_org_nos"
	}},
	{"period wider than approved", "period", "ethics_scope", func(_ *writer, a *intake.Application) string {
		i := row(a, "period")
		if i < 0 || len(a.Data) == 0 {
			return ""
		}
		a.Ethics.Coverage[i].From = a.Data[0].From + 1
		return "data[0].from"
	}},
	{"no page", "page", "ethics_pages", func(_ *writer, a *intake.Application) string {
		i := row(a, "motivated")
		if i < 0 || !a.Ethics.Coverage[i].Met || document(a, a.Ethics.Coverage[i].Attachment) < 0 {
			return ""
		}
		a.Ethics.Coverage[i].Page = 0
		return "ethics.coverage.motivated.page"
	}},
}

var otherFaults = []kind{
	{"no project plan", "approvals", "ethics_approval", func(_ *writer, a *intake.Application) string {
		return when(a.Purpose == intake.Research && !health(*a) && drop(a, "plan"), "attachments")
	}},
	{"no processing agreement", "approvals", "processing_agreement", func(_ *writer, a *intake.Application) string {
		return when(a.Recipient != nil && drop(a, "pub"), "attachments")
	}},
	{"no definition", "definition", "population", func(_ *writer, a *intake.Application) string {
		a.Population.Definition = ""
		return "population.definition"
	}},
	{"no size", "size", "population", func(_ *writer, a *intake.Application) string { a.Population.Size = 0; return "population.size" }},
	{"not ready", "ready", "population", func(_ *writer, a *intake.Application) string {
		if a.Population.Source != "file" {
			return ""
		}
		a.Population.Ready = nil
		return "population.ready"
	}},
	{"ready later", "ready", "population", func(_ *writer, a *intake.Application) string {
		if a.Population.Ready == nil {
			return ""
		}
		a.Population.Ready.On = Today + 20
		return "population.ready.on"
	}},
	{"no holder", "holder", "population", func(_ *writer, a *intake.Application) string {
		if a.Population.Source != "file" {
			return ""
		}
		a.Population.Holder = ""
		return "population.holder"
	}},
	{"identity number as a column", "columns", "population_columns", func(_ *writer, a *intake.Application) string {
		a.Population.Columns = append(a.Population.Columns, intake.PopulationItem{Name: "personnummer", Type: "code", Use: "pass"})
		return fmt.Sprintf("population.columns[%d].name", len(a.Population.Columns)-1)
	}},
	{"unit not delimited", "statistics", "statistics_authority", func(_ *writer, a *intake.Application) string {
		if !a.Statistics.Responsible || !a.Statistics.Secrecy || a.Principal.Kind != intake.PrincipalAuthority {
			return ""
		}
		a.Statistics.Delimited = false
		return "statistics.delimited_unit"
	}},
	{"fee-free without duty", "fee", "statistics_fee", func(_ *writer, a *intake.Application) string {
		if a.Purpose != intake.Statistics {
			return ""
		}
		a.Statistics.FeeFree, a.Statistics.Duty = true, ""
		return "statistics.duty"
	}},
	{"wished date in words", "wished", "statistics_date", func(_ *writer, a *intake.Application) string {
		if a.Purpose != intake.Statistics {
			return ""
		}
		a.Statistics.WishedDate = "så snart som möjligt"
		return "statistics.wished_date"
	}},
	{"kept longer without reason", "retention", "retention", func(_ *writer, a *intake.Application) string {
		a.Delivery.RetentionMonths, a.Delivery.RetentionReason = 24, ""
		return "delivery.retention_reason"
	}},
	{"key past the project", "key", "kept_key", func(_ *writer, a *intake.Application) string {
		if a.Delivery.KeepKeyUntil == "" || a.Project.End <= a.Project.Start {
			return ""
		}
		a.Delivery.KeepKeyUntil = (a.Project.End + 5000).String()
		return "delivery.keep_key_until"
	}},
	{"no format", "format", "retention", func(_ *writer, a *intake.Application) string { a.Delivery.Formats = nil; return "delivery.formats" }},
	{"no invoice reference", "invoice", "invoice", func(_ *writer, a *intake.Application) string {
		if a.Statistics.Duty != "" || a.Statistics.FeeFree {
			return ""
		}
		a.Invoice.Reference = ""
		return "invoice.reference"
	}},
	{"Peppol address without scheme", "peppol", "invoice_address", func(_ *writer, a *intake.Application) string {
		a.Invoice.PeppolID = "2021005489"
		return "invoice.peppol_id"
	}},
	{"attachment that says nothing", "approvals", "attachment_names", func(w *writer, a *intake.Application) string {
		if len(a.Attachments) == 0 {
			return ""
		}
		a.Attachments[0].Name = pick(w, "Bilaga 1", "scan0001.pdf", "Dokument (2).docx", "IMG_2231.jpg", "untitled.pdf")
		return "attachments[0].name"
	}},
}
