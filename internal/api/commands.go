package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// Expect is the precondition that every command can carry: the version of the
// case that the sender has looked at. The same can be said with If-Match.
type Expect struct {
	ExpectedVersion *int `json:"expected_version,omitempty" minimum:"1" doc:"Version of the case that the sender has read; 409 when it has another by now."`
}

func (e Expect) expected() *int { return e.ExpectedVersion }

// The bodies of the commands.
type (
	nothingBody struct {
		Expect
	}
	requestSupplementBody struct {
		Expect
		Parts   []string `json:"parts" required:"true" doc:"Ids of questions that are unlocked; a prefix unlocks what is below it."`
		Text    string   `json:"text" required:"true"`
		DueDays int      `json:"due_days" required:"true" doc:"Working days."`
	}
	answerSupplementBody struct {
		Expect
		Mail
		Application intake.Application `json:"application" required:"true" doc:"The whole application, with the unlocked parts changed."`
	}
	// Terms are what a quote is made of.
	Terms struct {
		Form      string        `json:"form" required:"true" enum:"fixed,ceiling,actual"`
		Hours     []quote.Hours `json:"hours" required:"true"`
		VAT       string        `json:"vat" required:"true" enum:"standard_25,outside_scope"`
		VATReason string        `json:"vat_reason,omitempty"`
		NoFee     *quote.NoFee  `json:"no_fee,omitempty"`
		Text      catalog.Text  `json:"text,omitzero"`
		ValidTo   day.Day       `json:"valid_to" required:"true"`
	}
	draftQuoteBody struct {
		Expect
		Terms Terms `json:"terms" required:"true"`
	}
	textBody struct {
		Expect
		Text string `json:"text" required:"true"`
	}
	reasonBody struct {
		Expect
		Reason string `json:"reason" required:"true"`
	}
	groundsBody struct {
		Expect
		Ground string `json:"ground" required:"true"`
		Reason string `json:"reason" required:"true"`
	}
	findingsBody struct {
		Expect
		Findings []order.ReviewFinding `json:"findings,omitempty" doc:"Of a short review: an assessment of each of the six questions."`
		Answers  []review.Answer       `json:"answers,omitempty" doc:"Of the worksheet, instead."`
		Scope    *plan.Scope           `json:"scope,omitempty" doc:"What the answers lead to; left out: as it was asked for."`
	}
	decideBody struct {
		Expect
		Decision order.Decision `json:"decision" required:"true"`
		Note     string         `json:"note" required:"true" doc:"The decision, signed with the decision maker's own key."`
		Quote    *quote.Quote   `json:"quote,omitempty" doc:"The final quote; none with a refusal."`
	}
	settleMediumBody struct {
		Expect
		ID  int    `json:"id" required:"true"`
		How string `json:"how" required:"true" enum:"returned,destroyed"`
	}
	orderExtractionBody struct {
		Expect
		Spec plan.Spec `json:"spec" required:"true"`
		Note string    `json:"note" required:"true" doc:"The specification, signed with the statistician's own key."`
	}
	releaseBody struct {
		Expect
		Manifest canon.Hash `json:"manifest" required:"true"`
		Note     string     `json:"note" required:"true" doc:"The release, signed with the releaser's own key."`
		Why      string     `json:"why,omitempty" doc:"The reason, needed where the disclosure report is red."`
	}
	issueInvoiceBody struct {
		Expect
		Worked []quote.Hours `json:"worked,omitempty" doc:"Hours worked; none for a fixed sum."`
	}
)

