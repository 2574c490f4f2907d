package app_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
)

// unsentSpy remembers what the database was handed last.
type unsentSpy struct {
	app.UnsentTexts
	writer, name, text string
}

func (s *unsentSpy) KeepUnsent(ctx context.Context, writer, name, text string, at time.Time, most int) error {
	s.writer, s.name, s.text = writer, name, text
	return s.UnsentTexts.KeepUnsent(ctx, writer, name, text, at, most)
}

func TestUnsent(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), t.Context()
	now := time.Date(2026, 11, 4, 13, 32, 0, 0, time.UTC)
	h.app.Clock = func() time.Time { return now }
	anna, bo := access.Person{ID: "anna", Role: order.RoleHandler}, access.Person{ID: "bo", Role: order.RoleHandler}
	typed := url.Values{"terms": {"Uttag enligt ansökan från Elin."}, "more": {"a", "b"}}

	if _, kept, err := h.app.KeepUnsent(ctx, anna, "/a-form", typed); kept || err != nil {
		t.Fatalf("kept without a place: %v %v", kept, err)
	}
	spy := &unsentSpy{UnsentTexts: h.db}
	h.app.Unsent, h.app.UnsentKey = spy, bytes.Repeat([]byte{1}, 32)
	at, kept, err := h.app.KeepUnsent(ctx, anna, "/a-form", typed)
	if !kept || err != nil || !at.Equal(now) {
		t.Fatalf("kept %v at %v: %v", kept, at, err)
	}
	read := func(p access.Person, form string) url.Values {
		t.Helper()
		v, _, err := h.app.ReadUnsent(ctx, p, form)
		if err != nil && !errors.Is(err, app.ErrNotFound) {
			t.Fatal(err)
		}
		return v
	}
	if got := read(anna, "/a-form"); got.Get("terms") != typed.Get("terms") || !slices.Equal(got["more"], typed["more"]) {
		t.Errorf("read %v", got)
	}
	orderer := anna
	orderer.Role = order.RoleOrderer
	if read(bo, "/a-form") != nil || read(orderer, "/a-form") != nil || read(anna, "/g") != nil {
		t.Error("somebody else, another role or another form has the text")
	}
	if among, err := h.app.UnsentAmong(ctx, anna, []string{"/e", "/a-form"}); err != nil || !slices.Equal(among, []string{"/a-form"}) {
		t.Errorf("among: %v %v", among, err)
	}

	// The database holds neither the text nor whose it is (the form has a hyphen, which
	// sealed texts and names cannot have by chance), and a text that is
	// moved to another name does not open.
	if tells := spy.writer + spy.name + spy.text; strings.Contains(tells, "anna") || strings.Contains(tells, "Elin") || strings.Contains(tells, "/a-form") {
		t.Errorf("the database tells %s", tells)
	}
	hers := spy.text
	if _, _, err := h.app.KeepUnsent(ctx, bo, "/a-form", url.Values{"terms": {"Bos."}}); err != nil {
		t.Fatal(err)
	}
	if read(bo, "/a-form").Get("terms") != "Bos." {
		t.Error("bo does not read his own")
	}
	if err := h.db.KeepUnsent(ctx, spy.writer, spy.name, hers, now, 9); err != nil {
		t.Fatal(err)
	}
	if got := read(bo, "/a-form"); got != nil {
		t.Errorf("bo reads %v", got)
	}

	if _, _, err := h.app.KeepUnsent(ctx, anna, "/a-form", url.Values{"terms": {strings.Repeat("å", app.MaxUnsent)}}); err == nil {
		t.Error("a text without end is kept")
	}
	if err := h.app.DropUnsent(ctx, anna, "/a-form"); err != nil || read(anna, "/a-form") != nil {
		t.Errorf("dropped, and still there: %v", err)
	}
	if _, _, err := h.app.KeepUnsent(ctx, anna, "/a-form", typed); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(0, 0, 30)
	if n, err := h.app.PurgeUnsent(ctx); err != nil || n != 0 || read(anna, "/a-form") == nil {
		t.Errorf("after 30 days %d are gone: %v", n, err)
	}
	now = now.Add(time.Minute)
	if n, err := h.app.PurgeUnsent(ctx); err != nil || n != 2 || read(anna, "/a-form") != nil {
		t.Errorf("after more than 30 days %d are gone: %v", n, err)
	}
}
