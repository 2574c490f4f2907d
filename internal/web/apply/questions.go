package apply

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/web/page"
)

// How an answer is kept.
type kept int

const (
	words   kept = iota // a text
	lines               // several texts, one on a line
	whole               // a number
	date                // YYYY-MM-DD
	yes                 // a box: true, or no answer
	yesNo               // true, false, or no answer
	several             // some of the options
)

// question is a field of a page. Its label is the text that intake has for it,
// without the name of the group that stands over it.
type question struct {
	id      string // place; below its group's row
	as      kept
	kind    string // of page.Field; "" follows from as
	hint    string // key of a text
	options func(*scene, string) []page.Option
	rows    int
	max     int
	narrow  bool
	must    bool // not marked as one that may be left empty
	auto    string
	only    intake.Purpose // "" = both
}

// group is a list of rows, each with the same questions.
type group struct {
	list      string // place of the list
	row       string // key: what a row is called
	add       string // key: the button that adds one
	hint      string
	least     int // empty rows shown when there are fewer
	questions []question
}

// block is a heading with questions, or with a group.
type block struct {
	heading   string // key
	hint      string // key
	questions []question
	group     *group
	only      intake.Purpose
}

// form is a page of a part: a few related fields.
type form struct {
	name, title, lead string // name in the address; keys
	part              string
	blocks            []block
	only              intake.Purpose
}

// Parts of an order, in the order of the task list.
const (
	partProject     = "project"
	partEthics      = "ethics"
	partData        = "data"
	partPopulation  = "population"
	partAttachments = "attachments"
	partSend        = "send"
)

var parts = []string{partProject, partEthics, partData, partPopulation, partAttachments, partSend}

func box(as kept) string {
	switch as {
	case lines:
		return page.Area
	case whole:
		return page.Number
	case date:
		return page.Date
	case yes:
		return page.Check
	case yesNo:
		return page.Radio
	case several:
		return page.Checks
	}
	return page.Text
}

// organisation are the questions on a principal or recipient.
func organisation(at string, must bool) []question {
	return []question{
		{id: at + ".name", must: must, auto: "organization", max: 200},
		{id: at + ".org_no", must: must, narrow: true, hint: "apply.h_org_no", max: 20},
		{id: at + ".kind", kind: page.Radio, must: must, options: choices("kind", intake.PrincipalAuthority, intake.PrincipalEquated, intake.PrincipalPrivate)},
		{id: at + ".equated_as", hint: "apply.h_equated"},
		{id: at + ".country", narrow: true, hint: "apply.h_country", max: 2},
	}
}

func person(at string, must bool) []question {
	return []question{
		{id: at + ".name", must: must, max: 200},
		{id: at + ".email", kind: page.Email, must: must, max: 254},
	}
}

