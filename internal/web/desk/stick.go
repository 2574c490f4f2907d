package desk

import (
	"fmt"
	"net/http"

	"sluss/internal/access"
	"sluss/internal/app"
	post "sluss/internal/letter"
	"sluss/internal/letterpress"
	"sluss/internal/order"
	"sluss/internal/parcel/handout"
	"sluss/internal/web/page"
)

// The page of who posts a delivery on a stick: fetch the sealed parcel, write it,
// read it back, print the label, and write down the number of the letter with
// the fingerprint that the program read from the stick.

// stickBody is the page.
type stickBody struct {
	page.Head
	Steps    []string
	Commands []string
	Links    []page.Link
	Sticks   []posted
	Now      string // how it stands where nothing is to be posted
	F        *page.Form
}

// posted is a stick that has left.
type posted struct{ Letter, On, Fate string }

func stickForm(a *page.Ask, c *page.Case) *page.Form {
	f := a.Form("/cases/"+c.ID+"/stick", a.Word("desk.do_stick"), hinted(a, field(a, "parcel_print", page.Text)), hinted(a, field(a, "tracking", page.Text)))
	f.Version = c.Version
	return f
}

func stickPage(a *page.Ask, c *page.Case, f *page.Form) stickBody {
	d, s := c.State.Delivery, c.State
	b := stickBody{Head: headOf(a, c, "desk.why_stick")}
	for _, x := range s.Sticks {
		fate := x.Fate
		if fate == "" {
			fate = "underway"
		}
		b.Sticks = append(b.Sticks, posted{x.Tracking, x.On.String(), a.Word("desk.stick_" + fate)})
	}
	if !s.AwaitsPosting() {
		b.Now = a.Word("desk.stick_nothing")
		return b
	}
	signer := s.Decision.Scope.Recipient.Signer
	b.F = f
	b.Steps = []string{a.Word("desk.stick_1"), a.Word("desk.stick_2"), a.Word("desk.stick_3"), a.Word("desk.stick_4")}
	b.Commands = []string{
		fmt.Sprintf("sluss stick %s.sluss --signer %q --order %s --out %s", c.ID, signer, c.ID, a.Word("desk.stick_folder")),
		fmt.Sprintf("sluss verify %s/%s.sluss --signer %q --order %s", a.Word("desk.stick_folder"), c.ID, signer, c.ID),
	}
	b.Links = []page.Link{
		{Path: "/cases/" + c.ID + "/stick/parcel", Text: fmt.Sprintf(a.Word("desk.stick_fetch"), page.Size(a.Lang, d.Bytes))},
		{Path: "/cases/" + c.ID + "/stick/label", Text: a.Word("desk.stick_label")},
	}
	if a.Orders.Prints(app.LetterPDF) {
		b.Links = append(b.Links, page.Link{Path: "/cases/" + c.ID + "/stick/label.pdf", Text: a.Word("desk.stick_label_pdf")})
	}
	return b
}

// stickCase is a case whose delivery goes by post.
func stickCase(a *page.Ask) (*page.Case, error) {
	c, err := a.Case(access.ViewParcel)
	if err == nil && c.State.Delivery == nil {
		err = app.ErrNotFound
	}
	return c, err
}

func showStick(a *page.Ask) error {
	c, err := stickCase(a)
	if err != nil {
		return err
	}
	return a.Show("desk-stick", page.View{Title: a.Word("desk.part_stick"), Nav: "nav.cases", Body: stickPage(a, c, stickForm(a, c))})
}

func postStick(a *page.Ask) error {
	c, err := stickCase(a)
	if err != nil {
		return err
	}
	f := stickForm(a, c).Read(a)
	cmd := order.DispatchStick{Fingerprint: needed(a, f, "parcel_print"), Tracking: needed(a, f, "tracking")}
	b := stickPage(a, c, f)
	if f.OK() {
		err := a.Do(c, cmd)
		if err == nil {
			return a.Go("/cases/"+c.ID+"/stick", "done.desk_stick")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-stick", f, page.View{Title: a.Word("desk.part_stick"), Nav: "nav.cases", Body: b})
}

// stickParcel sends the sealed parcel to who writes it on a stick.
func stickParcel(a *page.Ask) error {
	c, err := stickCase(a)
	if err != nil {
		return err
	}
	r, err := a.Orders.FetchParcel(a.R.Context(), c.ID, a.Role())
	if err != nil {
		return err
	}
	defer r.Close()
	d := c.State.Delivery
	a.Download(c.ID+".sluss", "application/octet-stream")
	if err = handout.Serve(a.W, a.R, handout.Parcel{Name: c.ID + ".sluss", Bytes: d.Bytes, SHA256: d.SHA256, Content: r}); err != nil {
		a.W.Header().Del("Content-Disposition") // a page follows
	}
	return err
}

func stickLabel(a *page.Ask) error { return sendLabel(a, app.LetterHTML) }

func stickLabelPDF(a *page.Ask) error { return sendLabel(a, app.LetterPDF) }

// sendLabel sends the label of the stick as a page or a PDF.
func sendLabel(a *page.Ask, format string) error {
	c, err := stickCase(a)
	if err != nil {
		return err
	}
	basis, err := a.Orders.LetterBasis(a.R.Context(), c.State)
	if err != nil {
		return err
	}
	for _, d := range app.DocumentsFor(a.Role(), c.Relation, c.Entries, c.State) {
		if d.Kind == string(post.Delivery) {
			basis.Number = post.Numbered(basis.Authority.DocumentNumber, c.ID, d.No)
		}
	}
	p, err := a.Orders.PrintLetter(a.R.Context(), post.Label(basis, a.Lang), format)
	if err != nil {
		return err
	}
	a.Download(p.Name, p.Type)
	if format == app.LetterHTML {
		a.W.Header().Del("Content-Disposition")
		a.W.Header().Set("Content-Security-Policy", letterpress.StylePolicy())
	}
	a.W.WriteHeader(http.StatusOK)
	_, err = a.W.Write(p.Body)
	return err
}
