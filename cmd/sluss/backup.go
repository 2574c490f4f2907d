package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/backup"
	"sluss/internal/blob"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/orderrun"
	"sluss/internal/parcel"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/swede"
)

// Names inside a backup of the counter, and in its folder.
const (
	databaseDump = "database.jsonl"
	documentsDir = "documents"
	keyFile      = "counter.key"
	publicFile   = "counter.pub"
)

// backupCmd copies the counter while it runs: the database as it was at one
// moment, the documents, the counter's key. Files about single persons, which
// lie here sealed, are left out (ADR 17), but for populations that the vault has
// not read yet.
type backupCmd struct {
	place
	To       string `required:"" placeholder:"KEY" help:"Public key (age1…, sluss keygen) that the backup is sealed to. Keep its secret half where neither program runs."`
	Out      string `arg:"" help:"New file."`
	KeepDays int    `default:"35" help:"For how many days the backup may be kept; it is not restored after that."`
}

// Run writes the backup and prints what it holds.
func (c *backupCmd) Run(ctx context.Context) error {
	if c.KeepDays < 1 || c.KeepDays > 3650 {
		return fault.New("backup.days", "Ange 1–3650 dagar.", "Give 1–3650 days.").At(fault.Where{Column: "--keep-days"})
	}
	if _, err := sealed.ParseRecipient(c.To); err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(c.State, keyFile))
	if err != nil {
		return notReadable("state", keyFile, err)
	}
	public, err := signed.Public(string(key))
	if err != nil {
		return notReadable("state", keyFile, err)
	}
	check := checkCmd{State: c.State, Database: c.Database}
	db, err := check.read(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	now := time.Now()
	head := backup.Head{Kind: backup.Counter, Until: swede.CivilDay(now) + day.Day(c.KeepDays), Signer: public}
	var m backup.Manifest
	err = backup.ToFile(c.Out, false, func(f *os.File) error {
		w, err := backup.New(f, c.To, head, now, func(doc any) (string, error) { return signed.Sign(doc, string(key)) })
		if err != nil {
			return err
		}
		m, err = c.fill(ctx, w, db)
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(noteBackup(c.State, m), tellBackup(os.Stdout, m))
}

// fill puts the counter into a backup: first the database, so that every
// document that it names is there already.
func (c *backupCmd) fill(ctx context.Context, w *backup.Writer, db *store.Store) (m backup.Manifest, err error) {
	spool, err := os.CreateTemp(c.State, ".dump-*") // mode 0600, on the disk that holds the database
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	if err := db.Dump(ctx, spool); err != nil {
		return m, err
	}
	size, err := spool.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = spool.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = w.Add(ctx, databaseDump, size, spool)
	}
	if err != nil {
		return m, err
	}
	for _, name := range []string{keyFile, publicFile, orderrun.LogKeyFile, sftpFile, sftpPublic} {
		if err := w.AddFile(ctx, name, filepath.Join(c.State, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return m, err
		}
	}
	left, err := c.documents(ctx, w, &app.App{Log: db})
	if err != nil {
		return m, err
	}
	checkpoint, err := db.Checkpoint(ctx)
	if err != nil {
		return m, err
	}
	return w.Close(map[string]string{"checkpoint": checkpoint, "left_out": fmt.Sprint(left)})
}

// documents puts the documents in and counts the sealed ones that stay out.
func (c *backupCmd) documents(ctx context.Context, w *backup.Writer, a *app.App) (left int, err error) {
	root := filepath.Join(c.State, documentsDir)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // removed while we walk, or no document yet
			return nil
		}
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") { // a dot: being written
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if app.Sealed(name) {
			if waits, err := a.WaitingPopulation(ctx, name); err != nil {
				return err
			} else if !waits {
				left++
				return nil
			}
		}
		if err := w.AddFile(ctx, documentsDir+"/"+name, path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	return left, err
}

func tellBackup(w io.Writer, m backup.Manifest) error {
	var bytes int64
	for _, f := range m.Files {
		bytes += f.Bytes
	}
	_, err := fmt.Fprintf(w, "backup %s %s\nmade %s\nkeep-until %s\nsigner-fingerprint %s\nfiles %d\nbytes %d\n",
		m.Head.Kind, m.Head.ID, m.Head.Made, m.Head.Until, signed.Fingerprint(m.Head.Signer), len(m.Files), bytes)
	return err
}

// restoreCmd makes a counter from a backup.
type restoreCmd struct {
	Backup   string `arg:"" help:"The backup, from sluss backup."`
	Identity string `required:"" placeholder:"FILE" help:"Secret half of the key that the backup is sealed to."`
	Signer   string `required:"" placeholder:"KEY" help:"Whose backup it must be: the counter's public key (counter.pub), its fingerprint, or a file with either."`
	State    string `required:"" placeholder:"DIR" help:"New folder for the counter."`
	Database string `env:"SLUSS_DATABASE" placeholder:"URL" help:"An empty PostgreSQL database to fill, instead of a file in the folder."`
	By       string `required:"" placeholder:"ID" help:"Who does it, as the log will name it."`
}

// Run restores the counter, or leaves nothing behind.
func (c *restoreCmd) Run(ctx context.Context) (err error) {
	if strings.TrimSpace(c.By) == "" || swede.Contains(c.By) {
		return fault.New("restore.by", "Ange vem som gör det, inte med personnummer.", "Say who does it, not by a personal identity number.").At(fault.Where{Column: "--by"})
	}
	identity, err := sealed.ReadIdentity(c.Identity)
	if err != nil {
		return err
	}
	signer, err := parcel.ReadSigner(c.Signer)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(c.State); !errors.Is(err, fs.ErrNotExist) {
		return fault.New("restore.exists", "Mappen finns redan.", "The folder is there already.").At(fault.Where{File: filepath.Base(c.State)}).
			Do("Ange en ny; inget skrivs över.", "Name a new one; nothing is written over.")
	}
	f, err := os.Open(c.Backup)
	if err != nil {
		return unreadable(c.Backup, err)
	}
	defer f.Close()
	parent := filepath.Dir(filepath.Clean(c.State))
	work, err := os.MkdirTemp(parent, ".restore-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	dir := filepath.Join(work, "counter")
	m, err := backup.Extract(ctx, f, identity, dir, backup.Want{Kind: backup.Counter, Signer: signer.Is, Today: swede.CivilDay(time.Now())})
	if err != nil {
		return interrupted(ctx, err)
	}
	if err := c.database(ctx, dir, m); err != nil {
		return interrupted(ctx, err)
	}
	if err := os.Rename(dir, c.State); err != nil {
		return err
	}
	if err := backup.SyncDir(parent); err != nil {
		return err
	}
	if err := tellBackup(os.Stdout, m); err != nil {
		return err
	}
	return c.refetch(ctx)
}

// database fills the database and checks its log: the whole tree, with the
// backup's last checkpoint as a witness.
func (c *restoreCmd) database(ctx context.Context, dir string, m backup.Manifest) (err error) {
	dump, err := os.Open(filepath.Join(dir, databaseDump))
	if err != nil {
		return fault.New("restore.database", "Säkerhetskopian har ingen databas.", "The backup has no database.").Because(err)
	}
	if c.Database != "" {
		err = store.FillPostgres(ctx, c.Database, dump)
	} else {
		err = store.FillSQLite(ctx, filepath.Join(dir, "sluss.db"), dump)
	}
	if err = errors.Join(err, dump.Close(), os.Remove(filepath.Join(dir, databaseDump))); err != nil {
		return err
	}
	db, err := place{State: dir, Database: c.Database}.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && c.Database != "" { // a file goes with its folder
			err = errors.Join(err, db.Empty(context.WithoutCancel(ctx)))
		}
		err = errors.Join(err, db.Close())
	}()
	v, err := audit.NewVerifier(m.Head.Signer)
	if err != nil {
		return err
	}
	var outside []string
	if c := m.Facts["checkpoint"]; c != "" {
		outside = append(outside, c)
	}
	r, err := audit.Verify(ctx, db, v, outside...)
	if err != nil {
		return err
	}
	if r.Found > 0 {
		for _, f := range r.Findings {
			fmt.Fprintf(os.Stderr, "%s %s/%d: %s\n", f.Code, f.Stream, f.Version, f.EN)
		}
		return fault.New("restore.log", "Loggen i säkerhetskopian är inte hel.", "The log in the backup is not whole.").
			Do("Använd en annan säkerhetskopia, och kalla på säkerhetsansvarig.", "Use another backup, and call the security officer.")
	}
	_, err = fmt.Printf("log-entries %d\nlog-checkpoints %d\n", r.Entries, r.Checkpoints)
	return err
}

// refetch has the vault hand over again what the backup does not hold.
func (c *restoreCmd) refetch(ctx context.Context) error {
	db, err := place{State: c.State, Database: c.Database}.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	blobs, err := blob.NewDir(filepath.Join(c.State, documentsDir))
	if err != nil {
		return err
	}
	again, err := (&app.App{Log: db, Queue: db, Blobs: blobs, Clock: time.Now}).Refetch(ctx, c.By)
	if err != nil {
		return err
	}
	for _, id := range again {
		if _, err := fmt.Println("parcel-again", id); err != nil {
			return err
		}
	}
	note := "Start the counter, then the vault: what was purged since the backup is destroyed again first. What was done at the counter after the backup is not here.\n"
	if console.Language() == "sv" {
		note = "Starta disken, sedan valvet: det som gallrats sedan säkerhetskopian förstörs på nytt först. Det som gjordes vid disken efter säkerhetskopian finns inte här.\n"
	}
	_, err = fmt.Fprint(os.Stderr, note)
	return err
}