// forms are the pages with fields. Those of the basket, the matrix and the
// attachments have pages of their own besides.
var forms = []form{
	{name: "about", part: partProject, title: "apply.about", lead: "apply.about_lead", blocks: []block{
		{questions: []question{
			{id: "title", must: true, max: 300},
			{id: "purpose", kind: page.Radio, must: true, options: choices("purpose", string(intake.Research), string(intake.Statistics))},
			{id: "project.questions", kind: page.Area, must: true, rows: 6, hint: "apply.h_questions"},
			{id: "project.student_thesis", as: yesNo, must: true, hint: "apply.h_thesis", only: intake.Research},
		}},
		{heading: "apply.when", questions: []question{
			{id: "project.start", as: date, must: true},
			{id: "project.end", as: date, must: true, hint: "apply.h_end"},
		}},
	}},
	{name: "principal", part: partProject, title: "apply.principal", lead: "apply.principal_lead", blocks: []block{
		{questions: organisation("principal", true)},
		{heading: "apply.representative", hint: "apply.representative_hint", questions: person("principal.representative", true)},
	}},
	{name: "people", part: partProject, title: "apply.people", lead: "apply.people_lead", blocks: []block{
		{heading: "apply.orderer", questions: person("orderer", true)},
		{heading: "apply.co_applicants", group: &group{list: "co_applicants", row: "apply.co_applicant", add: "apply.add_co_applicant", questions: person("", true)}},
		{heading: "apply.researchers", questions: []question{{id: "project.researchers", as: lines, hint: "apply.h_researchers"}}, only: intake.Research},
		{heading: "apply.recipient", hint: "apply.recipient_hint", questions: append(organisation("recipient", false), person("recipient.representative", false)...)},
	}},
	{name: "authority", part: partProject, only: intake.Statistics, title: "apply.authority", lead: "apply.authority_lead", blocks: []block{
		{questions: []question{
			{id: "statistics.responsible", as: yes},
			{id: "statistics.equal_secrecy", as: yes, hint: "apply.h_secrecy"},
			{id: "statistics.delimited_unit", as: yes, hint: "apply.h_delimited"},
			{id: "statistics.duty", hint: "apply.h_duty"},
			{id: "statistics.fee_free", as: yes},
			{id: "statistics.wished_date", as: date},
		}},
	}},
	{name: "delivery", part: partProject, title: "apply.delivery", lead: "apply.delivery_lead", blocks: []block{
		{questions: []question{
			{id: "delivery.formats", as: several, must: true, options: choices("format", "csv", "parquet", "dta", "sav", "zsav", "xpt")},
			{id: "project.deliveries", as: whole, must: true, hint: "apply.h_deliveries"},
			{id: "identified", as: yes, hint: "apply.h_identified"},
		}},
		{heading: "apply.keep", questions: []question{
			{id: "delivery.retention_months", as: whole, hint: "apply.h_retention"},
			{id: "delivery.retention_reason", kind: page.Area, rows: 2},
			{id: "delivery.keep_key_until", as: date, hint: "apply.h_key"},
		}},
		{heading: "apply.invoice", questions: []question{
			{id: "invoice.reference", must: true, max: 100},
			{id: "invoice.peppol_id", hint: "apply.h_peppol", max: 60},
		}},
	}},
	{name: "earlier", part: partProject, title: "apply.earlier", lead: "apply.earlier_lead", blocks: []block{
		{questions: []question{
			{id: "child.kind", kind: page.Select, options: choices("child", "", intake.ChildAmendment, intake.ChildExtension, intake.ChildRenewed, intake.ChildRetention)},
			{id: "child.parent", narrow: true, max: 40},
			{id: "child.reason", kind: page.Area, rows: 3},
			{id: "project.earlier_case", narrow: true, hint: "apply.h_earlier", max: 40},
		}},
	}},
	{name: "approvals", part: partEthics, only: intake.Research, title: "apply.approvals", lead: "apply.approvals_lead", blocks: []block{
		{heading: "apply.sensitive", questions: []question{
			{id: "sensitive", as: yesNo, must: true, hint: "apply.h_sensitive"},
			{id: "sensitive_categories", as: several, options: choices("category", intake.SensitiveCategories...)},
		}},
		{heading: "apply.decisions", group: &group{list: "ethics.approvals", row: "apply.decision", add: "apply.add_decision", hint: "apply.decisions_hint", least: 1, questions: []question{
			{id: "kind", kind: page.Select, must: true, options: choices("approval", intake.ApprovalFirst, intake.ApprovalAddition, intake.ApprovalAmendment)},
			{id: "number", must: true, narrow: true, max: 60},
			{id: "decided", as: date, must: true},
			{id: "board", kind: page.Select, options: choices("board", "", intake.BoardAuthority, intake.BoardRegional, intake.BoardAppeals)},
			{id: "signed", as: yes},
			{id: "annexes", as: whole},
			{id: "named_in_decision", as: yes},
			{id: "application", kind: page.Select, must: true, options: attached(intake.AttachEthicsApplication, intake.AttachEthicsSupplement, intake.AttachEthicsAmendment)},
			{id: "decision", kind: page.Select, must: true, options: attached(intake.AttachEthicsDecision)},
		}}},
	}},
	{name: "population", part: partPopulation, title: "apply.population", lead: "apply.population_lead", blocks: []block{
		{questions: []question{
			{id: "population.kind", kind: page.Radio, options: choices("population", intake.PopulationPersons, intake.PopulationOrganisations), hint: "apply.h_population_kind"},
			{id: "population.traders", kind: page.Select, options: choices("traders", "", "exclude", "include"), hint: "apply.h_traders"},
			{id: "population.definition", kind: page.Area, must: true, hint: "apply.h_definition"},
			{id: "population.size", as: whole, must: true, hint: "apply.h_size"},
			{id: "population.source", kind: page.Radio, must: true, options: choices("source", "file", "criteria")},
		}},
		{heading: "apply.file", hint: "apply.file_hint", questions: []question{
			{id: "population.holder", hint: "apply.h_holder", max: 200},
			{id: "population.ready.on", as: date, hint: "apply.h_ready"},
			{id: "population.ready.by", max: 200},
		}},
		{heading: "apply.linkage", questions: []question{{id: "project.linkage", as: lines, hint: "apply.h_linkage"}}},
		{heading: "apply.columns", group: &group{list: "population.columns", row: "apply.column", add: "apply.add_column", hint: "apply.columns_hint", questions: []question{
			{id: "name", must: true, narrow: true, max: 64},
			{id: "type", kind: page.Select, must: true, options: choices("column", "", "date", "int", "code")},
			{id: "use", kind: page.Select, must: true, options: choices("use", "", "steer", "pass", "drop")},
		}}},
	}},
	{name: "attachments", part: partAttachments, title: "apply.attachments", lead: "apply.attachments_lead", blocks: []block{
		{heading: "apply.attached", group: &group{list: "attachments", row: "apply.attachment", questions: []question{
			{id: "name", must: true, max: 150},
			{id: "kind", kind: page.Select, must: true, options: choices("attachment", attachmentKinds...)},
			{id: "of", kind: page.Select, options: attached()},
		}}},
	}},
}

