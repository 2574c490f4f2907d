package spelltable

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluss/internal/fault"
)

// asked is one run of the command in a folder of its own.
type asked struct {
	out, rejects string
	wrote        bool // the reject file is there
	notes        Notes
	fault        *fault.Fault
}

// ask runs the command. args are written as on a command line; files are named
// rows.csv, anchors.csv and rejects.csv. A rows text without the header gets
// it.
func ask(t testing.TB, rows, anchors, args string) asked {
	t.Helper()
	dir := t.TempDir()
	if told, yes := strings.CutPrefix(rows, "+"); yes { // with what applications say
		rows = strings.Join(slices.Concat(rowColumns, toldColumns), ",") + "\n" + told
	}
	if !strings.HasPrefix(rows, "\ufeff") && !strings.HasPrefix(rows, "person") && !strings.HasPrefix(rows, "!") {
		rows = strings.Join(rowColumns, ",") + "\n" + rows
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.TrimPrefix(text, "!")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rowsPath := write("rows.csv", rows)
	o := Options{Rows: &rowsPath}
	if anchors != "" {
		path := write("anchors.csv", "person,anchor\n"+strings.TrimPrefix(anchors, "!"))
		o.Anchors = &path
	}
	options := map[string]**string{
		"--shape": &o.Shape, "--as-of": &o.AsOf, "--max-gap": &o.MaxGap, "--overlap": &o.Overlap, "--from": &o.From, "--to": &o.To,
		"--from-offset": &o.FromOffset, "--to-offset": &o.ToOffset, "--mode": &o.Mode, "--history": &o.History, "--horizon": &o.Horizon,
		"--top-up-max": &o.TopUpMax, "--far-gap": &o.FarGap, "--sick-pay": &o.SickPay,
	}
	words := strings.Fields(args)
	for i := 0; i < len(words); i += 2 {
		into := options[words[i]]
		if into == nil {
			t.Fatalf("option %q", words[i])
		}
		*into = &words[i+1]
	}
	rejects := filepath.Join(dir, "rejects.csv")
	o.Rejects = &rejects
	var out bytes.Buffer
	notes, err := Run(t.Context(), o, nil, &out)
	a := asked{out: out.String(), notes: notes}
	if err != nil && !errors.As(err, &a.fault) {
		t.Fatalf("not a fault: %v", err)
	}
	if b, err := os.ReadFile(rejects); err == nil {
		a.rejects, a.wrote = string(b), true
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".rejects*")); len(left) > 0 {
		t.Errorf("left behind: %d files", len(left))
	}
	if a.fault != nil && (a.out != "" || a.wrote) {
		t.Errorf("a fault, but something was written: %q %v", a.out, a.wrote)
	}
	return a
}