// commands registers every command that people give by name.
func (p *programs) commands(api huma.API) {
	none := func(c order.Command) func(nothingBody) order.Command {
		return func(nothingBody) order.Command { return c }
	}
	give(p, api, none(order.Acknowledge{}))
	give(p, api, func(b requestSupplementBody) order.Command {
		return order.RequestSupplement{Parts: b.Parts, Text: b.Text, DueDays: b.DueDays}
	})
	give(p, api, func(b answerSupplementBody) order.Command {
		return order.AnswerSupplement{Application: b.Application, Behalf: b.behalf()}
	})
	give(p, api, none(order.ConfirmComplete{}))
	give(p, api, func(b draftQuoteBody) order.Command { return order.DraftQuote{Terms: quote.Terms(b.Terms)} })
	give(p, api, func(b mailTextBody) order.Command { return order.ReturnDraft{Text: b.Text, Behalf: b.behalf()} })
	give(p, api, func(b mailHashBody) order.Command { return order.AgreeDraft{Hash: b.Hash, Behalf: b.behalf()} })
	give(p, api, func(b findingsBody) order.Command {
		return order.RecordReview{Findings: b.Findings, Answers: b.Answers, Scope: b.Scope}
	})
	give(p, api, func(b decideBody) order.Command {
		return order.RecordDecision{Decision: b.Decision, Note: b.Note, Quote: b.Quote}
	})
	give(p, api, none(order.DispatchDecision{}))
	give(p, api, func(b mailHashBody) order.Command { return order.AcceptQuote{Hash: b.Hash, Behalf: b.behalf()} })
	give(p, api, func(b mailPersonBody) order.Command {
		return order.AcknowledgeForbehall{Person: b.Person, Behalf: b.behalf()}
	})
	give(p, api, func(b settleMediumBody) order.Command { return order.SettleMedium{ID: b.ID, How: b.How} })
	give(p, api, func(b orderExtractionBody) order.Command { return order.OrderExtraction{Spec: b.Spec, Note: b.Note} })
	give(p, api, func(b releaseBody) order.Command {
		return order.Release{Manifest: b.Manifest, Note: b.Note, Why: b.Why}
	})
	give(p, api, func(b creditBody) order.Command { return order.CreditInvoice{Reason: b.Reason, Final: b.Final} })
	give(p, api, func(b recallBody) order.Command { return order.Recall{Kind: b.Kind, Text: b.Text} })
	give(p, api, func(b answerRecallBody) order.Command {
		return order.AnswerRecall{Opened: b.Opened, Destroyed: b.Destroyed, Text: b.Text, Behalf: b.behalf()}
	})
	give(p, api, func(b settleIncidentBody) order.Command {
		return order.SettleIncident{Outcome: b.Outcome, Reported: b.Reported, Reference: b.Reference, Text: b.Text, Then: b.Then}
	})
	give(p, api, func(b routeBody) order.Command {
		return order.ChooseRoute{Route: b.Route, Environment: b.Environment, Why: b.Why}
	})
	give(p, api, func(b stickBody) order.Command {
		return order.DispatchStick{Tracking: b.Tracking, Fingerprint: b.Fingerprint}
	})
	give(p, api, func(b resealBody) order.Command {
		return order.Reseal{Manifest: b.Manifest, Fingerprint: b.Fingerprint, Note: b.Note}
	})
	give(p, api, func(b mailManifestBody) order.Command {
		return order.ConfirmReceipt{Manifest: b.Manifest, Behalf: b.behalf()}
	})
	give(p, api, func(b reasonBody) order.Command { return order.SendAgain{Reason: b.Reason} })
	give(p, api, func(b issueInvoiceBody) order.Command { return order.IssueInvoice{Worked: b.Worked} })
	give(p, api, none(order.OrderPurge{}))
	give(p, api, func(b groundsBody) order.Command { return order.Dismiss{Ground: b.Ground, Reason: b.Reason} })
	give(p, api, func(b mailReasonBody) order.Command { return order.Withdraw{Reason: b.Reason, Behalf: b.behalf()} })
	p.desk(api)
}

// commandInput is a request with a command's body.
type commandInput[B any] struct {
	CaseInput
	IfMatch string `header:"If-Match" doc:"ETag of the case that the sender has read; 412 when it has another by now."`
	Key     string `header:"Idempotency-Key" doc:"The sender's own name for the request, for 24 hours: sent again, it is carried out once."`
	Body    B
}

