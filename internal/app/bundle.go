package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
)

// Bundled is a document on its way into a bundle.
type Bundled struct {
	// Name within the bundle: version (with all versions), place among the
	// attachments and the sender's name, as version-2/03 etikbeslut.pdf. The
	// same case always gives the same names, and no two are alike.
	Name string
	Attachment
	open func() (io.ReadCloser, error)
}

// Open opens the document.
func (b Bundled) Open() (io.ReadCloser, error) { return b.open() }

// Bundle returns the uploaded documents that the current version of the
// application names, in its order; with every version also those that only
// earlier ones named, which staff alone may ask for. What lies sealed away is
// in no bundle.
func (a *App) Bundle(ctx context.Context, p access.Person, id string, every bool) ([]Bundled, error) {
	if IsDraft(id) {
		return nil, ErrNotFound
	}
	have, err := a.Documents(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if every && access.Outside(p.Role) {
		return nil, (&fault.Fault{Code: "access.denied", Class: fault.Gate, Rule: "access", SV: "Bara personal får alla versioner.", EN: "Only staff get all versions."}).
			Do("Utelämna versions.", "Leave versions out.")
	}
	entries, err := a.Log.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	versions := applications(entries)
	if !every {
		versions = versions[max(len(versions)-1, 0):]
	}
	var out []Bundled
	seen := map[string]bool{}
	for v, application := range versions {
		for i, named := range application.Attachments {
			at := slices.IndexFunc(have, func(at Attachment) bool { return at.ID == named.ID && !at.Sealed && at.Filed })
			if at < 0 || seen[named.ID] {
				continue
			}
			seen[named.ID] = true
			name := fmt.Sprintf("%02d %s", i+1, strings.ReplaceAll(have[at].Name, "/", "-"))
			if every {
				name = fmt.Sprintf("version-%d/%s", v+1, name)
			}
			blob := have[at].Blob
			out = append(out, Bundled{name, have[at], func() (io.ReadCloser, error) { return a.Blobs.Get(ctx, blob) }})
		}
	}
	return out, nil
}

// applications are the versions of the application that were handed in, oldest
// first.
func applications(entries []order.Entry) (out []intake.Application) {
	for _, e := range entries {
		switch ev := e.Event.(type) {
		case *order.Submitted:
			out = append(out, ev.Application)
		case *order.Supplemented:
			out = append(out, ev.Application)
		}
	}
	return out
}
