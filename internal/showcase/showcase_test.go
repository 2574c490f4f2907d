package showcase_test

import (
	"testing"
	"time"
)

func TestFill(t *testing.T) {
	c := newCounter(t, today)
	begun := time.Now()
	shown := c.fill(t, today)
	t.Log(time.Since(begun), len(shown.All))
	n := 0
	for _, id := range shown.All {
		s, err := c.app.State(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		n += s.Version
		t.Log(id, s.Phase(), s.Version, s.Application.Title)
	}
	t.Log(n, shown.Cases)
}