// attachmentKinds in the order that they are offered.
var attachmentKinds = []string{
	intake.AttachEthicsApplication, intake.AttachEthicsDecision, intake.AttachEthicsAnnex, intake.AttachEthicsSupplement, intake.AttachEthicsAmendment,
	intake.AttachProjectPlan, intake.AttachProcessing, intake.AttachOther,
}

// basketQuestions are those of one wish; a page of its own for each.
var basketQuestions = []question{
	{id: "register", kind: page.Select, must: true, options: registers},
	{id: "table", kind: page.Select, options: tables},
	{id: "shape", kind: page.Select, options: shapes},
	{id: "benefits", as: several, must: true, options: benefits},
	{id: "from", as: date, must: true},
	{id: "to", as: date, must: true, hint: "apply.h_to"},
	{id: "accept_incomplete", as: yes},
	{id: "motive", kind: page.Area, must: true, rows: 3, hint: "apply.h_motive"},
	{id: "variables", as: several, options: variables, hint: "apply.h_variables"},
	{id: "diagnoses", as: lines, hint: "apply.h_diagnoses"},
	{id: "need", kind: page.Area, rows: 3, hint: "apply.h_need"},
}

// matrixQuestions are the columns of the coverage matrix. Which of them a row
// has depends on its item.
var matrixQuestions = []question{
	{id: "met", as: yes},
	{id: "from_authority", as: yes},
	{id: "attachment", kind: page.Select, options: attached(intake.AttachEthicsApplication, intake.AttachEthicsSupplement, intake.AttachEthicsAmendment, intake.AttachEthicsAnnex, intake.AttachEthicsDecision)},
	{id: "page", as: whole, narrow: true},
	{id: "quote", kind: page.Area, rows: 2, max: 200},
	{id: "limit", narrow: true, hint: "apply.h_limit"},
	{id: "period_from", as: date},
	{id: "period_to", as: date},
	{id: "principal_org_nos", as: lines, rows: 2},
	{id: "note", max: 300},
}

// asks reports whether a question belongs to an order for the purpose.
func asks(only, purpose intake.Purpose) bool {
	return only == "" || purpose == "" || only == purpose
}

