package orderrun

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/orderfile"
	"sluss/internal/quote"
	"sluss/internal/sealed"
	"sluss/internal/signed"
)

// doers carries out each act of an order file.
var doers map[string]func(context.Context, *run, orderfile.Act) error

func init() { // a map literal would refer to itself through run.acts
	doers = map[string]func(context.Context, *run, orderfile.Act) error{
		"submit":      submit,
		"acknowledge": simple(func(orderfile.Act) order.Command { return order.Acknowledge{} }),
		"request_supplement": simple(func(a orderfile.Act) order.Command {
			return order.RequestSupplement{Parts: a.Parts, Text: a.Text, DueDays: a.DueDays}
		}),
		"answer_supplement":     answerSupplement,
		"confirm_complete":      simple(func(orderfile.Act) order.Command { return order.ConfirmComplete{} }),
		"draft_quote":           draftQuote,
		"return_draft":          simple(func(a orderfile.Act) order.Command { return order.ReturnDraft{Text: a.Text} }),
		"agree_draft":           agreeDraft,
		"review":                simple(review),
		"decide":                decide,
		"dispatch_decision":     simple(func(orderfile.Act) order.Command { return order.DispatchDecision{} }),
		"accept_quote":          acceptQuote,
		"acknowledge_forbehall": simple(func(a orderfile.Act) order.Command { return order.AcknowledgeForbehall{Person: a.Person} }),
		"propose_data":          simple(func(a orderfile.Act) order.Command { return order.ProposeData{Data: a.Data, Text: a.Text} }),
		"agree_data":            agreeData,
		"call_population":       callPopulation,
		"population":            sendPopulation,
		"settle_medium":         simple(func(a orderfile.Act) order.Command { return order.SettleMedium{ID: max(a.Medium, 1), How: a.How} }),
		"order_extraction":      orderExtraction,
		"release":               release,
		"receipt":               receipt,
		"send_again":            sendAgain,
		"invoice":               invoice,
		"purge":                 purge,
		"dismiss":               simple(func(a orderfile.Act) order.Command { return order.Dismiss{Ground: a.Ground, Reason: a.Text} }),
		"withdraw":              simple(func(a orderfile.Act) order.Command { return order.Withdraw{Reason: a.Text} }),
	}
}

// simple is an act that is a command and nothing else.
func simple(mk func(orderfile.Act) order.Command) func(context.Context, *run, orderfile.Act) error {
	return func(ctx context.Context, r *run, a orderfile.Act) error { return r.do(ctx, a, mk(a)) }
}

func (r *run) do(ctx context.Context, a orderfile.Act, cmd order.Command) (err error) {
	r.state, err = r.app.Do(ctx, r.actor(a), r.id, cmd)
	return err
}

func (r *run) refresh(ctx context.Context) (err error) {
	r.state, err = r.app.State(ctx, r.id)
	return err
}

func submit(ctx context.Context, r *run, a orderfile.Act) error {
	if r.id != "" {
		return r.bad(a, "do", "Beställningen är redan inkommen.", "The order has been submitted already.")
	}
	application, err := r.attach(ctx, r.File.Application)
	if err != nil {
		return err
	}
	cmd := order.Submit{Application: application}
	if r.actor(a).Role == order.RoleRegistrar {
		cmd.OnBehalf = true
		if cmd.Arrival, err = r.arrival(ctx, a); err != nil {
			return err
		}
	}
	id, s, err := r.app.Submit(ctx, r.actor(a), cmd)
	r.id, r.state = id, s
	return err
}

// arrival keeps the letter that the registrar registers: file is the original,
// person its sender.
func (r *run) arrival(ctx context.Context, a orderfile.Act) (*order.Arrival, error) {
	f, err := os.Open(r.path(a.File))
	if err != nil || a.File == "" {
		return nil, fault.New("orderrun.letter", "Brevet går inte att läsa.", "The letter cannot be read.").
			At(fault.Where{File: filepath.Base(a.File), Line: a.Line}).Do("Ange originalet med file och avsändaren med person.", "Name the original with file and its sender with person.").Because(err)
	}
	defer f.Close()
	blob := "letters/" + filepath.Base(r.work) + "-" + filepath.Base(a.File)
	_, sum, err := r.app.Blobs.Put(ctx, blob, f)
	return &order.Arrival{On: a.On, Channel: order.ChannelPost, Sender: a.Person, Name: filepath.Base(a.File), Blob: blob, SHA256: sum}, err
}

