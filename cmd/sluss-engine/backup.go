package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sluss/internal/backup"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/parcel"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/swede"
	"sluss/internal/vault"
)

// backupCmd copies the vault while it runs, into two files: ciphertexts, which
// open nothing by themselves, and keys, which are destroyed soon (ADR 17).
type backupCmd struct {
	Vault    string `required:"" placeholder:"DIR" help:"Folder of the vault; it may be in use."`
	To       string `required:"" placeholder:"KEY" help:"Public key (age1…, sluss keygen) that backups are sealed to. Keep its secret half where neither program runs."`
	Objects  string `placeholder:"FILE" help:"New file for the ciphertexts, the ledger and the list of what was destroyed."`
	Keys     string `placeholder:"FILE" help:"File for the keys; it replaces the one of that name. Keep it apart from the other, in a place without copies of its own, and only the latest."`
	KeepDays int    `default:"365" help:"For how many days the ciphertexts may be kept."`
	KeyDays  int    `default:"35" help:"For how many days the keys may be kept: every purge protocol names the last of them."`
}

// Run writes what was asked for and prints what it holds.
func (c *backupCmd) Run(ctx context.Context) (err error) {
	if c.Objects == "" && c.Keys == "" {
		return fault.New("backup.what", "Ange --objects, --keys eller båda.", "Name --objects, --keys or both.")
	}
	if c.KeepDays < 1 || c.KeepDays > 3650 || c.KeyDays < 1 || c.KeyDays > 366 {
		return fault.New("backup.days", "Ange 1–3650 dagar för innehållet och 1–366 för nycklarna.", "Give 1–3650 days for the content and 1–366 for the keys.")
	}
	if _, err := sealed.ParseRecipient(c.To); err != nil {
		return err
	}
	now := time.Now()
	today := swede.CivilDay(now)
	copying := vault.Copying{Dir: c.Vault, Recipient: c.To, Made: now, ObjectsUntil: today + day.Day(c.KeepDays), KeysUntil: today + day.Day(c.KeyDays)}
	out, err := c.write(ctx, copying)
	if err != nil {
		return err
	}
	return errors.Join(tellBackup(os.Stdout, out.Objects), tellBackup(os.Stdout, out.Keys))
}

// write has both files open at once, so that they are of one moment.
func (c *backupCmd) write(ctx context.Context, copying vault.Copying) (out vault.Copied, err error) {
	run := func() error {
		out, err = engineroom.BackUp(ctx, copying)
		return err
	}
	if c.Keys != "" {
		inner := run
		run = func() error {
			return backup.ToFile(c.Keys, true, func(f *os.File) error { copying.Keys = f; return inner() })
		}
	}
	if c.Objects != "" {
		inner := run
		run = func() error {
			return backup.ToFile(c.Objects, false, func(f *os.File) error { copying.Objects = f; return inner() })
		}
	}
	err = run()
	return out, err
}

func tellBackup(w io.Writer, m *backup.Manifest) error {
	if m == nil {
		return nil
	}
	var bytes int64
	for _, f := range m.Files {
		bytes += f.Bytes
	}
	_, err := fmt.Fprintf(w, "backup %s %s\nmade %s\nkeep-until %s\nsigner-fingerprint %s\nfiles %d\nbytes %d\n",
		m.Head.Kind, m.Head.ID, m.Head.Made, m.Head.Until, signed.Fingerprint(m.Head.Signer), len(m.Files), bytes)
	return err
}

// restoreCmd makes a vault from its two backups.
type restoreCmd struct {
	Vault    string `required:"" placeholder:"DIR" help:"New folder for the vault."`
	Objects  string `required:"" placeholder:"FILE" help:"Backup of the ciphertexts."`
	Keys     string `required:"" placeholder:"FILE" help:"Backup of the keys, the latest there is."`
	Identity string `required:"" placeholder:"FILE" help:"Secret half of the key that the backups are sealed to."`
	Signer   string `required:"" placeholder:"KEY" help:"Whose backups they must be: the vault's public signing key, its fingerprint, or a file with either."`
}

// Run restores the vault, or leaves nothing behind. The vault opens nothing
// until it has heard from the counter what was purged since.
func (c *restoreCmd) Run(ctx context.Context) error {
	identity, err := sealed.ReadIdentity(c.Identity)
	if err != nil {
		return err
	}
	signer, err := parcel.ReadSigner(c.Signer)
	if err != nil {
		return err
	}
	objects, err := openBackup(c.Objects)
	if err != nil {
		return err
	}
	defer objects.Close()
	keys, err := openBackup(c.Keys)
	if err != nil {
		return err
	}
	defer keys.Close()
	r, err := vault.Restore(ctx, vault.Restoring{
		Dir: c.Vault, Objects: objects, Keys: keys, Identity: identity, Signer: signer.Is, Today: swede.CivilDay(time.Now()),
	})
	if err != nil {
		return err
	}
	if err := printPublic(r.Public); err != nil {
		return err
	}
	if _, err := fmt.Printf("objects %d\nleft-out-purged %d\nleft-out-without-key %d\nleft-out-without-content %d\n", r.Objects, r.Purged, r.Keyless, r.Bare); err != nil {
		return err
	}
	note := "The vault opens nothing until it has asked the counter what was purged since (sluss-engine pull). Load the registers again, or copy the folder of snapshots back.\n"
	if language() == "sv" {
		note = "Valvet öppnar inget förrän det har frågat disken vad som gallrats sedan dess (sluss-engine pull). Läs in registren på nytt, eller lägg tillbaka mappen med ögonblicksbilder.\n"
	}
	_, err = fmt.Fprint(os.Stderr, note)
	return err
}

func openBackup(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New("backup.file", "Säkerhetskopian går inte att öppna.", "The backup cannot be opened.").
			At(fault.Where{File: filepath.Base(name)}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
	}
	return f, nil
}
