package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/fault"
	"sluss/internal/letter"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// file is an authority as it is written down (YAML or JSON): the members of
// [order.Authority] and the days it keeps closed besides those of the law.
type file struct {
	order.Authority
	ClosedDays []day.Day `json:"closed_days,omitempty"`
	// Exposure are the limits of disclosure reports, which the vault judges by.
	Exposure exposure.Policy `json:"exposure"`
}

// maxFile bounds a configuration file, bytes.
const maxFile = 1 << 20

// Load reads an authority from a file; the empty name gives the built-in one.
// What cannot be used is refused with the first problem of [Problems], unless
// it is only that the purge rule is an example's.
func Load(name string) (*order.Authority, error) {
	if name == "" {
		return Authority(), nil
	}
	raw, err := read(name)
	if err != nil {
		return nil, err
	}
	a, err := parse(raw)
	if err != nil {
		return nil, notOne(name, err)
	}
	for _, p := range Problems(a) {
		if p.Code != "config.example_rule" {
			return nil, unusable(name, p.Field, p.SV, p.EN)
		}
	}
	return a, nil
}

func read(name string) ([]byte, error) {
	raw, err := os.ReadFile(name)
	if err != nil || len(raw) > maxFile {
		return nil, unusable(name, "", "Filen går inte att läsa eller är för stor.", "The file cannot be read or is too large.").Because(err)
	}
	return raw, nil
}

func notOne(name string, err error) error {
	return unusable(name, "", "Filen är inte en beskrivning av en myndighet.", "The file is not a description of an authority.").
		Because(err).Do("docs/authority.md visar varje fält.", "docs/authority.md shows every field.")
}

// Exposure reads the limits of disclosure reports from an authority's file; the
// empty name, and limits that the file leaves out, give the default.
func Exposure(name string) (exposure.Policy, error) {
	if name == "" {
		return exposure.DefaultPolicy(), nil
	}
	raw, err := read(name)
	if err != nil {
		return exposure.Policy{}, err
	}
	f, err := decode(raw)
	if err != nil {
		return exposure.Policy{}, notOne(name, err)
	}
	return f.Exposure, nil
}

func parse(raw []byte) (*order.Authority, error) {
	f, err := decode(raw)
	if err != nil {
		return nil, err
	}
	a := f.Authority
	a.Calendar = swede.NewCalendar(f.ClosedDays...)
	return &a, nil
}

func decode(raw []byte) (*file, error) {
	asJSON, err := yaml.YAMLToJSON(raw)
	if err != nil {
		return nil, err
	}
	f := file{Exposure: exposure.DefaultPolicy()}
	dec := json.NewDecoder(bytes.NewReader(asJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("more than one document")
	}
	return &f, f.Exposure.Check()
}

func unusable(name, field, sv, en string) *fault.Fault {
	return fault.New("config.authority", sv, en).At(fault.Where{File: filepath.Base(name), Column: field})
}

// Problem is what keeps an authority from being used.
type Problem struct {
	Code, Field string
	SV, EN      string
}

// exampleRule is how the built-in authority's gallringsbeslut names itself.
const exampleRule = "EXEMPEL"

// Problems returns everything that is wrong with an authority. A purge rule
// that is missing, or is that of the example, is a problem: without a
// gallringsbeslut of its own the authority may not destroy anything (promise
// 10; arkivlagen 10 §, RA-FS 2021:6).
func Problems(a *order.Authority) []Problem {
	var out []Problem
	bad := func(code, field, sv, en string) { out = append(out, Problem{"config." + code, field, sv, en}) }
	if a.ID == "" || a.Name.SV == "" || a.Name.EN == "" {
		bad("name", "name", "Ange id och namn på svenska och engelska.", "Give id and name in Swedish and English.")
	}
	if a.CasePrefix == "" || strings.ContainsAny(a.CasePrefix, "/\\ \t\n") {
		bad("case_prefix", "case_prefix", "Ange vad ärendenumren börjar med, utan mellanrum och snedstreck.", "Say what case numbers begin with, without spaces or slashes.")
	}
	if !letter.PatternHolds(a.DocumentNumber) {
		bad("document_number", "document_number", "Mönstret för handlingars nummer ska ha {case}, eller {year} och {serial}, och {no}, med tecken emellan.", "The pattern of document numbers must have {case}, or {year} and {serial}, and {no}, with characters between them.")
	}
	if len(a.Prices) == 0 {
		bad("prices", "prices", "Ange minst ett timpris.", "Give at least one price of an hour.")
	} else if err := a.Prices.Check(); err != nil {
		bad("prices", "prices", "Prislistan går inte att använda: priser över noll, avgiftsgrund, stigande dagar.", "The price list cannot be used: prices above nought, fee basis, days in order.")
	}
	if a.RetentionMonths < 1 || a.RetentionMonths > 120 {
		bad("retention", "retention_months", "Ange hur länge filerna sparas, 1–120 månader.", "Say how long files are kept, 1–120 months.")
	}
	switch rule := strings.TrimSpace(a.PurgeRule); {
	case rule == "":
		bad("no_purge_rule", "purge_rule", "Ange det gallringsbeslut som gallringen stöder sig på.", "Name the gallringsbeslut that purging rests on.")
	case strings.Contains(rule, exampleRule):
		bad("example_rule", "purge_rule", "Gallringsbeslutet är exemplets: ange myndighetens eget.", "The gallringsbeslut is the example's: name the authority's own.")
	}
	if at, err := mail.ParseAddress(a.Officer); a.Officer != "" && (err != nil || at.Address != a.Officer) {
		bad("officer", "data_protection_officer", "Adressen till dataskyddsombudet är inte skriven som en e-postadress.", "The data protection officer's address is not written as an e-mail address.")
	}
	if a.SealedDays < 0 || a.SealedDays > 366 {
		bad("sealed_days", "sealed_days", "Ange hur länge undanförseglade bilagor sparas, 1–366 dagar.", "Say how long attachments that were sealed away are kept, 1–366 days.")
	}
	for _, d := range a.Disabled {
		cmd := slices.IndexFunc(order.Commands, func(c order.Command) bool { return c.Name() == d.Command })
		if cmd < 0 || d.Role != "" && !slices.Contains(order.Commands[cmd].Roles(), d.Role) || d.Role == order.RoleClock || d.Role == order.RoleEngine {
			bad("disabled", "disabled", "Det som stängs av ska vara en åtgärd som rollen har; datum och valv kan inte stängas av.", "What is switched off must be a command that the role has; dates and the vault cannot be switched off.")
		}
	}
	for name, level := range a.MinAssurance {
		if level < 0 || level > 4 || !slices.ContainsFunc(order.Commands, func(c order.Command) bool { return c.Name() == name }) {
			bad("min_assurance", "min_assurance", "Ange tillitsnivån 0–4 för åtgärder som finns.", "Give the assurance level 0–4 of commands that there are.")
			break
		}
	}
	if errs := a.Book().Check(); len(errs) > 0 {
		bad("clocks", "clocks", "Klockorna går inte att använda.", "The clocks cannot be used.")
	}
	ids := map[string]bool{}
	for _, s := range a.Suppliers {
		if s.ID == "" || s.Name == "" || s.Email == "" || ids[s.ID] {
			bad("suppliers", "suppliers", "Varje leverantör behöver ett eget id, namn och e-post.", "Every supplier needs an id of its own, a name and an e-mail.")
		}
		ids[s.ID] = true
	}
	if slices.Contains(a.Deciders, "") || slices.Contains(a.Clearance, "") {
		bad("people", "deciders", "Personer anges med id.", "People are given by id.")
	}
	return out
}