// CaseInput names a case.
type CaseInput struct {
	ID string `path:"id" example:"FK-2026-00001"`
}

// give registers one command; mk makes it from its body.
func give[B interface{ expected() *int }](p *programs, api huma.API, mk func(B) order.Command) {
	var zero B
	cmd := mk(zero)
	var roles []string
	for _, r := range access.Roles {
		if access.May(r, cmd, access.Own) || access.May(r, cmd, access.Staff) || access.May(r, cmd, access.Supplies) {
			roles = append(roles, string(r))
		}
	}
	register(p, api, http.MethodPost, "/api/v1/orders/{id}/commands/"+cmd.Name(), cmd.Name(), ScopeAct,
		"Given by: "+strings.Join(roles, ", ")+".",
		func(ctx context.Context, in *commandInput[B]) (*caseOutput, error) {
			pre, err := precondition(in.IfMatch, in.Body.expected())
			if err != nil {
				return nil, err
			}
			if err := p.carryOut(ctx, in.ID, mk(in.Body), pre); err != nil {
				return nil, err
			}
			return p.show(ctx, in.ID)
		})
}

// wanted is the version that the sender has read, 0 = any, and how a stale one
// is answered.
type wanted struct {
	version int
	stale   int
}

func precondition(ifMatch string, body *int) (wanted, error) {
	if body != nil {
		return wanted{*body, http.StatusConflict}, nil
	}
	if ifMatch == "" || ifMatch == "*" {
		return wanted{}, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(ifMatch, `"`), `"`))
	if err != nil || n < 1 || ifMatch != etag(n) {
		return wanted{}, failure(http.StatusBadRequest, "api.if_match", "If-Match ska vara den ETag som ärendet hade.", "If-Match must be the ETag that the case had.").
			do(`Skriv den som i svaret: "7".`, `Write it as in the answer: "7".`)
	}
	return wanted{n, http.StatusPreconditionFailed}, nil
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// carryOut gives a command in the asker's name, to the case as the asker has
// read it where that was said.
func (p *programs) carryOut(ctx context.Context, id string, cmd order.Command, pre wanted) error {
	by := who(ctx)
	for range tries {
		entries, s, rel, err := p.look(ctx, id)
		if err != nil {
			return err
		}
		if !access.May(by.Role, cmd, rel) {
			return denied(by.Role, cmd.Name())
		}
		// The answer shows the case. When that cannot be noted, nothing is done.
		if err := p.Orders.LogRead(ctx, by.Person, id, access.ViewCase); err != nil {
			return err
		}
		if pre.version == 0 {
			_, err := p.Orders.Do(ctx, by.Actor(), id, cmd)
			return err
		}
		if seen := len(access.Read(by.Role, rel, entries, s)); seen != pre.version {
			return stale(pre)
		}
		_, err = p.Orders.DoAt(ctx, by.Actor(), id, s.Version, cmd)
		if !errors.Is(err, app.ErrConflict) {
			return err
		}
	}
	return app.ErrConflict
}

func stale(pre wanted) error {
	return failure(pre.stale, "api.stale_version", "Ärendet har ändrats sedan det lästes.", "The case has changed since it was read.").
		do("Läs det igen, se vad som är nytt och försök på nytt.", "Read it again, see what is new and try once more.")
}

// denied is the refusal of the access table, told as room order tells it.
func denied(role order.Role, command string) error {
	return (&fault.Fault{
		Code: "access.denied", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
		SV: "Rollen " + string(role) + " får inte göra det här (" + command + ").", EN: "The role " + string(role) + " may not do this (" + command + ").",
	}).Do("Be någon med rätt roll; docs/access.md är tabellen.", "Ask somebody with the right role; docs/access.md is the table.")
}