// sentences hold the contract sentence by sentence. Lines are written without
// the header and separated by spaces.
var sentences = []struct {
	name, rows, anchors, args string
	want                      string
}{
	// Output sorted bytewise by person, benefit, then from or period.
	{
		"sorted bytewise", "b,SJP,A,1,1,pay,2024-01-01,2024-01-01,100,0\nB,SJP,A,2,1,pay,2024-01-01,2024-01-01,100,0\nå,SJP,A,3,1,pay,2024-01-01,2024-01-01,100,0\n10,SJP,A,4,1,pay,2024-01-01,2024-01-01,100,0\n9,SJP,A,5,1,pay,2024-01-01,2024-01-01,100,0\nb,SE,A,6,1,pay,2024-02-01,2024-02-01,100,0\nb,SJP,A,7,1,pay,2023-01-01,2023-01-01,100,0\n", "", "",
		"10,SJP,1,2024-01-01,2024-01-01,1,1,1,0,0,0 9,SJP,1,2024-01-01,2024-01-01,1,1,1,0,0,0 B,SJP,1,2024-01-01,2024-01-01,1,1,1,0,0,0 b,SE,1,2024-02-01,2024-02-01,1,1,1,0,0,0 b,SJP,1,2023-01-01,2023-01-01,1,1,1,0,0,0 b,SJP,2,2024-01-01,2024-01-01,1,1,1,0,0,0 å,SJP,1,2024-01-01,2024-01-01,1,1,1,0,0,0",
	},
	// No --as-of = all rows; the first listed option is the default.
	{"all rows without as-of", "p,SJP,A,1,99,pay,2024-01-01,2024-01-10,100,0\n", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"as-of may be negative", "p,SJP,A,1,-5,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,-4,rev,2024-01-01,2024-01-10,100,0\n", "", "--as-of -5", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"gap 4 by default", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,1,pay,2024-01-15,2024-01-20,100,0\np,SJP,A,3,1,pay,2024-01-26,2024-01-26,100,0\n", "", "", "p,SJP,1,2024-01-01,2024-01-20,20,16,16,0,0,0 p,SJP,2,2024-01-26,2024-01-26,1,1,1,0,0,0"},
	{"gap 0 joins what touches", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,1,pay,2024-01-11,2024-01-20,50,0\np,SJP,A,3,1,pay,2024-01-22,2024-01-22,50,0\n", "", "--max-gap 0", "p,SJP,1,2024-01-01,2024-01-20,20,20,15,0,0,0 p,SJP,2,2024-01-22,2024-01-22,1,1,0.5,0,0,0"},
	{"a gap beyond all days", "p,SJP,A,1,1,pay,0001-01-01,0001-01-01,100,0\np,SJP,A,2,1,pay,9999-12-31,9999-12-31,100,0\n", "", "--max-gap 99999999999", "p,SJP,1,0001-01-01,9999-12-31,3652059,2,2,0,0,0"},
	{"no rows", "", "", "", ""},
	// Rows equal in every column but row_id count once for days and amounts.
	{"equal rows", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,1000\np,SJP,A,2,1,pay,2024-01-01,2024-01-10,50,1000\np,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,1000\n", "", "--shape panel-year --overlap sum_tracks", "p,SJP,2024,10,5,1000"},
	{"equal in different tracks are two", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,1000\np,SJP,B,2,1,pay,2024-01-01,2024-01-10,50,1000\n", "", "--shape panel-year --overlap sum_tracks", "p,SJP,2024,10,10,2000"},
	{"equal reversals", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,1000\np,SJP,A,2,2,rev,2024-01-01,2024-01-10,50,400\np,SJP,A,3,2,rev,2024-01-01,2024-01-10,50,400\n", "", "--shape panel-year", "p,SJP,2024,0,0,600"},
	// At equal tx a payment wins over a reversal, whatever the row ids.
	{"payment over reversal", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,0\np,SJP,A,2,1,rev,2024-01-01,2024-01-10,50,0\n", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,5,0,0,0"},
	{"row_id as an integer", "p,SJP,A,9,1,pay,2024-01-01,2024-01-10,25,0\np,SJP,A,10,1,pay,2024-01-01,2024-01-10,50,0\n", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,5,0,0,0"},
	// --horizon is exclusive and does not cut closed rows.
	{"ongoing", "p,SE,A,1,1,pay,2025-07-01,,75,0\n", "", "--horizon 2026-11-01", "p,SE,1,2025-07-01,,488,488,366,0,0,1"},
	{"closed rows past the horizon", "p,SE,A,1,1,pay,2025-07-01,2025-07-31,75,0\n", "", "--horizon 2025-07-11", "p,SE,1,2025-07-01,2025-07-31,31,31,23.25,0,0,0"},
	{"ongoing only if an open row wins the last day", "p,SE,A,1,1,pay,2025-07-01,,75,0\np,SE,A,2,2,pay,2025-07-10,2025-07-10,75,0\n", "", "--horizon 2025-07-11", "p,SE,1,2025-07-01,2025-07-10,10,10,7.5,0,0,0"},
	{"horizon within the window", "p,SE,A,1,1,pay,2024-07-01,,75,0\n", "", "--horizon 2025-01-11 --from 2025-01-01 --to 2025-01-11", "p,SE,1,2025-01-01,,10,10,7.5,1,0,1"},
	{"horizon after the window, mask", "p,SE,A,1,1,pay,2024-07-01,,75,0\n", "", "--horizon 2025-01-12 --from 2025-01-01 --to 2025-01-11", "p,SE,1,2025-01-01,2025-01-10,10,10,7.5,1,1,0"},
	{"horizon after the window, reveal", "p,SE,A,1,1,pay,2024-07-01,,75,0\n", "", "--horizon 2025-01-12 --from 2025-01-01 --to 2025-01-11 --history reveal", "p,SE,1,2025-01-01,2025-01-10,10,10,7.5,1,1,1,2024-07-01,"},
	{"horizon within the window, reveal", "p,SE,A,1,1,pay,2024-07-01,,75,0\n", "", "--horizon 2025-01-11 --from 2025-01-01 --to 2025-01-11 --history reveal", "p,SE,1,2025-01-01,,10,10,7.5,1,0,1,2024-07-01,"},
	{"horizon before the window", "p,SE,A,1,1,pay,2024-07-01,,75,0\n", "", "--horizon 2025-01-01 --from 2025-01-01 --to 2025-01-11", ""},
	{"from the horizon on an open row covers nothing", "p,SE,A,1,1,pay,2025-07-11,,75,0\np,SE,A,2,1,pay,2025-08-11,,75,0\n", "", "--horizon 2025-07-11", ""},
	{"an open reversal", "p,SE,A,1,1,pay,2025-07-01,2025-07-31,75,0\np,SE,A,2,2,rev,2025-07-21,,75,0\n", "", "--horizon 2025-07-26", "p,SE,1,2025-07-01,2025-07-20,20,20,15,0,0,0 p,SE,2,2025-07-26,2025-07-31,6,6,4.5,0,0,0"},
	{"sum: any open winner", "p,SE,A,1,1,pay,2025-07-01,,25,0\np,SE,B,2,2,pay,2025-07-01,2025-07-10,25,0\n", "", "--horizon 2025-07-11 --overlap sum_tracks", "p,SE,1,2025-07-01,,10,10,5,0,0,1"},
	{"error: any open winner", "p,SE,A,1,1,pay,2025-07-01,,25,0\np,SE,B,2,2,pay,2025-07-01,2025-07-10,25,0\n", "", "--horizon 2025-07-11 --overlap error", "p,SE,1,2025-07-01,,10,10,2.5,0,0,1"},
	{"latest: the winner alone", "p,SE,A,1,1,pay,2025-07-01,,25,0\np,SE,B,2,2,pay,2025-07-01,2025-07-10,25,0\n", "", "--horizon 2025-07-11", "p,SE,1,2025-07-01,2025-07-10,10,10,2.5,0,0,0"},
	{"sum, open, reveal, end_in never picks ongoing", "p,SE,A,1,1,pay,2025-07-01,,25,0\np,SE,B,2,2,pay,2025-07-01,2025-07-10,25,0\np,SE,A,3,1,pay,2025-01-01,2025-01-10,75,0\np,SE,B,4,1,pay,2025-01-05,2025-01-12,75,0\n", "", "--horizon 2025-07-11 --overlap sum_tracks --mode end_in --history reveal --from 2025-01-12 --to 2026-01-01", "p,SE,1,2025-01-01,2025-01-12,12,12,10.5,1,0,0"},
	{"the last sub-spell of an ongoing spell", "p,SE,A,1,1,pay,2025-07-01,,25,0\np,SE,A,2,2,pay,2025-07-01,2025-07-05,50,0\n", "", "--horizon 2025-07-11 --shape subspell", "p,SE,1,2025-07-01,2025-07-05,50,5,2.5,1 p,SE,2,2025-07-06,,25,5,1.25,1"},
	{"sub-spells of a cut ongoing spell", "p,SE,A,1,1,pay,2025-07-01,,25,0\n", "", "--horizon 2025-07-11 --shape subspell --from 2025-07-02 --to 2025-07-05", "p,SE,1,2025-07-02,2025-07-04,25,3,0.75,1"},
	{"sub-spells of a whole ongoing spell", "p,SE,A,1,1,pay,2025-07-01,,25,0\n", "", "--horizon 2025-07-11 --shape subspell --from 2025-07-02 --to 2025-07-05 --mode overlap --history reveal", "p,SE,1,2025-07-01,,25,10,2.5,1"},
	{"whole ongoing spell", "p,SE,A,1,1,pay,2025-07-01,,25,0\n", "", "--horizon 2025-07-11 --from 2025-07-02 --to 2025-07-05 --mode overlap --history reveal", "p,SE,1,2025-07-01,,10,10,2.5,1,1,1"},
	// seq counts delivered lines; spell_seq is the seq of the spell.
	{"seq of delivered spells", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,1,pay,2024-03-01,2024-03-10,100,0\np,SJP,A,3,1,pay,2024-05-01,2024-05-10,100,0\n", "", "--from 2024-02-01 --to 2024-07-01", "p,SJP,1,2024-03-01,2024-03-10,10,10,10,0,0,0 p,SJP,2,2024-05-01,2024-05-10,10,10,10,0,0,0"},
	{"seq of sub-spells", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,1,pay,2024-03-01,2024-03-10,100,0\np,SJP,A,3,1,pay,2024-03-11,2024-03-12,50,0\np,SE,A,4,1,pay,2024-05-01,2024-05-10,100,0\n", "", "--from 2024-02-01 --to 2024-07-01 --shape subspell", "p,SE,1,2024-05-01,2024-05-10,100,10,10,1 p,SJP,1,2024-03-01,2024-03-10,100,10,10,1 p,SJP,2,2024-03-11,2024-03-12,50,2,1,1"},
	// true_from, true_tom only for spell, clip and reveal.
	{"reveal without a window", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "--history reveal", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0,2024-01-01,2024-01-10"},
	{"reveal and start_in", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "--history reveal --mode start_in --from 2024-01-01 --to 2024-01-02", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,1,0"},
	{"reveal in sub-spells", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "--history reveal --shape subspell --from 2024-01-05 --to 2024-01-07", "p,SJP,1,2024-01-05,2024-01-06,100,2,2,1"},
	// A cut spell runs from its first to its last covered day in the window.
	{"cut in a gap", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,1,pay,2024-01-15,2024-01-20,100,0\n", "", "--from 2024-01-05 --to 2024-01-13", "p,SJP,1,2024-01-05,2024-01-10,6,6,6,1,1,0"},
	{"only gap days", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,1,pay,2024-01-15,2024-01-20,100,0\n", "", "--from 2024-01-11 --to 2024-01-15 --mode overlap --history reveal", ""},
	// Modes choose spells; sub-spells and panels hold the chosen spells' days.
	{"start_in under mask", "p,SJP,A,1,1,pay,2023-12-20,2024-01-05,100,0\np,SJP,A,2,1,pay,2024-01-20,2024-02-10,100,0\n", "", "--mode start_in --from 2024-01-01 --to 2024-02-01", "p,SJP,1,2024-01-20,2024-01-31,12,12,12,0,1,0"},
	{"end_in under mask", "p,SJP,A,1,1,pay,2023-12-20,2024-01-05,100,0\np,SJP,A,2,1,pay,2024-01-20,2024-02-10,100,0\n", "", "--mode end_in --from 2024-01-01 --to 2024-02-01", "p,SJP,1,2024-01-01,2024-01-05,5,5,5,1,0,0"},
	{"start_in in a panel", "p,SJP,A,1,1,pay,2023-12-20,2024-01-05,100,1700\np,SJP,A,2,1,pay,2024-01-20,2024-02-10,100,2200\n", "", "--mode start_in --from 2024-01-01 --to 2024-02-01 --shape panel-month", "p,SJP,2024-01,12,12,1700"},
	{"overlap in a panel", "p,SJP,A,1,1,pay,2023-12-20,2024-01-05,100,1700\n", "", "--mode overlap --history reveal --from 2024-01-01 --to 2024-02-01 --shape panel-month", "p,SJP,2023-12,12,12,0 p,SJP,2024-01,5,5,500"},
	{"end_in without a window", "p,SE,A,1,1,pay,2025-07-01,,25,0\np,SE,A,2,1,pay,2025-01-01,2025-01-02,25,0\n", "", "--mode end_in --horizon 2026-01-01", "p,SE,1,2025-01-01,2025-01-02,2,2,0.5,0,0,0"},
	// Amounts.
	{"reversed days keep their amounts apart", "p,SJP,A,1,1,pay,2024-01-30,2024-02-01,100,10001\np,SJP,A,2,2,rev,2024-01-30,2024-02-01,100,10001\np,SJP,B,3,2,pay,2024-02-01,2024-02-01,100,7\n", "", "--shape panel-month", "p,SJP,2024-02,1,1,7"},
	{"day panel", "p,SJP,A,1,1,pay,2024-02-28,2024-03-01,12.5,100\n", "", "--shape panel-day", "p,SJP,2024-02-28,1,0.125,33 p,SJP,2024-02-29,1,0.125,33 p,SJP,2024-03-01,1,0.125,34"},
	{"a great amount", "p,SJP,A,1,1,pay,2023-12-31,2024-01-02,100,9223372036854775807\n", "", "--shape panel-year", "p,SJP,2023,1,1,3074457345618258602 p,SJP,2024,2,2,6148914691236517205"},
	{"a great amount is no matter for spells", "p,SJP,A,1,1,pay,2023-12-31,2024-01-02,100,9223372036854775807\np,SJP,A,2,1,pay,2023-12-31,2024-01-02,100,1\n", "", "", "p,SJP,1,2023-12-31,2024-01-02,3,3,3,0,0,0"},
	// Anchors.
	{"anchors", "p,SJP,A,1,1,pay,2023-02-20,2023-03-05,100,0\np,SJP,A,2,1,pay,2025-02-20,2025-03-05,100,0\nq,SJP,A,3,1,pay,2025-02-20,2025-03-05,100,0\nr,SJP,A,4,1,pay,2025-02-20,2025-03-05,100,0\n", "p,2024-02-29\nq,\nz,2024-01-01\np,2024-02-29\np,\n", "--from-offset -P1Y --to-offset P1Y", "p,SJP,1,2023-02-28,2023-03-05,6,6,6,1,0,0 p,SJP,2,2025-02-20,2025-02-27,8,8,8,0,1,0"},
	{"months first, days after", "p,SJP,A,1,1,pay,2024-01-01,2024-12-31,100,0\n", "p,2024-01-31\n", "--from-offset P1M1D --to-offset P1M2D", "p,SJP,1,2024-03-01,2024-03-01,1,1,1,1,1,0"},
	// Conflicts.
	{"equal winners", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,B,2,1,pay,2024-01-05,2024-01-12,100,0\n", "", "--overlap error", "p,SJP,1,2024-01-01,2024-01-12,12,12,12,0,0,0"},
	{"other benefits do not conflict", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SE,B,2,1,pay,2024-01-05,2024-01-12,50,0\n", "", "--overlap error", "p,SE,1,2024-01-05,2024-01-12,8,8,4,0,0,0 p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"a conflict that as-of leaves out", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,B,2,2,pay,2024-01-05,2024-01-12,50,0\n", "", "--overlap error --as-of 1", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	// Quoting, in and out.
	{"quoted fields", "\"a,\"\"b\"\"\",\"S\nJ\",\"A\",\"1\",\"1\",\"pay\",\"2024-01-01\",\"2024-01-10\",\"100\",\"0\"\n\"c\",SJP,A,2,1,pay,2024-01-01,2024-01-10,100,0\n d ,SJP,A,3,1,pay,2024-01-01,2024-01-10,100,0\n", "", "--shape panel-year", " d ,SJP,2024,10,10,0|\"a,\"\"b\"\"\",\"S\nJ\",2024,10,10,0|c,SJP,2024,10,10,0"},
	{"no line end at the end", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"empty lines at the end", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n\n\n", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"an empty track is a track", "p,SJP,,1,1,pay,2024-01-01,2024-01-10,50,0\np,SJP,A,2,1,pay,2024-01-01,2024-01-10,50,0\n", "", "--overlap sum_tracks", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"CR LF and byte order mark", "\ufeff" + strings.Join(rowColumns, ",") + "\r\np,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\r\n", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	{"a reversal of another benefit", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SE,A,2,2,rev,2024-01-01,2024-01-10,100,0\n", "", "", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0"},
	// Assumptions: off unless asked for.
	{"columns of applications change nothing by themselves", "+p,SJP,A,1,1,pay,2024-01-15,2024-01-24,100,1000,30,2024-01-01\np,SJP,A,2,1,pay,2024-02-01,2024-02-10,100,1000,30,\n", "", "", "p,SJP,1,2024-01-15,2024-01-24,10,10,10,0,0,0 p,SJP,2,2024-02-01,2024-02-10,10,10,10,0,0,0"},
	{"far gap", "+p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0,30,\np,SJP,A,2,1,pay,2024-01-30,2024-02-08,100,0,30,\np,SJP,A,3,1,pay,2024-02-29,2024-02-29,100,0,30,\n", "", "--far-gap 19", "p,SJP,1,2024-01-01,2024-02-08,39,20,20,0,0,0 p,SJP,2,2024-02-29,2024-02-29,1,1,1,0,0,0"},
	{"far gap: one waiting day, or none said", "+p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0,30,\np,SJP,A,2,1,pay,2024-01-20,2024-01-20,100,0,1,\np,SJP,A,3,1,pay,2024-01-30,2024-01-30,100,0,,\n", "", "--far-gap 19", "p,SJP,1,2024-01-01,2024-01-10,10,10,10,0,0,0 p,SJP,2,2024-01-20,2024-01-20,1,1,1,0,0,0 p,SJP,3,2024-01-30,2024-01-30,1,1,1,0,0,0"},
	{"sick pay", "+p,SJP,A,1,1,pay,2024-01-15,2024-01-24,100,0,,2024-01-01\np,SJP,A,2,1,pay,2024-03-16,2024-03-25,50,0,,2024-03-01\n", "", "--sick-pay 14 --shape subspell", "p,SJP,1,2024-01-01,2024-01-14,0,14,0,1 p,SJP,2,2024-01-15,2024-01-24,100,10,10,1 p,SJP,3,2024-03-16,2024-03-25,50,10,5,2"},
	{"top-up", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,50499\np,SJP,A,2,1,pay,2024-02-01,2024-02-10,50,50500\n", "", "--top-up-max 100 --shape panel-month", "p,SJP,2024-01,0,0,50499 p,SJP,2024-02,10,5,50500"},
	{"rows that differ in what the application says are two", "+p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,100,7,\np,SJP,A,2,1,pay,2024-01-01,2024-01-10,100,100,14,\np,SJP,A,3,1,pay,2024-01-01,2024-01-10,100,100,14,\n", "", "--shape panel-month", "p,SJP,2024-01,10,10,200"},
	{"one row id, one content, twice", "p,SJP,A,7,1,pay,2024-01-01,2024-01-10,100,50\np,SJP,A,7,1,pay,2024-01-01,2024-01-10,100,50\n", "", "--shape panel-year", "p,SJP,2024,10,10,50"},
}

func TestContract(t *testing.T) {
	t.Parallel()
	for _, tt := range sentences {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := ask(t, tt.rows, tt.anchors, tt.args)
			if a.fault != nil {
				t.Fatal(a.fault)
			}
			header, body, _ := strings.Cut(a.out, "\n")
			if want := expectHeader(tt.args); header != want {
				t.Errorf("header %q, want %q", header, want)
			}
			want := strings.NewReplacer(" ", "\n", "|", "\n").Replace(tt.want)
			if strings.Contains(tt.want, "|") {
				want = strings.ReplaceAll(tt.want, "|", "\n")
			}
			if want != "" {
				want += "\n"
			}
			if body != want {
				t.Errorf("got\n%swant\n%s", body, want)
			}
			if n := strings.Count(want, "\n"); n != a.notes.Delivered && !strings.Contains(want, `"`) {
				t.Errorf("%d lines noted, want %d", a.notes.Delivered, n)
			}
			if a.rejects != "row_id,reason\n" {
				t.Errorf("rejects %q", a.rejects)
			}
		})
	}
}

func expectHeader(args string) string {
	switch {
	case strings.Contains(args, "subspell"):
		return "person,benefit,seq,from,tom,extent,days,net_days,spell_seq"
	case strings.Contains(args, "panel"):
		return "person,benefit,period,days,net_days,amount_ore"
	case strings.Contains(args, "reveal") && !strings.Contains(args, "--mode"):
		return "person,benefit,seq,from,tom,gross_days,days,net_days,left_cut,right_cut,ongoing,true_from,true_tom"
	}
	return "person,benefit,seq,from,tom,gross_days,days,net_days,left_cut,right_cut,ongoing"
}

func TestAnchorsAreCounted(t *testing.T) {
	t.Parallel()
	rows := "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\nq,SJP,A,2,1,pay,2024-01-01,2024-01-10,100,0\nr,SJP,A,3,9,pay,2024-01-01,2024-01-10,100,0\n,SJP,A,4,1,pay,2024-01-01,2024-01-10,100,0\n"
	a := ask(t, rows, "q,2024-01-01\nnobody,2024-01-01\n", "--from-offset P0D --to-offset P1D --as-of 1")
	if a.fault != nil {
		t.Fatal(a.fault)
	}
	if a.notes.Unplaced != 1 || a.notes.Rejected != 1 {
		t.Errorf("notes %+v, want one person without anchor and one reject", a.notes)
	}
	if got := a.notes.Text("en"); got != "rejected rows: 1\npersons without anchor: 1\n" {
		t.Errorf("notes %q", got)
	}
	if got := a.notes.Text("sv"); got != "avvisade rader: 1\npersoner utan indexdatum: 1\n" {
		t.Errorf("notes %q", got)
	}
}

// Rejects: live rows only, the first reason in the order listed, in the order
// of the file.
func TestRejects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, rows, args, want string }{
		{"order of reasons", ",,A,5,1,pay,2024-01-02,2024-01-01,7,1\np,,A,4,1,pay,2024-01-02,2024-01-01,7,1\np,S,A,3,1,pay,2024-01-02,2024-01-01,7,1\np,S,A,2,1,pay,2024-01-01,2024-01-01,7,1\np,S,A,1,1,pay,2024-01-01,,100,1\n", "", "5,missing_person 4,missing_benefit 3,from_after_tom 2,unknown_extent 1,open_amount"},
		{"open with unknown extent and amount", "p,S,A,1,1,pay,2024-01-01,,7,1\n", "", "1,unknown_extent"},
		{"an open reversal with an amount", "p,S,A,1,1,rev,2024-01-01,,100,1\n", "", "1,open_amount"},
		{"not live", "p,S,A,1,2,pay,2024-01-02,2024-01-01,100,1\np,S,A,2,1,pay,2024-01-02,2024-01-01,100,1\n", "--as-of 1", "2,from_after_tom"},
		{"equal but for row_id: both", "p,S,A,2,1,pay,2024-01-02,2024-01-01,100,1\np,S,A,1,1,pay,2024-01-02,2024-01-01,100,1\n", "", "2,from_after_tom 1,from_after_tom"},
		{"the same row twice: once", "p,S,A,2,1,pay,2024-01-02,2024-01-01,100,1\np,S,A,2,1,pay,2024-01-02,2024-01-01,100,1\n", "", "2,from_after_tom"},
		{"other spellings of extents", "p,S,A,1,1,pay,2024-01-01,2024-01-02,012.5,0\np,S,A,2,1,pay,2024-01-01,2024-01-02,100.0,0\np,S,A,3,1,pay,2024-01-01,2024-01-02,,0\np,S,A,4,1,pay,2024-01-01,2024-01-02,1e2,0\np,S,A,5,1,pay,2024-01-01,2024-01-02,half,0\np,S,A,6,1,pay,2024-01-01,2024-01-02,-25,0\np,S,A,7,1,pay,2024-01-01,2024-01-02, 25,0\np,S,A,8,1,pay,2024-01-01,2024-01-02,125,0\n", "", "1,unknown_extent 2,unknown_extent 3,unknown_extent 4,unknown_extent 5,unknown_extent 6,unknown_extent 7,unknown_extent 8,unknown_extent"},
		{"a rejected open row needs no horizon", "p,S,A,1,1,pay,2024-01-01,,33,0\n", "", "1,unknown_extent"},
		{"from = tom is a day", "p,S,A,1,1,pay,2024-01-01,2024-01-01,100,0\n", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := ask(t, tt.rows, "", tt.args)
			if a.fault != nil {
				t.Fatal(a.fault)
			}
			want := "row_id,reason\n"
			if tt.want != "" {
				want += strings.ReplaceAll(tt.want, " ", "\n") + "\n"
			}
			if a.rejects != want {
				t.Errorf("got\n%swant\n%s", a.rejects, want)
			}
			if n := strings.Count(want, "\n") - 1; a.notes.Rejected != n {
				t.Errorf("%d rejects noted, want %d", a.notes.Rejected, n)
			}
		})
	}
}

// Everything that cannot be used: exit 2 (3 for a conflict), the place named,
// nothing written (ask checks that).
func TestFaults(t *testing.T) {
	t.Parallel()
	const good = "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n"
	const clash = good + "p,SJP,B,2,1,pay,2024-01-10,2024-01-12,50,0\nq,SJP,B,3,1,pay,2024-01-10,2024-01-12,50,0\n"
	for _, tt := range []struct {
		name, rows, anchors, args, code string
		where                           fault.Where
		class                           fault.Class
	}{
		{"empty file", "!", "", "", "spells.header", fault.Where{File: "rows.csv", Line: 1, Column: "person"}, fault.Input},
		{"header in another order", "!benefit,person,track,row_id,tx,kind,from,tom,extent,amount_ore\n", "", "", "spells.header", fault.Where{File: "rows.csv", Line: 1, Column: "person"}, fault.Input},
		{"header lacks a column", "person,benefit,track,row_id,tx,kind,from,tom,extent\n", "", "", "spells.field_count", fault.Where{File: "rows.csv", Line: 1, Column: "amount_ore"}, fault.Input},
		{"header has one too many", strings.Join(rowColumns, ",") + ",note\n", "", "", "spells.field_count", fault.Where{File: "rows.csv", Line: 1, Column: "amount_ore"}, fault.Input},
		{"another separator", strings.Join(rowColumns, ";") + "\n", "", "", "spells.field_count", fault.Where{File: "rows.csv", Line: 1, Column: "benefit"}, fault.Input},
		{"row_id is no integer", good + "p,SJP,A,x,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 3, Column: "row_id"}, fault.Input},
		{"row_id empty", "p,SJP,A,,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "row_id"}, fault.Input},
		{"row_id too great", "p,SJP,A,9223372036854775808,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "row_id"}, fault.Input},
		{"tx is a date", "p,SJP,A,1,2024-01-01,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "tx"}, fault.Input},
		{"tx with decimals", "p,SJP,A,1,1.0,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "tx"}, fault.Input},
		{"tx with space", "p,SJP,A,1, 1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "tx"}, fault.Input},
		{"kind", "p,SJP,A,1,1,PAY,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "kind"}, fault.Input},
		{"from empty", "p,SJP,A,1,1,pay,,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "from"}, fault.Input},
		{"from in year 0", "p,SJP,A,1,1,pay,0000-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "from"}, fault.Input},
		{"tom no day", "p,SJP,A,1,1,pay,2023-01-01,2023-02-29,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "tom"}, fault.Input},
		{"amount negative", "p,SJP,A,1,1,pay,2023-01-01,2023-02-28,100,-1\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "amount_ore"}, fault.Input},
		{"amount empty", "p,SJP,A,1,1,pay,2023-01-01,2023-02-28,100,\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "amount_ore"}, fault.Input},
		{"amount in kronor", "p,SJP,A,1,1,pay,2023-01-01,2023-02-28,100,1.50\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "amount_ore"}, fault.Input},
		{"a cell of a row after as-of", good + "p,SJP,A,2,9,pay,2023-01-01,x,100,1\n", "", "--as-of 1", "spells.cell", fault.Where{File: "rows.csv", Line: 3, Column: "tom"}, fault.Input},
		{"a cell of a row without person", ",SJP,A,2,9,pay,2023-01-01,x,100,1\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "tom"}, fault.Input},
		{"one row_id, two contents", good + "p,SJP,A,2,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,1,1,pay,2024-01-01,2024-01-10,50,0\n", "", "", "spells.row_id", fault.Where{File: "rows.csv", Line: 4, Column: "row_id"}, fault.Input},
		{"one row_id, two persons", good + "q,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.row_id", fault.Where{File: "rows.csv", Line: 3, Column: "row_id"}, fault.Input},
		{"one row_id, two tracks", good + "p,SJP,B,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.row_id", fault.Where{File: "rows.csv", Line: 3, Column: "row_id"}, fault.Input},
		{"one row_id, open or not", good + "p,SJP,A,1,1,pay,2024-01-01,,100,0\n", "", "", "spells.row_id", fault.Where{File: "rows.csv", Line: 3, Column: "row_id"}, fault.Input},
		{"one row_id, two unknown extents", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,1,0\np,SJP,A,1,1,pay,2024-01-01,2024-01-10,2,0\n", "", "", "spells.row_id", fault.Where{File: "rows.csv", Line: 3, Column: "row_id"}, fault.Input},
		{"two contents after as-of", good + "p,SJP,A,2,9,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,9,pay,2024-01-01,2024-01-10,50,0\n", "", "--as-of 1", "spells.row_id", fault.Where{File: "rows.csv", Line: 4, Column: "row_id"}, fault.Input},
		{"too few fields", good + "p,SJP,A\n", "", "", "spells.field_count", fault.Where{File: "rows.csv", Line: 3, Column: "row_id"}, fault.Input},
		{"too many fields", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0,\n", "", "", "spells.field_count", fault.Where{File: "rows.csv", Line: 2, Column: "amount_ore"}, fault.Input},
		{"empty line between", good + "\np,SJP,A,2,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.empty_line", fault.Where{File: "rows.csv", Line: 3, Column: "person"}, fault.Input},
		{"quote inside", "p,S\"JP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.quote", fault.Where{File: "rows.csv", Line: 2, Column: "benefit"}, fault.Input},
		{"text after a quote", "p,\"SJ\"P,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.quote", fault.Where{File: "rows.csv", Line: 2, Column: "benefit"}, fault.Input},
		{"quote never closed", "p,\"SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.quote", fault.Where{File: "rows.csv", Line: 2, Column: "benefit"}, fault.Input},
		{"lone carriage return", "p,S\rJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.quote", fault.Where{File: "rows.csv", Line: 2, Column: "benefit"}, fault.Input},
		{"the line after a quoted line break", "\"p\nq\",SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,A,2,x,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 4, Column: "tx"}, fault.Input},
		{"Latin-1", "p\xe5,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "person"}, fault.Input},
		{"no horizon", good + "p,SJP,A,2,1,pay,2024-01-01,,100,0\n", "", "", "spells.horizon", fault.Where{File: "rows.csv", Line: 3, Column: "tom"}, fault.Input},
		{"no horizon for a reversal", "p,SJP,A,2,1,rev,2024-01-01,,100,0\n", "", "", "spells.horizon", fault.Where{File: "rows.csv", Line: 2, Column: "tom"}, fault.Input},
		{"amounts too great together", "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,9223372036854775807\np,SJP,A,2,1,pay,2024-01-01,2024-01-10,50,1\n", "", "--shape panel-year", "spells.amount_sum", fault.Where{File: "rows.csv", Column: "amount_ore"}, fault.Input},

		{"shape", good, "", "--shape panel", "spells.option", fault.Where{}, fault.Input},
		{"overlap", good, "", "--overlap first", "spells.option", fault.Where{}, fault.Input},
		{"mode", good, "", "--mode all", "spells.option", fault.Where{}, fault.Input},
		{"history", good, "", "--history show", "spells.option", fault.Where{}, fault.Input},
		{"as-of", good, "", "--as-of 2024-01-01", "spells.option", fault.Where{}, fault.Input},
		{"max-gap", good, "", "--max-gap -1", "spells.option", fault.Where{}, fault.Input},
		{"max-gap", good, "", "--max-gap 4.0", "spells.option", fault.Where{}, fault.Input},
		{"top-up-max", good, "", "--top-up-max 0", "spells.option", fault.Where{}, fault.Input},
		{"top-up-max", good, "", "--top-up-max 100.50", "spells.option", fault.Where{}, fault.Input},
		{"sick-pay", good, "", "--sick-pay 256", "spells.option", fault.Where{}, fault.Input},
		{"far-gap without its column", good, "", "--far-gap 19", "spells.header", fault.Where{File: "rows.csv", Line: 1}, fault.Input},
		{"sick-pay without its column", good, "", "--sick-pay 14", "spells.header", fault.Where{File: "rows.csv", Line: 1}, fault.Input},
		{"waiting days negative", "+p,SJP,A,1,1,pay,2024-01-15,2024-01-24,100,0,-1,\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "waiting_days"}, fault.Input},
		{"day of illness no date", "+p,SJP,A,1,1,pay,2024-01-15,2024-01-24,100,0,7,x\n", "", "", "spells.cell", fault.Where{File: "rows.csv", Line: 2, Column: "ill_from"}, fault.Input},
		{"a line without what the application says", "+p,SJP,A,1,1,pay,2024-01-15,2024-01-24,100,0\n", "", "", "spells.field_count", fault.Where{File: "rows.csv", Line: 2, Column: "waiting_days"}, fault.Input},
		{"horizon", good, "", "--horizon 2024-13-01", "spells.option", fault.Where{}, fault.Input},
		{"from alone", good, "", "--from 2024-01-01", "spells.option", fault.Where{}, fault.Input},
		{"to alone", good, "", "--to 2024-01-01", "spells.option", fault.Where{}, fault.Input},
		{"from no date", good, "", "--from 2024-1-1 --to 2024-02-01", "spells.option", fault.Where{}, fault.Input},
		{"from = to", good, "", "--from 2024-01-01 --to 2024-01-01", "spells.empty_window", fault.Where{}, fault.Input},
		{"from > to", good, "", "--from 2024-01-02 --to 2024-01-01", "spells.empty_window", fault.Where{}, fault.Input},
		{"overlap with mask", good, "", "--mode overlap", "spells.masked_overlap", fault.Where{}, fault.Input},
		{"overlap with mask in a panel", good, "", "--mode overlap --shape panel-year", "spells.masked_overlap", fault.Where{}, fault.Input},
		{"offsets without anchors", good, "", "--from-offset -P6M --to-offset P6M", "spells.option", fault.Where{}, fault.Input},
		{"anchors without offsets", good, "p,2024-01-01\n", "", "spells.option", fault.Where{}, fault.Input},
		{"anchors with one offset", good, "p,2024-01-01\n", "--to-offset P6M", "spells.option", fault.Where{}, fault.Input},
		{"anchors and a window", good, "p,2024-01-01\n", "--from-offset -P6M --to-offset P6M --from 2024-01-01 --to 2024-02-01", "spells.option", fault.Where{}, fault.Input},
		{"offset in weeks", good, "p,2024-01-01\n", "--from-offset -P6W --to-offset P6M", "spells.option", fault.Where{}, fault.Input},
		{"offset in another order", good, "p,2024-01-01\n", "--from-offset -P6M --to-offset P6D1M", "spells.option", fault.Where{}, fault.Input},
		{"a second anchor", good, "p,2024-01-01\np,2024-01-02\n", "--from-offset -P6M --to-offset P6M", "spells.anchor", fault.Where{File: "anchors.csv", Line: 3, Column: "anchor"}, fault.Input},
		{"a second anchor of nobody", good, "z,2024-01-01\nz,2024-01-02\n", "--from-offset -P6M --to-offset P6M", "spells.anchor", fault.Where{File: "anchors.csv", Line: 3, Column: "anchor"}, fault.Input},
		{"anchor no date", good, "p,20240101\n", "--from-offset -P6M --to-offset P6M", "spells.cell", fault.Where{File: "anchors.csv", Line: 2, Column: "anchor"}, fault.Input},
		{"empty window of one line", good, "p,2024-01-01\nz,2024-01-31\n", "--from-offset P30D --to-offset P1M", "spells.empty_window", fault.Where{File: "anchors.csv", Line: 3, Column: "anchor"}, fault.Input},

		{"conflict", clash, "", "--overlap error", "spells.overlap", fault.Where{}, fault.Gate},
		{"conflict outside the window", clash, "", "--overlap error --from 2025-01-01 --to 2026-01-01", "spells.overlap", fault.Where{}, fault.Gate},
		{"conflict of a person without anchor", clash, "q,2024-01-01\n", "--overlap error --from-offset P0D --to-offset P1D", "spells.overlap", fault.Where{}, fault.Gate},
		{"exit 2 takes precedence", clash + "p,SJP,B,9,1,pay,2024-01-10,,50,0\n", "", "--overlap error", "spells.horizon", fault.Where{File: "rows.csv", Line: 5, Column: "tom"}, fault.Input},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := ask(t, tt.rows, tt.anchors, tt.args)
			if a.fault == nil {
				t.Fatalf("no fault, got\n%s", a.out)
			}
			if a.fault.Code != tt.code || a.fault.Where != tt.where || a.fault.Class != tt.class {
				t.Errorf("%s %+v class %d, want %s %+v class %d", a.fault.Code, a.fault.Where, a.fault.Class, tt.code, tt.where, tt.class)
			}
			if a.fault.SV == "" || a.fault.EN == "" || a.fault.SV == a.fault.EN {
				t.Error("a fault is told in two languages")
			}
		})
	}
}

func TestConflictIsCounted(t *testing.T) {
	t.Parallel()
	a := ask(t, "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\np,SJP,B,2,1,pay,2024-01-09,2024-01-12,50,0\nq,SJP,A,3,1,pay,2024-01-01,2024-01-01,100,0\nq,SJP,B,4,1,pay,2024-01-01,,50,0\n", "", "--overlap error --horizon 2024-02-01")
	if a.fault == nil || !strings.Contains(a.fault.Text("en"), "3 days, 2 persons") {
		t.Errorf("%v, want 3 days of 2 persons", a.fault)
	}
}

// Promise 14: no message holds the content of a cell.
func TestPromise14NoCellInFaults(t *testing.T) {
	t.Parallel()
	for column := range rowColumns {
		cells := strings.Split("p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0", ",")
		cells[column] = "19121212\xff1212"
		for _, line := range []string{strings.Join(cells, ","), strings.Join(cells[:column+1], ",")} {
			if a := ask(t, line+"\n", "", ""); a.fault != nil && (strings.Contains(a.fault.Text("sv")+a.fault.Text("en"), "1912") || a.fault.Err != nil && strings.Contains(a.fault.Err.Error(), "1912")) {
				t.Errorf("column %s: the fault repeats the cell", rowColumns[column])
			}
		}
	}
	a := ask(t, "p,SJP,A,1,1,pay,2024-01-01,2024-01-10,100,0\n", "191212121212,191212121212\n", "--from-offset P0D --to-offset P1D")
	if a.fault == nil || strings.Contains(a.fault.Text("sv"), "1912") {
		t.Errorf("%v", a.fault)
	}
}
