package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
)

// Mail is part of the commands that a registrar can give for somebody who
// writes by mail or post.
type Mail struct {
	Mail int `json:"mail,omitempty" minimum:"0" doc:"Registrar: number of the registered document that asks for it."`
}

func (m Mail) behalf() order.Behalf { return order.Behalf{Mail: m.Mail} }

// The bodies of commands beside the way of an order: dialogue, documents,
// desk, money, rulings, time and other cases.
type (
	mailBody struct {
		Expect
		Mail
	}
	mailTextBody struct {
		Expect
		Mail
		Text string `json:"text" required:"true"`
	}
	mailReasonBody struct {
		Expect
		Mail
		Reason string `json:"reason" required:"true"`
	}
	mailHashBody struct {
		Expect
		Mail
		Hash canon.Hash `json:"hash" required:"true" doc:"Of what is answered, as the case shows it."`
	}
	mailPersonBody struct {
		Expect
		Mail
		Person string `json:"person" required:"true"`
	}
	mailManifestBody struct {
		Expect
		Mail
		Manifest canon.Hash `json:"manifest" required:"true" doc:"Of the parcel that has been opened and verified."`
	}
	creditBody struct {
		Expect
		Reason string `json:"reason" required:"true" doc:"As it stands in the credit note."`
		Final  bool   `json:"final,omitempty" doc:"Nothing is invoiced instead."`
	}
	recallBody struct {
		Expect
		Kind string `json:"kind" required:"true" enum:"wrong_recipient,wrong_content,lost,key_exposed"`
		Text string `json:"text" required:"true" doc:"What has happened, without personal data."`
	}
	answerRecallBody struct {
		Expect
		Mail
		Opened    bool   `json:"opened" doc:"Somebody has opened the parcel."`
		Destroyed bool   `json:"destroyed" doc:"Every copy has been destroyed."`
		Text      string `json:"text,omitempty" doc:"Where the copies are, if not."`
	}
	settleIncidentBody struct {
		Expect
		Outcome   string `json:"outcome" required:"true" enum:"destroyed,returned,unopened,not_recovered,no_incident"`
		Reported  bool   `json:"reported" doc:"It has been reported to the supervisory authority."`
		Reference string `json:"reference,omitempty" doc:"Number of the report there."`
		Text      string `json:"text" required:"true" doc:"Effects, what was done and, if it was not reported, why."`
		Then      string `json:"then" required:"true" enum:"resume,replace,nothing"`
	}
	routeBody struct {
		Expect
		Route       string `json:"route" required:"true" enum:"fetch,usb,environment" doc:"Fetched from the counter, on a stick by registered post, or fetched by a secure processing environment."`
		Environment string `json:"environment,omitempty" maxLength:"200" doc:"The environment and who runs it, on that route."`
		Why         string `json:"why,omitempty"`
	}
	stickBody struct {
		Expect
		Tracking    string `json:"tracking" required:"true" doc:"Number of the registered letter."`
		Fingerprint string `json:"fingerprint" required:"true" doc:"Of the parcel, as sluss stick read it back from the stick."`
	}
	resealBody struct {
		Expect
		Manifest    canon.Hash `json:"manifest" required:"true" doc:"Of the delivery whose key is lost."`
		Fingerprint string     `json:"fingerprint" required:"true" doc:"Of the recipient's new key, as it was confirmed."`
		Note        string     `json:"note" required:"true" doc:"The signed approval (prepare/reseal)."`
	}
	registerKeyBody struct {
		Expect
		Key string `json:"key" required:"true" doc:"Public key of the recipient, age1… or crypt4gh:…; the delivery is sealed to it once it has been confirmed."`
	}
	confirmKeyBody struct {
		Expect
		Fingerprint string `json:"fingerprint" required:"true" doc:"As the recipient read it aloud."`
		Channel     string `json:"channel" required:"true" doc:"phone, video or visit."`
		With        string `json:"with" required:"true" doc:"Who read it."`
	}
	askQuestionBody struct {
		Expect
		Mail
		Part string `json:"part,omitempty" doc:"Id of the question of the form that it is about."`
		Text string `json:"text" required:"true"`
	}
	answerQuestionBody struct {
		Expect
		Mail
		ID   int    `json:"id" required:"true"`
		Text string `json:"text" required:"true"`
	}
	withholdEntryBody struct {
		Expect
		Parts     []string `json:"parts" doc:"What the public register leaves out: title, principal; empty shows all of it again."`
		Provision string   `json:"provision,omitempty" doc:"The provision on secrecy."`
		Why       string   `json:"why"`
	}
	correctAddressBody struct {
		Expect
		Of    string `json:"of" required:"true" enum:"orderer,representative" doc:"Whose mail goes to the address."`
		Email string `json:"email" required:"true"`
		Why   string `json:"why" required:"true" doc:"How you know."`
	}
	writeNoteBody struct {
		Expect
		Part string `json:"part,omitempty"`
		Text string `json:"text" required:"true"`
	}
	proposeDataBody struct {
		Expect
		Data []intake.Wish `json:"data" required:"true"`
		Text string        `json:"text" required:"true"`
	}
	registerDocumentBody struct {
		Expect
		Document order.Document `json:"document" required:"true"`
	}
	requestDocumentsBody struct {
		Expect
		Text string  `json:"text" required:"true"`
		On   day.Day `json:"on,omitzero" doc:"The day it came; left out = today."`
	}
	decideRequestBody struct {
		Expect
		ID      int             `json:"id" required:"true"`
		Outcome string          `json:"outcome" required:"true"`
		Masked  []order.Masking `json:"masked,omitempty"`
		Reasons catalog.Text    `json:"reasons,omitzero"`
		Appeal  catalog.Text    `json:"appeal,omitzero"`
	}
	assignBody struct {
		Expect
		Role  order.Role `json:"role" required:"true"`
		To    string     `json:"to" required:"true"`
		Why   string     `json:"why" required:"true"`
		For   string     `json:"for,omitempty" doc:"Whom a substitute stands in for."`
		Until day.Day    `json:"until,omitzero" doc:"Last day of a substitute."`
	}
	unassignBody struct {
		Expect
		Role order.Role `json:"role" required:"true"`
		Why  string     `json:"why" required:"true"`
	}
	conflictBody struct {
		Expect
		Person string `json:"person" required:"true"`
		Ground string `json:"ground" required:"true"`
	}
	groundBody struct {
		Expect
		Ground string `json:"ground" required:"true"`
	}
	logHoursBody struct {
		Expect
		Kind   string  `json:"kind" required:"true"`
		Centis int64   `json:"centihours" required:"true" doc:"Hundredths of an hour; negative takes back what was noted by mistake."`
		On     day.Day `json:"on,omitzero" doc:"Left out = today."`
		Text   string  `json:"text,omitempty"`
	}
	proposeChangeBody struct {
		Expect
		Hours  []quote.Hours `json:"hours" required:"true"`
		Reason string        `json:"reason" required:"true"`
	}
	answerChangeBody struct {
		Expect
		Mail
		Hash    canon.Hash `json:"hash" required:"true"`
		Approve bool       `json:"approve" required:"true"`
	}
	appealBody struct {
		Expect
		Mail
		On day.Day `json:"on,omitzero" doc:"The day it came; left out = today."`
	}
	numberBody struct {
		Expect
		ID int `json:"id" required:"true"`
	}
	dismissAppealBody struct {
		Expect
		ID     int          `json:"id" required:"true"`
		Reason catalog.Text `json:"reason" required:"true"`
	}
	settleAppealBody struct {
		Expect
		ID        int    `json:"id" required:"true"`
		Outcome   string `json:"outcome" required:"true"`
		Reference string `json:"reference" required:"true"`
	}
	reopenBody struct {
		Expect
		Kind   string `json:"kind" required:"true"`
		Ground string `json:"ground" required:"true"`
	}
	promiseDateBody struct {
		Expect
		From   day.Day      `json:"from" required:"true"`
		To     day.Day      `json:"to" required:"true"`
		Reason catalog.Text `json:"reason" required:"true"`
	}
	notifyDelayBody struct {
		Expect
		Reason   catalog.Text `json:"reason" required:"true"`
		Expected day.Day      `json:"expected" required:"true"`
	}
	refuseRulingBody struct {
		Expect
		Reasons catalog.Text `json:"reasons" required:"true"`
		Appeal  catalog.Text `json:"appeal" required:"true"`
	}
	settleFaultBody struct {
		Expect
		ID      int    `json:"id" required:"true"`
		Outcome string `json:"outcome" required:"true"`
		Text    string `json:"text" required:"true"`
	}
	grantRetentionBody struct {
		Expect
		Until   day.Day      `json:"until" required:"true"`
		Reasons catalog.Text `json:"reasons" required:"true"`
		Support string       `json:"support,omitempty"`
	}
	reasonsBody struct {
		Expect
		Reasons catalog.Text `json:"reasons" required:"true"`
	}
	callPopulationBody struct {
		Expect
		Supplier  string  `json:"supplier" required:"true"`
		Reference string  `json:"reference" required:"true" doc:"The supplier's."`
		Rows      int     `json:"rows,omitempty" minimum:"0" doc:"Expected; left out = what is decided at most."`
		Opens     day.Day `json:"opens" required:"true"`
		Closes    day.Day `json:"closes" required:"true" doc:"Last day."`
	}
)

