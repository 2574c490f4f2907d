package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
)

func TestFit(t *testing.T) {
	t.Parallel()
	whole, err := json.Marshal(application())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		answers string
		want    []string
	}{
		{`{}`, nil},
		{string(whole), nil},
		{`{"purpose": null, "recipient": null, "data": null}`, nil},
		{`{"purpose": "resarch"}`, []string{"draft.unknown_option purpose"}},
		{`{"purpose": ""}`, nil},
		{`{"purpose": 7}`, []string{"draft.wrong_type purpose"}},
		{`{"titel": "x"}`, []string{"draft.unknown_field titel"}},
		{`{"population": {"size": "ungefär 1500"}}`, []string{"draft.wrong_type population.size"}},
		{`{"population": "alla"}`, []string{"draft.wrong_type population"}},
		{`{"population": {"size": 1.5}}`, []string{"draft.wrong_type population.size"}},
		{`{"sensitive": "ja"}`, []string{"draft.wrong_type sensitive"}},
		{`{"project": {"start": "i höst", "end": "2027-01-01"}}`, []string{"draft.wrong_type project.start"}},
		{`{"data": [{"register": "midas_sjuk", "shape": "spel"}, 7, {"from": "2026-01-01"}]}`, []string{"draft.unknown_option data[0].shape", "draft.wrong_type data[1]"}},
		{`{"data": {}}`, []string{"draft.wrong_type data"}},
		{`{"delivery": {"formats": ["csv", "sas", 3]}}`, []string{"draft.unknown_option delivery.formats[1]", "draft.wrong_type delivery.formats[2]"}},
		{`[]`, []string{"draft.wrong_type "}},
	} {
		_, problems := app.Fit(json.RawMessage(tt.answers))
		var got []string
		for _, p := range problems {
			got = append(got, p.Rule+" "+p.Field)
			if p.SV == "" || p.EN == "" || strings.Contains(p.SV+p.EN, "ungefär") {
				t.Errorf("%+v", p)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%.80s: %q, want %q", tt.answers, got, tt.want)
		}
	}
	a, _ := app.Fit(json.RawMessage(`{"title": "T", "population": {"size": "x", "holder": "SCB"}, "data": ["x", {"register": "r"}]}`))
	if a.Title != "T" || a.Population.Holder != "SCB" || len(a.Data) != 1 || a.Data[0].Register != "r" {
		t.Errorf("what fits is lost: %s", fmt.Sprint(a.Title, a.Population, a.Data))
	}
}
