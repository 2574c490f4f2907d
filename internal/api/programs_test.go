package api

import "testing"

func TestWholeWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("the end")
	r := d.see("elin", id)
	if r.hash("phase") != "closed" || r.at("purge", "done") != true {
		t.Errorf("%s", r.raw)
	}
}
