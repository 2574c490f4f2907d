package rig

import (
	"context"
	"sync"
)

// Progress says how far a stage of the making has come.
type Progress struct {
	Stage string  // people, a file of the registers, or populations
	Rows  int64   // made or written so far
	Part  float64 // of the stage, from 0 to 1
}

// Teller is told how far the making has come, often and from one goroutine at
// a time.
type Teller func(Progress)

// watch tells how far a stage has come and ends it when its context does. Its
// methods may be called at once.
type watch struct {
	ctx  context.Context
	tell Teller

	mu  sync.Mutex
	now Progress
}

func (w *watch) begin(stage string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = Progress{Stage: stage}
}

// came notes that so many more rows have been made, and how far the stage has come.
func (w *watch) came(rows int64, part float64) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.Rows += rows
	w.now.Part = max(w.now.Part, part)
	if w.tell != nil {
		w.tell(w.now)
	}
	return nil
}
