package vaultdesk

import (
	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/web/page"
	"sluss/internal/workorder"
)

// releaseBody is exactly what leaves, and who has made it.
type releaseBody struct {
	page.Head
	Report              *report
	Recipient, Key      string
	Signer              string
	By, Spec, Decision  string
	Expires             string
	Forbehall           []bindee
	Waits               int
	F, Back             *page.Form
	Hash                string // of the approval that is signed
	Signs, Own, Release bool
	Over                string

	c   *page.Case
	doc workorder.ReleaseOrder
}

// bindee is somebody whom the förbehåll binds.
type bindee struct {
	Name string
	Done bool
}

func releaseOf(a *page.Ask) (*releaseBody, error) {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return nil, err
	}
	s := c.State
	if s.Extracted == nil || s.Decision == nil {
		return nil, app.ErrNotFound
	}
	sc := s.Decision.Scope
	b := &releaseBody{
		Head: a.HeadOf(c, "vaultdesk.release_lead"), Report: reportOf(a, s), Recipient: sc.Recipient.Name, Key: sc.Recipient.Key, Signer: sc.Recipient.Signer,
		By: a.Name(s.ExtractedBy), Spec: string(s.SpecHash), Decision: s.Decision.ID, Expires: (sc.Expires - 1).String(), Signs: a.SignsHere(), c: c,
	}
	if f := s.Decision.Forbehall; f != nil {
		for _, name := range f.Names {
			b.Forbehall = append(b.Forbehall, bindee{name, s.Bound[name]})
			b.Waits += b2i(!s.Bound[name])
		}
	}
	b.Own = s.ExtractedBy == a.Visitor.Person.ID
	b.doc = workorder.ReleaseOrder{Type: workorder.TypeRelease, By: a.Visitor.Person.ID, Order: s.ID, Manifest: s.Extracted.Manifest}
	h, err := canon.Of(b.doc)
	if err != nil {
		return nil, err
	}
	b.Hash = string(h)
	if s.Released {
		b.Over = a.Name(s.ReleasedBy)
		return b, nil
	}
	if !a.May(c, order.Release{}) || !s.Releasable() || b.Own {
		return b, nil
	}
	b.Release = true
	verb := a.Word("vaultdesk.sign_release")
	if !b.Signs {
		verb = a.Word("vaultdesk.hand_in_release")
	}
	b.F = a.Form("/cases/"+c.ID+"/release", verb)
	b.F.Version = c.Version
	if s.Exposed() {
		red := field(a, "red", "red", page.Area, "")
		red.Hint = a.Word("vaultdesk.h_red")
		b.F.Fields = append(b.F.Fields, red)
	}
	a.SignField(b.F)
	if err := a.OfferPasskey(b.F, b.doc); err != nil {
		return nil, err
	}
	why := field(a, "why", "why", page.Area, "")
	why.Hint = a.Word("vaultdesk.h_why")
	b.Back = a.Form("/cases/"+c.ID+"/release/back", a.Word("vaultdesk.send_back"), why)
	b.Back.Version, b.Back.Small, b.Back.Danger = c.Version, true, true
	return b, nil
}

func releaseView(a *page.Ask, b *releaseBody) page.View {
	return page.View{Title: a.Word("vaultdesk.release"), Nav: "vaultdesk.nav", Body: b}
}

func showRelease(a *page.Ask) error {
	b, err := releaseOf(a)
	if err != nil {
		return err
	}
	return a.Show("vaultdesk-release", releaseView(a, b))
}

// toRelease is the page for somebody who may let the files out now; to others
// the rules of the case say why not.
func toRelease(a *page.Ask) (*releaseBody, error) {
	b, err := releaseOf(a)
	if err != nil || b.F != nil {
		return b, err
	}
	if err := a.Allowed(b.c, order.Release{}); err != nil {
		return nil, err
	}
	if _, err := (order.Release{Manifest: b.doc.Manifest, Why: "-"}).Decide(b.c.State, order.Context{By: a.Visitor.Person.Actor()}); err != nil {
		return nil, err
	}
	return nil, order.GateByID(order.GateEgress).Shut()
}

// releaseDocument hands out the approval to be signed elsewhere.
func releaseDocument(a *page.Ask) error {
	b, err := toRelease(a)
	if err != nil {
		return err
	}
	return a.Document(b.ID+"-release.json", b.doc)
}

// release signs the approval of exactly what was shown: the form carries its
// hash, so that files that have been made anew are looked at anew.
func release(a *page.Ask) error {
	b, err := toRelease(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	if a.Value("shown") != b.Hash {
		f.Wrong("", a.Word("vaultdesk.n_other_files"))
	}
	why := ""
	if f.Field("red") != nil && f.Need("red", a.Word("vaultdesk.n_red")) {
		why = f.Field("red").Value
	}
	if f.OK() {
		if note, ok := a.Signed(b.doc, f); ok {
			err := a.Do(b.c, order.Release{Manifest: b.doc.Manifest, Note: note, Why: why})
			if err == nil {
				return a.Go("/cases/"+b.ID+"/run", "done.vaultdesk_released")
			}
			if err := b.Taken(a, b.c, f, err); err != nil {
				return err
			}
		}
	}
	return a.Refused("vaultdesk-release", f, releaseView(a, b))
}

// sendBack gives the case back to whoever extracted, with a note that says what
// is wrong.
func sendBack(a *page.Ask) error {
	b, err := toRelease(a)
	if err != nil {
		return err
	}
	f := b.Back.Read(a)
	if f.Need("why", a.Word("vaultdesk.n_why")); f.OK() {
		if err = a.Do(b.c, order.WriteNote{Text: a.Word("vaultdesk.sent_back") + " " + f.Field("why").Value}); err == nil {
			if b.c.State.Has(order.RoleReleaser) != "" {
				_, err = a.Orders.Do(a.R.Context(), a.Visitor.Person.Actor(), b.ID, order.Unassign{Role: order.RoleReleaser, Why: f.Field("why").Value})
			}
		}
		if err == nil && b.c.State.Has(order.RoleStatistician) != b.c.State.ExtractedBy {
			_, err = a.Orders.Do(a.R.Context(), a.Visitor.Person.Actor(), b.ID, order.Assign{Role: order.RoleStatistician, To: b.c.State.ExtractedBy, Why: f.Field("why").Value})
		}
		if err == nil {
			return a.Go("/extractions", "done.vaultdesk_back")
		}
		if err := b.Taken(a, b.c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("vaultdesk-release", f, releaseView(a, b))
}
