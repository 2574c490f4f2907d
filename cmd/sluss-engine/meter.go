package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"sluss/internal/form"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/risk"
)

// patience is how long a command works in silence.
const patience = 2 * time.Second

// meter prints progress once a second when a command takes longer than
// patience. It can be told from several goroutines at once.
type meter struct {
	out  io.Writer
	lang string // "sv" or "en"

	mu      sync.Mutex
	begin   time.Time // of the command's work
	now     reading   // when the stage was first heard of
	since   time.Time
	printed time.Time
}

// newMeter returns a meter that begins when it is first told of something.
func newMeter() *meter { return &meter{out: os.Stderr, lang: language()} }

// reading is how far a stage has come.
type reading struct {
	stage, unit string
	n, of       int64   // in unit; of is 0 where it is not known beforehand
	part        float64 // of the stage, from 0 to 1; NaN: not known
}

// meterWords are what stands around the numbers. Stages have the names that
// they have in the documentation.
var meterWords = map[string]map[string]string{
	"sv": {
		"of": " av ", "rate": "per sekund", "left": "kvar",
		"rows": "rader", "bytes": "byte", "classes": "klasser", "sets": "kolumnmängder", "lines": "rader", "persons": "personer",
	},
	"en": {
		"of": " of ", "rate": "per second", "left": "left",
		"rows": "rows", "bytes": "bytes", "classes": "classes", "sets": "sets of columns", "lines": "lines", "persons": "persons",
	},
}

func (m *meter) show(r reading) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if m.begin.IsZero() {
		m.begin = now
	}
	if r.stage != m.now.stage {
		m.now, m.since = r, now
	}
	if now.Sub(m.begin) < patience || now.Sub(m.printed) < time.Second {
		return
	}
	m.printed = now
	words, taken := m.words(), max(now.Sub(m.since).Seconds(), .001)
	amount := fmt.Sprint(r.n)
	if r.of > 0 {
		amount += words["of"] + fmt.Sprint(r.of)
	}
	left := "?"
	if done := r.part - m.now.part; done > 0 {
		left = fmt.Sprintf("%.0f s", taken*(1-r.part)/done)
	}
	fmt.Fprintf(m.out, "%-10s %s %s, %.0f %s, %s %s\n", r.stage, amount, words[r.unit], float64(r.n-m.now.n)/taken, words["rate"], left, words["left"])
}

func (m *meter) words() map[string]string {
	if m.lang == "sv" {
		return meterWords["sv"]
	}
	return meterWords["en"]
}

// part is n of so many, not known without any.
func part(n, of int64) float64 {
	if of <= 0 {
		return math.NaN()
	}
	return float64(n) / float64(of)
}

// load shows how far a load, or something else that reads a snapshot, has come.
func (m *meter) load(p register.Progress) {
	unit := "rows"
	switch {
	case p.Stage == "verify":
		unit = "bytes"
	case strings.HasSuffix(p.Stage, "/panel"):
		unit = "persons"
	}
	m.show(reading{p.Stage, unit, p.Done, p.Total, part(p.Done, p.Total)})
}

// made shows how far the making of source files has come.
func (m *meter) made(p rig.Progress) { m.show(reading{p.Stage, "rows", p.Rows, 0, p.Part}) }

// measured shows how far the measuring of a file has come.
func (m *meter) measured(p risk.Progress) {
	unit := "rows"
	switch p.Stage {
	case "suda":
		unit = "sets"
	case "risk":
		unit = "classes"
	}
	m.show(reading{p.Stage, unit, p.Done, p.Total, part(p.Done, p.Total)})
}

// read returns what shows how far the reading of a file has come, which begins now.
func (m *meter) read(in io.Reader) func(form.Progress) {
	m.mu.Lock()
	m.now.stage = "" // a file may have been read before
	m.mu.Unlock()
	size := int64(0)
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	return func(p form.Progress) {
		if p.Total > 0 { // unpacked
			size = p.Total
		}
		m.show(reading{"read", "lines", int64(p.Rows), 0, part(p.Bytes, size)})
	}
}
