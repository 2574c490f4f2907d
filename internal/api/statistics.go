package api

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/measure"
)

type (
	periodInput struct {
		From string `query:"from" maxLength:"10" doc:"First day, YYYY-MM-DD."`
		To   string `query:"to" maxLength:"10" doc:"The day after the last."`
	}
	// StatisticsView is the report of a period.
	StatisticsView struct {
		From      day.Day          `json:"from"`
		To        day.Day          `json:"to" doc:"The day after the last."`
		Threshold int              `json:"threshold" doc:"The least number that is shown; smaller ones, and as many more as are needed, are hidden."`
		Counts    []measure.Count  `json:"counts"`
		Leads     []measure.Lead   `json:"leads"`
		Efforts   []measure.Effort `json:"efforts"`
	}
	internalOutput struct {
		Body struct {
			StatisticsView
			Measured []LeadView `json:"measured" doc:"Lead times of two years, which promises to orderers rest on; nothing is hidden."`
		}
	}
	// LeadView is the lead time of a phase with the cases it rests on.
	LeadView struct {
		Purpose string `json:"purpose"`
		Phase   string `json:"phase"`
		Median  int    `json:"working_days_median"`
		Slow    int    `json:"working_days_p90"`
		Cases   int    `json:"cases"`
	}
)

// statistics registers statistics about ourselves: drafts and enquiries are in
// none of them.
func (p *programs) statistics(api huma.API, mux *http.ServeMux) {
	register(p, api, http.MethodGet, "/api/v1/statistics/internal", "get_internal_statistics", ScopeRead, "The report of any period, and the lead times that forecasts rest on. For: staff, administrator.", p.internalStatistics)
	mux.HandleFunc("GET /api/v1/statistics", func(w http.ResponseWriter, r *http.Request) {
		if err := p.publicStatistics(w, r); err != nil {
			p.fail(w, r, err)
		}
	})
	text := &huma.Schema{Type: huma.TypeString}
	answers := problems(api)
	answers["200"] = &huma.Response{Description: "The report", Content: map[string]*huma.MediaType{"application/json": {}, "text/csv": {}}}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "get_statistics", Method: http.MethodGet, Path: "/api/v1/statistics",
		Summary:    "Statistics of one calendar quarter that has ended (the last, unless from and to are given); open to all. As CSV with format=csv.",
		Parameters: []*huma.Param{{Name: "from", In: "query", Schema: text}, {Name: "to", In: "query", Schema: text}, {Name: "format", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"json", "csv"}}}, {Name: "separator", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"semicolon", "comma", "tab"}}}},
		Responses:  answers,
	})
}

// period reads a period; both left out is the zero period.
func period(from, to string) (day.Span, error) {
	if from == "" && to == "" {
		return day.Span{}, nil
	}
	a, err1 := day.Parse(from)
	b, err2 := day.Parse(to)
	if err1 != nil || err2 != nil || a >= b {
		return day.Span{}, failure(http.StatusUnprocessableEntity, "statistics.period", "from och to ska vara dagar, i den ordningen.", "from and to must be days, in that order.").do("Skriv dem som 2026-07-01 och 2026-10-01.", "Write them as 2026-07-01 and 2026-10-01.")
	}
	return day.Span{From: a, To: b}, nil
}

func statisticsView(r measure.Report) StatisticsView {
	return StatisticsView{r.From, r.To, r.Threshold, append([]measure.Count{}, r.Counts...), append([]measure.Lead{}, r.Leads...), append([]measure.Effort{}, r.Efforts...)}
}

func (p *programs) publicStatistics(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	span, err := period(q.Get("from"), q.Get("to"))
	if err != nil {
		return err
	}
	report, err := p.Orders.PublicStatistics(r.Context(), span)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if q.Get("format") != "csv" {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(statisticsView(report))
	}
	sep, ok := map[string]rune{"": ';', "semicolon": ';', "comma": ',', "tab": '\t'}[q.Get("separator")]
	if !ok {
		return failure(http.StatusUnprocessableEntity, "statistics.separator", "Avgränsaren är semicolon, comma eller tab.", "The separator is semicolon, comma or tab.").do("Ange en av dem.", "Give one of them.")
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="sluss-`+report.From.String()+`.csv"`)
	return WriteTable(w, app.Table(report), sep)
}

// WriteTable writes the lines of a report as CSV. Fields are quoted where they
// hold a separator, and text that a spreadsheet would take for a formula gets an
// apostrophe before it. A hidden number is an empty field.
func WriteTable(w io.Writer, rows []app.Row, separator rune) error {
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = separator, true
	if err := out.Write([]string{"table", "row", "purpose", "measure", "value", "hidden"}); err != nil {
		return err
	}
	for _, r := range rows {
		value := strconv.FormatInt(r.Value, 10)
		if r.Hidden {
			value = ""
		}
		if err := out.Write([]string{app.PlainCell(r.Table), app.PlainCell(r.Row), app.PlainCell(r.Purpose), app.PlainCell(r.Measure), value, strconv.FormatBool(r.Hidden)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (p *programs) internalStatistics(ctx context.Context, in *periodInput) (*internalOutput, error) {
	by := who(ctx)
	if !access.Works(by.Role) && by.Role != access.RoleAdministrator {
		return nil, denied(by.Role, "get_internal_statistics")
	}
	span, err := period(in.From, in.To)
	if err != nil {
		return nil, err
	}
	if span == (day.Span{}) {
		span = day.Span{From: p.today() - 365, To: p.today() + 1}
	}
	report, err := p.Orders.Statistics(ctx, span)
	if err != nil {
		return nil, err
	}
	leads, err := p.Orders.Leads(ctx)
	out := &internalOutput{}
	out.Body.StatisticsView, out.Body.Measured = statisticsView(report), leadViews(leads)
	return out, err
}

func leadViews(leads map[string]map[string]clock.Lead) []LeadView {
	out := []LeadView{}
	for purpose, phases := range leads {
		for phase, l := range phases {
			out = append(out, LeadView{purpose, phase, l.Median, l.Slow, l.Cases})
		}
	}
	slices.SortFunc(out, func(a, b LeadView) int {
		return cmp.Or(cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Phase, b.Phase))
	})
	return out
}
