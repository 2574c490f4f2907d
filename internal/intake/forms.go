package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// CurrentForm is the version of the form that is handed out today. Version 1
// had no number. Version 2 asks, besides, for motives, categories of sensitive
// data, the source, page and period in the ethics documents, and theses.
const CurrentForm = 2

// handIn says how long the form without a number is still taken in: the rule
// holds from the day after. A case that came in before is judged by its own
// form as long as it lives; only handing in is refused.
var handIn = Rule{Code: "intake.old_form", Law: lawHelp, From: day.MustParse("2027-07-01"), Form: 1, For: both}

// HandInProblems returns what keeps an application from being handed in on the
// day besides [Problems]: that its form is no longer taken in.
func HandInProblems(a Application, on day.Day) []Problem {
	l := look{Application: a, on: on, rule: &handIn}
	if a.FormVersion() < CurrentForm && on >= handIn.From {
		l.miss("form", "form.old")
	}
	return l.out
}

// ProblemsAsked returns [Problems], and besides them what today's form finds in
// parts of the application that have been asked for on it. A case on an older
// form is judged anew only in what its parties have been asked to answer anew.
func (m Measured) ProblemsAsked(a Application, parts []string, on day.Day, cat *catalog.Catalogue) []Problem {
	out := m.Problems(a, on, cat)
	if len(parts) == 0 || a.FormVersion() >= CurrentForm {
		return out
	}
	a.Form = CurrentForm
	for _, p := range m.Problems(a, on, cat) {
		asked := slices.ContainsFunc(parts, func(part string) bool { return Below(p.Field, part) })
		known := slices.ContainsFunc(out, func(o Problem) bool { return o.Rule == p.Rule && o.Field == p.Field })
		if asked && !known {
			out = append(out, p)
		}
	}
	return out
}

