package showcase

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/workorder"
)

// The vault is played: it takes work orders as the real one does and reports
// in the same shapes, with figures that are made up and files that are not
// there. Nothing it hands over can be opened as a delivery.

// vault is the playing vault, with its own keys.
type vault struct {
	private, public string // signing
}

// egress are the checks on finished files, all of them passed, as room disclose
// names them. The counter does not link that room; a test compares.
var egress = []string{
	"readable", "headers", "shape", "ids", "personal_numbers", "dates", "codes", "resolution", "rows", "persons", "disjoint", "totals", "groups", "order", "metadata",
}

// work lets the vault do the one thing that waits, which must be t's.
func (s *stage) work(ctx context.Context, t *tale) error {
	if err := s.sequence(ctx); err != nil {
		return err
	}
	w, err := s.app.NextWork(ctx, "showcase")
	if err != nil {
		return fmt.Errorf("the vault's work: %w", err)
	}
	if w.Order != t.id {
		return fmt.Errorf("the vault has work in another case, %s", w.Order)
	}
	if err := s.carryOut(ctx, t, w); err != nil {
		return fmt.Errorf("the vault's report on %s: %w", w, err)
	}
	t.state, err = s.app.State(ctx, t.id)
	return err
}

// sequence puts what has been stored into the signed tree.
func (s *stage) sequence(ctx context.Context) error {
	if s.Sequence == nil {
		return nil
	}
	return s.Sequence(ctx)
}

func (s *stage) carryOut(ctx context.Context, t *tale, w workorder.WorkOrder) error {
	var r workorder.Report
	switch w.Kind {
	case workorder.Population:
		r.Population = t.counted(w)
	case workorder.Extract:
		if t.fails > 0 {
			t.fails--
			r.Failed = &order.ExtractionFailed{
				Spec: t.state.SpecHash, Code: "egress.dates",
				SV: "De färdiga filerna stoppades: kolumn from_datum: datum utanför personens beslutade period (3)",
				EN: "The finished files were stopped: column from_datum: dates outside the person's decided period (3)",
			}
			break
		}
		files, err := extracted(t.state, t.runs)
		if err != nil {
			return err
		}
		files.Exposure = measured(t.state, s.app.Catalogue, files.Files)
		t.runs++
		r.Extracted = files
	case workorder.Deliver:
		parcel, err := sealedText(t.state, s.recipients[t.orderer])
		if err != nil {
			return err
		}
		if err := s.app.PutParcel(ctx, w.ID, bytes.NewReader(parcel)); err != nil {
			return err
		}
		r.Delivered = &workorder.ParcelReport{Manifest: t.state.Extracted.Manifest, SHA256: canon.Sum(parcel)}
	case workorder.Reseal:
		again := *t.state.Resealing
		parcel, err := sealedText(t.state, again.Key)
		if err != nil {
			return err
		}
		if err := s.app.PutParcel(ctx, w.ID, bytes.NewReader(parcel)); err != nil {
			return err
		}
		r.Resealed = &workorder.ResealReport{Manifest: canon.Sum([]byte(string(again.Manifest) + again.Key)), Was: again.Manifest, Fingerprint: again.Fingerprint, SHA256: canon.Sum(parcel)}
	case workorder.Purge:
		p, err := s.vault.protocol(t.state, s.Authority.PurgeRule, w.Today)
		if err != nil {
			return err
		}
		r.Purged = p
	}
	return s.app.Take(ctx, w.ID, r)
}

// counted is the report on a population file: about one line in two hundred
// cannot be used, whoever is asked for.
func (t *tale) counted(w workorder.WorkOrder) *order.PopulationChecked {
	most := t.state.Decision.Scope.Persons.Max
	c := &order.PopulationChecked{ID: w.Population.ID, Counts: map[string]int{}}
	if w.Population.Tracking != "" {
		c.SHA256 = canon.Sum([]byte("medium " + w.Population.Tracking))
	}
	c.Rows = most - most/50
	if t.rejects > 0 { // half of the file has lost its check digits
		t.rejects--
		c.Rows = most + most/10
		c.Counts["check_digit"], c.Counts["duplicates"] = c.Rows/25, most/40
		c.Persons = c.Rows - c.Counts["check_digit"] - c.Counts["duplicates"]
		c.Counts["over_decided_maximum"] = c.Persons - most
		c.Intake = plan.Ref{ID: fmt.Sprintf("pop-%d", c.ID), SHA256: canon.Sum([]byte(t.id + c.Intake.ID + "rejected"))}
		return c
	}
	c.Counts["check_digit"], c.Counts["duplicates"], c.Counts["not_found"] = c.Rows/400, c.Rows/300, c.Rows/500
	c.Persons = c.Rows - c.Counts["check_digit"] - c.Counts["duplicates"] - c.Counts["not_found"]
	c.Accepted = true
	c.Intake = plan.Ref{ID: fmt.Sprintf("pop-%d", c.ID), SHA256: canon.Sum([]byte(t.id + "accepted"))}
	return c
}

