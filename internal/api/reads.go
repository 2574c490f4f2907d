package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
)

type (
	readsInput struct {
		CaseInput
		After int64 `query:"after" minimum:"0" doc:"The field next of the page before."`
		Limit int   `query:"limit" minimum:"1" maximum:"200" default:"100"`
	}
	readsByInput struct {
		Body struct {
			Who   string `json:"who" required:"true" doc:"As the log names the person."`
			After int64  `json:"after,omitempty" minimum:"0"`
			Limit int    `json:"limit,omitempty" minimum:"1" maximum:"200" default:"100"`
		}
	}
	readsOutput struct {
		Body struct {
			Reads []app.Read     `json:"reads"`
			Next  app.ReadsPlace `json:"next,omitempty" doc:"Where the next page begins; left out on the last."`
		}
	}
)

// reads registers the log of who has read what.
func (p *programs) reads(api huma.API) {
	register(p, api, http.MethodGet, "/api/v1/orders/{id}/reads", "list_reads", ScopeRead, "Who has read the case, latest first. For: handler, auditor.", func(ctx context.Context, in *readsInput) (*readsOutput, error) {
		if _, _, _, err := p.look(ctx, in.ID); err != nil {
			return nil, err
		}
		return readsFor(p.Orders.ReadsOf(ctx, who(ctx).Person, in.ID, app.ReadsPlace(in.After), min(max(in.Limit, 1), maxPage)))
	})
	// By POST: the name of a person does not belong in an address.
	register(p, api, http.MethodPost, "/api/v1/reads/by", "list_reads_by", ScopeRead, "What a person has read, latest first. For: auditor.", func(ctx context.Context, in *readsByInput) (*readsOutput, error) {
		return readsFor(p.Orders.ReadsBy(ctx, who(ctx).Person, in.Body.Who, app.ReadsPlace(in.Body.After), min(max(in.Body.Limit, 1), maxPage)))
	})
}

func readsFor(all []app.Read, next app.ReadsPlace, err error) (*readsOutput, error) {
	out := &readsOutput{}
	out.Body.Reads, out.Body.Next = append([]app.Read{}, all...), next
	return out, err
}

type workListInput struct {
	Assigned string        `query:"assigned" doc:"me, nobody, or left out for all."`
	Phase    []order.Phase `query:"phase"`
	Number   string        `query:"number" maxLength:"20" doc:"Part of a number; finds closed cases too."`
	Order    string        `query:"order" enum:"newest,due" default:"newest"`
	After    string        `query:"after" doc:"The field next of the page before."`
	Limit    int           `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// WorkLine is a case in a work list.
type WorkLine struct {
	Listed
	AssignedTo string `json:"assigned_to,omitempty"`
	NextDue    string `json:"next_due,omitempty" doc:"YYYY-MM-DD"`
	Protected  bool   `json:"protected,omitempty"`
}

type workListOutput struct {
	Body struct {
		Orders []WorkLine `json:"orders"`
		Next   string     `json:"next,omitempty" doc:"Where the next page begins; left out on the last."`
	}
}

// filters are the filters of a work list as the log of reads has them: what was
// chosen, and that a number was looked for, not which.
func (in *workListInput) filters() (out []string) {
	if in.Assigned == "me" || in.Assigned == "nobody" {
		out = append(out, "assigned="+in.Assigned)
	}
	for _, ph := range in.Phase {
		if len(ph) <= 20 && strings.Trim(string(ph), "abcdefghijklmnopqrstuvwxyz_") == "" {
			out = append(out, "phase="+string(ph))
		}
	}
	if in.Number != "" {
		out = append(out, "number")
	}
	if in.Order == "due" {
		out = append(out, "order=due")
	}
	return out
}

// workList is a page of a work list. A list shows no more than what a case is
// called; that it was read is noted, and by which filters, and no read of every
// case in it.
func (p *programs) workList(ctx context.Context, in *workListInput) (*workListOutput, error) {
	by := who(ctx)
	if !access.Works(by.Role) {
		return nil, denied(by.Role, "work_list")
	}
	f := app.WorkFilter{Viewer: by.viewer(), Phases: in.Phase, Number: in.Number, ByDue: in.Order == "due"}
	switch in.Assigned {
	case "me":
		f.Assigned = by.ID
	case "nobody":
		f.Unassigned = true
	case "":
	default:
		return nil, failure(http.StatusUnprocessableEntity, "api.assigned", "Värdet på assigned ska vara me eller nobody.", "The value of assigned must be me or nobody.").do("Rätta eller utelämna det.", "Mend it or leave it out.")
	}
	var at app.WorkCursor
	if in.After != "" {
		due, id, ok := strings.Cut(in.After, ".")
		if !ok || app.Serial(id) == 0 || due != "" && len(due) != len("2026-01-01") {
			return nil, badCursor()
		}
		at = app.WorkCursor{ID: id, Due: due}
	}
	if err := p.Orders.LogList(ctx, by.Person, "work_list", in.filters()...); err != nil {
		return nil, err
	}
	limit := min(max(in.Limit, 1), maxPage)
	sums, err := p.Lists.WorkList(ctx, f, at, limit+1)
	if err != nil {
		return nil, err
	}
	out := &workListOutput{}
	out.Body.Orders = []WorkLine{}
	for i, c := range sums {
		if i == limit {
			out.Body.Next = sums[i-1].NextDue + "." + sums[i-1].ID
			break
		}
		l := WorkLine{Listed{c.ID, c.Title, c.Principal, c.Purpose, c.Phase, c.PurgeOn}, c.AssignedTo, c.NextDue, c.Protected}
		if l.Protected { // a list may be seen over a shoulder
			l.Title, l.Principal = "", ""
		}
		out.Body.Orders = append(out.Body.Orders, l)
	}
	return out, nil
}
