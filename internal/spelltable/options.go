package spelltable

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/fault"
)

// question is what the options ask for.
type question struct {
	rows, anchors        string
	rejects, corrections string // "" when not wanted
	shape                shape
	kernel               episode.Options
	window               episode.Window // the same for all, unless there are anchors
	fromOffset, toOffset day.Offset
	topUp                episode.TopUp
	sickPay              episode.SickPay
}

type shape int

const (
	spell shape = iota
	subspell
	panelDay
	panelWeek
	panelMonth
	panelQuarter
	panelYear
)

// Names of the values of options; the first is the default.
var (
	shapes    = []string{"spell", "subspell", "panel-day", "panel-week", "panel-month", "panel-quarter", "panel-year"}
	overlaps  = []string{"latest", "sum_tracks", "error"}
	modes     = []string{"clip", "overlap", "start_in", "end_in"}
	histories = []string{"mask", "reveal"}
)

func (s shape) unit() (u episode.Unit, panel bool) {
	switch s {
	case panelDay:
		return episode.ByDay, true
	case panelWeek:
		return episode.ByWeek, true
	case panelMonth:
		return episode.ByMonth, true
	case panelQuarter:
		return episode.ByQuarter, true
	case panelYear:
		return episode.ByYear, true
	}
	return 0, false
}

func (o *Options) parse() (*question, error) {
	q := &question{kernel: episode.Defaults(), window: episode.Always()}
	if o.Rows == nil || *o.Rows == "" {
		return nil, optionFault("rows", "anger ingen fil", "names no file")
	}
	q.rows = *o.Rows
	if o.Rejects != nil {
		if q.rejects = *o.Rejects; q.rejects == "" || q.rejects == "-" {
			return nil, optionFault("rejects", "anger ingen fil", "names no file")
		}
	}
	if o.Corrections != nil {
		if q.corrections = *o.Corrections; q.corrections == "" || q.corrections == "-" {
			return nil, optionFault("corrections", "anger ingen fil", "names no file")
		}
		if filepath.Clean(q.corrections) == filepath.Clean(q.rejects) && q.rejects != "" {
			return nil, optionFault("corrections", "är samma fil som --rejects", "is the file of --rejects too")
		}
	}
	var s, overlap, mode, history int
	for _, c := range []struct {
		name  string
		given *string
		names []string
		into  *int
	}{{"shape", o.Shape, shapes, &s}, {"overlap", o.Overlap, overlaps, &overlap}, {"mode", o.Mode, modes, &mode}, {"history", o.History, histories, &history}} {
		if c.given == nil {
			continue
		}
		if *c.into = slices.Index(c.names, *c.given); *c.into < 0 {
			return nil, optionFault(c.name, "har ett okänt värde", "has an unknown value")
		}
	}
	q.shape = shape(s)
	q.kernel.Rule.Overlap = episode.Overlap(overlap)
	q.window.Mode, q.window.History = episode.Mode(mode), episode.History(history)
	if err := o.parseNumbers(q); err != nil {
		return nil, err
	}
	if err := o.parseWindow(q); err != nil {
		return nil, err
	}
	return q, windowFault(q.window.Check(), "")
}

func (o *Options) parseNumbers(q *question) error {
	if o.AsOf != nil {
		n, ok := parseInt([]byte(*o.AsOf))
		if !ok {
			return optionFault("as-of", "är inget heltal", "is not an integer")
		}
		q.kernel.AsOf = n
	}
	if o.MaxGap != nil {
		n, ok := parseInt([]byte(*o.MaxGap))
		if !ok || n < 0 {
			return optionFault("max-gap", "är inget antal dagar", "is not a number of days")
		}
		q.kernel.Rule.MaxGap = int32(min(n, math.MaxInt32))
	}
	for _, c := range []struct {
		name     string
		given    *string
		greatest int64
		into     *int32
	}{{"top-up-max", o.TopUpMax, 1_000_000, &q.topUp.MaxPerNetDay}, {"far-gap", o.FarGap, math.MaxInt32, &q.kernel.Rule.FarGap}, {"sick-pay", o.SickPay, 255, &q.sickPay.MaxDays}} {
		if c.given == nil {
			continue
		}
		n, ok := parseInt([]byte(*c.given))
		if !ok || n < 1 || n > c.greatest {
			return optionFault(c.name, fmt.Sprintf("är inget heltal från 1 till %d", c.greatest), fmt.Sprintf("is not an integer from 1 to %d", c.greatest))
		}
		*c.into = int32(n)
	}
	if o.Horizon != nil {
		return parseDate("horizon", o.Horizon, &q.kernel.Horizon)
	}
	return nil
}

func (o *Options) parseWindow(q *question) error {
	if (o.From == nil) != (o.To == nil) {
		return fault.New("spells.option", "--from och --to ges tillsammans.", "--from and --to come together.")
	}
	if o.Anchors == nil {
		if o.FromOffset != nil || o.ToOffset != nil {
			return fault.New("spells.option", "--from-offset och --to-offset kräver --anchors.", "--from-offset and --to-offset need --anchors.")
		}
		if o.From == nil {
			return nil
		}
		if err := parseDate("from", o.From, &q.window.From); err != nil {
			return err
		}
		return parseDate("to", o.To, &q.window.To)
	}
	switch {
	case *o.Anchors == "":
		return optionFault("anchors", "anger ingen fil", "names no file")
	case *o.Anchors == "-" && q.rows == "-":
		return fault.New("spells.option", "--rows och --anchors kan inte båda läsas från standard in.", "--rows and --anchors cannot both be read from standard input.")
	case o.From != nil:
		return fault.New("spells.option", "--from och --to ges aldrig tillsammans med --anchors.", "--from and --to never come with --anchors.")
	case o.FromOffset == nil || o.ToOffset == nil:
		return fault.New("spells.option", "--anchors kräver både --from-offset och --to-offset.", "--anchors needs both --from-offset and --to-offset.")
	}
	q.anchors = *o.Anchors
	var err error
	if q.fromOffset, err = day.ParseOffset(*o.FromOffset); err != nil {
		return optionFault("from-offset", "är inte ett avstånd som -P6M", "is not an offset such as -P6M")
	}
	if q.toOffset, err = day.ParseOffset(*o.ToOffset); err != nil {
		return optionFault("to-offset", "är inte ett avstånd som P6M", "is not an offset such as P6M")
	}
	return nil
}

func parseDate(name string, text *string, into *day.Day) error {
	d, err := day.Parse(*text)
	if err != nil {
		return optionFault(name, "är inget datum ÅÅÅÅ-MM-DD", "is not a date YYYY-MM-DD")
	}
	*into = d
	return nil
}

func optionFault(name, sv, en string) *fault.Fault {
	return fault.New("spells.option", "--"+name+" "+sv+".", "--"+name+" "+en+".")
}

// windowFault returns the fault for an error of [episode.Window.Check].
func windowFault(err error, where string) error {
	switch err {
	case nil:
		return nil
	case episode.ErrEmptyWindow:
		return fault.New("spells.empty_window", "fönstret innehåller ingen dag: --from ska ligga före --to"+where+".",
			"the window holds no day: --from must lie before --to"+where+".").Because(err)
	}
	return fault.New("spells.masked_overlap", "--mode overlap visar dagar utanför fönstret och kräver --history reveal.",
		"--mode overlap shows days outside the window and needs --history reveal.").Because(err)
}

// base returns a file's name for messages.
func base(path string) string {
	if path == "-" {
		return "stdin"
	}
	return filepath.Base(path)
}

// parseInt reads an optional minus sign and digits that fit 64 bits.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || b[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }
