package api

import (
	"context"
	"encoding/json"
	"time"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// The case as one reader sees it: parts that the reader may not see, or that
// are not there yet, are left out.
type (
	// Case is a case.
	Case struct {
		ID           string           `json:"id"`
		Version      int              `json:"version" doc:"Number of the last event that the reader sees; also the ETag."`
		Phase        order.Phase      `json:"phase"`
		Purpose      intake.Purpose   `json:"purpose"`
		Title        string           `json:"title"`
		Principal    string           `json:"principal"`
		ReceivedOn   day.Day          `json:"received_on"`
		Acknowledged bool             `json:"acknowledged"`
		CompleteOn   string           `json:"complete_on,omitempty" doc:"YYYY-MM-DD"`
		Commands     []string         `json:"commands" doc:"What the reader's role may do in the case; the rules say when."`
		Application  *ApplicationPart `json:"application,omitempty"`
		Draft        *DraftPart       `json:"draft,omitempty"`
		Review       *ReviewPart      `json:"review,omitempty"`
		Decision     *DecisionPart    `json:"decision,omitempty"`
		Quote        *QuotePart       `json:"quote,omitempty"`
		Population   *PopulationPart  `json:"population,omitempty"`
		Extraction   *ExtractionPart  `json:"extraction,omitempty"`
		Delivery     *DeliveryPart    `json:"delivery,omitempty"`
		Invoice      *order.Invoiced  `json:"invoice,omitempty"`
		Purge        *PurgePart       `json:"purge,omitempty"`
	}
	// ApplicationPart is the latest version of the answers.
	ApplicationPart struct {
		Answers     intake.Application `json:"answers"`
		Hash        canon.Hash         `json:"hash"`
		Supplements []SupplementPart   `json:"supplements"`
		Aside       []intake.Moved     `json:"aside,omitempty" doc:"Answers of an older form that the form in use has no place for."`
	}
	// SupplementPart is a request for more.
	SupplementPart struct {
		ID        int             `json:"id"`
		Parts     []string        `json:"parts"`
		Text      string          `json:"text"`
		Due       day.Day         `json:"due"`
		Answered  bool            `json:"answered"`
		TimedOut  bool            `json:"timed_out" doc:"The day has passed; a late answer is still taken in until the decision."`
		Form      int             `json:"form" doc:"Whose questions the parts have; the other answers stay on the form that they were given on."`
		Questions []AskedQuestion `json:"questions,omitempty" doc:"Of the parts, while they can be answered."`
	}
	// AskedQuestion is a question that a supplement asks.
	AskedQuestion struct {
		ID   string       `json:"id" doc:"With [] for every place in a list."`
		Text catalog.Text `json:"text"`
	}
	// DraftPart is the latest draft quote.
	DraftPart struct {
		Quote  quote.Quote `json:"quote"`
		Hash   canon.Hash  `json:"hash"`
		Open   bool        `json:"open" doc:"Waits for an answer."`
		Agreed bool        `json:"agreed"`
	}
	// ReviewPart says that the confidentiality review is done.
	ReviewPart struct {
		Done bool   `json:"done"`
		By   string `json:"by"`
	}
	// DecisionPart is the decision and who is bound by it.
	DecisionPart struct {
		Decision   order.Decision `json:"decision"`
		Hash       canon.Hash     `json:"hash"`
		Note       string         `json:"note"`
		Dispatched bool           `json:"dispatched"`
		Bound      []string       `json:"bound" doc:"Who has acknowledged the förbehåll."`
	}
	// QuotePart is the final quote.
	QuotePart struct {
		Quote    quote.Quote `json:"quote"`
		Hash     canon.Hash  `json:"hash"`
		Accepted bool        `json:"accepted"`
	}
	// PopulationPart is what has become of population files.
	PopulationPart struct {
		Due      bool        `json:"due"`
		Received bool        `json:"received"`
		Checked  bool        `json:"checked"`
		Accepted bool        `json:"accepted"`
		Persons  int         `json:"persons"`
		Early    []EarlyPart `json:"early"`
	}
	// EarlyPart is a file that came before the decision and was not read.
	EarlyPart struct {
		ID  int    `json:"id"`
		How string `json:"how" doc:"returned, destroyed, or empty while it waits."`
	}
	// ExtractionPart is the extraction and its release.
	ExtractionPart struct {
		Spec     *plan.Spec       `json:"spec,omitempty"`
		Hash     canon.Hash       `json:"hash"`
		By       string           `json:"by"`
		Running  bool             `json:"running"`
		Result   *order.Extracted `json:"result,omitempty"`
		Released bool             `json:"released"`
		Releaser string           `json:"releaser,omitempty"`
	}
	// DeliveryPart is the parcel, and the clocks that its delivery started.
	DeliveryPart struct {
		Manifest  canon.Hash `json:"manifest"`
		SHA256    canon.Hash `json:"sha256"`
		Bytes     int64      `json:"bytes"`
		Route     string     `json:"route"`
		On        day.Day    `json:"on"`
		PurgeOn   day.Day    `json:"purge_on"`
		BillFrom  day.Day    `json:"bill_from"`
		BillUntil day.Day    `json:"bill_until"`
		Receipt   bool       `json:"receipt"`
	}
	// PurgePart is the purge.
	PurgePart struct {
		Ordered  bool   `json:"ordered"`
		Done     bool   `json:"done"`
		Protocol string `json:"protocol,omitempty" doc:"Signed by the vault."`
	}
)

// caseOutput answers with a case.
type caseOutput struct {
	ETag string `header:"ETag"`
	Body Case
}

// show answers with the case as the asker sees it now.
func (p *programs) show(ctx context.Context, id string) (*caseOutput, error) {
	entries, s, rel, err := p.look(ctx, id)
	if err != nil {
		return nil, err
	}
	return shown(p.caseFor(who(ctx).Role, rel, entries, s)), nil
}

func shown(c Case) *caseOutput { return &caseOutput{etag(c.Version), c} }

// caseFor is the case as somebody in the role and relation sees it.
func (p *programs) caseFor(role order.Role, rel access.Relation, entries []order.Entry, s order.State) Case {
	a := s.Application
	c := Case{
		ID: s.ID, Version: len(access.Read(role, rel, entries, s)), Phase: access.Phase(role, s), Purpose: a.Purpose, Title: a.Title,
		Principal: a.Principal.Name, ReceivedOn: s.ReceivedOn, Acknowledged: s.Acknowledged, Commands: []string{},
	}
	for _, name := range access.Given(role, rel) {
		if !p.Orders.SwitchedOff(name, role, s.Phase()) {
			c.Commands = append(c.Commands, name)
		}
	}
	if s.Complete {
		c.CompleteOn = s.CompleteOn.String()
	}
	for view, put := range parts {
		if access.MaySee(role, view, rel, s) {
			put(&c, s)
		}
	}
	if c.Application != nil && !access.Personal(role) {
		c.Application.Answers, c.Application.Aside = access.NamedOnly(role, a), nil
	}
	return c
}

// parts fills in what belongs to each view.
var parts = map[access.View]func(*Case, order.State){
	access.ViewApplication: func(c *Case, s order.State) {
		c.Application = &ApplicationPart{Answers: s.Application, Hash: s.AppHash, Supplements: []SupplementPart{}, Aside: s.Aside}
		for _, x := range s.Supplements {
			c.Application.Supplements = append(c.Application.Supplements, supplementPart(x, s))
		}
	},
	access.ViewDraft: func(c *Case, s order.State) {
		if s.Draft != nil {
			c.Draft = &DraftPart{Quote: *s.Draft, Hash: s.DraftHash, Open: s.DraftOpen, Agreed: s.AgreedDraft == s.DraftHash}
		}
	},
	access.ViewReview: func(c *Case, s order.State) {
		if s.Reviewed {
			c.Review = &ReviewPart{Done: true, By: s.ReviewedBy}
		}
	},
	access.ViewDecision: func(c *Case, s order.State) {
		if s.Decision == nil {
			return
		}
		c.Decision = &DecisionPart{Decision: *s.Decision, Hash: s.DecisionHash, Note: s.DecisionNote, Dispatched: s.Dispatched, Bound: []string{}}
		if f := s.Decision.Forbehall; f != nil {
			for _, name := range f.Names {
				if s.Bound[name] {
					c.Decision.Bound = append(c.Decision.Bound, name)
				}
			}
		}
	},
	access.ViewQuote: func(c *Case, s order.State) {
		if s.Quote != nil {
			c.Quote = &QuotePart{Quote: *s.Quote, Hash: s.QuoteHash, Accepted: s.Accepted}
		}
	},
	access.ViewPopulation: func(c *Case, s order.State) {
		c.Population = &PopulationPart{Due: s.Dispatched && s.PopulationDue(), Early: []EarlyPart{}}
		if f := s.Population; f != nil {
			c.Population.Received, c.Population.Checked, c.Population.Accepted, c.Population.Persons = true, f.Checked, f.Accepted, f.Persons
		}
		for _, e := range s.Early {
			c.Population.Early = append(c.Population.Early, EarlyPart(e))
		}
	},
	access.ViewExtraction: func(c *Case, s order.State) {
		if s.Spec != nil {
			c.Extraction = &ExtractionPart{
				Spec: s.Spec, Hash: s.SpecHash, By: s.ExtractedBy, Running: s.Running, Result: s.Extracted, Released: s.Released, Releaser: s.ReleasedBy,
			}
		}
	},
	access.ViewDelivery: func(c *Case, s order.State) {
		if d := s.Delivery; d != nil {
			c.Delivery = &DeliveryPart{d.Manifest, d.SHA256, d.Bytes, d.Route, d.On, d.PurgeOn, d.BillFrom, d.BillTo, s.Receipt}
		}
	},
	access.ViewInvoice: func(c *Case, s order.State) { c.Invoice = s.Invoice },
	access.ViewPurge: func(c *Case, s order.State) {
		if s.PurgeOpen || s.Purged {
			c.Purge = &PurgePart{Ordered: true, Done: s.Purged, Protocol: s.Protocol}
		}
	},
}

func supplementPart(x order.Supplement, s order.State) SupplementPart {
	out := SupplementPart{ID: x.ID, Parts: x.Parts, Text: x.Text, Due: x.Due, Answered: x.Answered, TimedOut: x.TimedOut, Form: max(x.Form, s.Application.FormVersion())}
	if x.Answered || s.Decision != nil {
		return out
	}
	for _, id := range intake.QuestionsBelow(x.Parts) {
		text, _ := intake.Label(id)
		out.Questions = append(out.Questions, AskedQuestion{id, text})
	}
	return out
}

// Happening is one event as one reader sees it.
type Happening struct {
	Number  int            `json:"number" doc:"Place among the events that the reader sees."`
	At      time.Time      `json:"at"`
	Type    string         `json:"type"`
	Role    order.Role     `json:"role" doc:"Who acted, as what."`
	By      string         `json:"by,omitempty" doc:"Who acted; left out where the reader may not know."`
	What    string         `json:"what" doc:"In the reader's language."`
	Content map[string]any `json:"content,omitempty" doc:"Left out where the reader learns only that it happened."`
}

// happenings are the events of a case as somebody sees them, after a number.
func happenings(role order.Role, rel access.Relation, entries []order.Entry, s order.State, lang string, after int) ([]Happening, error) {
	out := []Happening{}
	for _, v := range access.Read(role, rel, entries, s) {
		if v.Number <= after {
			continue
		}
		e := v.Entry
		h := Happening{Number: v.Number, At: e.At, Type: e.Event.Type(), Role: e.By.Role, What: order.Headline(e.Event.Type()).In(lang)}
		if access.Names(role, e.By) {
			h.By = e.By.ID
		}
		if v.Depth == access.Full {
			_, raw, err := order.Encode(e.Event)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(raw, &h.Content); err != nil {
				return nil, err
			}
			access.NamesOnly(role, h.Content)
			if access.Outside(role) {
				for _, name := range access.Inner(h.Type) {
					delete(h.Content, name)
				}
			}
		}
		out = append(out, h)
	}
	return out, nil
}
