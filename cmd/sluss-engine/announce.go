package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluss/internal/canon"
	"sluss/internal/console"
	"sluss/internal/coverage"
	"sluss/internal/pull"
	"sluss/internal/register"
	"sluss/internal/register/completeness"
)

// announcer tells the counter how complete the registers are, for everybody to
// see: shares and days, no counts (coverage.Published). It measures a snapshot
// once and remembers in a file of the vault's folder what it has told whom.
type announcer struct {
	to    *pull.Client
	store string // of snapshots
	note  string // the file
	log   *slog.Logger

	told     announced
	read     bool      // the file has been
	snapshot string    // that the counter knows of, as far as this run can tell
	after    time.Time // the next try, when one has failed
}

// announceAgain is how long a try that failed is not made again.
const announceAgain = 10 * time.Minute

// announced is which snapshot the counter has been told of.
type announced struct {
	Counter   string     `json:"counter"`
	Snapshot  canon.Hash `json:"snapshot"`
	Catalogue canon.Hash `json:"catalogue"`
}

// tell measures the newest snapshot and tells the counter, unless it knows.
// Whatever hinders it is logged and tried again at the next call: orders do not
// wait for it.
func (a *announcer) tell(ctx context.Context) {
	if time.Now().Before(a.after) {
		return
	}
	if err := a.try(ctx); err != nil && ctx.Err() == nil {
		a.after = time.Now().Add(announceAgain)
		a.log.WarnContext(ctx, "the counter has not been told how complete the registers are", "err", strings.ReplaceAll(err.Error(), "\n", " "))
	}
}

func (a *announcer) try(ctx context.Context) error {
	if !a.read {
		if raw, err := os.ReadFile(a.note); err == nil {
			_ = json.Unmarshal(raw, &a.told) // what cannot be read has not been told
		}
		a.read = true
	}
	list, err := register.List(a.store)
	if err != nil || len(list) == 0 || list[len(list)-1].ID == a.snapshot {
		return err
	}
	s, err := register.Open(a.store, list[len(list)-1].ID)
	if err != nil {
		return err
	}
	defer s.Close()
	now := announced{a.to.Address(), s.Hash(), console.Catalogue().Hash()}
	if now == a.told {
		a.snapshot = s.ID()
		return nil
	}
	all, err := summaries(ctx, s, "", nil)
	if err != nil {
		return err
	}
	if err := a.to.PublishCoverage(ctx, coverage.Publish(s.ID(), s.LoadedAt(), s.Synthetic(), all)); err != nil {
		return err
	}
	a.told, a.snapshot = now, s.ID()
	raw, err := json.Marshal(now)
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(a.note), ".coverage.json")
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, a.note)
}

// summaries measures the registers that a snapshot holds, or one of them. tell may
// be nil.
func summaries(ctx context.Context, s *register.Snapshot, only string, tell func(register.Progress)) ([]coverage.Summary, error) {
	out := []coverage.Summary{}
	cat := console.Catalogue()
	for i := range cat.Registers {
		reg := &cat.Registers[i]
		if only != "" && reg.ID != only || !completeness.Held(s, reg) || len(reg.Benefits) == 0 {
			continue
		}
		sum, err := completeness.Measure(ctx, s, reg, tell)
		if err != nil {
			return nil, err
		}
		out = append(out, sum)
	}
	return out, nil
}
