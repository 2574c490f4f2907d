package works_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/pseudonym"
	"sluss/internal/signed"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// closed is a seal that shows whether it was closed.
type closed struct {
	bytes.Buffer
	to   string
	done bool
}

func (c *closed) Close() error { c.done = true; return nil }

// TestThreat04KeyFileNeedsTwoPersons: nobody alone opens a key file; what two
// persons have approved is opened once, sealed to whom they named, and stays
// written down.
func TestThreat04KeyFileNeedsTwoPersons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	table := &pseudonym.Table{Domain: pseudonym.Domain{ID: "FK-2026-00001-person", Project: "FK-2026-00001", Type: pseudonym.Person, Scope: pseudonym.ScopeProject, Origin: pseudonym.Own, State: pseudonym.Open}}
	if _, err := table.Draw([]uint64{7, 8, 9}, &[pseudonym.SeedSize]byte{1}, "the whole population"); err != nil {
		t.Fatal(err)
	}
	b, err := pseudonym.EncodeTable(table)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.safe.Put(ctx, works.Object{Owner: "FK-2026-00001", Kind: works.ObjectDomain, Name: table.Domain.ID}, bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	if err := h.ledger.SaveDomain(ctx, "FK-2026-00001", table.Domain); err != nil {
		t.Fatal(err)
	}
	sign := func(role order.Role, by string, change func(*works.KeyFileOrder)) string {
		t.Helper()
		doc := works.KeyFileOrder{
			Type: workorder.TypeKeyFile, By: by, Project: "FK-2026-00001", Domain: table.Domain.ID, Ground: "beslut dnr 4711", Reason: "rättelse av felaktig koppling",
			To: "age1recipient", Nonce: "n0123456", Until: h.now + 7,
		}
		if change != nil {
			change(&doc)
		}
		note, err := signed.Sign(doc, h.private[role])
		if err != nil {
			t.Fatal(err)
		}
		return note
	}
	bo, ylva := sign(order.RoleDecider, "bo", nil), sign(order.RoleReleaser, "ylva", nil)
	open := func(notes ...string) (*closed, works.Opening, error) {
		c := &closed{}
		o, n, err := h.s.OpenKeyFile(ctx, works.KeyFile{Approvals: notes, Book: h.ledger, Seal: func(_ io.Writer, to string) (io.WriteCloser, error) {
			c.to = to
			return c, nil
		}}, io.Discard)
		if err == nil && n != 3 {
			t.Errorf("%d lines", n)
		}
		return c, o, err
	}
	with := func(change func(*works.KeyFileOrder)) []string {
		return []string{sign(order.RoleDecider, "bo", change), sign(order.RoleReleaser, "ylva", change)}
	}
	for name, tt := range map[string]struct {
		notes []string
		want  string
	}{
		"nobody":             {nil, "vault.keyfile_two"},
		"one person":         {[]string{bo}, "vault.keyfile_two"},
		"one person twice":   {[]string{bo, bo}, "vault.keyfile_two"},
		"three":              {[]string{bo, ylva, bo}, "vault.keyfile_two"},
		"a statistician":     {[]string{bo, sign(order.RoleStatistician, "sten", nil)}, "vault.keyfile_signature"},
		"in another's name":  {[]string{bo, sign(order.RoleReleaser, "bo", nil)}, "vault.keyfile_by"},
		"not the same thing": {[]string{bo, sign(order.RoleReleaser, "ylva", func(d *works.KeyFileOrder) { d.To = "age1other" })}, "vault.keyfile_two"},
		"a changed note":     {[]string{bo, strings.Replace(ylva, "age1recipient", "age1somebody0", 1)}, "vault.keyfile_signature"},
		"too late":           {with(func(d *works.KeyFileOrder) { d.Until = h.now - 1 }), "vault.keyfile_until"},
		"for ever":           {with(func(d *works.KeyFileOrder) { d.Until = h.now + 32 }), "vault.keyfile_until"},
		"no ground":          {with(func(d *works.KeyFileOrder) { d.Ground = " " }), "vault.keyfile_reason"},
		"a person named":     {with(func(d *works.KeyFileOrder) { d.Reason = "gäller 19121212-1212" }), "vault.keyfile_reason"},
		"no such key file":   {with(func(d *works.KeyFileOrder) { d.Domain = "FK-2026-00009-person" }), "vault.keyfile_none"},
		"another project's":  {with(func(d *works.KeyFileOrder) { d.Project = "FK-2026-00009" }), "vault.keyfile_none"},
	} {
		c, _, err := open(tt.notes...)
		if codeOf(err) != tt.want || c.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, c.Len())
		}
	}
	if all, err := h.ledger.Openings(ctx); err != nil || len(all) != 0 {
		t.Errorf("what was refused counts as opened: %v, %v", all, err)
	}
	c, o, err := open(ylva, bo)
	if err != nil || !c.done || c.to != "age1recipient" || strings.Count(c.String(), "\n") != 4 || !strings.HasPrefix(c.String(), "lopnr;personnummer\n1;") {
		t.Errorf("%q to %s, %v", c.String(), c.to, err)
	}
	if _, _, err := open(bo, ylva); codeOf(err) != "vault.keyfile_used" {
		t.Errorf("used twice: %v", err)
	}
	all, err := h.ledger.Openings(ctx)
	if err != nil || len(all) != 1 || all[0].Hash != o.Hash || strings.Join(all[0].By, " ") != "ylva bo" || len(all[0].Notes) != 2 || all[0].On != h.now {
		t.Errorf("%+v, %v", all, err)
	}
	if !strings.Contains(h.logged.String(), "key file opened") || strings.Contains(h.logged.String(), "190001019999") {
		t.Errorf("the log: %s", h.logged)
	}
	// A ledger that cannot write it down opens nothing.
	broken := works.KeyFile{Approvals: with(func(d *works.KeyFileOrder) { d.Nonce = "another01" }), Book: noBook{}, Seal: func(io.Writer, string) (io.WriteCloser, error) { return c, nil }}
	before := c.Len()
	if _, _, err := h.s.OpenKeyFile(ctx, broken, io.Discard); err == nil || c.Len() != before {
		t.Errorf("opened without a trace: %v", err)
	}
}

type noBook struct{}

func (noBook) Openings(context.Context) ([]works.Opening, error) { return nil, nil }

func (noBook) SaveOpening(context.Context, works.Opening) error { return errors.New("disk full") }

func codeOf(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}