// desk registers the commands beside the way of an order.
func (p *programs) desk(api huma.API) {
	give(p, api, func(nothingBody) order.Command { return order.CloseEnquiry{} })
	give(p, api, func(b askQuestionBody) order.Command {
		return order.AskQuestion{Part: b.Part, Text: b.Text, Behalf: b.behalf()}
	})
	give(p, api, func(b answerQuestionBody) order.Command {
		return order.AnswerQuestion{ID: b.ID, Text: b.Text, Behalf: b.behalf()}
	})
	give(p, api, func(b registerKeyBody) order.Command { return order.RegisterKey{Key: b.Key} })
	give(p, api, func(b confirmKeyBody) order.Command {
		return order.ConfirmKey{Fingerprint: b.Fingerprint, Channel: b.Channel, With: b.With}
	})
	give(p, api, func(b writeNoteBody) order.Command { return order.WriteNote{Part: b.Part, Text: b.Text} })
	give(p, api, func(b correctAddressBody) order.Command {
		return order.CorrectAddress{Of: b.Of, Email: b.Email, Why: b.Why}
	})
	give(p, api, func(b withholdEntryBody) order.Command {
		return order.WithholdEntry{Parts: b.Parts, Provision: b.Provision, Why: b.Why}
	})
	give(p, api, func(b proposeDataBody) order.Command { return order.ProposeData{Data: b.Data, Text: b.Text} })
	give(p, api, func(b mailHashBody) order.Command { return order.AgreeData{Hash: b.Hash, Behalf: b.behalf()} })
	give(p, api, func(nothingBody) order.Command { return order.RemindSupplement{} })
	give(p, api, func(b registerDocumentBody) order.Command { return order.RegisterDocument{Document: b.Document} })
	give(p, api, func(b requestDocumentsBody) order.Command { return order.RequestDocuments{Text: b.Text, On: b.On} })
	give(p, api, func(b decideRequestBody) order.Command {
		return order.DecideRequest{ID: b.ID, Outcome: b.Outcome, Masked: b.Masked, Reasons: b.Reasons, Appeal: b.Appeal}
	})
	give(p, api, func(b assignBody) order.Command {
		return order.Assign{Role: b.Role, To: b.To, Why: b.Why, For: b.For, Until: b.Until}
	})
	give(p, api, func(b unassignBody) order.Command { return order.Unassign{Role: b.Role, Why: b.Why} })
	give(p, api, func(b conflictBody) order.Command { return order.DeclareConflict{Person: b.Person, Ground: b.Ground} })
	give(p, api, func(b groundBody) order.Command { return order.MarkProtected{Ground: b.Ground} })
	give(p, api, func(b logHoursBody) order.Command {
		return order.LogHours{Kind: b.Kind, Centis: b.Centis, On: b.On, Text: b.Text}
	})
	give(p, api, func(b proposeChangeBody) order.Command { return order.ProposeChange{Hours: b.Hours, Reason: b.Reason} })
	give(p, api, func(b answerChangeBody) order.Command {
		return order.AnswerChange{Hash: b.Hash, Approve: b.Approve, Behalf: b.behalf()}
	})
	p.rulings(api)
}

