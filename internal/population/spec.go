package population

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"sluss/internal/fault"
	"sluss/internal/swede"
)

// Type is the type of a further column's values.
type Type string

// Types of further columns; docs/population.md gives their spellings.
const (
	TypeDate Type = "date"
	TypeInt  Type = "int"
	TypeCode Type = "code"
)

// Use is what a further column is for.
type Use string

// Uses of further columns.
const (
	UseSteer Use = "steer" // it steers the extraction, such as an index date
	UsePass  Use = "pass"  // it passes through into the delivery
	UseDrop  Use = "drop"  // it is not read; what it holds is not checked
)

// Column is a further column that the decision allows.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
	Use  Use    `json:"use"`
}

// Spec is what a decision says about the columns of a population file.
type Spec struct {
	ID     string   `json:"id"`               // column of the identity number
	Serial string   `json:"serial,omitempty"` // column of the löpnummer; "" = the file has none
	Extra  []Column `json:"extra,omitempty"`
}

// ParseSpec reads a Spec from JSON: the object itself, or the member
// "population" of a larger one such as a decision. Unknown members of the Spec
// are refused.
func ParseSpec(raw []byte) (Spec, error) {
	bad := fault.New("population.decision", "Beslutets kolumner kunde inte läsas.", "The decision's columns could not be read.").
		Do("De skrivs {\"id\": …, \"serial\": …, \"extra\": [{\"name\": …, \"type\": \"date|int|code\", \"use\": \"steer|pass|drop\"}]}.",
			"They are written {\"id\": …, \"serial\": …, \"extra\": [{\"name\": …, \"type\": \"date|int|code\", \"use\": \"steer|pass|drop\"}]}.")
	var whole struct {
		Population json.RawMessage `json:"population"`
	}
	if err := json.Unmarshal(raw, &whole); err != nil {
		return Spec{}, bad.Because(err)
	}
	if len(whole.Population) > 0 {
		raw = whole.Population
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var s Spec
	if err := dec.Decode(&s); err != nil {
		return Spec{}, bad.Because(err)
	}
	return s, s.Validate()
}

// Validate checks that every column has a name of its own, a type and a use.
func (s Spec) Validate() error {
	wrong := func(column, sv, en string) error {
		return fault.New("population.decision", sv, en).At(fault.Where{Column: swede.Mask(column)})
	}
	seen := map[string]bool{}
	names := []string{s.ID}
	if s.Serial != "" {
		names = append(names, s.Serial)
	}
	for _, c := range s.Extra {
		names = append(names, c.Name)
		switch c.Type {
		case TypeDate, TypeInt, TypeCode:
		default:
			return wrong(c.Name, "Beslutet ger kolumnen ingen typ (date, int eller code).", "The decision gives the column no type (date, int or code).")
		}
		switch c.Use {
		case UseSteer, UsePass, UseDrop:
		default:
			return wrong(c.Name, "Beslutet säger inte vad kolumnen är till (steer, pass eller drop).", "The decision does not say what the column is for (steer, pass or drop).")
		}
	}
	for _, n := range names {
		if fold(n) == "" {
			return wrong("", "Beslutet nämner en kolumn utan namn.", "The decision has a column without a name.")
		}
		if seen[fold(n)] {
			return wrong(n, "Beslutet nämner kolumnen två gånger.", "The decision names the column twice.")
		}
		seen[fold(n)] = true
	}
	return nil
}

// Known names of columns, as fold leaves them, the first the most certain.
var (
	idNames = []string{
		"personnummer", "pnr", "personnr", "persnr", "persnummer", "personnummer12", "personnummer10", "pnr12", "pnr10",
		"personidentitetsnummer", "personidentitet", "identitetsnummer", "personalidentitynumber", "personalnumber",
		"personnumber", "identitynumber", "civicnumber", "personid", "pid", "samordningsnummer", "samnr", "idnummer", "idnr", "person", "id",
	}
	organisationNames = []string{
		"organisationsnummer", "orgnr", "orgnummer", "organisationsnr", "organisationnumber", "arbetsgivareorgnr", "arbetsgivarensorganisationsnummer",
		"peorgnr", "foretagsnummer", "id",
	}
	serialNames = []string{
		"lopnr", "lopnummer", "lopnrpersonnr", "lopnrpersonnummer", "lopnrperson", "personlopnr", "personlopnummer",
		"lopnrpnr", "lnr", "serial", "serialnumber", "serienummer", "serienr",
	}
)

// fold makes names of columns comparable: lower case, å ä ö as a a o, letters
// and digits only.
func fold(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == 'å', r == 'ä':
			b.WriteByte('a')
		case r == 'ö':
			b.WriteByte('o')
		case r > utf8.RuneSelf && r != '\u00a0' && r != '\ufeff':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// layout says which column is what.
type layout struct {
	id, serial int // −1 = none
	extra      []placed
	named      int   // columns the header has
	blank      []int // of them, those without a name
	passed     []string
	dropped    []string
}

type placed struct {
	Column
	at int
}

// arrange finds the columns in the header.
func arrange(header [][]byte, o Options) (layout, error) {
	l := layout{id: -1, serial: -1, named: len(header)}
	at := map[string]int{}
	names := make([]string, len(header))
	for i, h := range header {
		if looksLikeNumber(h) {
			return l, fault.New("population.no_header", "Rad 1 är ingen rubrikrad: den innehåller något som ser ut som ett personnummer.",
				"Line 1 is no header: it holds what looks like an identity number.").
				Do("Lägg en rad med kolumnernas namn överst, annars går en person förlorad.",
					"Put a line with the columns' names first; a person would be lost otherwise.").At(fault.Where{Line: 1})
		}
		names[i] = fold(string(h))
		if names[i] == "" {
			l.blank = append(l.blank, i)
			continue
		}
		if _, twice := at[names[i]]; !twice {
			at[names[i]] = i
		}
	}
	if len(l.blank) == len(header) {
		return l, fault.New("population.no_header", "Rad 1 är tom.", "Line 1 is blank.").
			Do("Lägg en rad med kolumnernas namn överst.", "Put a line with the columns' names first.").At(fault.Where{Line: 1})
	}
	var err error
	if o.Spec != nil {
		err = l.decided(at, *o.Spec)
	} else {
		err = l.guessed(at, o)
	}
	if err != nil {
		return l, err
	}
	used := map[int]bool{l.id: true, l.serial: true}
	for _, e := range l.extra {
		used[e.at] = true
	}
	return l, l.others(header, names, at, used, o.Spec)
}

// others deals with the columns that have not been placed, and with names that
// stand twice.
func (l *layout) others(header [][]byte, names []string, at map[string]int, used map[int]bool, spec *Spec) error {
	drop := map[string]bool{}
	if spec != nil {
		for _, c := range spec.Extra {
			drop[fold(c.Name)] = c.Use == UseDrop
		}
	}
	for i, n := range names {
		shown := swede.Mask(strings.TrimSpace(string(header[i])))
		switch {
		case n == "":
		case at[n] != i && (used[at[n]] || spec != nil):
			return fault.New("population.column_twice", "Kolumnen finns två gånger.", "The column stands twice.").
				Do("Ta bort den ena.", "Remove one of them.").At(fault.Where{Line: 1, Column: shown})
		case used[i]:
		case drop[n]:
			l.dropped = append(l.dropped, shown)
		case spec == nil:
			l.passed = append(l.passed, shown)
		default:
			return fault.New("population.unknown_column", "Kolumnen finns inte i beslutet, så filen tas inte emot.",
				"The decision does not name the column, so the file is not accepted.").
				Do("Ta bort kolumnen, eller begär ett nytt beslut.", "Remove the column, or ask for a new decision.").
				At(fault.Where{Line: 1, Column: shown})
		}
	}
	return nil
}

// decided places the columns that the decision names. All must be there.
func (l *layout) decided(at map[string]int, s Spec) error {
	if err := s.Validate(); err != nil {
		return err
	}
	find := func(name string) (int, error) {
		if i, ok := at[fold(name)]; ok {
			return i, nil
		}
		return -1, fault.New("population.missing_column", "En kolumn som beslutet nämner saknas i filen.",
			"A column that the decision names is missing in the file.").
			Do("Lägg till kolumnen.", "Add the column.").At(fault.Where{Line: 1, Column: swede.Mask(name)})
	}
	var err error
	if l.id, err = find(s.ID); err != nil {
		return err
	}
	if s.Serial != "" {
		if l.serial, err = find(s.Serial); err != nil {
			return err
		}
	}
	for _, c := range s.Extra {
		if c.Use == UseDrop {
			continue
		}
		i, err := find(c.Name)
		if err != nil {
			return err
		}
		l.extra = append(l.extra, placed{c, i})
	}
	return nil
}

// guessed places the columns by their names: those the user gave, else those
// we know. A file of one column needs no known name.
func (l *layout) guessed(at map[string]int, o Options) error {
	pick := func(given string, known []string) int {
		if given != "" {
			known = []string{fold(given)}
		}
		for _, n := range known {
			if i, ok := at[n]; ok {
				return i
			}
		}
		return -1
	}
	known := idNames
	if o.Organisations {
		known = organisationNames
	}
	l.id = pick(o.ID, known)
	if l.id < 0 && o.ID == "" && l.named == 1 {
		l.id = 0
	}
	if l.id < 0 && o.Organisations {
		return fault.New("population.no_id_column", "Ingen kolumn med organisationsnummer hittades.", "No column with organisation numbers was found.").
			Do("Kalla kolumnen organisationsnummer, eller ange dess namn.", "Call the column organisationsnummer, or give its name.").At(fault.Where{Line: 1})
	}
	if l.id < 0 {
		return fault.New("population.no_id_column", "Ingen kolumn med personnummer hittades.", "No column with identity numbers was found.").
			Do("Kalla kolumnen personnummer, eller ange dess namn.", "Call the column personnummer, or give its name.").At(fault.Where{Line: 1})
	}
	l.serial = pick(o.Serial, serialNames)
	if l.serial == l.id {
		l.serial = -1
	}
	if l.serial < 0 && o.Serial != "" {
		return fault.New("population.missing_column", "Kolumnen för löpnummer finns inte i filen.", "The column for the löpnummer is not in the file.").
			At(fault.Where{Line: 1, Column: swede.Mask(o.Serial)})
	}
	return nil
}

// looksLikeNumber reports whether a cell of the header is nothing but nine or
// more digits and signs.
func looksLikeNumber(b []byte) bool {
	digits := 0
	for _, c := range bytes.TrimSpace(b) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c != '-' && c != '+' && c != ' ':
			return false
		}
	}
	return digits >= 9
}
