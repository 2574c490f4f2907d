package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/orderrun"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/swede"
)

// makeLog makes a counter's folder with a log of two cases: counterlog DIR.
// The checkpoint after the first case is DIR/first.note.
func makeLog(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: counterlog DIR")
	}
	ctx, dir := context.Background(), ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	private, public, err := signed.Generate(rand.Reader, "sluss")
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(dir, orderrun.LogKeyFile), []byte(public+"\n"), 0o600))
	ts.Check(os.WriteFile(filepath.Join(dir, keyFile), []byte(private+"\n"), 0o600))
	ts.Check(os.WriteFile(filepath.Join(dir, publicFile), []byte(public+"\n"), 0o644))
	db, err := store.OpenSQLite(ctx, filepath.Join(dir, "sluss.db"))
	ts.Check(err)
	a := &app.App{Log: db, Queue: db, Clock: time.Now, Authority: config.Authority(), Catalogue: catalog.Builtin()}
	q := &audit.Sequencer{Tree: db, Key: private, Holder: "test", Clock: time.Now}
	by := order.Actor{ID: "registrator", Role: order.RoleRegistrar}
	for _, title := range []string{"Sjukfall", "Föräldrapenning"} {
		id, _, err := a.Submit(ctx, by, order.Submit{Application: intake.Application{Title: title}, OnBehalf: true, Arrival: &order.Arrival{On: swede.CivilDay(a.Clock()), Channel: order.ChannelPost, Sender: "A", Name: "B", Blob: "b", SHA256: "c"}})
		ts.Check(err)
		for range 3 {
			_, err = a.Do(ctx, by, id, order.TakeMedium{Road: "post"})
			ts.Check(err)
		}
		_, err = q.Once(ctx)
		ts.Check(err)
		if title == "Sjukfall" {
			text, err := db.Checkpoint(ctx)
			ts.Check(err)
			ts.Check(os.WriteFile(filepath.Join(dir, "first.note"), []byte(text), 0o600))
		}
	}
	ts.Check(db.Close())
}

// runSQL does to a counter's database what no program of ours does: sql DIR
// STATEMENT…
func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(ts.MkAbs(args[0]), "sluss.db"))
	ts.Check(err)
	_, err = db.Exec(strings.Join(args[1:], " "))
	ts.Check(err)
	ts.Check(db.Close())
}
