package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"sluss/internal/app"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/signed"
	"sluss/internal/store"
)

// checkCmd is the doctor: it says what keeps the counter from being put to
// use, and ends with exit code 3 when something does.
type checkCmd struct {
	State     string `env:"SLUSS_STATE" placeholder:"DIR" help:"Folder of the counter; without it only the settings are checked."`
	Database  string `env:"SLUSS_DATABASE" placeholder:"URL" help:"A PostgreSQL database instead of the file in the folder."`
	Authority string `env:"SLUSS_AUTHORITY" placeholder:"FILE" help:"The authority (docs/authority.md); the built-in one by default."`
	Signers   string `env:"SLUSS_SIGNERS" placeholder:"FILE" help:"Who may sign, as for serve."`
	SMTP      string `name:"smtp" env:"SLUSS_SMTP" placeholder:"URL" help:"Mail server, as for serve; it is called, and nothing is sent."`
	printing
	scanning
	fetching
	BackupHours int  `default:"26" help:"How old the latest backup may be; 0: not looked at."`
	JSON        bool `name:"json" help:"Print the findings as JSON: code, ok, sv, en."`
}

// finding is one line of the doctor's answer. Its code never changes.
type finding struct {
	code   string
	ok     bool
	sv, en string
	do     [2]string // what to do, sv and en
}

// Run prints every finding.
func (c *checkCmd) Run(ctx context.Context) error {
	findings, err := c.settings()
	if err != nil {
		return err
	}
	around, err := c.around(ctx)
	if err != nil {
		return err
	}
	findings = append(findings, around...)
	if c.State != "" || c.Database != "" {
		more, err := c.counter(ctx)
		if err != nil {
			return err
		}
		findings = append(findings, more...)
	}
	if c.JSON {
		return tellJSON(os.Stdout, findings)
	}
	return tellFindings(os.Stdout, findings, console.Language())
}

func tellFindings(w io.Writer, findings []finding, lang string) error {
	bad := 0
	for _, f := range findings {
		mark, text, do := "ok  ", f.en, f.do[1]
		if lang == "sv" {
			text, do = f.sv, f.do[0]
		}
		if !f.ok {
			mark = "FAIL"
			if lang == "sv" {
				mark = "FEL "
			}
			bad++
		}
		if !f.ok {
			text += " [" + f.code + "]"
		}
		fmt.Fprintf(w, "%s  %s\n", mark, text)
		if !f.ok && do != "" {
			fmt.Fprintf(w, "      %s\n", do)
		}
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

// settings checks what needs no database.
func (c *checkCmd) settings() ([]finding, error) {
	a, err := config.Load(c.Authority)
	if err != nil {
		return nil, err
	}
	var out []finding
	problems := config.Problems(a)
	for _, p := range problems {
		out = append(out, finding{"check.authority", false, p.SV + " (" + p.Field + ")", p.EN + " (" + p.Field + ")", [2]string{"Ändra i filen som anges med --authority.", "Change it in the file named with --authority."}})
	}
	if len(problems) == 0 {
		out = append(out, finding{code: "check.authority", ok: true, sv: "myndigheten " + a.Name.SV + ": priser, klockor och gallringsbeslut", en: "the authority " + a.Name.EN + ": prices, clocks and gallringsbeslut"})
	}
	cat := console.Catalogue()
	out = append(out, finding{code: "check.catalogue", ok: len(cat.Registers) > 0, sv: fmt.Sprintf("katalogen: %d register", len(cat.Registers)), en: fmt.Sprintf("the catalogue: %d registers", len(cat.Registers))})
	signers, err := readSigners(c.Signers)
	if err != nil {
		return nil, err
	}
	if c.Signers != "" {
		out = append(out, canSign(signers, a))
	}
	return out, nil
}

// canSign checks that decisions, specifications and releases can be signed,
// and that somebody other than who extracts can release (promise 13).
func canSign(signers signed.Signers, a *order.Authority) finding {
	by := map[order.Role][]string{}
	for _, s := range signers {
		by[s.Role] = append(by[s.Role], s.Name)
	}
	f := finding{
		code: "check.signers",
		sv:   "underskrifter: beslutsfattare, statistiker och en annan som släpper", en: "signatures: decision maker, statistician and somebody else who releases",
		do: [2]string{"Lägg till en beslutsfattare, en statistiker och minst en frisläppare som inte är statistiker.", "Add a decision maker, a statistician and at least one releaser who is no statistician."},
	}
	decides := slices.ContainsFunc(by[order.RoleDecider], func(n string) bool { return len(a.Deciders) == 0 || slices.Contains(a.Deciders, n) })
	second := slices.ContainsFunc(by[order.RoleReleaser], func(n string) bool { return !slices.Contains(by[order.RoleStatistician], n) })
	f.ok = decides && second && len(by[order.RoleStatistician]) > 0
	return f
}

// counter checks database and folder; nothing is written.
func (c *checkCmd) counter(ctx context.Context) ([]finding, error) {
	db, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	a, err := config.Load(c.Authority)
	if err != nil {
		return nil, err
	}
	counter := &app.App{Log: db, Queue: db, Authority: a}
	sums, err := db.List(ctx)
	if err != nil {
		return nil, err
	}
	out := []finding{{code: "check.database", ok: true, sv: fmt.Sprintf("databasen: %d ärenden", len(sums)), en: fmt.Sprintf("the database: %d cases", len(sums))}}
	stale, err := counter.Stale(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, finding{
		"check.list", len(stale) == 0, fmt.Sprintf("listan stämmer med loggen (%d avviker)", len(stale)), fmt.Sprintf("the list agrees with the log (%d differ)", len(stale)),
		[2]string{"Kör sluss audit verify.", "Run sluss audit verify."},
	})
	dead, err := db.Dead(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, finding{
		"check.jobs", len(dead) == 0, fmt.Sprintf("valvets uppdrag: %d står stilla", len(dead)), fmt.Sprintf("the vault's jobs: %d have stopped", len(dead)),
		[2]string{"Se sluss jobs list.", "See sluss jobs list."},
	})
	vital, err := c.vital(ctx, db)
	if err != nil {
		return nil, err
	}
	out = append(out, vital...)
	if c.State != "" {
		out = append(out, private(c.State))
	}
	return out, nil
}

func (c *checkCmd) read(ctx context.Context) (*store.Store, error) {
	if c.Database != "" {
		return store.OpenPostgres(ctx, c.Database)
	}
	db, err := store.ReadSQLite(ctx, filepath.Join(c.State, "sluss.db"))
	if errors.Is(err, app.ErrNotFound) {
		return nil, fault.New("check.database", "Det finns ingen databas i mappen.", "There is no database in the folder.").
			At(fault.Where{File: filepath.Base(c.State)}).Do("Ange diskens mapp med --state, eller starta sluss serve en gång.", "Name the counter's folder with --state, or start sluss serve once.")
	}
	return db, err
}

// private checks that nobody but the owner reads the folder and its key.
func private(dir string) finding {
	f := finding{
		code: "check.private",
		ok:   true, sv: "mappen och nyckeln läses bara av ägaren", en: "folder and key are read by their owner only",
		do: [2]string{"Ta bort andras rättigheter: chmod -R go= på mappen.", "Take others' rights away: chmod -R go= on the folder."},
	}
	for _, name := range []string{dir, filepath.Join(dir, "counter.key")} {
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
			f.ok = false
		}
	}
	return f
}
