package main

import (
	"os"
	"runtime/debug"
)

// roomyHeap is how many per cent the heap of the counter may grow before it is
// collected. A page leaves a little garbage, and what lives is small (tens of
// MB), so that Go's own 100 would collect many times a second under load, in the
// middle of pages. GOGC and GOMEMLIMIT in the environment go before.
const roomyHeap = 400

func makeRoom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(roomyHeap)
	}
}
