package spelltable

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEndedAnywhere: whenever the context ends, Run returns its error and leaves no
// file; and it tells of every stage.
func TestEndedAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var rows, anchors strings.Builder
	rows.WriteString("person,benefit,track,row_id,tx,kind,from,tom,extent,amount_ore\n")
	anchors.WriteString("person,anchor\n")
	for i := range 3000 {
		fmt.Fprintf(&rows, "%d,SJP,t%d,%d,1,pay,2024-01-01,2024-01-31,100,100\n", i, i, i)
		fmt.Fprintf(&anchors, "%d,2024-01-10\n", i)
	}
	for name, text := range map[string]string{"rows.csv": rows.String(), "anchors.csv": anchors.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) *string {
		path := filepath.Join(dir, name)
		return &path
	}
	word := func(s string) *string { return &s }
	o := Options{
		Rows: file("rows.csv"), Anchors: file("anchors.csv"), FromOffset: word("-P5D"), ToOffset: word("P5D"), Overlap: word("error"),
		Rejects: file("rejects.csv"), Corrections: file("corrections.csv"),
	}
	for stop := 0; ; stop++ {
		ctx, end := context.WithCancel(t.Context())
		var told []string
		o.Progress = func(stage string, n int64, part float64) {
			if part < 0 || part > 1 {
				t.Errorf("%s: %g after %d", stage, part, n)
			}
			if told = append(told, stage); len(told) > stop {
				end()
			}
		}
		var out bytes.Buffer
		_, err := Run(ctx, o, nil, &out)
		end()
		entries, rerr := os.ReadDir(dir)
		if rerr != nil {
			t.Fatal(rerr)
		}
		if err == nil {
			if want := "read read read anchors anchors anchors conflicts conflicts conflicts corrections corrections corrections spells spells spells"; strings.Join(told, " ") != want {
				t.Errorf("told %v", told)
			}
			if len(entries) != 4 {
				t.Errorf("left %v", entries)
			}
			return
		}
		if !errors.Is(err, context.Canceled) || len(told) != stop+1 || len(entries) != 2 {
			t.Errorf("ended at call %d: %d calls, %v, left %v", stop, len(told), err, entries)
		}
	}
}
