// Package scan asks a virus scanner about files that come in.
//
// The scanner is clamd or anything that speaks its protocol (command INSTREAM,
// over TCP or a socket on this machine). [Guard] is what the counter asks: a
// file with something malicious in it is refused and not kept, and its hash and
// the name of the signature stand in the log. When the scanner does not answer,
// files are refused as well, with a text that says to try later, unless the
// operator has said otherwise.
//
//	g, err := scan.New("unix:///run/clamav/clamd.ctl", false, log)
//	err = g.Look(ctx, data)
//
// Faults: scan.found, scan.later (the scanner does not answer, or not now) and
// scan.size (it takes no file as large as this one).
//
// Source: clamd(8), section COMMANDS.
package scan

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// patience is how long the scanner may take for a file.
const patience = 60 * time.Second

// Guard looks at files. Safe for concurrent use.
type Guard struct {
	network, address string
	open             bool // files pass while the scanner is down
	log              *slog.Logger
}

// New reads where the scanner is: tcp://host:3310 or unix:///path/clamd.ctl. The
// protocol is not encrypted: a host of another machine is spoken to over a
// network of one's own. passWhenDown lets files in unseen while the scanner does
// not answer; each is told in the log.
func New(address string, passWhenDown bool, log *slog.Logger) (*Guard, error) {
	bad := fault.New("scan.address", "Adressen till virusskannern går inte att läsa.", "The virus scanner's address cannot be read.").At(fault.Where{Column: "--scan"}).
		Do("Skriv den som tcp://värd:3310 eller unix:///run/clamav/clamd.ctl.", "Write it as tcp://host:3310 or unix:///run/clamav/clamd.ctl.")
	u, err := url.Parse(address)
	if err != nil {
		return nil, bad // without the cause, which repeats the address
	}
	g := &Guard{network: u.Scheme, open: passWhenDown, log: log}
	switch {
	case u.Scheme == "tcp" && u.Hostname() != "" && u.Path == "" && u.User == nil:
		g.address = u.Host
		if u.Port() == "" {
			g.address = net.JoinHostPort(u.Hostname(), "3310")
		}
	case u.Scheme == "unix" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		g.address = u.Path
	default:
		return nil, bad
	}
	return g, nil
}

// Ping reports whether the scanner answers.
func (g *Guard) Ping(ctx context.Context) error {
	answer, err := g.ask(ctx, "PING", nil)
	if err == nil && answer != "PONG" {
		err = errors.New("scan: the scanner answers something else than PONG")
	}
	return err
}

// Look looks at a file; nil when nothing was found.
func (g *Guard) Look(ctx context.Context, data []byte) error {
	answer, err := g.ask(ctx, "INSTREAM", data)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	answer = strings.TrimPrefix(answer, "stream: ")
	signature, found := strings.CutSuffix(answer, " FOUND")
	switch {
	case err == nil && answer == "OK":
		return nil
	case err == nil && found:
		signature = plain(signature)
		g.log.WarnContext(ctx, "a file with something malicious in it is refused", "sha256", string(canon.Sum(data)), "signature", signature, "bytes", len(data))
		return &Found{Signature: signature, Fault: foundFault()}
	case strings.Contains(answer, "size limit exceeded"):
		g.log.ErrorContext(ctx, "the virus scanner takes no file of this size", "bytes", len(data))
		return fault.New("scan.size", "Filen är större än vad virusskannern tar emot.", "The file is larger than the virus scanner takes.").
			Do("Dela filen. Kvarstår felet, kontakta oss.", "Split the file. If that does not help, contact us.")
	case g.open:
		g.log.ErrorContext(ctx, "the virus scanner does not answer; a file is let in unseen, as the setting says", "sha256", string(canon.Sum(data)), "bytes", len(data))
		return nil
	}
	g.log.ErrorContext(ctx, "the virus scanner does not answer; a file is refused", "bytes", len(data))
	return fault.New("scan.later", "Filer kan inte tas emot just nu: virusskannern svarar inte.", "Files cannot be taken in just now: the virus scanner does not answer.").
		Do("Försök igen om en stund.", "Try again in a while.")
}

// Found is the refusal of a file in which something malicious was found.
type Found struct {
	Signature string // its name in the scanner's database
	Fault     *fault.Fault
}

// Error tells that something was found.
func (f *Found) Error() string { return f.Fault.Error() }

// Name is the signature's name.
func (f *Found) Name() string { return f.Signature }

// Unwrap makes it a *fault.Fault.
func (f *Found) Unwrap() error { return f.Fault }

func foundFault() *fault.Fault {
	return fault.New("scan.found", "Filen innehåller något skadligt och är inte mottagen.", "The file holds something malicious and has not been taken in.").
		Do("Sök igenom din dator efter virus och skicka en ren fil.", "Scan your computer for viruses and send a clean file.")
}

// plain is a signature's name for a log.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/:", r) {
			return r
		}
		return '_'
	}, name)
	return name[:min(len(name), 100)]
}

// chunk is how much is sent at once, and answerMax how long an answer may be.
const (
	chunk     = 1 << 16
	answerMax = 1 << 12
)

// ask sends one command, with a file when data is not nil, and returns the
// answer.
func (g *Guard) ask(ctx context.Context, command string, data []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, g.network, g.address)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	// The scanner may answer and hang up before it has all, as it does when the
	// file is too large: its answer counts, whatever became of the sending.
	sent := send(c, command, data)
	raw, err := io.ReadAll(io.LimitReader(c, answerMax))
	answer, _, whole := strings.Cut(string(raw), "\x00")
	if !whole {
		return "", errors.Join(errors.New("scan: the scanner broke off"), sent, err)
	}
	return strings.TrimSpace(answer), nil
}

func send(w io.Writer, command string, data []byte) error {
	if _, err := io.WriteString(w, "z"+command+"\x00"); err != nil || data == nil {
		return err
	}
	for len(data) > 0 {
		part := data[:min(len(data), chunk)]
		data = data[len(part):]
		if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(part))), part...)); err != nil {
			return err
		}
	}
	_, err := w.Write([]byte{0, 0, 0, 0})
	return err
}
