package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/doctor"
	"sluss/internal/fault"
	"sluss/internal/pull"
	"sluss/internal/register"
	"sluss/internal/signed"
	"sluss/internal/vault"
)

// checkCmd is the vault's doctor: it says what keeps the vault from working, and
// ends with exit code 3 when something does. The vault may be at work meanwhile.
type checkCmd struct {
	Dir         string `env:"SLUSS_VAULT" required:"" placeholder:"DIR" help:"Folder of the vault; it may be in use."`
	Store       string `env:"SLUSS_STORE" placeholder:"DIR" help:"Folder of snapshots."`
	Counter     string `env:"SLUSS_COUNTER" placeholder:"URL" help:"Address of the counter, as for pull; it is asked, and nothing is changed."`
	Credential  string `env:"SLUSS_CREDENTIAL" placeholder:"FILE" help:"File with the vault's credential at the counter."`
	Signers     string `env:"SLUSS_SIGNERS" placeholder:"FILE" help:"The vault's own list of people who may sign."`
	Authority   string `env:"SLUSS_AUTHORITY" placeholder:"FILE" help:"The authority's file: its limits of disclosure risk."`
	BackupHours int    `default:"26" help:"How old the latest backup of the keys may be; 0: not looked at."`
	Deep        bool   `help:"Read every stored object and the snapshots that orders need, and compare their hashes; this takes as long as reading the disk."`
	JSON        bool   `name:"json" help:"Print the findings as JSON: code, ok, sv, en."`
}

// Run prints every finding.
func (c *checkCmd) Run(ctx context.Context) error {
	if (c.Counter == "") != (c.Credential == "") {
		return fault.New("check.counter", "--counter och --credential hör ihop.", "--counter and --credential go together.").
			Do("Ange båda, eller ingen av dem.", "Name both, or neither.")
	}
	findings, err := c.inside(ctx)
	if err != nil {
		return err
	}
	for _, look := range []func(context.Context) ([]doctor.Finding, error){c.store, c.lists, c.counter} {
		more, err := look(ctx)
		if err != nil {
			return err
		}
		findings = append(findings, more...)
	}
	if c.JSON {
		return doctor.TellJSON(os.Stdout, findings)
	}
	return doctor.Tell(os.Stdout, findings, language())
}

// inside looks at the vault itself: keys, objects, what a restart or a restore
// has left to do, backups, room.
func (c *checkCmd) inside(ctx context.Context) ([]doctor.Finding, error) {
	x, err := vault.Examine(ctx, c.Dir, c.Deep)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code != "vault.none" {
		return []doctor.Finding{doctor.Check("check.keys", false, "valvets nycklar går inte att öppna: "+f.SV, "the vault's keys cannot be opened: "+f.EN,
			[2]string{"Svarar nyckeltjänsten eller kortet? Annars: sluss-engine restore (docs/operations.md).", "Does the key service or the module answer? Otherwise: sluss-engine restore (docs/operations.md)."})}, nil
	}
	if err != nil {
		return nil, err
	}
	out := []doctor.Finding{
		doctor.Check("check.keys", true, fmt.Sprintf("rotnyckeln öppnar alla nycklar (%d)", x.Objects), fmt.Sprintf("the root key opens every key (%d)", x.Objects), [2]string{}),
		doctor.Check("check.objects", x.Lost == 0, fmt.Sprintf("lagrade filer: %d saknas eller är skadade", x.Lost), fmt.Sprintf("stored files: %d are missing or damaged", x.Lost),
			[2]string{"Läs tillbaka ur säkerhetskopian (docs/operations.md).", "Restore from the backup (docs/operations.md)."}),
		doctor.Check("check.private", x.Exposed == 0, "valvets mapp och nycklar läses bara av ägaren", "the vault's folder and keys are read by their owner only",
			[2]string{"Ta bort andras rättigheter: chmod -R go= på mappen.", "Take others' rights away: chmod -R go= on the folder."}),
		doctor.Check("check.destroyed", x.Unfinished == 0, fmt.Sprintf("avbrutna förstöringar: %d", x.Unfinished), fmt.Sprintf("destructions that were cut short: %d", x.Unfinished),
			[2]string{"Starta sluss-engine pull: den gör klart dem innan den gör något annat.", "Start sluss-engine pull: it finishes them before anything else."}),
		doctor.Check("check.restored", !x.Unsettled, "valvet vet vad som är gallrat", "the vault knows what has been purged",
			[2]string{"Valvet är återläst; starta sluss-engine pull så att det frågar disken.", "The vault was restored; start sluss-engine pull so that it asks the counter."}),
	}
	out = append(out, doctor.Room(c.Dir, [2]string{"Gör plats: ett uttag som inte får rum avbryts.", "Make room: an extraction that has none is broken off."})...)
	if c.BackupHours > 0 {
		out = append(out, backupAge(c.Dir, time.Now(), c.BackupHours))
	}
	return out, nil
}

