//go:build unix

// Package pgtest gives tests a real PostgreSQL of their own: started by the
// test, reached through a socket in its own directory, gone afterwards.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//	func TestX(t *testing.T)    { url := pgtest.Database(t) … }
//
// One server serves a test program; each test gets a new, empty database in
// it. Where PostgreSQL is not installed, tests are skipped and say so.
package pgtest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// Server is a running PostgreSQL.
type Server struct {
	dir   string
	bin   string
	owner *syscall.Credential // nil when the test itself is not root
	guard *exec.Cmd
	stdin io.Closer
	log   bytes.Buffer
	names atomic.Int64
}

var (
	mu     sync.Mutex
	shared *Server
	failed error
)

// errMissing: there is no PostgreSQL on this machine.
var errMissing = errors.New("PostgreSQL is not installed (apt-get install postgresql)")

// Main runs the tests and stops the server that they may have started.
func Main(m *testing.M) int {
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	if shared != nil {
		if err := shared.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
			code = 1
		}
	}
	return code
}

// Database returns the address of a new, empty database on the shared server.
func Database(t testing.TB) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil && failed == nil {
		shared, failed = Start()
	}
	need(t, failed)
	return shared.Database(t)
}

// StartServer starts a server of the test's own, to be treated badly.
func StartServer(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	need(t, err)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func need(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) {
		t.Skip("skipped: " + err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Start makes a database cluster in a new directory and starts its server.
func Start() (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sluss-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Up(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// find returns the folder of the newest PostgreSQL on this machine.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(real), nil
		}
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		found = append(found, more...)
	}
	if len(found) == 0 {
		return "", errMissing
	}
	return filepath.Dir(slices.Max(found)), nil
}

// prepare makes the cluster. PostgreSQL does not run as root, so root hands
// the directory to another user.
func (s *Server) prepare() error {
	if os.Getuid() == 0 {
		for _, name := range []string{"postgres", "nobody"} {
			u, err := user.Lookup(name)
			if err != nil {
				continue
			}
			uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
			gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
			if err := errors.Join(err1, err2, os.Chown(s.dir, int(uid), int(gid))); err != nil {
				return err
			}
			s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
			break
		}
	}
	cmd := s.command("initdb", "-D", s.data(), "-U", "sluss", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return cmd
}

// guardScript runs the server as a child and stops it when its standard input
// ends, which happens even when the test program is killed. A line tells the
// signal: INT lets transactions go and stops, QUIT stops as a crash would.
const guardScript = `"$@" </dev/null & server=$!
how=INT
read -r line && how=$line
kill -"$how" "$server" 2>/dev/null
wait "$server"`

// Up starts the server of the cluster and waits until it answers.
func (s *Server) Up() error {
	args := []string{
		"-c", guardScript, "guard", filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", // the machine stays up; what is tested is that commits reach the server's log
		"-c", "max_connections=120",
	}
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	s.log.Reset()
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.guard, s.stdin = cmd, in
	for range 300 {
		if err = s.ping(); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w", err), s.Down("QUIT"), errors.New(s.log.String()))
}

func (s *Server) ping() error {
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(db.Ping(), db.Close())
}

// Down stops the server with a signal: INT orderly, QUIT as a crash would.
func (s *Server) Down(signal string) error {
	if s.guard == nil {
		return nil
	}
	_, err := io.WriteString(s.stdin.(io.Writer), signal+"\n")
	err = errors.Join(err, s.stdin.Close())
	werr := s.guard.Wait()
	s.guard = nil
	if _, exit := errors.AsType[*exec.ExitError](werr); exit {
		werr = nil // the server's own code after the signal
	}
	return errors.Join(err, werr)
}

// Stop stops the server and removes all it wrote.
func (s *Server) Stop() error { return errors.Join(s.Down("INT"), os.RemoveAll(s.dir)) }

func (s *Server) url(database string) string {
	return fmt.Sprintf("host=%s user=sluss dbname=%s sslmode=disable", s.dir, database)
}

// Database makes a new, empty database and returns its address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	url, err := s.NewDatabase()
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// NewDatabase is Database for a program that is no test.
func (s *Server) NewDatabase() (url string, err error) {
	name := fmt.Sprintf("t%d", s.names.Add(1))
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return "", err
	}
	_, err = db.Exec("CREATE DATABASE " + name)
	return s.url(name), errors.Join(err, db.Close())
}
