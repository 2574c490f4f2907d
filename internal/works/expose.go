package works

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"sluss/internal/exposure"
	"sluss/internal/fault"
	"sluss/internal/pseudonym"
	"sluss/internal/risk"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// Measurer measures finished files: how easily can the people in them be found
// again.
type Measurer interface {
	Measure(ctx context.Context, dir string, e Extracted, j Extraction, p exposure.Policy) (Measured, error)
}

// Measured is what a [Measurer] has found.
type Measured struct {
	Report      exposure.Report // parts, together, scanned and policy
	Identifiers []Identifier    // none, or the files may not leave
	// Prints gives what is remembered of the extracts, under a project's key.
	Prints func(key []byte) []risk.Prints
}

// Identifier says that text in a column points people out by itself.
type Identifier struct {
	Extract string
	risk.Hit
}

// Prints are those of one order's delivery: what the vault remembers of it to
// compare later deliveries of the project with. No row, no löpnummer.
type Prints struct {
	Order     string        `json:"order"`
	Project   string        `json:"project"`
	Key       []byte        `json:"key"` // the project's
	Extracts  []risk.Prints `json:"extracts"`
	Delivered bool          `json:"-"`
}

// printKey is the length of a project's key, bytes.
const printKey = 32

// expose makes the disclosure report of finished files. A text that points
// somebody out stops the extraction; everything else is for the releaser.
func (s *Service) expose(ctx context.Context, m workorder.Mandate, job Extraction, snapshot Snapshot, dir string, out Extracted) (*exposure.Report, Prints, error) {
	none := Prints{}
	measured, err := s.Measurer.Measure(ctx, dir, out, job, s.Policy)
	if err != nil {
		return nil, none, err
	}
	if len(measured.Identifiers) > 0 {
		return nil, none, identified(measured.Identifiers)
	}
	r := &measured.Report
	r.Order = leaks(job, snapshot)
	r.Register = s.inRegister(job, snapshot)
	before, err := s.Records.Prints(ctx, m.Project)
	if err != nil {
		return nil, none, err
	}
	kept := Prints{Order: m.Order, Project: m.Project}
	for _, b := range before {
		kept.Key = b.Key
	}
	if kept.Key == nil {
		kept.Key = make([]byte, printKey)
		if _, err := io.ReadFull(s.Random, kept.Key); err != nil {
			return nil, none, fmt.Errorf("draw a key: %w", err)
		}
	}
	kept.Extracts = measured.Prints(kept.Key)
	for _, b := range before {
		if !b.Delivered || b.Order == m.Order || !bytes.Equal(b.Key, kept.Key) {
			continue // not handed over, or what this one replaces: the same people under the same löpnummer
		}
		for _, now := range kept.Extracts {
			for _, then := range b.Extracts {
				if match, ok := now.Against(then, b.Order, s.Policy); ok {
					r.Earlier = append(r.Earlier, match)
				}
			}
		}
	}
	r.Judge()
	return r, kept, nil
}

var kindsFound = map[risk.Identifier][2]string{
	risk.PersonalNumber: {"personnummer", "personal identity numbers"},
	risk.EMail:          {"e-postadresser", "e-mail addresses"},
	risk.Phone:          {"telefonnummer", "telephone numbers"},
}

// identified is the fault of files with texts that point people out: the
// column and how many cells, never what stands there (promise 4 and 14).
func identified(found []Identifier) error {
	x := found[0]
	extract, column, kind := swede.Mask(x.Extract), swede.Mask(x.Column), kindsFound[x.Kind]
	f := fault.New("exposure.identifier",
		fmt.Sprintf("Uttaget stoppades: kolumnen %s i %s innehåller vad som kan läsas som %s (%d celler; %d sådana kolumner).", column, extract, kind[0], x.Cells, len(found)),
		fmt.Sprintf("The extraction was stopped: the column %s of %s holds what reads as %s (%d cells; %d such columns).", column, extract, kind[1], x.Cells, len(found))).
		Do("Ta bort kolumnen ur planen eller låt leverantören av uppgifterna rätta den.", "Take the column out of the plan, or have whoever supplied it mend it.").
		At(fault.Where{Column: column}).Of(fault.Gate)
	f.Rule, f.Promise, f.Law = "exposure.identifier", 4, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 f"
	return f
}

// What löpnummer must not follow; see [exposure.Order].
const (
	againstNumber   = "personal_number"
	againstBirth    = "birth_date"
	againstRegister = "register_order"
)

// leaks tests whether the löpnummer, which the rows are in the order of, follow
// something that identifies. Where persons are named by identity number there
// is nothing to test.
func leaks(job Extraction, snapshot Snapshot) []exposure.Order {
	if job.Number != nil {
		return nil
	}
	var organisations, others []Delivered
	for _, p := range job.People {
		if snapshot.Organisation(p.Entity) {
			organisations = append(organisations, p)
		} else {
			others = append(others, p)
		}
	}
	if len(organisations) == 0 {
		return leaksIn(others, snapshot)
	}
	out := leaksIn(organisations, snapshot) // a series of their own: the worse of the two counts
	for i, o := range leaksIn(others, snapshot) {
		if o.Score > out[i].Score {
			out[i] = o
		}
	}
	return out
}

// leaksIn tests one series.
func leaksIn(people []Delivered, snapshot Snapshot) []exposure.Order {
	var serials, numbers, births, places []uint64
	for _, p := range people {
		var number uint64
		for _, c := range snapshot.Number(p.Entity) {
			number = number*10 + uint64(c-'0')
		}
		serials, numbers, places = append(serials, p.Serial), append(numbers, number), append(places, p.Entity)
		births = append(births, uint64(int64(snapshot.Birth(p.Entity))+1<<31))
	}
	var out []exposure.Order
	for _, l := range pseudonym.OrderLeak(serials,
		pseudonym.Ordering{Name: againstNumber, Keys: numbers}, pseudonym.Ordering{Name: againstBirth, Keys: births}, pseudonym.Ordering{Name: againstRegister, Keys: places}) {
		o := exposure.Order{Against: l.Ordering, Score: int64(l.Score * 1000), Light: exposure.Green}
		if l.Leaks {
			o.Light = exposure.Red
		}
		out = append(out, o)
	}
	return out
}
