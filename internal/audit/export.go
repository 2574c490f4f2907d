package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
)

// ExportVersion names the format of [Export].
const ExportVersion = "sluss/audit-export/v1"

// The lines of an export: one head, one line for each leaf in the order of the
// tree, one for each checkpoint. Record is the record's canonical JSON as a
// string, the very bytes that were committed to, so that a reader needs no
// canonical JSON of its own.
type (
	exportHead struct {
		Format string `json:"format"`
		Key    string `json:"key"` // the log's public key; trust one from elsewhere
	}
	exportLeaf struct {
		Seq    int64  `json:"seq"`
		Leaf   string `json:"leaf"`             // hexadecimal commitment
		Salt   string `json:"salt,omitempty"`   // hexadecimal; absent when erased or exported without content
		Record string `json:"record,omitempty"` // absent when exported without content
		Erased bool   `json:"erased,omitempty"` // record is what was left, with no commitment to it but the erasure's
	}
	exportCheckpoint struct {
		Checkpoint string `json:"checkpoint"`
	}
)

// Export writes the log as lines of JSON for a verifier that shares no code
// with this one (tools/verify_audit.py). Without content only hashes and
// checkpoints are written: enough to prove inclusion and consistency, and
// telling nothing of any order. Entries that wait for the tree are left out.
func Export(ctx context.Context, src Source, key string, content bool, w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(exportHead{ExportVersion, key}); err != nil {
		return err
	}
	err := src.Inspect(ctx, Visitor{
		Leaf: func(l StoredLeaf) error {
			if l.Seq < 0 {
				return nil
			}
			line := exportLeaf{Seq: l.Seq, Leaf: l.Leaf, Erased: l.Salt == ""}
			if content {
				if l.Record == nil {
					return errors.New("an entry is gone: verify the log before exporting it")
				}
				text, err := l.Record.Text()
				if err != nil {
					return err
				}
				line.Salt, line.Record = l.Salt, string(text)
			}
			return enc.Encode(line)
		},
		Loose:      func(string, int) error { return nil },
		Hash:       func(int64, string) error { return nil },
		Checkpoint: func(_ int64, text string) error { return enc.Encode(exportCheckpoint{text}) },
	})
	if err != nil {
		return err
	}
	return out.Flush()
}
