package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sluss/internal/backup"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/doctor"
	"sluss/internal/fault"
	"sluss/internal/store"
	"sluss/internal/vitals"
)

// watching is what an operator asks the counter, and where it logs.
type watching struct {
	Watch string `env:"SLUSS_WATCH" placeholder:"ADDRESS" help:"Another address, for /metrics, /healthz and /readyz (docs/operations.md). Not one that browsers reach."`
	Log   string `env:"SLUSS_LOG" enum:"json,text" default:"json" help:"The log on standard error: json, or text for a person at a terminal."`
}

func (w watching) log() *slog.Logger { return vitals.NewLog(os.Stderr, w.Log == "text") }

// vitalsOf is what a counter on this database and folder can tell.
func vitalsOf(db *store.Store, state string) (*vitals.Metrics, *vitals.Health) {
	m := &vitals.Metrics{Gauges: func(ctx context.Context) ([]vitals.Gauge, error) { return gauges(ctx, db, state, time.Now()) }}
	return m, &vitals.Health{Checks: []vitals.Check{
		{Name: "database", Try: func(ctx context.Context) error { _, err := db.Waiting(ctx); return err }},
		{Name: "disk", Try: func(context.Context) error { return room(state) }},
	}}
}

func room(dir string) error {
	if free, ok := doctor.FreeBytes(dir); ok && free < doctor.LeastRoom {
		return errors.New("the disk is nearly full")
	}
	return nil
}

func gauges(ctx context.Context, db *store.Store, state string, now time.Time) ([]vitals.Gauge, error) {
	v, err := db.Vitals(ctx)
	if err != nil {
		return nil, err
	}
	var out []vitals.Gauge
	put := func(name, help, label string, value float64) {
		out = append(out, vitals.Gauge{Name: name, Help: help, Label: label, Value: value})
	}
	for _, s := range []string{"queued", "leased", "dead"} {
		put("sluss_jobs", "Work orders for the vault that are not done, by state.", `state="`+s+`"`, float64(v.Jobs[s]))
	}
	for _, s := range []string{"queued", "waiting", "refused", "given_up"} {
		put("sluss_mails", "Mail that has not been sent, by state.", `state="`+s+`"`, float64(v.Mails[s]))
	}
	waits := 0.0
	if !v.OldestJob.IsZero() {
		waits = max(0, now.Sub(v.OldestJob).Seconds())
	}
	put("sluss_job_wait_seconds", "How long the oldest work order that is due has waited for the vault.", "", waits)
	put("sluss_purges_waiting", "Purges that were ordered and are not done.", "", float64(v.PurgesWaiting))
	put("sluss_log_unplaced", "Entries that have no place in the tree of the log yet.", "", float64(v.Unplaced))
	if free, ok := doctor.FreeBytes(state); ok {
		put("sluss_disk_free_bytes", "Bytes that are left on the disk of the counter.", "", float64(free))
	}
	if b, ok := lastBackup(state); ok {
		put("sluss_backup_age_seconds", "Age of the latest backup.", "", now.Sub(b.Made).Seconds())
	}
	return out, nil
}

// backupNote is what the counter remembers of its latest backup.
type backupNote struct {
	Made  time.Time `json:"made"`
	Until day.Day   `json:"until"`
}

const backupNoteFile = "backup.json"

func noteBackup(state string, m backup.Manifest) error {
	made, err := time.Parse(time.RFC3339, m.Head.Made)
	if err != nil {
		return err
	}
	b, err := json.Marshal(backupNote{made, m.Head.Until})
	if err != nil {
		return err
	}
	return backup.ToFile(filepath.Join(state, backupNoteFile), true, func(f *os.File) error { _, err := f.Write(b); return err })
}

func lastBackup(state string) (n backupNote, ok bool) {
	b, err := os.ReadFile(filepath.Join(state, backupNoteFile))
	return n, err == nil && json.Unmarshal(b, &n) == nil
}

// serveVitals listens on an address of its own until ctx ends; nothing is done
// without one.
func (w watching) serveVitals(ctx context.Context, m *vitals.Metrics, h *vitals.Health, log *slog.Logger) error {
	if w.Watch == "" {
		return nil
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", w.Watch)
	if err != nil {
		return fault.New("serve.watch", "Adressen för övervakning går inte att lyssna på.", "The address for watching cannot be listened on.").
			Do("Är den upptagen? Ange en annan med --watch.", "Is it taken? Name another with --watch.").Because(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m)
	mux.HandleFunc("GET /healthz", h.Live)
	mux.HandleFunc("GET /readyz", h.Ready)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 14}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	go func() {
		if err := server.Serve(ln); err != nil && ctx.Err() == nil {
			log.Error("watching", "err", err)
		}
	}()
	text := "Watched at http://%s/metrics\n"
	if console.Language() == "sv" {
		text = "Övervakas på http://%s/metrics\n"
	}
	_, err = fmt.Fprintf(os.Stderr, text, ln.Addr())
	return err
}