func backupAge(dir string, now time.Time, most int) doctor.Finding {
	f := doctor.Check("check.backup", false, "säkerhetskopia av nycklarna: ingen", "backup of the keys: none",
		[2]string{"Kör sluss-engine backup varje natt (docs/operations.md).", "Run sluss-engine backup every night (docs/operations.md)."})
	if at, ok := vault.LatestKeyBackup(dir); ok {
		hours := int(now.Sub(at).Hours())
		f.OK = hours <= most
		f.SV, f.EN = fmt.Sprintf("säkerhetskopia av nycklarna: %d timmar gammal", hours), fmt.Sprintf("backup of the keys: %d hours old", hours)
	}
	return f
}

// store looks at the snapshots: is there one to extract from, is every one that
// an open order needs there, and, with --deep, as it was written.
func (c *checkCmd) store(ctx context.Context) ([]doctor.Finding, error) {
	if c.Store == "" {
		return nil, nil
	}
	list, err := register.List(c.Store)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, m := range list {
		there[m.ID] = true
	}
	out := []doctor.Finding{doctor.Check("check.snapshots", len(list) > 0, fmt.Sprintf("ögonblicksbilder: %d", len(list)), fmt.Sprintf("snapshots: %d", len(list)),
		[2]string{"Läs in registren med sluss-engine load.", "Load the registers with sluss-engine load."})}
	pins, err := pinsOf(ctx, c.Store, "")()
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return append(out, doctor.Check("check.pins", false, f.SV, f.EN, [2]string{f.DoSV, f.DoEN})), nil
	}
	if err != nil {
		return nil, err
	}
	gone, damaged := 0, 0
	for id := range pins {
		if !there[id] {
			gone++
			continue
		}
		if !c.Deep {
			continue
		}
		whole, err := verified(ctx, c.Store, id)
		if err != nil {
			return nil, err
		}
		if !whole {
			damaged++
		}
	}
	out = append(out, doctor.Check("check.pins", gone == 0, fmt.Sprintf("ögonblicksbilder som öppna beställningar behöver: %d, %d saknas", len(pins), gone), fmt.Sprintf("snapshots that open orders need: %d, %d missing", len(pins), gone),
		[2]string{"Lägg tillbaka dem; utan dem kan ett uttag inte göras om.", "Put them back; without them an extraction cannot be made again."}))
	if c.Deep {
		out = append(out, doctor.Check("check.verify", damaged == 0, fmt.Sprintf("av dem är %d skadade", damaged), fmt.Sprintf("%d of them are damaged", damaged),
			[2]string{"Se vilka med sluss-engine snapshots verify.", "See which with sluss-engine snapshots verify."}))
	}
	return out, nil
}

// verified reports whether a snapshot is as it was written; the error is one of
// ours or the end of ctx.
func verified(ctx context.Context, store, id string) (bool, error) {
	s, err := register.Open(store, id)
	if err == nil {
		err = s.Verify(ctx, nil)
		s.Close()
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil, nil
}

// lists looks at the files that the vault is told with: who may sign, and the
// limits of disclosure risk.
func (c *checkCmd) lists(context.Context) ([]doctor.Finding, error) {
	var out []doctor.Finding
	if _, err := config.Exposure(c.Authority); err != nil {
		return nil, err
	}
	out = append(out, doctor.Check("check.catalogue", len(console.Catalogue().Registers) > 0, fmt.Sprintf("katalogen: %d register", len(console.Catalogue().Registers)), fmt.Sprintf("the catalogue: %d registers", len(console.Catalogue().Registers)), [2]string{}))
	if c.Signers == "" {
		return out, nil
	}
	raw, err := os.ReadFile(c.Signers)
	if err != nil {
		return nil, notReadable("signers", err)
	}
	signers, err := signed.ReadSigners(raw)
	if err != nil {
		return nil, notReadable("signers", err)
	}
	return append(out, doctor.CanSign(signers, nil)), nil
}

// apart is how much the clocks of the two sides may differ: dates of purges and
// key backups are compared across the wall.
const apart = time.Minute

// counter asks the counter something, and its time.
func (c *checkCmd) counter(ctx context.Context) ([]doctor.Finding, error) {
	if c.Counter == "" {
		return nil, nil
	}
	credential, err := os.ReadFile(c.Credential)
	if err != nil {
		return nil, notReadable("credential", err)
	}
	out := []doctor.Finding{doctor.Check("check.credential", doctor.OwnerOnly(c.Credential), "valvets inloggning läses bara av ägaren", "the vault's credential is read by its owner only",
		[2]string{"Ta bort andras rättigheter: chmod go= på filen.", "Take others' rights away: chmod go= on the file."})}
	client, err := pull.New(c.Counter, string(credential))
	if err != nil {
		return nil, counterAddress(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	at, err := client.Ping(ctx)
	out = append(out, doctor.Check("check.counter", err == nil, "disken svarar valvet", "the counter answers the vault",
		[2]string{"Nås adressen härifrån, och är inloggningen den som disken känner?", "Can the address be reached from here, and is the credential the one that the counter knows?"}))
	if err == nil && !at.IsZero() {
		off := time.Since(at).Abs()
		out = append(out, doctor.Check("check.clock", off <= apart, fmt.Sprintf("klockorna skiljer %d sekunder", int(off.Seconds())), fmt.Sprintf("the clocks differ by %d seconds", int(off.Seconds())),
			[2]string{"Ställ båda datorernas klockor efter samma tidserver.", "Set both machines' clocks by the same time server."}))
	}
	return out, nil
}
