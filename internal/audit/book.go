package audit

import (
	"context"

	"golang.org/x/mod/sumdb/note"
)

// Book is a log with the key that its checkpoints are signed with: what
// somebody who may look into it can be told.
type Book struct {
	Log interface {
		Source
		// Checkpoint is the text of the latest one, "" when there is none.
		Checkpoint(ctx context.Context) (string, error)
	}
	Key note.Verifier
}

// Head is the latest checkpoint, its signature checked; ok is false when there
// is none yet.
func (b Book) Head(ctx context.Context) (head Checkpoint, ok bool, err error) {
	text, err := b.Log.Checkpoint(ctx)
	if err != nil || text == "" {
		return Checkpoint{}, false, err
	}
	head, err = OpenCheckpoint(text, b.Key)
	return head, err == nil, err
}

// Verify walks the whole log, as [Verify] does.
func (b Book) Verify(ctx context.Context) (Report, error) { return Verify(ctx, b.Log, b.Key) }
