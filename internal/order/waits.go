package order

import "sluss/internal/exposure"

// What the office can do with a case now, as its lists and pages ask it.

// Billable reports whether there is something to invoice: an accepted quote
// that costs, and a delivery, or work before a withdrawal.
func (s State) Billable() bool {
	if s.Invoice != nil || s.Quote == nil || s.Quote.NoFee != nil || !s.Accepted {
		return false
	}
	return s.Delivery != nil || s.Ended == PhaseWithdrawn
}

// Plannable reports whether the case waits for its extraction to be ordered.
func (s State) Plannable() bool {
	return s.Ended == "" && s.Reopened == "" && !s.Running && (s.Phase() == PhaseExtraction || s.Replacing)
}

// Releasable reports whether finished files wait for somebody else's approval.
func (s State) Releasable() bool {
	return s.Ended == "" && s.Reopened == "" && s.Extracted != nil && !s.Released
}

// Exposed reports whether the disclosure report of the finished files is red:
// they are released with a reason only.
func (s State) Exposed() bool {
	return s.Extracted != nil && s.Extracted.Exposure != nil && s.Extracted.Exposure.Light == exposure.Red
}

// AwaitsFile reports whether a population file can be handed in now: the
// conditions for it are met, and none has been accepted or is being checked.
func (s State) AwaitsFile() bool {
	return MediumGate(s) == nil && s.PopulationDue() && (s.Population == nil || s.Population.Checked && !s.Population.Accepted)
}

// How it stands with a case's population file.
const (
	FileOver     = "over"        // the case has ended: no file is taken any more
	FileAccepted = "accepted"    // the file is accepted
	FileChecked  = "checked_now" // the file is being checked
	FileFaulty   = "faulty"      // the last file could not be used: a new one is awaited
	FileCalled   = "called"      // the file has been called for
	FileAwaited  = "awaited"     // the file is awaited, without a call
	FileNotYet   = "not_yet"     // it is too early (promise 1)
)

// FileState says how it stands with the population file.
func (s State) FileState() string {
	p := s.Population
	switch {
	case s.Ended != "" || s.Purged:
		return FileOver
	case p != nil && p.Accepted:
		return FileAccepted
	case p != nil && !p.Checked:
		return FileChecked
	case p != nil:
		return FileFaulty
	case s.AwaitsFile() && s.Call != nil:
		return FileCalled
	case s.AwaitsFile():
		return FileAwaited
	}
	return FileNotYet
}
