package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sluss/internal/app"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/doctor"
	"sluss/internal/fault"
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
		return doctor.TellJSON(os.Stdout, findings)
	}
	return doctor.Tell(os.Stdout, findings, console.Language())
}

// settings checks what needs no database.
func (c *checkCmd) settings() ([]doctor.Finding, error) {
	a, err := config.Load(c.Authority)
	if err != nil {
		return nil, err
	}
	var out []doctor.Finding
	problems := config.Problems(a)
	for _, p := range problems {
		out = append(out, doctor.Check("check.authority", false, p.SV+" ("+p.Field+")", p.EN+" ("+p.Field+")",
			[2]string{"Ändra i filen som anges med --authority.", "Change it in the file named with --authority."}))
	}
	if len(problems) == 0 {
		out = append(out, doctor.Finding{Code: "check.authority", OK: true, SV: "myndigheten " + a.Name.SV + ": priser, klockor och gallringsbeslut", EN: "the authority " + a.Name.EN + ": prices, clocks and gallringsbeslut"})
	}
	out = append(out, officerFinding(a.Officer))
	cat := console.Catalogue()
	out = append(out, doctor.Finding{Code: "check.catalogue", OK: len(cat.Registers) > 0, SV: fmt.Sprintf("katalogen: %d register", len(cat.Registers)), EN: fmt.Sprintf("the catalogue: %d registers", len(cat.Registers))})
	signers, err := readSigners(c.Signers)
	if err != nil {
		return nil, err
	}
	if c.Signers != "" {
		out = append(out, doctor.CanSign(signers, a.Deciders))
	}
	return out, nil
}

// officerFinding says whether somebody is told of incidents. That nobody is does
// not keep the counter from its work.
func officerFinding(address string) doctor.Finding {
	f := doctor.Check("check.officer", true, "dataskyddsombudet får mejl om incidenter", "the data protection officer is mailed of incidents", [2]string{})
	if address == "" {
		f.SV, f.EN = "inget dataskyddsombud är angivet: ingen får mejl om incidenter (data_protection_officer)", "no data protection officer is named: nobody is mailed of incidents (data_protection_officer)"
	}
	return f
}

// counter checks database and folder; nothing is written.
func (c *checkCmd) counter(ctx context.Context) ([]doctor.Finding, error) {
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
	out := []doctor.Finding{{Code: "check.database", OK: true, SV: fmt.Sprintf("databasen: %d ärenden", len(sums)), EN: fmt.Sprintf("the database: %d cases", len(sums))}}
	stale, err := counter.Stale(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, doctor.Check("check.list", len(stale) == 0, fmt.Sprintf("listan stämmer med loggen (%d avviker)", len(stale)), fmt.Sprintf("the list agrees with the log (%d differ)", len(stale)),
		[2]string{"Kör sluss audit verify.", "Run sluss audit verify."}))
	dead, err := db.Dead(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, doctor.Check("check.jobs", len(dead) == 0, fmt.Sprintf("valvets uppdrag: %d står stilla", len(dead)), fmt.Sprintf("the vault's jobs: %d have stopped", len(dead)),
		[2]string{"Se sluss jobs list.", "See sluss jobs list."}))
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
func private(dir string) doctor.Finding {
	return doctor.Finding{
		Code: "check.private", OK: doctor.OwnerOnly(dir, filepath.Join(dir, keyFile)),
		SV: "mappen och nyckeln läses bara av ägaren", EN: "folder and key are read by their owner only",
		Do: [2]string{"Ta bort andras rättigheter: chmod -R go= på mappen.", "Take others' rights away: chmod -R go= on the folder."},
	}
}
