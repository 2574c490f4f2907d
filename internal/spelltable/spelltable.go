// Package spelltable is the command `sluss-engine spells`: rows of payments in
// as CSV, spells, sub-spells or panels out as CSV.
//
// It is how anyone can check the kernel (package episode) from outside, with
// files they wrote themselves. Columns, options, order and exit codes are a
// contract, written down in docs/spells.md; this package keeps it and leaves
// all meaning to the kernel.
//
// [Run] reads and checks everything before it writes the first byte, so a
// fault leaves standard output empty and no file behind. Faults name file,
// line and column, never the content of a cell.
package spelltable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/fault"
)

// Options are the options of the command as they were typed; nil is an option
// that was not given.
type Options struct {
	Rows, Shape, AsOf, MaxGap, Overlap *string
	From, To                           *string
	Anchors, FromOffset, ToOffset      *string
	Mode, History, Horizon, Rejects    *string
	Corrections                        *string
	TopUpMax, FarGap, SickPay          *string
	// Progress, which may be nil, is told how many lines have been read (read) or
	// persons' rows put together (conflicts, corrections, spells), and what part of the stage, from 0 to 1.
	Progress func(stage string, n int64, part float64)
}

// watch tells how far a stage has come and ends it when its context does.
type watch struct {
	ctx  context.Context
	tell func(stage string, n int64, part float64)
}

// watchEvery is how many lines or persons lie between two looks at the context.
const watchEvery = 1024

// came says that n lines or persons of a stage are done; part is asked now and then.
func (w *watch) came(stage string, n int, part func() float64) error {
	if n%watchEvery != 0 {
		return nil
	}
	if w.tell != nil {
		w.tell(stage, int64(n), part())
	}
	return w.ctx.Err()
}

// Notes are what the command says beside its result: counts, never persons.
type Notes struct {
	Rejected  int  // rows put aside
	Anchored  bool // windows follow anchors
	Unplaced  int  // persons with usable rows and without an anchor
	Delivered int  // lines written, the header not counted
	// Unresolved are the stretches of days whose reversal met no payment; -1 when
	// nobody asked.
	Unresolved int
}

// Text returns the notes in "sv" or English, one per line.
func (n Notes) Text(lang string) string {
	rejected, unplaced, unresolved := "rejected rows: %d\n", "persons without anchor: %d\n", "unresolved corrections: %d\n"
	if lang == "sv" {
		rejected, unplaced, unresolved = "avvisade rader: %d\n", "personer utan indexdatum: %d\n", "olösta korrigeringar: %d\n"
	}
	text := fmt.Sprintf(rejected, n.Rejected)
	if n.Anchored {
		text += fmt.Sprintf(unplaced, n.Unplaced)
	}
	if n.Unresolved >= 0 {
		text += fmt.Sprintf(unresolved, n.Unresolved)
	}
	return text
}

// Run carries out the command. A file named "-" is read from stdin.
//
// It returns a [*fault.Fault] of class Input when options or files cannot be
// used and of class Gate when --overlap error finds a conflict; nothing is
// then written anywhere. When ctx ends it returns its error; what has been written
// to stdout until then stays, and no file is left.
func Run(ctx context.Context, o Options, stdin io.Reader, stdout io.Writer) (Notes, error) {
	q, err := o.parse()
	if err != nil {
		return Notes{}, err
	}
	w := &watch{ctx, o.Progress}
	t, err := readRows(q, stdin, w)
	if err != nil {
		return Notes{}, err
	}
	var anchors map[uint32]day.Day
	if q.anchors != "" {
		if anchors, err = readAnchors(q, t, stdin, w); err != nil {
			return Notes{}, err
		}
	}
	persons, rejects, err := t.sortOut(q)
	if err != nil {
		return Notes{}, err
	}
	file, err := q.openSide("rejects", q.rejects)
	if err != nil {
		return Notes{}, err
	}
	defer file.discard()
	table, err := q.openSide("corrections", q.corrections)
	if err != nil {
		return Notes{}, err
	}
	defer table.discard()

	if err := conflicts(q, persons, w); err != nil {
		return Notes{}, err
	}
	if err := file.write(rejectLines(t, rejects)); err != nil {
		return Notes{}, err
	}
	unresolved := -1
	if q.corrections != "" {
		lines, n, err := correctionLines(q, t, persons, w)
		if err != nil {
			return Notes{}, err
		}
		if err := table.write(lines); err != nil {
			return Notes{}, err
		}
		unresolved = n
	}
	r := result{q: q, table: t, anchors: anchors}
	if err := r.writeTo(stdout, persons, w); err != nil {
		return Notes{}, err
	}
	if err := errors.Join(file.commit(), table.commit()); err != nil {
		return Notes{}, err
	}
	return Notes{Rejected: len(rejects), Anchored: anchors != nil, Unplaced: r.unplaced, Delivered: r.lines, Unresolved: unresolved}, nil
}

// read returns the whole of a file, or of stdin for "-".
func read(path string, stdin io.Reader) ([]byte, error) {
	var b []byte
	var err error
	if path == "-" {
		b, err = io.ReadAll(stdin)
	} else {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fault.New("spells.unreadable", "filen kan inte läsas.", "the file cannot be read.").
			Do("Kontrollera namn och behörighet.", "Check its name and permissions.").
			At(fault.Where{File: base(path)}).Because(err)
	}
	return b, nil
}

// rejectLines writes the reject file, in the order of the rows.
func rejectLines(t *table, rejects []reject) []byte {
	b := []byte("row_id,reason\n")
	for _, r := range rejects {
		b = appendInt(b, t.rows[r.row].RowID)
		b = append(b, ',')
		b = append(b, r.reason.String()...)
		b = append(b, '\n')
	}
	return b
}

// correctionLines writes the table of unresolved corrections (assumption A6) of
// all usable live rows, whatever window is asked for; n is how many lines it has.
func correctionLines(q *question, t *table, persons []personRows, w *watch) (b []byte, n int, err error) {
	b = []byte("person,benefit,row_id,tx,from,tom,days,amount_ore\n")
	benefits := t.labels()
	var found []episode.Correction
	for i, p := range persons {
		if err := w.came("corrections", i, shareOf(i, persons)); err != nil {
			return nil, 0, err
		}
		found = episode.Unresolved(p.rows, q.kernel.Horizon, found[:0])
		for _, c := range found {
			r := &p.rows[c.Row]
			b = append(appendField(b, t.persons.text[p.person]), ',')
			b = append(append(b, benefits[r.Key]...), ',')
			b = append(appendInt(b, r.RowID), ',')
			b = append(appendInt(b, r.Tx), ',')
			b = append(append(b, c.From.String()...), ',')
			b = append(append(b, (c.To-1).String()...), ',')
			b = append(appendInt(b, int64(c.To-c.From)), ',')
			b = append(appendInt(b, c.Amount), '\n')
		}
		n += len(found)
	}
	return b, n, nil
}

// shareOf is the part of the persons that comes before the i'th.
func shareOf(i int, persons []personRows) func() float64 {
	return func() float64 { return float64(i) / float64(len(persons)) }
}

// reject is a row put aside and why.
type reject struct {
	row    int32
	reason episode.Reason
}
