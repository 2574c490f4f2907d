package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/orderrun"
	"sluss/internal/store"
)

// auditCmd checks the log of orders.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that nothing in the log has been changed, dropped or added."`
	Export auditExportCmd `cmd:"" help:"Write the log as lines of JSON, for tools/verify_audit.py or a verifier of your own."`
}

// auditLog says which log to read and whose signature to ask for.
type auditLog struct {
	State    string `placeholder:"DIR" xor:"log" required:"" help:"Folder of the counter's database."`
	Database string `placeholder:"URL" xor:"log" required:"" help:"PostgreSQL database of the counter."`
	Key      string `placeholder:"KEY" help:"Public key of the log, or a file with it. Get it from elsewhere than the database's machine (default: log.pub in --state)."`
}

// open opens the log to read it; nothing is written.
func (l *auditLog) open(ctx context.Context) (*store.Store, string, note.Verifier, error) {
	key, err := l.key()
	if err != nil {
		return nil, "", nil, err
	}
	v, err := audit.NewVerifier(key)
	if err != nil {
		return nil, "", nil, fault.New("audit.key", "Det är ingen publik nyckel för en logg.", "That is no public key of a log.").
			Do("Ange den med --key.", "Name it with --key.")
	}
	var db *store.Store
	if l.Database != "" {
		db, err = store.OpenPostgres(ctx, l.Database)
	} else {
		db, err = store.ReadSQLite(ctx, filepath.Join(l.State, "sluss.db"))
	}
	if errors.Is(err, app.ErrNotFound) {
		err = fault.New("audit.database", "Det finns ingen databas i mappen.", "There is no database in the folder.").
			At(fault.Where{File: filepath.Base(l.State)}).Do("Ange diskens mapp med --state.", "Name the counter's folder with --state.")
	}
	return db, key, v, err
}

func (l *auditLog) key() (string, error) {
	source := l.Key
	if source == "" && l.State != "" {
		source = filepath.Join(l.State, orderrun.LogKeyFile)
	}
	if strings.Count(source, "+") >= 2 && !strings.ContainsAny(source, "\n") {
		if _, err := os.Stat(source); err != nil {
			return source, nil
		}
	}
	b, err := readSmall(source)
	if err != nil {
		return "", fault.New("audit.key", "Loggens publika nyckel går inte att läsa.", "The log's public key cannot be read.").
			Do("Ange den med --key.", "Name it with --key.").Because(err)
	}
	return strings.TrimSpace(string(b)), nil
}

// readSmall reads a file that holds a key or a checkpoint.
func readSmall(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 1<<16))
}

// auditVerifyCmd walks the whole log.
type auditVerifyCmd struct {
	auditLog   `embed:""`
	Authority  string   `placeholder:"FILE" help:"The authority whose log it is (docs/authority.md): the list's dates are checked with its clocks."`
	Checkpoint []string `placeholder:"FILE" help:"Checkpoint that somebody outside has kept; finds a log that was cut or forked. Can be given several times."`
}

// Run prints what was checked; what is wrong goes to standard error and ends
// with exit code 2.
func (c *auditVerifyCmd) Run(ctx context.Context) error {
	db, _, v, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var outside []string
	for _, name := range c.Checkpoint {
		b, err := readSmall(name)
		if err != nil {
			return fault.New("audit.checkpoint", "Kontrollpunkten går inte att läsa.", "The checkpoint cannot be read.").
				At(fault.Where{File: filepath.Base(name)}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
		}
		outside = append(outside, string(b))
	}
	r, err := audit.Verify(ctx, db, v, outside...)
	if err != nil {
		return err
	}
	if r.Found == 0 { // the list of orders is only as good as the entries it is a copy of
		authority, err := config.Load(c.Authority)
		if err != nil {
			return err
		}
		stale, err := (&app.App{Log: db, Authority: authority, Catalogue: console.Catalogue(), Beside: app.Beside{Office: app.Office{Digests: db}}}).Stale(ctx)
		if err != nil {
			return err
		}
		for _, id := range stale {
			r.Found++
			r.Findings = append(r.Findings, audit.Finding{Code: "list", Stream: id, Seq: -1, SV: "raden i listan är inte vad posterna säger", EN: "the row of the list is not what the entries say"})
		}
	}
	batches, err := db.CheckReads(ctx)
	if err != nil {
		return err
	}
	for _, n := range batches {
		r.Found++
		r.Findings = append(r.Findings, audit.Finding{Code: "reads", Stream: "reads/log", Version: n, Seq: -1, SV: "läsningarna är inte vad posten säger", EN: "the reads are not what the entry says"})
	}
	return tellAudit(os.Stdout, r, len(outside))
}

func tellAudit(w io.Writer, r audit.Report, witnesses int) error {
	lang := console.Language()
	if r.Found == 0 {
		_, err := fmt.Fprintf(w, "entries %d\nwaiting %d\nerased %d\ncheckpoints %d\nwitnesses %d\n\n%s", r.Entries, r.Waiting, r.Erased, r.Checkpoints, witnesses, r.HeadText)
		return err
	}
	for _, f := range r.Findings {
		text, where := f.EN, ""
		if lang == "sv" {
			text = f.SV
		}
		if f.Stream != "" {
			where = fmt.Sprintf(" %s/%d", f.Stream, f.Version)
		}
		fmt.Fprintf(os.Stderr, "%s%s: %s\n", f.Code, where, text)
	}
	return fault.New("audit.broken", fmt.Sprintf("Loggen är inte hel: %d fynd.", r.Found), fmt.Sprintf("The log is not whole: %d findings.", r.Found)).
		Do("Spara databasen som den är, jämför med säkerhetskopian och kalla på säkerhetsansvarig.", "Keep the database as it is, compare it with the backup and call the security officer.")
}

// auditExportCmd writes the log to a file.
type auditExportCmd struct {
	auditLog `embed:""`
	Out      string `required:"" placeholder:"FILE" help:"New file."`
	Content  bool   `default:"true" negatable:"" help:"Write the entries too; without them only hashes and checkpoints."`
}

// Run writes the whole file or none.
func (c *auditExportCmd) Run(ctx context.Context) (err error) {
	db, key, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.New("audit.out", "Filen går inte att skapa; den får inte finnas.", "The file cannot be made; it must not exist.").
			At(fault.Where{File: filepath.Base(c.Out)}).Do("Ange en ny fil.", "Name a new file.").Because(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(c.Out))
		}
	}()
	return errors.Join(audit.Export(ctx, db, key, c.Content, f), f.Sync(), f.Close())
}
