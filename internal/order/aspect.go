package order

import "maps"

// Beside the way that every order goes (event.go, *_commands.go), a case has
// aspects: dialogue, documents, desk, money, rulings, time, kin and the call
// for a population. Each has a file of its own with its events, its part of
// the state, its commands and how it is told. An event of an aspect says
// itself what it changes.

// applier is an event that changes the state by itself.
type applier interface {
	Event
	// apply returns s after the entry e that holds the event. It must not write
	// to what s shares with earlier states.
	apply(s State, e Entry) State
}

// merged returns the union of maps whose keys are different.
func merged[K comparable, V any](parts ...map[K]V) map[K]V {
	all := map[K]V{}
	n := 0
	for _, p := range parts {
		maps.Copy(all, p)
		n += len(p)
	}
	if len(all) != n {
		panic("order: a name stands in two aspects")
	}
	return all
}

// with returns list with v at its end, never in the memory of list.
func with[T any](list []T, v T) []T { return append(list[:len(list):len(list)], v) }

// changed returns a copy of list in which change has been made to the element
// that is.
func changed[T any](list []T, is func(T) bool, change func(*T)) []T {
	out := append([]T(nil), list...)
	for i := range out {
		if is(out[i]) {
			change(&out[i])
		}
	}
	return out
}
