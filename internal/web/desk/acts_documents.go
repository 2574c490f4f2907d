package desk

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// documentFields are what a registration states; OSL 5 kap. 2 §.
func documentFields(a *page.Ask, _ *page.Case) []*page.Field {
	file := hinted(a, field(a, "original", page.File))
	what := hinted(a, field(a, "what", page.Text))
	what.Max = 40
	return []*page.Field{
		choice(a, "direction", page.Radio, "direction", "in", "out").With("in"), what, field(a, "party", page.Text), field(a, "on", page.Date).With(a.Today.String()),
		choice(a, "channel", page.Radio, "channel", order.ChannelMail, order.ChannelPost, order.ChannelUpload).With(order.ChannelMail), a.Optional(hinted(a, field(a, "secrecy", page.Text))), file,
	}
}

func registerDocument(a *page.Ask, c *page.Case, f *page.Form) error {
	file, name, err := upload(a, "original")
	if err != nil {
		return err
	}
	f.Read(a)
	doc := order.Document{
		Out: f.Field("direction").Value == "out", Kind: needed(a, f, "what"), Party: needed(a, f, "party"), On: f.Day("on", a.Word("desk.n_day")),
		Channel: f.Field("channel").Value, Secrecy: f.Field("secrecy").Value,
	}
	var opened io.ReadCloser
	if file != nil {
		opened = file
	}
	k, err := fileOf(a, f, "original", opened, name)
	switch {
	case err != nil:
		return err
	case k == nil:
		f.Wrong("original", a.Word("desk.n_original"))
		return nil
	case !f.OK():
		return k.keep()
	}
	if _, err = a.Orders.TakeOriginal(a.R.Context(), a.Visitor.Person, c.ID, doc, k.Name, bytes.NewReader(k.Data)); err != nil {
		return err
	}
	return k.drop()
}

// waiting are the requests for documents that have no answer.
func waiting(s order.State) []order.DocumentRequest {
	return slices.DeleteFunc(slices.Clone(s.Requests), func(r order.DocumentRequest) bool { return r.Decided })
}

// giveOutFields: whoever keeps a document gives it out; to mask and to refuse is
// the decision maker's.
func giveOutFields(a *page.Ask, c *page.Case) []*page.Field {
	which := field(a, "asked_for", page.Select)
	for _, r := range app.Requests(c.ID, c.Entries) {
		if !r.Decided {
			which.Options = append(which.Options, page.Option{Value: strconv.Itoa(r.ID), Label: r.On.String() + ": " + r.Text})
		}
	}
	if a.Role() != order.RoleDecider {
		return []*page.Field{which}
	}
	masks := a.Optional(hinted(a, field(a, "masks", page.Area)))
	out := []*page.Field{which, choice(a, "given", page.Radio, "given", app.RequestFull, app.RequestMasked, app.RequestRefused).With(app.RequestFull), masks}
	for _, x := range append(both(a, "because"), both(a, "appeal_guide")...) {
		out = append(out, a.Optional(x))
	}
	return out
}

func giveOut(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
	cmd := order.DecideRequest{ID: number(f, "asked_for"), Outcome: app.RequestFull}
	if f.Field("given") == nil {
		return cmd
	}
	cmd.Outcome = f.Field("given").Value
	cmd.Reasons = catalog.Text{SV: f.Field("because").Value, EN: f.Field("because_en").Value}
	cmd.Appeal = catalog.Text{SV: f.Field("appeal_guide").Value, EN: f.Field("appeal_guide_en").Value}
	for line := range strings.Lines(f.Field("masks").Value) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := strings.Split(line, ";")
		if len(parts) != 3 {
			f.Wrong("masks", a.Word("desk.n_masks"))
			return cmd
		}
		cmd.Masked = append(cmd.Masked, order.Masking{Document: strings.TrimSpace(parts[0]), What: strings.TrimSpace(parts[1]), Law: strings.TrimSpace(parts[2])})
	}
	return cmd
}