// rulings registers what concerns appeals, time, and the cases that continue
// one.
func (p *programs) rulings(api huma.API) {
	give(p, api, func(b textBody) order.Command { return order.ReturnReview{Text: b.Text} })
	give(p, api, func(b appealBody) order.Command { return order.RegisterAppeal{On: b.On, Behalf: b.behalf()} })
	give(p, api, func(b numberBody) order.Command { return order.ForwardAppeal{ID: b.ID} })
	give(p, api, func(b dismissAppealBody) order.Command { return order.DismissAppeal{ID: b.ID, Reason: b.Reason} })
	give(p, api, func(b settleAppealBody) order.Command {
		return order.SettleAppeal{ID: b.ID, Outcome: b.Outcome, Reference: b.Reference}
	})
	give(p, api, func(b reopenBody) order.Command { return order.Reopen{Kind: b.Kind, Ground: b.Ground} })
	give(p, api, func(b decideBody) order.Command {
		return order.Redecide{Decision: b.Decision, Note: b.Note, Quote: b.Quote}
	})
	give(p, api, func(b promiseDateBody) order.Command {
		return order.PromiseDate{From: b.From, To: b.To, Reason: b.Reason}
	})
	give(p, api, func(b notifyDelayBody) order.Command {
		return order.NotifyDelay{Reason: b.Reason, Expected: b.Expected}
	})
	give(p, api, func(b mailBody) order.Command { return order.RequestRuling{Behalf: b.behalf()} })
	give(p, api, func(b refuseRulingBody) order.Command {
		return order.RefuseRuling{Reasons: b.Reasons, Appeal: b.Appeal}
	})
	give(p, api, func(b mailTextBody) order.Command { return order.ReportFault{Text: b.Text, Behalf: b.behalf()} })
	give(p, api, func(b settleFaultBody) order.Command {
		return order.SettleFault{ID: b.ID, Outcome: b.Outcome, Text: b.Text}
	})
	give(p, api, func(b grantRetentionBody) order.Command {
		return order.GrantRetention{Until: b.Until, Reasons: b.Reasons, Support: b.Support}
	})
	give(p, api, func(b reasonsBody) order.Command { return order.RefuseRetention{Reasons: b.Reasons} })
	register(p, api, http.MethodPost, "/api/v1/orders/{id}/commands/"+order.CallPopulation{}.Name(), order.CallPopulation{}.Name(), ScopeAct,
		"Calls for the population file; the counter writes and signs the call. Given by: registrar, handler.", p.callPopulation)
	register(p, api, http.MethodPost, "/api/v1/orders/{id}/population/letter", "register_letter", ScopeAct,
		"Registers a medium that has come by registered post and is read at the vault. Given by: registrar.", p.letter)
	register(p, api, http.MethodPost, "/api/v1/enquiries", "enquire", ScopeAct, "Opens a case with a question. Given by: orderer, registrar.", p.enquire)
}

