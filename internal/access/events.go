package access

import "sluss/internal/order"

// Depth is how much of an event somebody sees.
type Depth string

// Depths.
const (
	Hidden Depth = "hidden" // not that it happened
	Told   Depth = "told"   // what happened, and when; not its content
	Full   Depth = "full"   // its content as well
)

// eventClass is who sees how much of an event. Case staff and auditors see all
// of every event.
type eventClass struct {
	party, supplier, technical, finance Depth
	// announced: those outside see it once the decision has been dispatched.
	announced bool
	// inner are members of the content that stay inside the authority: names of
	// files in our own storage, and text that staff write for staff.
	inner []string
}

// events classifies every event of room order by its stored name. What is
// internal never reaches those outside: the review, and what the vault and the
// statistician say to each other before somebody has released the result.
var events = map[string]eventClass{
	"submitted":                {party: Full, supplier: Hidden, technical: Full, finance: Told, inner: []string{"arrival"}},
	"acknowledged":             {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"supplement_requested":     {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"supplemented":             {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"completed":                {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"quote_drafted":            {party: Full, supplier: Hidden, technical: Full, finance: Full},
	"quote_returned":           {party: Full, supplier: Hidden, technical: Full, finance: Full},
	"draft_agreed":             {party: Full, supplier: Hidden, technical: Full, finance: Full},
	"reviewed":                 {party: Hidden, supplier: Hidden, technical: Told, finance: Hidden},
	"decided":                  {party: Full, supplier: Hidden, technical: Full, finance: Told, announced: true},
	"decision_dispatched":      {party: Full, supplier: Told, technical: Full, finance: Told},
	"quote_accepted":           {party: Full, supplier: Hidden, technical: Full, finance: Full},
	"forbehall_acknowledged":   {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"medium_early":             {party: Full, supplier: Full, technical: Full, finance: Told},
	"medium_settled":           {party: Full, supplier: Full, technical: Full, finance: Told},
	"population_received":      {party: Full, supplier: Full, technical: Full, finance: Told, inner: []string{"blob"}},
	"population_checked":       {party: Full, supplier: Full, technical: Full, finance: Told, inner: []string{"intake"}},
	"extraction_ordered":       {party: Told, supplier: Hidden, technical: Full, finance: Told},
	"extracted":                {party: Hidden, supplier: Hidden, technical: Full, finance: Hidden},
	"extraction_failed":        {party: Hidden, supplier: Hidden, technical: Full, finance: Hidden},
	"released":                 {party: Told, supplier: Hidden, technical: Full, finance: Told},
	"delivered":                {party: Full, supplier: Hidden, technical: Full, finance: Full, inner: []string{"blob"}},
	"sent_again":               {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"receipt_confirmed":        {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"invoiced":                 {party: Full, supplier: Hidden, technical: Told, finance: Full},
	"purge_ordered":            {party: Full, supplier: Told, technical: Full, finance: Told},
	"purged":                   {party: Full, supplier: Told, technical: Full, finance: Told},
	"dismissed":                {party: Full, supplier: Told, technical: Full, finance: Told},
	"withdrawn":                {party: Full, supplier: Told, technical: Full, finance: Told},
	"enquired":                 {party: Full, supplier: Hidden, technical: Full, finance: Told, inner: []string{"arrival"}},
	"enquiry_closed":           {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"question_asked":           {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"question_answered":        {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"recipient_key_registered": {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"recipient_key_confirmed":  {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"credited":                 {party: Full, supplier: Hidden, technical: Told, finance: Full},
	"route_chosen":             {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"stick_dispatched":         {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"delivery_recalled":        {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"recall_answered":          {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"incident_settled":         {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"reseal_ordered":           {party: Full, supplier: Hidden, technical: Full, finance: Told, inner: []string{"note"}},
	"resealed":                 {party: Full, supplier: Hidden, technical: Full, finance: Told, inner: []string{"blob"}},
	"address_corrected":        {party: Told, supplier: Hidden, technical: Told, finance: Hidden},
	"entry_withheld":           {party: Told, supplier: Hidden, technical: Told, finance: Hidden},
	"note_written":             {party: Hidden, supplier: Hidden, technical: Full, finance: Hidden},
	"data_proposed":            {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"data_agreed":              {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"supplement_reminded":      {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"supplement_timed_out":     {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"document_registered":      {party: Full, supplier: Hidden, technical: Told, finance: Told, inner: []string{"document"}},
	"documents_requested":      {party: Hidden, supplier: Hidden, technical: Hidden, finance: Hidden},
	"request_decided":          {party: Hidden, supplier: Hidden, technical: Hidden, finance: Hidden},
	"sealed_destroyed":         {party: Told, supplier: Hidden, technical: Told, finance: Hidden},
	"file_sealed_away":         {party: Told, supplier: Hidden, technical: Told, finance: Hidden},
	"assigned":                 {party: Hidden, supplier: Hidden, technical: Told, finance: Told},
	"unassigned":               {party: Hidden, supplier: Hidden, technical: Told, finance: Told},
	"conflict_declared":        {party: Hidden, supplier: Hidden, technical: Told, finance: Hidden},
	"protection_marked":        {party: Hidden, supplier: Hidden, technical: Told, finance: Hidden},
	"hours_logged":             {party: Hidden, supplier: Hidden, technical: Told, finance: Full},
	"change_proposed":          {party: Full, supplier: Hidden, technical: Full, finance: Full},
	"change_answered":          {party: Full, supplier: Hidden, technical: Full, finance: Full},
	"review_returned":          {party: Hidden, supplier: Hidden, technical: Hidden, finance: Hidden},
	"appealed":                 {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"appeal_forwarded":         {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"appeal_dismissed":         {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"appeal_settled":           {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"reopened":                 {party: Full, supplier: Hidden, technical: Told, finance: Told},
	"redecided":                {party: Full, supplier: Hidden, technical: Full, finance: Told, announced: true},
	"date_promised":            {party: Full, supplier: Told, technical: Full, finance: Told},
	"delay_notified":           {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"ruling_requested":         {party: Full, supplier: Hidden, technical: Told, finance: Hidden},
	"ruling_refused":           {party: Full, supplier: Hidden, technical: Told, finance: Hidden},
	"clock_warned":             {party: Hidden, supplier: Hidden, technical: Told, finance: Told},
	"key_reminded":             {party: Full, supplier: Hidden, technical: Full, finance: Hidden},
	"expired":                  {party: Full, supplier: Told, technical: Full, finance: Told},
	"child_opened":             {party: Told, supplier: Hidden, technical: Full, finance: Told},
	"fault_reported":           {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"fault_settled":            {party: Full, supplier: Hidden, technical: Full, finance: Told},
	"retention_granted":        {party: Full, supplier: Hidden, technical: Full, finance: Hidden},
	"retention_refused":        {party: Full, supplier: Hidden, technical: Full, finance: Hidden},
	"retention_extended":       {party: Full, supplier: Hidden, technical: Full, finance: Hidden},
	"population_called":        {party: Told, supplier: Full, technical: Full, finance: Hidden},
}

// EventDepth returns how much of an event of the type somebody in the role
// sees, in a case to which the relation is rel; s is the case as it is. An
// event that is not classified is hidden from everybody. What a dispatch
// announces is hidden from those outside until there has been one; a later
// decision waits for its own in [Read].
func EventDepth(role order.Role, typ string, rel Relation, s order.State) Depth {
	c, ok := events[typ]
	if !ok || !MaySee(role, ViewEvents, rel, s) || c.announced && Outside(role) && !s.Announced {
		return Hidden
	}
	switch audiences[role] {
	case caseStaff:
		return Full
	case party:
		return c.party
	case supplier:
		return c.supplier
	case technical:
		return c.technical
	case finance:
		return c.finance
	}
	return Hidden
}

// Inner returns the members of the event's content that those outside never
// see.
func Inner(typ string) []string { return events[typ].inner }

// Names reports whether somebody in the role may know who acted: those outside
// learn the role, and the name only of those who are not staff.
func Names(role order.Role, by order.Actor) bool { return !Outside(role) || Outside(by.Role) }

// Visible is an entry as one reader sees it. Number is its place among what
// the reader sees, from 1 without gaps, so that it does not tell how much is
// hidden; with everything visible it is the entry's version.
type Visible struct {
	Number int
	Depth  Depth
	Entry  order.Entry
}

// Read returns the entries as somebody in the role sees them. What is
// announced by the dispatch stands just before it, whenever it happened, so
// that a number once given never changes.
func Read(role order.Role, rel Relation, entries []order.Entry, s order.State) []Visible {
	var out []Visible
	var held []order.Entry
	show := func(e order.Entry) {
		if d := EventDepth(role, e.Event.Type(), rel, s); d != Hidden && d != "" {
			out = append(out, Visible{len(out) + 1, d, e})
		}
	}
	for _, e := range entries {
		if Outside(role) && events[e.Event.Type()].announced {
			held = append(held, e)
			continue
		}
		if _, dispatched := e.Event.(*order.DecisionDispatched); dispatched {
			for _, h := range held {
				show(h)
			}
			held = nil
		}
		show(e)
	}
	return out
}
