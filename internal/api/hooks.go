package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/app"
)

type (
	// Webhook is a subscription.
	Webhook struct {
		ID      string    `json:"id"`
		URL     string    `json:"url"`
		Types   []string  `json:"types" doc:"Types of events; empty = all."`
		Created time.Time `json:"created"`
		Secret  string    `json:"secret,omitempty" doc:"Hexadecimal; shown once, when the subscription is made."`
	}
	// WebhookMessage is a message that has not arrived.
	WebhookMessage struct {
		Order    string    `json:"order"`
		Version  int       `json:"version"`
		Type     string    `json:"type"`
		At       time.Time `json:"at"`
		State    string    `json:"state" enum:"queued,leased,dead"`
		Attempts int       `json:"attempts"`
		Fault    string    `json:"fault,omitempty" doc:"Code of the last fault."`
	}
	// WebhookInput names a subscription.
	WebhookInput struct {
		ID string `path:"id"`
	}
	subscribeInput struct {
		Key  string `header:"Idempotency-Key"`
		Body struct {
			URL   string   `json:"url" required:"true" maxLength:"2000" doc:"https; or http on the counter's own machine, for staff."`
			Types []string `json:"types,omitempty" maxItems:"100"`
		}
	}
	webhookOutput struct {
		Body Webhook
	}
	webhooksOutput struct {
		Body struct {
			Webhooks []Webhook `json:"webhooks"`
		}
	}
	messagesOutput struct {
		Body struct {
			Messages []WebhookMessage `json:"messages"`
		}
	}
	emptyInput struct {
		WebhookInput
		Body struct{}
	}
	countOutput struct {
		Body struct {
			Count int `json:"count"`
		}
	}
)

// hooks registers subscriptions. One lives as long as the token that it was
// made with.
func (p *programs) hooks(api huma.API) {
	const base = "/api/v1/webhooks"
	register(p, api, http.MethodPost, base, "subscribe", ScopeAct, "Sends a message for every event that the asker may know of, from now on.", func(ctx context.Context, in *subscribeInput) (*webhookOutput, error) {
		if err := allowed(who(ctx), ScopeRead); err != nil {
			return nil, err
		}
		s, secret, err := p.Orders.Subscribe(ctx, who(ctx).Person, who(ctx).token, in.Body.URL, in.Body.Types)
		if err != nil {
			return nil, err
		}
		v := webhook(s)
		v.Secret = secret
		return &webhookOutput{v}, nil
	})
	register(p, api, http.MethodGet, base, "list_subscriptions", ScopeRead, "The asker's subscriptions.", func(ctx context.Context, _ *struct{}) (*webhooksOutput, error) {
		all, err := p.Orders.OwnSubscriptions(ctx, who(ctx).Person)
		out := &webhooksOutput{}
		out.Body.Webhooks = []Webhook{}
		for _, s := range all {
			out.Body.Webhooks = append(out.Body.Webhooks, webhook(s))
		}
		return out, err
	})
	register(p, api, http.MethodDelete, base+"/{id}", "unsubscribe", ScopeAct, "Ends a subscription; what waits is dropped.", func(ctx context.Context, in *WebhookInput) (*struct{}, error) {
		return &struct{}{}, p.Orders.Unsubscribe(ctx, who(ctx).Person, in.ID)
	})
	register(p, api, http.MethodGet, base+"/{id}/messages", "list_messages", ScopeRead, "What has not arrived, in order; at most 200.", func(ctx context.Context, in *WebhookInput) (*messagesOutput, error) {
		all, err := p.Orders.WaitingFor(ctx, who(ctx).Person, in.ID)
		out := &messagesOutput{}
		out.Body.Messages = []WebhookMessage{}
		for _, d := range all {
			out.Body.Messages = append(out.Body.Messages, WebhookMessage{d.Case, d.Number, d.Type, d.At, d.State, d.Attempts, d.Fault})
		}
		return out, err
	})
	for name, do := range map[string]func(context.Context, string) (int, error){
		"replay": func(ctx context.Context, id string) (int, error) {
			return p.Orders.ReplayDead(ctx, who(ctx).Person, id)
		},
		"discard": func(ctx context.Context, id string) (int, error) {
			return p.Orders.DiscardDead(ctx, who(ctx).Person, id)
		},
	} {
		register(p, api, http.MethodPost, base+"/{id}/"+name, name+"_messages", ScopeAct, summaries[name], func(ctx context.Context, in *emptyInput) (*countOutput, error) {
			n, err := do(ctx, in.ID)
			out := &countOutput{}
			out.Body.Count = n
			return out, err
		})
	}
}

var summaries = map[string]string{
	"replay":  "Sends again what was given up after too many attempts.",
	"discard": "Drops what was given up, so that later messages of the same cases go on.",
}

func webhook(s app.Subscription) Webhook {
	return Webhook{ID: s.ID, URL: s.URL, Types: append([]string{}, s.Types...), Created: s.Created}
}
