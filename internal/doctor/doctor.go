// Package doctor is what the doctors of both programs have in common: findings
// with codes that never change, how they are told to people and to programs, and
// the looks at the machine that counter and vault take alike. `sluss check` and
// `sluss-engine check` say what keeps their program from doing its work; they
// change nothing.
package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/signed"
)

// Finding is one line of the doctor's answer.
type Finding struct {
	Code   string // never changes
	OK     bool
	SV, EN string
	Do     [2]string // what to do, in Swedish and English
}

// Check is a finding by its parts.
func Check(code string, ok bool, sv, en string, do [2]string) Finding {
	return Finding{code, ok, sv, en, do}
}

// LeastRoom is what a disk must have left for a program to be ready, in bytes.
const LeastRoom = 256 << 20

// Tell prints findings for people, and refuses (check.failed) when one did not
// pass.
func Tell(w io.Writer, findings []Finding, lang string) error {
	bad := 0
	for _, f := range findings {
		mark, text, do := "ok  ", f.EN, f.Do[1]
		if lang == "sv" {
			text, do = f.SV, f.Do[0]
		}
		if !f.OK {
			bad++
			mark, text = "FAIL", text+" ["+f.Code+"]"
			if lang == "sv" {
				mark = "FEL "
			}
		}
		if _, err := fmt.Fprintf(w, "%s  %s\n", mark, text); err != nil {
			return err
		}
		if !f.OK && do != "" {
			if _, err := fmt.Fprintf(w, "      %s\n", do); err != nil {
				return err
			}
		}
	}
	return verdict(bad, len(findings))
}

// TellJSON prints findings for programs: a list of code, ok, sv and en. It
// refuses as [Tell] does.
func TellJSON(w io.Writer, findings []Finding) error {
	type line struct {
		Code string `json:"code"`
		OK   bool   `json:"ok"`
		SV   string `json:"sv"`
		EN   string `json:"en"`
	}
	lines, bad := make([]line, len(findings)), 0
	for i, f := range findings {
		lines[i] = line{f.Code, f.OK, f.SV, f.EN}
		if !f.OK {
			bad++
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(lines); err != nil {
		return err
	}
	return verdict(bad, len(findings))
}

// verdict refuses when something did not pass.
func verdict(bad, all int) error {
	if bad == 0 {
		return nil
	}
	return (&fault.Fault{
		Code: "check.failed", Class: fault.Gate, Rule: "check", Law: "arkivlagen (1990:782) 10 §; dataskyddsförordningen (EU) 2016/679 artikel 32",
		SV: fmt.Sprintf("%d av %d kontroller är inte godkända.", bad, all), EN: fmt.Sprintf("%d of %d checks did not pass.", bad, all),
	}).Do("Åtgärda det som räknas upp ovan.", "Mend what is listed above.")
}

// CanSign checks that decisions, specifications and releases can be signed, and
// that somebody other than who extracts can release (promise 13). deciders are
// those of the delegation order; none: every decision maker.
func CanSign(signers signed.Signers, deciders []string) Finding {
	by := map[order.Role][]string{}
	for _, s := range signers {
		by[s.Role] = append(by[s.Role], s.Name)
	}
	decides := slices.ContainsFunc(by[order.RoleDecider], func(n string) bool { return len(deciders) == 0 || slices.Contains(deciders, n) })
	second := slices.ContainsFunc(by[order.RoleReleaser], func(n string) bool { return !slices.Contains(by[order.RoleStatistician], n) })
	return Finding{
		"check.signers", decides && second && len(by[order.RoleStatistician]) > 0,
		"underskrifter: beslutsfattare, statistiker och en annan som släpper", "signatures: decision maker, statistician and somebody else who releases",
		[2]string{"Lägg till en beslutsfattare, en statistiker och minst en frisläppare som inte är statistiker.", "Add a decision maker, a statistician and at least one releaser who is no statistician."},
	}
}

// Room checks that a disk has room; there is no finding where that is unknown.
func Room(dir string, do [2]string) []Finding {
	free, ok := FreeBytes(dir)
	if !ok {
		return nil
	}
	return []Finding{{"check.disk", free >= LeastRoom, fmt.Sprintf("disken: %d MB kvar", free>>20), fmt.Sprintf("the disk: %d MB left", free>>20), do}}
}

// OwnerOnly reports whether nobody but the owner reads these files; one that is
// not there is read by nobody.
func OwnerOnly(files ...string) bool {
	return !slices.ContainsFunc(files, func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.Mode().Perm()&0o077 != 0
	})
}
