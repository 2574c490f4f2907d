package scan

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// clamd is a server that speaks clamd's protocol as far as it is used here. It
// finds what is in marks.
type clamd struct {
	marks  map[string]string
	most   int    // bytes of a file, 0 = any
	answer string // instead of its own; "-" hangs up without
	slow   bool

	mu  sync.Mutex
	got [][]byte
}

func (s *clamd) serve(t *testing.T, network, address string) net.Listener {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	return ln
}

func (s *clamd) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	command, err := r.ReadString(0)
	if err != nil {
		return
	}
	if s.slow {
		_, _ = io.Copy(io.Discard, r) // until the other side gives up
		return
	}
	switch command {
	case "zPING\x00":
		_, _ = io.WriteString(c, "PONG\x00")
	case "zINSTREAM\x00":
		var data []byte
		for {
			var n uint32
			if binary.Read(r, binary.BigEndian, &n) != nil {
				return
			}
			if n == 0 {
				break
			}
			part := make([]byte, n)
			if _, err := io.ReadFull(r, part); err != nil {
				return
			}
			if data = append(data, part...); s.most > 0 && len(data) > s.most {
				_, _ = io.WriteString(c, "INSTREAM size limit exceeded. ERROR\x00")
				return
			}
		}
		s.mu.Lock()
		s.got = append(s.got, data)
		s.mu.Unlock()
		_, _ = io.WriteString(c, s.verdict(data))
	default:
		_, _ = io.WriteString(c, "UNKNOWN COMMAND\x00")
	}
}

func (s *clamd) verdict(data []byte) string {
	if s.answer == "-" {
		return ""
	}
	if s.answer != "" {
		return s.answer
	}
	for mark, name := range s.marks {
		if bytes.Contains(data, []byte(mark)) {
			return "stream: " + name + " FOUND\x00"
		}
	}
	return "stream: OK\x00"
}

func guard(t *testing.T, s *clamd, pass bool) (*Guard, *bytes.Buffer) {
	t.Helper()
	ln := s.serve(t, "tcp", "127.0.0.1:0")
	var log bytes.Buffer
	g, err := New("tcp://"+ln.Addr().String(), pass, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return g, &log
}

func code(err error) string {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return ""
	}
	return f.Code
}

// TestThreat17MaliciousFiles: what the scanner finds is refused, and the log has
// hash and signature and nothing of the file.
func TestThreat17MaliciousFiles(t *testing.T) {
	t.Parallel()
	s := &clamd{marks: map[string]string{"skadligt": "Eicar Test\nSignature"}}
	g, log := guard(t, s, false)
	if err := g.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	large := bytes.Repeat([]byte("x"), 3*chunk+17)
	for _, clean := range [][]byte{{}, []byte("rent"), large} {
		if err := g.Look(t.Context(), clean); err != nil {
			t.Errorf("%d bytes: %v", len(clean), err)
		}
	}
	if !bytes.Equal(s.got[2], large) {
		t.Error("the scanner did not get the whole file")
	}
	bad := append(bytes.Clone(large), "skadligt 19811218-9876"...)
	err := g.Look(t.Context(), bad)
	found, ok := errors.AsType[*Found](err)
	if !ok || found.Signature != "Eicar_Test_Signature" || code(err) != "scan.found" || fault.ClassOf(err) != fault.Input {
		t.Errorf("%v", err)
	}
	if !strings.Contains(log.String(), string(canon.Sum(bad))) || !strings.Contains(log.String(), "Eicar_Test_Signature") || strings.Contains(log.String(), "9876") {
		t.Errorf("the log: %s", log)
	}
}

// TestScannerDown: no scanner, one that hangs up or answers nonsense, and one
// that takes for ever: the file is refused for now, or let in and told of where
// the setting says so.
func TestScannerDown(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	for name, s := range map[string]*clamd{
		"hangs up": {answer: "-"}, "nonsense": {answer: "hej\x00"}, "error": {answer: "stream: Can't allocate memory ERROR\x00"}, "unfinished": {answer: "stream: OK"}, "gone": nil,
	} {
		for _, pass := range []bool{false, true} {
			var log bytes.Buffer
			address := gone.Addr().String()
			if s != nil {
				address = s.serve(t, "tcp", "127.0.0.1:0").Addr().String()
			}
			g, err := New("tcp://"+address, pass, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			err = g.Look(t.Context(), []byte("fil"))
			if pass && err != nil || !pass && code(err) != "scan.later" || !strings.Contains(log.String(), "does not answer") {
				t.Errorf("%s, pass %v: %v, log %s", name, pass, err, log.String())
			}
		}
	}
	g, _ := guard(t, &clamd{most: 2 * chunk}, true)
	if err := g.Look(t.Context(), make([]byte, 40*chunk)); code(err) != "scan.size" && code(err) != "" {
		t.Errorf("too large: %v", err) // the answer may be lost when the scanner hangs up early
	}
	g, _ = guard(t, &clamd{slow: true}, true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := g.Look(ctx, []byte("fil")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who gives up: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "c")
	s := &clamd{marks: map[string]string{"x": "Sig"}}
	s.serve(t, "unix", path)
	g, err := New("unix://"+path, false, slog.New(slog.DiscardHandler))
	if err != nil || code(g.Look(t.Context(), []byte("x"))) != "scan.found" {
		t.Errorf("a socket: %v", err)
	}
	for address, want := range map[string]string{"tcp://h": "h:3310", "tcp://h:1": "h:1", "tcp://[::1]": "[::1]:3310"} {
		if g, err := New(address, false, nil); err != nil || g.address != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "h:3310", "http://h", "tcp://", "unix://h/p", "unix:p", "tcp://u:p@h", "tcp://h/p", "tcp://h:%zz"} {
		if _, err := New(address, false, nil); code(err) != "scan.address" || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
