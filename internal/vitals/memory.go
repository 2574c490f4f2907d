package vitals

import (
	"os"
	"runtime/debug"
)

// roomyHeap is how many per cent the heap may grow before it is collected.
const roomyHeap = 400

// MakeRoom lets the heap of a program that answers pages grow further than Go
// does by itself. A page leaves a little garbage and what lives is small (tens
// of MB), so that Go's own 100 per cent would collect many times a second under
// load, in the middle of pages. GOGC in the environment goes before.
func MakeRoom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(roomyHeap)
	}
}
