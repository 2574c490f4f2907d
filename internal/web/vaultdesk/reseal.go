package vaultdesk

import (
	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/web/page"
	"sluss/internal/workorder"
)

// resealBody is the key that a delivery is to be sealed to instead of the one
// that the recipient has lost.
type resealBody struct {
	page.Head
	Recipient, Was, Key string
	By, With, On        string
	Manifest, Hash      string
	Files               []order.FileSummary
	Own, Signs          bool
	Over                string
	F                   *page.Form

	c   *page.Case
	doc workorder.ResealOrder
}

func resealOf(a *page.Ask) (*resealBody, error) {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return nil, err
	}
	s := c.State
	k := s.RecipientKey
	if s.Delivery == nil || s.Decision == nil || k == nil || !k.Confirmed {
		return nil, app.ErrNotFound
	}
	b := &resealBody{
		Head: a.HeadOf(c, "vaultdesk.reseal_lead"), Recipient: s.Decision.Scope.Recipient.Name, Was: order.KeyFingerprint(s.RecipientNow()), Key: k.Fingerprint,
		By: a.Name(k.ConfirmedBy), With: a.Word("vaultdesk.by_" + k.Channel), On: k.ConfirmedOn.String(), Manifest: string(s.Delivery.Manifest), Signs: a.SignsHere(), c: c,
	}
	if s.Extracted != nil {
		b.Files = s.Extracted.Files
	}
	me := a.Visitor.Person.ID
	b.Own = me == k.ConfirmedBy || me == s.ExtractedBy
	b.doc = workorder.ResealOrder{Type: workorder.TypeReseal, By: me, Order: s.ID, Manifest: s.Delivery.Manifest, Key: k.Key, Fingerprint: k.Fingerprint}
	h, err := canon.Of(b.doc)
	if err != nil {
		return nil, err
	}
	b.Hash = string(h)
	switch {
	case s.Resealing != nil:
		b.Over = a.Word("vaultdesk.reseal_runs")
	case !s.AwaitsReseal():
		b.Over = a.Word("vaultdesk.reseal_over")
	case a.May(c, order.Reseal{}) && !b.Own:
		verb := a.Word("vaultdesk.sign_reseal")
		if !b.Signs {
			verb = a.Word("vaultdesk.hand_in_release")
		}
		b.F = a.Form("/cases/"+c.ID+"/reseal", verb)
		b.F.Version = c.Version
		a.SignField(b.F)
		return b, a.OfferPasskey(b.F, b.doc)
	}
	return b, nil
}

func resealView(a *page.Ask, b *resealBody) page.View {
	return page.View{Title: a.Word("vaultdesk.reseal"), Nav: "vaultdesk.nav", Body: b}
}

func showReseal(a *page.Ask) error {
	b, err := resealOf(a)
	if err != nil {
		return err
	}
	return a.Show("vaultdesk-reseal", resealView(a, b))
}

// toReseal is the page for somebody who may let the delivery be sealed again;
// to others the rules of the case say why not.
func toReseal(a *page.Ask) (*resealBody, error) {
	b, err := resealOf(a)
	if err != nil || b.F != nil {
		return b, err
	}
	if err := a.Allowed(b.c, order.Reseal{}); err != nil {
		return nil, err
	}
	cmd := order.Reseal{Manifest: b.doc.Manifest, Fingerprint: b.doc.Fingerprint}
	if _, err := cmd.Decide(b.c.State, order.Context{By: a.Visitor.Person.Actor()}); err != nil {
		return nil, err
	}
	return nil, app.ErrNotFound
}

// resealDocument hands out the approval to be signed elsewhere.
func resealDocument(a *page.Ask) error {
	b, err := toReseal(a)
	if err != nil {
		return err
	}
	return a.Document(b.ID+"-reseal.json", b.doc)
}

// reseal signs the approval of exactly the key that was shown.
func reseal(a *page.Ask) error {
	b, err := toReseal(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	if a.Value("shown") != b.Hash {
		f.Wrong("", a.Word("vaultdesk.n_other_key"))
	}
	if f.OK() {
		if note, ok := a.Signed(b.doc, f); ok {
			err := a.Do(b.c, order.Reseal{Manifest: b.doc.Manifest, Fingerprint: b.doc.Fingerprint, Note: note})
			if err == nil {
				return a.Go("/cases/"+b.ID, "done.vaultdesk_resealed")
			}
			if err := b.Taken(a, b.c, f, err); err != nil {
				return err
			}
		}
	}
	return a.Refused("vaultdesk-reseal", f, resealView(a, b))
}
