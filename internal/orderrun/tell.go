package orderrun

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// tell prints the entries that have come since last time, and writes down what
// the case has produced so far.
func (r *run) tell(ctx context.Context) error {
	entries, err := r.app.Log.Load(ctx, r.id)
	if err != nil {
		return err
	}
	for _, e := range entries[r.told:] {
		if err := r.line(e); err != nil {
			return err
		}
		if err := r.document(e); err != nil {
			return err
		}
	}
	r.told = len(entries)
	r.state = order.Fold(r.id, entries)
	return r.timeline(ctx, entries)
}

// labels of the printed lines.
var (
	checked = catalog.Text{SV: "kontrollerat", EN: "checked"}
	basis   = catalog.Text{SV: "stöd", EN: "basis"}
)

func (r *run) line(e order.Entry) error {
	l := order.Tell(e)
	_, err := fmt.Fprintf(r.Print, "%s  %-14s %s\n", swede.CivilDay(e.At), string(e.By.Role), l.What.In(r.Lang))
	if err == nil && l.Checked.SV != "" {
		_, err = fmt.Fprintf(r.Print, "            %14s %s\n", checked.In(r.Lang)+":", l.Checked.In(r.Lang))
	}
	if err == nil {
		_, err = fmt.Fprintf(r.Print, "            %14s %s\n", basis.In(r.Lang)+":", l.Law)
	}
	if x, ok := e.Event.(*order.Extracted); ok && err == nil {
		for _, f := range x.Files {
			if _, err = fmt.Fprintf(r.Print, "            %14s %s, %s\n", "", f.Name, rowsOf(f.Rows, r.Lang)); err != nil {
				break
			}
		}
	}
	return err
}

func rowsOf(n int64, lang string) string {
	if lang == "sv" {
		return swede.Count(int(n), lang) + " rader"
	}
	return swede.Count(int(n), lang) + " rows"
}

// document writes signed and hashed documents as files of their own.
func (r *run) document(e order.Entry) error {
	switch ev := e.Event.(type) {
	case *order.Decided:
		if err := r.write("decision.note", []byte(ev.Note)); err != nil {
			return err
		}
		return r.writeJSON("quote.json", ev.Quote)
	case *order.Invoiced:
		return r.writeJSON("invoice.json", ev.Invoice)
	case *order.Purged:
		return r.write("gallringsprotokoll.note", []byte(ev.Protocol))
	case *order.Extracted:
		return r.writeJSON("extraction.json", ev)
	}
	return nil
}

func (r *run) write(name string, b []byte) error {
	return os.WriteFile(filepath.Join(r.staging, name), b, 0o644)
}

func (r *run) writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return r.write(name, append(b, '\n'))
}

// step is a line of timeline.json.
type step struct {
	Version int          `json:"version"`
	Day     string       `json:"day"`
	By      string       `json:"by"`
	Role    order.Role   `json:"role"`
	Event   string       `json:"event"`
	What    catalog.Text `json:"what"`
	Checked catalog.Text `json:"checked,omitzero"`
	Law     string       `json:"law"`
}

// logState is where the counter's log stood: who keeps it is a witness that
// nothing before it has been rewritten.
type logState struct {
	Key        string `json:"key"`        // public
	Checkpoint string `json:"checkpoint"` // signed
}

// timeline writes the case as it stands: its steps, phase and public keys, and
// the latest checkpoint of the log that its steps are in.
func (r *run) timeline(ctx context.Context, entries []order.Entry) error {
	checkpoint, err := r.house.db.Checkpoint(ctx)
	if err == nil && checkpoint != "" {
		err = r.write("checkpoint.note", []byte(checkpoint))
	}
	if err != nil {
		return err
	}
	doc := struct {
		Order  string      `json:"order"`
		Phase  order.Phase `json:"phase"`
		Signer string      `json:"vault_signer"` // public key, to verify notes and parcels with
		Log    logState    `json:"log"`
		Steps  []step      `json:"steps"`
	}{Order: r.id, Phase: r.state.Phase(), Signer: r.vault.Signer, Log: logState{r.house.logKey, checkpoint}}
	for _, e := range entries {
		l := order.Tell(e)
		doc.Steps = append(doc.Steps, step{e.Version, swede.CivilDay(e.At).String(), e.By.ID, e.By.Role, e.Event.Type(), l.What, l.Checked, l.Law})
	}
	return r.writeJSON("case.json", doc)
}