// manifest is what stands in for the manifest of a parcel: enough to hash.
type manifest struct {
	Type  string              `json:"type"`
	Order string              `json:"order"`
	Spec  canon.Hash          `json:"spec"`
	Run   int                 `json:"run"`
	Files []order.FileSummary `json:"files"`
}

// extracted is the report on finished files: one for each extract of the
// specification.
func extracted(s order.State, run int) (*order.Extracted, error) {
	out := &order.Extracted{Spec: s.SpecHash}
	persons := int64(s.Decision.Scope.Persons.Max)
	if s.Population != nil {
		persons = int64(s.Population.Persons)
	}
	for i, e := range s.Spec.Extracts {
		without := persons / 9
		per := int64(3 + i)
		if e.Shape.Panel != nil {
			per = 48
		}
		rows := (persons - without) * per
		out.Files = append(out.Files, order.FileSummary{
			Name: e.Output.File + "." + e.Output.Format, Rows: rows, Persons: persons - without, Bytes: rows * 21,
			SHA256: canon.Sum(fmt.Appendf(nil, "%s %s %d", s.ID, e.Name, run)),
		})
		out.Counts = append(out.Counts,
			order.CountLine{Code: e.Name + ".persons", Count: persons},
			order.CountLine{Code: e.Name + ".persons_without_rows", Count: without},
			order.CountLine{Code: e.Name + ".rows_rejected.open_amount", Count: 2 + per})
	}
	for _, c := range egress {
		out.Egress = append(out.Egress, order.CheckResult{Check: c, OK: true})
	}
	var err error
	out.Manifest, err = canon.Of(manifest{"showcase/manifest", s.ID, s.SpecHash, run, out.Files})
	return out, err
}

// sealedText is a parcel that holds a note and no data, sealed to the key that
// the decision names.
func sealedText(s order.State, recipient string) ([]byte, error) {
	var b bytes.Buffer
	w, err := sealed.Seal(&b, recipient)
	if err != nil {
		return nil, err
	}
	text := s.ID + "\n\nDet här paketet hör till ett visningsärende och innehåller inga uppgifter.\nThis parcel belongs to a showcase case and holds no data.\n"
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// protocol is the signed gallringsprotokoll, as room works writes it; a test
// compares the shapes.
type protocol struct {
	Type    string      `json:"type"`
	Order   string      `json:"order"`
	Rule    string      `json:"rule"`
	Reason  string      `json:"reason"`
	By      string      `json:"by"`
	On      day.Day     `json:"on"`
	Objects []destroyed `json:"objects"`
	Backups string      `json:"backups"`
}

type destroyed struct {
	Object string     `json:"object"`
	SHA256 canon.Hash `json:"sha256"`
	Key    string     `json:"key"`
}

func (v *vault) protocol(s order.State, rule string, on day.Day) (*order.Purged, error) {
	reason := workorder.ReasonDue
	if s.Ended != "" {
		reason = string(s.Ended)
	}
	doc := protocol{Type: workorder.TypeProtocol, Order: s.ID, Rule: rule, Reason: reason, By: "sluss", On: on, Objects: []destroyed{}, Backups: "the vault makes no copies of keys"}
	if s.Population != nil {
		doc.Objects = append(doc.Objects, object(s.ID, "population"))
	}
	if s.Extracted != nil {
		doc.Objects = append(doc.Objects, object(s.ID, "parcel"))
	}
	h, err := canon.Of(doc)
	if err != nil {
		return nil, err
	}
	note, err := signed.Sign(doc, v.private)
	return &order.Purged{Protocol: note, Hash: h, Objects: len(doc.Objects)}, err
}

func object(id, kind string) destroyed {
	h := canon.Sum([]byte(id + "/" + kind))
	return destroyed{Object: kind + "-1.age", SHA256: h, Key: string(h[:16])}
}