// attach reads the attachments of the application into the documents store
// and notes their hashes.
func (r *run) attach(ctx context.Context, app intake.Application) (intake.Application, error) {
	app.Attachments = append([]intake.Attachment(nil), app.Attachments...)
	for i, at := range app.Attachments {
		path, ok := r.File.Files[at.ID]
		if !ok {
			continue // intake says what is missing
		}
		f, err := os.Open(r.path(path))
		if err != nil {
			return app, fault.New("orderrun.attachment", "Bilagan går inte att läsa.", "The attachment cannot be read.").
				At(fault.Where{File: filepath.Base(path), Column: "files." + at.ID}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
		}
		_, sum, err := r.app.Blobs.Put(ctx, "attachments/"+filepath.Base(r.work)+"-"+at.ID, f)
		f.Close()
		if err != nil {
			return app, err
		}
		app.Attachments[i].SHA256 = string(sum)
	}
	return app, nil
}

func answerSupplement(ctx context.Context, r *run, a orderfile.Act) error {
	var changed intake.Application
	if err := mergePatch(r.state.Application, a.Change, &changed); err != nil {
		return r.bad(a, "change", "Ändringen passar inte beställningens frågor.", "The change does not fit the questions of the order.")
	}
	changed, err := r.attach(ctx, changed)
	if err != nil {
		return err
	}
	return r.do(ctx, a, order.AnswerSupplement{Application: changed})
}

// mergePatch applies an RFC 7396 merge patch to doc and decodes the result.
func mergePatch(doc any, patch json.RawMessage, into any) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	var target, change any
	if err := json.Unmarshal(raw, &target); err != nil {
		return err
	}
	if err := json.Unmarshal(patch, &change); err != nil {
		return err
	}
	merged, err := json.Marshal(merge(target, change))
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(merged))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for k, v := range p {
		if v == nil {
			delete(t, k)
			continue
		}
		t[k] = merge(t[k], v)
	}
	return t
}

// terms turns a quote of the file into what the rules take.
func terms(q *orderfile.Quote) quote.Terms {
	if q == nil {
		return quote.Terms{}
	}
	t := quote.Terms{Form: q.Form, VAT: q.VAT, VATReason: q.VATReason, Text: q.Text, ValidTo: q.ValidTo}
	for _, kind := range []string{quote.Dialogue, quote.Review, quote.Extraction} {
		if h, ok := q.Hours[kind]; ok {
			t.Hours = append(t.Hours, quote.Hours{Kind: kind, Centis: int64(math.Round(h * 100))})
		}
	}
	for kind, h := range q.Hours {
		if kind != quote.Dialogue && kind != quote.Review && kind != quote.Extraction {
			t.Hours = append(t.Hours, quote.Hours{Kind: kind, Centis: int64(math.Round(h * 100))}) // the rules refuse it
		}
	}
	if q.NoFee != "" {
		t.NoFee = &quote.NoFee{Ground: q.NoFee}
	}
	return t
}

func draftQuote(ctx context.Context, r *run, a orderfile.Act) error {
	return r.do(ctx, a, order.DraftQuote{Terms: terms(a.Quote)})
}

func hashOr(given string, at canon.Hash) canon.Hash {
	if given != "" {
		return canon.Hash(given)
	}
	return at
}

func agreeDraft(ctx context.Context, r *run, a orderfile.Act) error {
	return r.do(ctx, a, order.AgreeDraft{Hash: hashOr(a.Hash, r.state.DraftHash)})
}

func acceptQuote(ctx context.Context, r *run, a orderfile.Act) error {
	return r.do(ctx, a, order.AcceptQuote{Hash: hashOr(a.Hash, r.state.QuoteHash)})
}

func review(a orderfile.Act) order.Command {
	var c order.RecordReview
	for _, q := range order.ReviewQuestions {
		if text, ok := a.Findings[q]; ok {
			c.Findings = append(c.Findings, order.ReviewFinding{Question: q, Assessment: text, Holds: true})
		}
	}
	return c
}

