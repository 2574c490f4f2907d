package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/canon"
)

// What has left a case: mail and the letters that have been made into files.

type (
	// MailView is one mail of a case. Whose address it went to stands in the
	// case.
	MailView struct {
		Event    string     `json:"event" doc:"Type of the event that it tells of."`
		Version  int        `json:"version" doc:"Its place in the log."`
		Audience string     `json:"audience" enum:"orderer,representative,supplier"`
		Language string     `json:"language"`
		State    string     `json:"state" enum:"queued,sent,refused,given_up"`
		Attempts int        `json:"attempts"`
		Fault    string     `json:"fault,omitempty" doc:"Code of the last fault."`
		Made     time.Time  `json:"made"`
		Next     *time.Time `json:"next,omitempty" doc:"When it is tried, while it is queued."`
		Settled  *time.Time `json:"settled,omitempty"`
	}
	mailOutput struct {
		Body struct {
			Mail []MailView `json:"mail"`
		}
	}
	// IssuedLetter is a file that a letter has been made into.
	IssuedLetter struct {
		No       int        `json:"no" doc:"The document's place in the list."`
		Number   string     `json:"number"`
		Language string     `json:"language"`
		Format   string     `json:"format" enum:"html,pdf,p7s"`
		SHA256   canon.Hash `json:"sha256" doc:"Stands in the log of orders, too."`
		Issued   time.Time  `json:"issued"`
	}
	issuedOutput struct {
		Body struct {
			Letters []IssuedLetter `json:"letters"`
		}
	}
)

// outgoing registers what staff see of mail and letters.
func (p *programs) outgoing(api huma.API) {
	register(p, api, http.MethodGet, "/api/v1/orders/{id}/mail", "list_mail", ScopeRead, "Mail of the case and how each went. For: case staff.", func(ctx context.Context, in *CaseInput) (*mailOutput, error) {
		if _, _, _, err := p.part(ctx, in.ID, access.ViewDesk); err != nil {
			return nil, err
		}
		all, err := p.Orders.MailOf(ctx, in.ID)
		out := &mailOutput{}
		out.Body.Mail = []MailView{}
		for _, m := range all {
			v := MailView{Event: m.Event, Version: m.Version, Audience: m.Audience, Language: m.Lang, State: m.State, Attempts: m.Attempts, Fault: m.Fault, Made: m.Made}
			if m.Settled.IsZero() {
				v.Next = &m.RunAt
			} else {
				v.Settled = &m.Settled
			}
			out.Body.Mail = append(out.Body.Mail, v)
		}
		return out, err
	})
	register(p, api, http.MethodGet, "/api/v1/orders/{id}/letters", "list_letters", ScopeRead, "Letters of the case that have been made into files, with their hashes. For: case staff.", func(ctx context.Context, in *CaseInput) (*issuedOutput, error) {
		if _, _, _, err := p.part(ctx, in.ID, access.ViewDesk); err != nil {
			return nil, err
		}
		all, err := p.Orders.KeptLetters(ctx, in.ID)
		out := &issuedOutput{}
		out.Body.Letters = []IssuedLetter{}
		for _, l := range all {
			out.Body.Letters = append(out.Body.Letters, IssuedLetter{l.No, l.Number, l.Lang, l.Format, l.SHA256, l.Issued})
		}
		return out, err
	})
}
