package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/crypto/ssh"

	"sluss/internal/doctor"
	"sluss/internal/signed"
	"sluss/internal/store"
)

// reach is how long a server may take to answer the doctor.
const reach = 5 * time.Second

// around checks what stands around the counter: mail server and the program
// that makes letters.
func (c *checkCmd) around(ctx context.Context) ([]doctor.Finding, error) {
	var out []doctor.Finding
	if c.SMTP != "" {
		f := doctor.Finding{Code: "check.mail", SV: "mejlservern svarar", EN: "the mail server answers", Do: [2]string{"Kontrollera --smtp och att servern nås härifrån.", "Check --smtp, and that the server can be reached from here."}}
		if u, err := url.Parse(c.SMTP); err == nil && u.Host != "" {
			f.OK = answers(ctx, u)
		}
		out = append(out, f)
	}
	if f, there := c.fetchFinding(ctx); there {
		out = append(out, f)
	}
	scanned, err := c.scanFinding(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, scanned)
	if c.Typst != "" {
		_, err := exec.LookPath(c.Typst)
		out = append(out, doctor.Check("check.letters", err == nil, "programmet för brev finns", "the program that makes letters is there",
			[2]string{"Kontrollera --typst (docs/letters.md).", "Check --typst (docs/letters.md)."}))
	}
	if c.Certificate != "" || c.SealingKey != "" {
		_, err := c.press()
		out = append(out, doctor.Check("check.seal", err == nil, "brevens stämpel: certifikat och nyckel hör ihop", "the seal of letters: certificate and key go together",
			[2]string{"Kontrollera --certificate och --sealing-key.", "Check --certificate and --sealing-key."}))
	}
	return out, nil
}

// answers reports whether a mail server takes a call.
func answers(ctx context.Context, u *url.URL) bool {
	port := u.Port()
	if port == "" {
		port = map[string]string{"smtps": "465"}[u.Scheme]
	}
	if port == "" {
		port = "587"
	}
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// vital checks clock, database version, work that stands still, disk, the
// counter's key and the age of the backup.
func (c *checkCmd) vital(ctx context.Context, db *store.Store) ([]doctor.Finding, error) {
	v, err := db.Vitals(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	out := []doctor.Finding{
		doctor.Check("check.clock", !v.LastEntry.After(now.Add(time.Minute)), "klockan går inte före loggen", "the clock is not behind the log",
			[2]string{"Datorns klocka är tidigare än den senaste posten i loggen; ställ den.", "The machine's clock is earlier than the last entry of the log; set it."}),
		doctor.Check("check.schema", v.Schema == store.LatestSchema(), "databasen är av programmets version", "the database is of the program's version",
			[2]string{"En äldre databas förs upp när sluss serve startar; en nyare kräver ett nyare program.", "An older database is brought up to date when sluss serve starts; a later one needs a later program."}),
		doctor.Check("check.mails", v.Mails["refused"]+v.Mails["given_up"] == 0, fmt.Sprintf("mejl: %d kunde inte skickas", v.Mails["refused"]+v.Mails["given_up"]), fmt.Sprintf("mail: %d could not be sent", v.Mails["refused"]+v.Mails["given_up"]),
			[2]string{"Registratorn och administratören ser vilka under /mail och skickar igen.", "The registrar and the administrator see which at /mail, and send again."}),
		doctor.Check("check.purges", v.PurgesWaiting == 0 || v.OldestJob.IsZero() || now.Sub(v.OldestJob) < 24*time.Hour, fmt.Sprintf("gallringar: %d beställda och inte gjorda", v.PurgesWaiting), fmt.Sprintf("purges: %d ordered and not done", v.PurgesWaiting),
			[2]string{"Arbetar valvet? Se sluss jobs list.", "Does the vault work? See sluss jobs list."}),
	}
	if c.State == "" {
		return out, nil
	}
	out = append(out, doctor.Room(c.State, [2]string{"Gör plats: disken tar inte emot filer när det är fullt.", "Make room: the counter takes no files when it is full."})...)
	key, err := os.ReadFile(filepath.Join(c.State, keyFile))
	if err == nil {
		_, err = signed.Public(string(key))
	}
	out = append(out, doctor.Check("check.key", err == nil, "diskens nyckel går att läsa", "the counter's key can be read",
		[2]string{"Lägg tillbaka counter.key ur säkerhetskopian; utan den växer loggen inte.", "Put counter.key back from the backup; without it the log does not grow."}))
	if raw, err := os.ReadFile(filepath.Join(c.State, sftpFile)); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			_, err = ssh.ParsePrivateKey(raw)
		}
		out = append(out, doctor.Check("check.sftp", err == nil, "nyckeln för SFTP går att läsa", "the key for SFTP can be read",
			[2]string{"Lägg tillbaka sftp.key ur säkerhetskopian; en ny varnar alla som hämtar.", "Put sftp.key back from the backup; a new one warns everybody who fetches."}))
	}
	if c.BackupHours > 0 {
		out = append(out, backupAge(c.State, now, c.BackupHours))
	}
	return out, nil
}

func backupAge(state string, now time.Time, most int) doctor.Finding {
	f := doctor.Finding{
		Code: "check.backup", SV: "säkerhetskopia: ingen", EN: "backup: none",
		Do: [2]string{"Kör sluss backup varje natt (docs/operations.md).", "Run sluss backup every night (docs/operations.md)."},
	}
	if b, ok := lastBackup(state); ok {
		hours := int(now.Sub(b.Made).Hours())
		f.OK = hours <= most
		f.SV, f.EN = fmt.Sprintf("säkerhetskopia: %d timmar gammal", hours), fmt.Sprintf("backup: %d hours old", hours)
	}
	return f
}
