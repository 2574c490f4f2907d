package api

import (
	"archive/zip"
	"io"
	"strings"
	"testing"
)

// twin fetches a twin: the names of its files, and the manifest.
func (d *desk) twin(person, id string) (names []string, manifest string) {
	d.t.Helper()
	r := d.want(d.as(person, "GET", "/api/v1/orders/"+id+"/twin.zip", nil), 200, "")
	z, err := zip.NewReader(strings.NewReader(r.raw), int64(len(r.raw)))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
		if strings.HasSuffix(f.Name, "manifest-syntetisk.json") {
			in, err := f.Open()
			if err != nil {
				d.t.Fatal(err)
			}
			b, err := io.ReadAll(in)
			if err != nil {
				d.t.Fatal(err)
			}
			manifest = string(b)
		}
	}
	return names, manifest
}

// TestTwinBeforeApproval: an orderer fetches made-up data before anything has
// been decided, of a draft, too; a decision that has not been dispatched does
// not show in it.
func TestTwinBeforeApproval(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	draft := d.draft(object{"purpose": "research", "data": []object{{
		"register": "midas_sjuk", "benefits": []string{"SJP"}, "from": "2020-01-01", "to": "2024-12-31", "table": "midas_sjp", "shape": "spell", "variables": []string{"from_datum", "dagar"},
	}}})
	names, manifest := d.twin("elin", draft)
	if !strings.Contains(strings.Join(names, " "), "UTKAST-syntetisk/midas_sjp-syntetisk.csv") || !strings.Contains(manifest, `"stage": "applied"`) || !strings.Contains(manifest, `"synthetic": true`) {
		t.Errorf("%s\n%s", names, manifest)
	}
	d.want(d.as("ester", "GET", "/api/v1/orders/"+draft+"/twin.zip", nil), 404, "api.not_found")

	id := d.until("dispatch_decision") // decided, not dispatched
	if _, m := d.twin("elin", id); !strings.Contains(m, `"stage": "applied"`) {
		t.Error("a decision that nobody has been told shows in the orderer's twin")
	}
	if _, m := d.twin("karin", id); !strings.Contains(m, `"stage": "decided"`) {
		t.Error("the handler does not see the decision in the twin")
	}
	d.want(d.as("ester", "GET", "/api/v1/orders/"+id+"/twin.zip", nil), 404, "api.not_found")
	open := d.draft(object{"purpose": "research"})
	d.want(d.as("elin", "GET", "/api/v1/orders/"+open+"/twin.zip", nil), 422, "twin.open")
}
