package main

import (
	"context"
	"log/slog"

	"sluss/internal/app"
	"sluss/internal/doctor"
	"sluss/internal/scan"
)

// scanning is who looks for viruses in files that come in.
type scanning struct {
	Scan         string `env:"SLUSS_SCAN" placeholder:"URL" help:"Virus scanner (clamd) that looks at every file that comes in: unix:///run/clamav/clamd.ctl or tcp://host:3310; without it nobody does."`
	ScanWhenDown string `env:"SLUSS_SCAN_WHEN_DOWN" enum:"refuse,take" default:"refuse" help:"What becomes of files while the scanner does not answer: refuse, or take them unseen."`
}

// guard is what the counter asks about files; nil where there is no scanner.
func (s scanning) guard(log *slog.Logger) (app.MalwareFunc, error) {
	if s.Scan == "" {
		return nil, nil
	}
	g, err := scan.New(s.Scan, s.ScanWhenDown == "take", log)
	if err != nil {
		return nil, err
	}
	return g.Look, nil
}

// scanFinding says whether files are looked at.
func (s scanning) scanFinding(ctx context.Context) (doctor.Finding, error) {
	if s.Scan == "" {
		return doctor.Finding{Code: "check.scan", OK: true, SV: "virusskanning: avstängd; filer som kommer in söks inte igenom (--scan)", EN: "virus scanning: off; files that come in are not looked at (--scan)"}, nil
	}
	g, err := scan.New(s.Scan, false, slog.New(slog.DiscardHandler))
	if err != nil {
		return doctor.Finding{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	f := doctor.Finding{Code: "check.scan", OK: g.Ping(ctx) == nil, SV: "virusskannern svarar", EN: "the virus scanner answers", Do: [2]string{"Kontrollera --scan och att skannern är igång; filer tas inte emot utan den.", "Check --scan, and that the scanner runs; no files are taken without it."}}
	if s.ScanWhenDown == "take" {
		f.SV, f.EN = f.SV+"; utan den tas filer emot osedda", f.EN+"; without it files are taken unseen"
		f.Do = [2]string{"Kontrollera --scan och att skannern är igång; filer tas emot osedda utan den.", "Check --scan, and that the scanner runs; files are taken unseen without it."}
	}
	return f, nil
}
