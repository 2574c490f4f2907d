package showcase_test

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/blob"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/day"
	"sluss/internal/document"
	"sluss/internal/ethicsdoc"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/store"
)

// today is the day on which the showcase is shown in most tests.
var today = day.MustParse("2026-11-22")

// counter is a counter as `sluss serve` puts it together, with its log.
type counter struct {
	app       *app.App
	db        *store.Store
	sequencer *audit.Sequencer
	public    string // key of the log
}

func newCounter(t testing.TB, now day.Day) *counter {
	t.Helper()
	dir := t.TempDir()
	db, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	return counterOn(t, db, dir, now)
}

// counterOn is a counter on a database, with its documents in a folder.
func counterOn(t testing.TB, db *store.Store, dir string, now day.Day) *counter {
	t.Helper()
	t.Cleanup(func() { _ = db.Close() })
	blobs, err := blob.NewDir(filepath.Join(dir, "documents"))
	if err != nil {
		t.Fatal(err)
	}
	key, public, err := signed.Generate(rand.Reader, "sluss")
	if err != nil {
		t.Fatal(err)
	}
	_, vault, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Unix(int64(now)*86400+9*3600, 0).UTC() }
	own := signed.Signers{{Name: "sluss", Role: order.RoleRegistrar, Key: public}}
	return &counter{
		db: db, public: public, sequencer: &audit.Sequencer{Tree: db, Key: key, Holder: "test", Clock: time.Now},
		app: &app.App{
			Log: db, Queue: db, Tree: db, Blobs: blobs, Clock: clock, Authority: config.Authority(), Catalogue: catalog.Builtin(),
			Open: own.Open, VaultKey: vault, Seal: sealed.Seal, Name: "sluss",
			Sign: func(doc any) (string, error) { return signed.Sign(doc, key) },
			Beside: app.Beside{
				Drafts: db, Upgrade: app.UpgradeAnswers, Form: intake.CurrentForm, Attachments: db, Inspect: document.Inspector{PDFText: pdfText}.Inspect, Hooks: db,
				Office: app.Office{Digests: db, Staff: db, Incoming: db, Pages: ethicsdoc.Pages},
			},
		},
	}
}

func pdfText(data []byte) (string, error) {
	pages, err := ethicsdoc.Pages(context.Background(), data)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "ethicsdoc.no_text" {
		return "", nil
	}
	return strings.Join(pages, "\n"), err
}

func (c *counter) fill(t testing.TB, now day.Day) showcase.Shown {
	t.Helper()
	shown, err := showcase.Fill(t.Context(), showcase.Options{App: c.app, Now: now, Rand: mathrand.NewChaCha8([32]byte{1}), Sequence: c.sequence})
	if err != nil {
		t.Fatal(err)
	}
	// The keys come from the seed, whatever else is drawn.
	if got := signed.Fingerprint(shown.Signers[0].Key); got != "d135-7ad1-59cc-2910-6f99-a5c0-8574-6dff" {
		t.Errorf("the first key is %s", got)
	}
	return shown
}

func (c *counter) sequence(ctx context.Context) error {
	_, err := c.sequencer.Once(ctx)
	return err
}
