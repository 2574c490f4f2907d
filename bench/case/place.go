//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluss/internal/audit"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/pgtest"
)

// place is where the counter under measurement keeps its cases.
type place struct {
	binary, state, database string

	kept string // file that tells what has been stored, "" when nothing is kept
}

// postgres starts a server for the measurement.
func (p *place) postgres() (stop func() error, err error) {
	s, err := pgtest.Start()
	if err != nil {
		return nil, err
	}
	p.database, err = s.NewDatabase()
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s.Stop, nil
}

func (p place) open(ctx context.Context) (*store.Store, error) {
	if p.database != "" {
		return store.OpenPostgres(ctx, p.database)
	}
	return store.OpenSQLite(ctx, filepath.Join(p.state, "sluss.db"))
}

// counter is a running sluss serve.
type counter struct {
	cmd *exec.Cmd
	url string
}

// start starts the counter and returns how long it took until it answered.
func (p place) start(ctx context.Context) (*counter, time.Duration, error) {
	args := []string{"serve", "--state", p.state, "--addr", "127.0.0.1:0"}
	if p.database != "" {
		args = append(args, "--database", p.database)
	}
	begin := time.Now()
	cmd := exec.CommandContext(ctx, p.binary, args...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "LANG=C")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	c := &counter{cmd: cmd, url: line[max(0, strings.Index(line, "http")):]}
	c.url = strings.TrimSpace(c.url)
	if err != nil {
		return nil, 0, errors.Join(err, c.stop())
	}
	for {
		res, err := http.Get(c.url + "/healthz")
		if err == nil && res.StatusCode == http.StatusOK {
			return c, time.Since(begin), res.Body.Close()
		}
		if time.Since(begin) > time.Minute {
			return nil, 0, errors.Join(errors.New("the counter does not answer"), err, c.stop())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// stop ends the counter as an operator would; ending it again does nothing.
func (c *counter) stop() error {
	if c.cmd == nil {
		return nil
	}
	cmd := c.cmd
	c.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		if _, told := errors.AsType[*exec.ExitError](err); !told {
			return err
		}
	}
	return nil
}

// peak is the most memory that the counter has had, in MB.
func (c *counter) peak() (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			return kb / 1024, err
		}
	}
	return 0, errors.New("the system does not tell how much memory a process has had")
}

// key is the counter's key, which it makes at its first start.
func (p place) key() (private, public string, err error) {
	a, err := os.ReadFile(filepath.Join(p.state, "counter.key"))
	if err != nil {
		return "", "", err
	}
	b, err := os.ReadFile(filepath.Join(p.state, "counter.pub"))
	return strings.TrimSpace(string(a)), strings.TrimSpace(string(b)), err
}

// replay reads and folds every case and verifies the whole log.
func (p place) replay(ctx context.Context) (took time.Duration, entries int64, err error) {
	db, err := p.open(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	private, public, err := p.key()
	if err != nil {
		return 0, 0, err
	}
	if err := p.sequence(ctx, db, private); err != nil {
		return 0, 0, err
	}
	v, err := audit.NewVerifier(public)
	if err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	r, err := audit.Verify(ctx, db, v)
	if err != nil || r.Found > 0 {
		return 0, 0, errors.Join(fmt.Errorf("%d findings in the log", r.Found), err)
	}
	sums, err := db.List(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, sum := range sums {
		log, err := db.Load(ctx, sum.ID)
		if err != nil {
			return 0, 0, err
		}
		if s := order.Fold(sum.ID, log); s.Version != sum.Version || s.Phase() != sum.Phase {
			return 0, 0, fmt.Errorf("%s is not what its row says", sum.ID)
		}
	}
	return time.Since(begin), r.Entries, nil
}

// sequence puts all that waits into the tree.
func (p place) sequence(ctx context.Context, db *store.Store, private string) error {
	q := &audit.Sequencer{Tree: db, Key: private, Holder: "bench", Clock: func() time.Time { return time.Now().Add(time.Minute) }}
	if _, err := q.Once(ctx); err != nil {
		return err
	}
	_, err := db.Hold(ctx, "sequencer", "bench", time.Now().Add(-time.Hour), time.Second) // let the counter have it
	return err
}
