package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// totals is what an outcome adds up to: enough to see that two programs have
// computed the same.
type totals struct {
	Rows    int64 `json:"rows"`
	Persons int64 `json:"persons"`
	Days    int64 `json:"days"`
	Net     int64 `json:"net"` // days times extent in thousandths
	Ore     int64 `json:"ore"` // of panels; elsewhere 0
}

// entrant is a program that takes part in a comparison.
type entrant struct {
	name string
	argv []string // it prints figures as one line of JSON
	why  string   // it does not take part: why
	data string   // what it reads, a file or a folder; read once before each run

	runs int
	best figures
}

// unfit is why an entrant did not come to its end.
type unfit struct{ why string }

func (u unfit) Error() string { return u.why }

// limits end an entrant that takes too long or too much.
type limits struct {
	time   time.Duration
	memory float64 // MB, anonymous
}

// start runs a program to its end and reads its figures.
func start(ctx context.Context, l limits, argv ...string) (figures, error) {
	seen, printed, err := watched(ctx, l, argv...)
	if err != nil {
		return figures{}, err
	}
	var f figures
	err = json.Unmarshal(printed, &f)
	f.Anon = seen.Anon
	return f, err
}

// watched runs a program to its end, its start included in the time. Peak anonymous
// memory is looked up every 10 ms.
func watched(ctx context.Context, l limits, argv ...string) (f figures, printed []byte, err error) {
	whole := ctx
	ctx, end := context.WithTimeout(ctx, l.time)
	defer end()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return f, nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err = <-done:
			f.Seconds = time.Since(began).Seconds()
			switch {
			case whole.Err() != nil:
				return f, nil, whole.Err()
			case ctx.Err() != nil:
				return f, nil, unfit{fmt.Sprintf("more than %s", l.time)}
			case err != nil:
				return f, nil, fmt.Errorf("%s: %w: %s", argv[len(argv)-1], err, lastLine(said.String()))
			}
			f.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
			return f, out.Bytes(), nil
		case <-tick.C:
			f.Anon = max(f.Anon, status(cmd.Process.Pid, "RssAnon:"))
			if l.memory > 0 && f.Anon > l.memory {
				end()
				<-done
				return f, nil, unfit{fmt.Sprintf("more than %.0f MB of memory", l.memory)}
			}
		}
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// status is a line of /proc/PID/status in MB; 0 where there is none.
func status(pid int, name string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	return kilobytes(string(b), name) / 1024
}

// free is how much memory the machine can give, in MB.
func free() float64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return kilobytes(string(b), "MemAvailable:") / 1024
}

func kilobytes(text, name string) float64 {
	_, rest, _ := strings.Cut(text, name)
	var kb float64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0
	}
	return kb
}

// slow is from when on one run of an entrant is enough.
const slow = 10.0

// warm reads a file, or all files of a folder, so that everybody finds what they read
// in memory: what the machine has let go of meanwhile is nobody's merit or fault.
func warm(path string) error {
	if path == "" {
		return nil
	}
	return filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(struct{ io.Writer }{io.Discard}, f)
		return errors.Join(err, f.Close())
	})
}

// byTurns runs the entrants one after the other, round by round, so that what
// else the machine does meets all of them; the slow ones run in the first round
// only. Of each the fastest run counts.
func byTurns(ctx context.Context, l limits, rounds int, es []*entrant) error {
	for range rounds {
		for _, e := range es {
			if e.why != "" || e.runs > 0 && e.best.Seconds > slow {
				continue
			}
			if err := warm(e.data); err != nil {
				return err
			}
			f, err := start(ctx, l, e.argv...)
			if u, ok := errors.AsType[unfit](err); ok {
				e.why = "did not fit: " + u.why
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			fmt.Fprintf(os.Stderr, "  %-40s %8.2f s\n", e.name, f.Seconds)
			anon := max(f.Anon, e.best.Anon)
			if e.runs == 0 || f.Seconds < e.best.Seconds {
				e.best = f
			}
			e.best.Anon = anon
			e.runs++
		}
	}
	return nil
}

// agree says in what b differs from a.
func agree(a, b figures) error {
	for name, want := range a.Totals {
		got, ok := b.Totals[name]
		if name == "fall" || name == "delfall" {
			got.Ore, want.Ore = 0, 0
		}
		if !ok || got != want {
			return fmt.Errorf("%s: %+v, not %+v", name, got, want)
		}
	}
	return nil
}

// exponent of growth between two sizes: 1 is in proportion.
func exponent(fromRows, fromSeconds, toRows, toSeconds float64) float64 {
	return math.Log(toSeconds/fromSeconds) / math.Log(toRows/fromRows)
}
