package swede

import (
	"testing"
	"time"
	_ "time/tzdata" // to compare with, on a machine without zone files
)

func TestCivilDay(t *testing.T) {
	t.Parallel()
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2002, 1, 1, 0, 30, 0, 0, time.UTC)
	for range 40 * 366 {
		for _, hour := range []int{0, 21, 22, 23} {
			x := at.Add(time.Duration(hour) * time.Hour)
			if got, want := CivilDay(x).String(), x.In(stockholm).Format(time.DateOnly); got != want {
				t.Fatalf("%s: %s, want %s", x, got, want)
			}
			h, m := Clock(x)
			if l := x.In(stockholm); h != l.Hour() || m != l.Minute() {
				t.Fatalf("%s: a clock shows %d.%02d, want %s", x, h, m, l.Format(time.TimeOnly))
			}
		}
		at = at.AddDate(0, 0, 1)
	}
}