// callPopulation calls for a population file: the counter, not the sender,
// writes what the decision gives.
func (p *programs) callPopulation(ctx context.Context, in *commandInput[callPopulationBody]) (*caseOutput, error) {
	pre, err := precondition(in.IfMatch, in.Body.expected())
	if err != nil {
		return nil, err
	}
	if err := p.mayAct(ctx, in.ID, order.CallPopulation{}, pre); err != nil {
		return nil, err
	}
	b := in.Body
	if _, err := p.Orders.CallPopulation(ctx, who(ctx).Actor(), in.ID, b.Supplier, b.Reference, b.Rows, b.Opens, b.Closes); err != nil {
		return nil, err
	}
	return p.show(ctx, in.ID)
}

// mayAct is what comes before a command that the counter itself completes.
func (p *programs) mayAct(ctx context.Context, id string, cmd order.Command, pre wanted) error {
	entries, s, rel, err := p.look(ctx, id)
	if err != nil {
		return err
	}
	by := who(ctx)
	if !access.May(by.Role, cmd, rel) {
		return denied(by.Role, cmd.Name())
	}
	if pre.version != 0 && len(access.Read(by.Role, rel, entries, s)) != pre.version {
		return stale(pre)
	}
	return p.Orders.LogRead(ctx, by.Person, id, access.ViewCase)
}

type letterBody struct {
	Expect
	Tracking string `json:"tracking" required:"true" minLength:"1" maxLength:"40" doc:"Number of the registered letter."`
}

func (p *programs) letter(ctx context.Context, in *commandInput[letterBody]) (*caseOutput, error) {
	pre, err := precondition(in.IfMatch, in.Body.expected())
	if err != nil {
		return nil, err
	}
	if who(ctx).Role != order.RoleRegistrar {
		if _, _, _, err := p.look(ctx, in.ID); err != nil {
			return nil, err
		}
		return nil, denied(who(ctx).Role, "register_letter")
	}
	if err := p.carryOut(ctx, in.ID, order.TakeMedium{Road: "post", Tracking: in.Body.Tracking}, pre); err != nil {
		return nil, err
	}
	return p.show(ctx, in.ID)
}

type enquireInput struct {
	Key  string `header:"Idempotency-Key"`
	Body struct {
		Topic   string         `json:"topic" required:"true"`
		Text    string         `json:"text" required:"true"`
		Email   string         `json:"email,omitempty" doc:"Registrar: of who asks."`
		Arrival *order.Arrival `json:"arrival,omitempty" doc:"Registrar: how it came by mail or post."`
	}
}

// enquire opens a case with a question, before there is an application.
func (p *programs) enquire(ctx context.Context, in *enquireInput) (*submitOutput, error) {
	by := who(ctx)
	if !access.May(by.Role, order.Enquire{}, access.New) {
		return nil, denied(by.Role, order.Enquire{}.Name())
	}
	b := in.Body
	if by.Role == order.RoleOrderer {
		if b.Email != "" && b.Email != by.Email {
			return nil, fault.New("api.email", "Frågan ställs i eget namn.", "The question is asked in one's own name.").At(fault.Where{Column: "email"}).Do("Utelämna email.", "Leave email out.")
		}
		b.Email = by.Email
	}
	id, _, err := p.Orders.Enquire(ctx, by.Actor(), order.Enquire{Topic: b.Topic, Text: b.Text, Email: b.Email, Arrival: b.Arrival})
	if err != nil {
		return nil, err
	}
	c, err := p.show(ctx, id)
	if err != nil {
		return nil, err
	}
	return &submitOutput{"/api/v1/orders/" + id, c.ETag, c.Body}, nil
}