func agreeData(ctx context.Context, r *run, a orderfile.Act) error {
	c := order.AgreeData{Hash: canon.Hash(a.Hash)}
	if p := r.state.Proposal; a.Hash == "" && p != nil {
		c.Hash = p.Hash
	}
	return r.do(ctx, a, c)
}

// callPopulation writes and signs the call; the window opens at once.
func callPopulation(ctx context.Context, r *run, a orderfile.Act) (err error) {
	r.state, err = r.app.CallPopulation(ctx, r.actor(a), r.id, a.Supplier, a.Reference, 0, a.On, a.Closes)
	return err
}

// sendPopulation plays the supplier: the file goes to the counter as a stream,
// sealed beforehand when the act says so.
func sendPopulation(ctx context.Context, r *run, a orderfile.Act) error {
	f, err := os.Open(r.path(a.File))
	if err != nil {
		return fault.New("orderrun.population", "Populationsfilen går inte att läsa.", "The population file cannot be read.").
			At(fault.Where{File: filepath.Base(a.File), Line: a.Line}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
	}
	defer f.Close()
	road := a.Road
	if road == "" {
		road = "upload"
	}
	var in io.Reader = f
	if a.Seal {
		pr, pw := io.Pipe()
		go func() {
			w, err := sealed.Seal(pw, r.vault.Recipient)
			if err == nil {
				if _, err = io.Copy(w, f); err == nil {
					err = w.Close()
				}
			}
			pw.CloseWithError(err)
		}()
		defer pr.Close()
		in = pr
	}
	r.state, err = r.app.TakePopulation(ctx, r.actor(a), r.id, road, in)
	return err
}

// sign signs a document as the person in the role.
func (r *run) sign(a orderfile.Act, role order.Role, doc any) (string, error) {
	p := r.people[a.By]
	if p == nil || p.private[role] == "" {
		return "", &fault.Fault{
			Code: "orderrun.no_key", Class: fault.Gate, Rule: "signature", Promise: 13, Law: "förvaltningslagen (2017:900) 31 §",
			SV: "Personen har ingen nyckel för rollen " + string(role) + ".", EN: "The person has no key for the role " + string(role) + ".",
		}
	}
	return signed.Sign(doc, p.private[role])
}

// receipt plays the recipient: fetch the parcel, open and verify it with the
// fingerprint that the decision states, and confirm what it holds.
func receipt(ctx context.Context, r *run, a orderfile.Act) error {
	body, err := r.app.FetchParcel(ctx, r.id, order.RoleOrderer)
	if err != nil {
		return notDelivered(err)
	}
	defer body.Close()
	dir := filepath.Join(r.staging, "recipient")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	name := filepath.Join(dir, r.id+".sluss")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, body); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	manifest, err := r.open(ctx, name, dir)
	if err != nil {
		return err
	}
	return r.do(ctx, a, order.ConfirmReceipt{Manifest: hashOr(a.Hash, manifest)})
}

func notDelivered(err error) error {
	if _, isFault := err.(*fault.Fault); isFault {
		return err
	}
	return order.GateByID(order.GateRelease).Shut()
}

// sendAgain logs the new dispatch and fetches the same bytes once more.
func sendAgain(ctx context.Context, r *run, a orderfile.Act) error {
	if err := r.do(ctx, a, order.SendAgain{Reason: a.Text}); err != nil {
		return err
	}
	body, err := r.app.FetchParcel(ctx, r.id, order.RoleOrderer)
	if err != nil {
		return err
	}
	defer body.Close()
	_, sum, err := canon.SumReader(body)
	if err == nil && sum != r.state.Delivery.SHA256 {
		err = fmt.Errorf("the parcel of %s is not the one that was delivered", r.id)
	}
	return err
}

func invoice(ctx context.Context, r *run, a orderfile.Act) error {
	return r.do(ctx, a, order.IssueInvoice{Worked: terms(a.Quote).Hours})
}

// purge lets the date act; whoever is named in the act orders it by hand.
func purge(ctx context.Context, r *run, a orderfile.Act) error {
	if a.By == "calendar" {
		if _, err := r.app.Due(ctx); err != nil {
			return err
		}
		if err := r.refresh(ctx); err != nil || r.state.PurgeOpen {
			return err
		}
		a.As = order.RoleClock // the date has not come: let the rule say so
	}
	return r.do(ctx, a, order.OrderPurge{})
}