// QuestionsBelow returns the ids of today's questions that belong to the parts,
// sorted; a part data[0] has the questions of data[].
func QuestionsBelow(parts []string) []string {
	var out []string
	for id := range Questions() {
		if slices.ContainsFunc(parts, func(p string) bool { return Below(id, placeInList.ReplaceAllString(p, "[]")) }) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// FormVersion returns the version of the form that a was filled in on.
func (a Application) FormVersion() int { return max(1, a.Form) }

// Moved tells what became of an answer that does not stand where it stood.
type Moved struct {
	How   Move            `json:"how"`
	From  []string        `json:"from"`            // question ids of the old form
	To    []string        `json:"to,omitempty"`    // question ids of the new form
	Kept  json.RawMessage `json:"kept,omitempty"`  // the old answers by their question ids, where somebody must look at them
	Texts catalog.Text    `json:"texts,omitempty"` // why, for the reader
}

// Move is what was done with an answer.
type Move string

// Moves. The answers of the last two are kept beside the application and need
// attention.
const (
	MoveRenamed    Move = "renamed"
	MoveSplit      Move = "split"
	MoveMerged     Move = "merged"
	MoveRemoved    Move = "removed"    // the question is gone
	MoveUnreadable Move = "unreadable" // the answer does not fit the new question
)

// NeedsAttention reports whether a person must look at the answer.
func (m Moved) NeedsAttention() bool { return len(m.Kept) > 0 }

// change is one step of a question from a form to the next. From and To are
// question ids; [] stands for every place in a list.
type change struct {
	how      Move
	from, to []string
	with     func([]any) ([]any, bool) // nil = as it is
	why      catalog.Text
}

// formChange leads to a form from the one before.
type formChange struct {
	to      int
	changes []change
}

// forms lists what changed from form to form.
//
// The form without a number was first a document that the registrar typed in;
// its contact, project time, years and lone ethics number still come in drafts
// and by mail.
var forms = []formChange{
	{2, []change{
		{MoveRenamed, []string{"contact.name"}, []string{"orderer.name"}, nil, catalog.Text{SV: "Kontaktperson heter nu beställare.", EN: "The contact is now called orderer."}},
		{MoveRenamed, []string{"contact.email"}, []string{"orderer.email"}, nil, catalog.Text{SV: "Kontaktperson heter nu beställare.", EN: "The contact is now called orderer."}},
		{MoveMerged, []string{"principal.signatory_first_name", "principal.signatory_last_name"}, []string{"principal.representative.name"}, joinNames, catalog.Text{SV: "Förnamn och efternamn är ett svar.", EN: "First and last name are one answer."}},
		{MoveSplit, []string{"project.time"}, []string{"project.start", "project.end"}, splitTime, catalog.Text{SV: "Projektets början och slut är två svar.", EN: "The project's start and end are two answers."}},
		{MoveSplit, []string{"data[].years"}, []string{"data[].from", "data[].to"}, splitTime, catalog.Text{SV: "Periodens första och sista dag är två svar.", EN: "The first and the last day of the period are two answers."}},
		{MoveRenamed, []string{"ethics.number"}, []string{"ethics.approvals[0].number"}, nil, catalog.Text{SV: "Varje etikbeslut har sitt diarienummer.", EN: "Each ethics decision has its own number."}},
		{MoveRemoved, []string{"delivery.password_phone"}, nil, nil, catalog.Text{SV: "Lösenord lämnas inte längre per telefon; leveransen förseglas till mottagarens nyckel.", EN: "Passwords are no longer given by phone; the delivery is sealed to the recipient's key."}},
		{MoveRemoved, []string{"invoice.marking"}, nil, nil, catalog.Text{SV: "Fakturans märkning är ersatt av referensen.", EN: "The invoice's marking has given way to the reference."}},
	}},
}

func joinNames(in []any) ([]any, bool) {
	var parts []string
	for _, v := range in {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	return []any{strings.Join(parts, " ")}, true
}

// splitTime reads "2019-01-01–2025-12-31" or "2019–2025" as two days.
func splitTime(in []any) ([]any, bool) {
	s, ok := in[0].(string)
	if !ok {
		return nil, false
	}
	doc := readText([]string{s})
	found := (&search{doc: doc}).stretches()
	if len(found) != 1 {
		return nil, false
	}
	return []any{found[0].from.String(), found[0].to.String()}, true
}

// Upgrade carries the answers of an application from an older form to today's.
// Every answer is where it was, or moved, or kept beside with the reason; none
// is lost. from is the version of the form, 0 or 1 for the one without a
// number.
func Upgrade(old json.RawMessage, from int) (Application, []Moved, error) {
	return upgrade(old, from, forms)
}

func upgrade(old json.RawMessage, from int, chain []formChange) (Application, []Moved, error) {
	var tree map[string]any
	dec := json.NewDecoder(bytes.NewReader(old))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return Application{}, nil, fmt.Errorf("upgrade: %w", err)
	}
	answers := map[string]any{}
	flatten("", tree, answers)
	delete(answers, "form")
	var moved []Moved
	for _, f := range chain {
		if f.to > max(1, from) {
			for _, c := range f.changes {
				moved = append(moved, c.apply(answers)...)
			}
		}
	}
	a, unread := fit(answers)
	a.Form = CurrentForm
	return a, append(moved, unread...), nil
}

// apply moves the answers that the change is about.
func (c change) apply(answers map[string]any) []Moved {
	var out []Moved
	for _, places := range c.instances(answers) {
		from, to := make([]string, 0, len(c.from)), make([]string, len(c.to))
		values, kept := make([]any, 0, len(c.from)), map[string]any{}
		for _, q := range c.from {
			id := fillPlaces(q, places)
			v, ok := answers[id]
			if !ok {
				v = ""
			} else {
				from, kept[id] = append(from, id), v
				delete(answers, id)
			}
			values = append(values, v)
		}
		taken := false
		for i, q := range c.to {
			to[i] = fillPlaces(q, places)
			taken = taken || answered(answers, to[i])
		}
		m := Moved{How: c.how, From: from, To: to, Texts: c.why}
		with := values
		fits := true
		if c.with != nil {
			with, fits = c.with(values)
		}
		switch {
		case c.how == MoveRemoved:
			m.To, m.Kept = nil, keep(kept)
		case !fits:
			m.How, m.Kept = MoveUnreadable, keep(kept)
			m.Texts = catalog.Text{SV: "Svaret kunde inte läsas av den nya frågan.", EN: "The new question could not read the answer."}
		case taken:
			m.How, m.Kept = MoveUnreadable, keep(kept)
			m.Texts = catalog.Text{SV: "Den nya frågan har redan ett svar.", EN: "The new question is answered already."}
		default:
			for i := range to {
				answers[to[i]] = with[i]
			}
		}
		out = append(out, m)
	}
	return out
}

// answered reports whether a question, or one below it, has an answer.
func answered(answers map[string]any, id string) bool {
	for k, v := range answers {
		if Below(k, id) && v != "" && v != nil {
			return true
		}
	}
	return false
}

// instances returns the places of the lists in which the change has something
// to move; one empty set of places when it is about no list.
func (c change) instances(answers map[string]any) [][]string {
	var out [][]string
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		for _, q := range c.from {
			if places, ok := placesIn(id, q); ok && !slices.ContainsFunc(out, func(p []string) bool { return slices.Equal(p, places) }) {
				out = append(out, places)
			}
		}
	}
	return out
}

// placesIn matches a question id with a pattern: data[3].years with
// data[].years gives 3.
func placesIn(id, pattern string) ([]string, bool) {
	places := []string{}
	parts := strings.Split(pattern, "[]")
	for i, part := range parts {
		rest, ok := strings.CutPrefix(id, part)
		if !ok {
			return nil, false
		}
		id = rest
		if i == len(parts)-1 {
			break
		}
		n, after, ok := strings.Cut(strings.TrimPrefix(id, "["), "]")
		if !ok || !strings.HasPrefix(id, "[") {
			return nil, false
		}
		places, id = append(places, n), after
	}
	return places, id == ""
}

func fillPlaces(pattern string, places []string) string {
	for _, p := range places {
		pattern = strings.Replace(pattern, "[]", "["+p+"]", 1)
	}
	return pattern
}

func keep(kept map[string]any) json.RawMessage {
	raw, err := json.Marshal(kept)
	if err != nil { // it was read from JSON
		panic("intake: " + err.Error())
	}
	return raw
}

// fit makes an application of the answers. What the form does not ask for, or
// cannot hold, is returned.
func fit(answers map[string]any) (Application, []Moved) {
	if a, err := decodeAnswers(answers); err == nil {
		return a, nil
	}
	var out []Moved
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if _, err := decodeAnswers(map[string]any{id: answers[id]}); err == nil {
			continue
		}
		m := Moved{How: MoveUnreadable, From: []string{id}, Kept: keep(map[string]any{id: answers[id]}), Texts: catalog.Text{SV: "Svaret passar inte frågan.", EN: "The answer does not fit the question."}}
		if _, asked := Label(id); !asked {
			m.How, m.Texts = MoveRemoved, catalog.Text{SV: "Formuläret har ingen sådan fråga.", EN: "The form has no such question."}
		}
		out = append(out, m)
		delete(answers, id)
	}
	a, err := decodeAnswers(answers)
	if err != nil { // answers that fit alone but not together: an object where a list stands
		out = append(out, Moved{How: MoveUnreadable, From: slices.Sorted(maps.Keys(answers)), Kept: keep(answers), Texts: catalog.Text{SV: "Svaren passar inte ihop.", EN: "The answers do not fit together."}})
		return Application{}, out
	}
	return a, out
}

func decodeAnswers(answers map[string]any) (Application, error) {
	raw, err := json.Marshal(unflatten(answers))
	if err != nil {
		return Application{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var a Application
	err = dec.Decode(&a)
	return a, err
}