// formNamed is the form of a page for the purpose.
func formNamed(name string, purpose intake.Purpose) (form, bool) {
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == name && asks(f.only, purpose) })
	if i < 0 {
		return form{}, false
	}
	return forms[i], true
}

// places are where a form's answers stand.
func (f form) places() []string {
	var out []string
	for _, b := range f.blocks {
		for _, q := range b.questions {
			out = append(out, q.id)
		}
		if b.group != nil {
			out = append(out, b.group.list)
		}
	}
	return out
}

// label is what a question is called: intake's own text, after the name of its
// group.
func (s *scene) label(name string) string {
	t, ok := intake.Label(page.FieldOf(name))
	if !ok {
		if last := name[strings.LastIndexByte(name, '.')+1:]; strings.HasPrefix(name, matrix+".") {
			t, ok = intake.Questions()[matrix+"[]."+last]
			if !ok {
				t, ok = intake.Questions()[matrix+"[]."+last+"[]"]
			}
		}
		if !ok {
			return name
		}
	}
	text := t.In(s.Lang)
	if _, after, ok := strings.Cut(text, ": "); ok {
		text = after
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

// field makes the field of a question, with the answer that the draft has.
func (s *scene) field(q question, name string) *page.Field {
	f := &page.Field{ID: name, Kind: q.kind, Label: s.label(name), Rows: q.rows, Max: q.max, Narrow: q.narrow, Auto: q.auto}
	if f.Kind == "" {
		f.Kind = box(q.as)
	}
	if q.hint != "" {
		f.Hint = s.Word(q.hint)
	}
	if q.options != nil {
		f.Options = q.options(s, name)
	}
	if q.as == yesNo {
		f.Options = []page.Option{{Value: "yes", Label: s.Word("apply.yes")}, {Value: "no", Label: s.Word("apply.no")}}
	}
	if !q.must && f.Kind != page.Check {
		s.Optional(f)
	}
	fill(f, q, s.tree.get(name))
	if _, err := day.Parse(f.Value); f.Kind == page.Date && f.Value != "" && err != nil {
		f.Kind, f.Narrow = page.Text, true // a browser's own date field would lose what was typed
	}
	return f
}

// fill shows an answer in its field. An answer that is none of the options is
// offered as it is, so that saving does not lose it.
func fill(f *page.Field, q question, v any) {
	text := shown(v)
	switch {
	case f.Kind == page.Checks:
		var chosen []string
		if list, ok := v.([]any); ok {
			for _, x := range list {
				chosen = append(chosen, shown(x))
			}
		} else if text != "" {
			chosen = []string{text}
		}
		for _, c := range chosen {
			offer(f, c)
		}
	case f.Kind == page.Select || f.Kind == page.Radio:
		if text != "" {
			offer(f, text)
		}
		f.With(text)
	default:
		f.Value = text
	}
}

// offer marks an option, and adds it when there is none such.
func offer(f *page.Field, value string) {
	i := slices.IndexFunc(f.Options, func(o page.Option) bool { return o.Value == value })
	if i < 0 {
		f.Options = append(f.Options, page.Option{Value: value, Label: value})
		i = len(f.Options) - 1
	}
	f.Options[i].On = true
}

// answer reads what was posted for a question; nil is no answer. What is not
// of the right form is kept as it was typed.
func (q question) answer(posted []string) any {
	switch q.as {
	case several:
		var out []any
		for _, v := range posted {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, v)
			}
		}
		return anyOf(out)
	case lines:
		var out []any
		for l := range strings.Lines(strings.Join(posted, "\n")) {
			if l = strings.TrimSpace(l); l != "" {
				out = append(out, l)
			}
		}
		return anyOf(out)
	}
	text := ""
	if len(posted) > 0 {
		text = strings.TrimSpace(strings.ReplaceAll(posted[0], "\r\n", "\n"))
	}
	switch {
	case q.as == yes || q.as == yesNo:
		switch text {
		case "yes":
			return true
		case "no":
			return false
		}
		return nil
	case text == "":
		return nil
	case q.as == whole:
		if n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "").Replace(text)); err == nil {
			return json.Number(strconv.Itoa(n))
		}
	}
	return text
}

func anyOf(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}
