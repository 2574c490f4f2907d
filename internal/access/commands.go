package access

import (
	"slices"

	"sluss/internal/order"
)

// Road is how a command comes to the counter.
type Road string

// Roads.
const (
	RoadSubmit     Road = "submit"     // it opens a case
	RoadCommand    Road = "command"    // a person gives it by name
	RoadPopulation Road = "population" // it comes with a file
	RoadVault      Road = "vault"      // it is the vault's report
	RoadCounter    Road = "counter"    // a date or the counter itself gives it
)

// CommandClass says how a command comes, and whether its content is an act
// that somebody signs.
type CommandClass struct {
	Road   Road
	Signed bool
}

// commands classifies every command of room order by its name.
var commands = map[string]CommandClass{
	"submit":                  {Road: RoadSubmit},
	"acknowledge":             {Road: RoadCommand},
	"request_supplement":      {Road: RoadCommand},
	"answer_supplement":       {Road: RoadCommand},
	"confirm_complete":        {Road: RoadCommand},
	"draft_quote":             {Road: RoadCommand},
	"return_draft":            {Road: RoadCommand},
	"agree_draft":             {Road: RoadCommand},
	"record_review":           {Road: RoadCommand},
	"decide":                  {Road: RoadCommand, Signed: true},
	"dispatch_decision":       {Road: RoadCommand},
	"accept_quote":            {Road: RoadCommand},
	"acknowledge_forbehall":   {Road: RoadCommand},
	"take_medium":             {Road: RoadPopulation},
	"settle_medium":           {Road: RoadCommand},
	"record_population_check": {Road: RoadVault},
	"order_extraction":        {Road: RoadCommand, Signed: true},
	"record_extraction":       {Road: RoadVault},
	"record_failure":          {Road: RoadVault},
	"release":                 {Road: RoadCommand, Signed: true},
	"record_delivery":         {Road: RoadVault},
	"confirm_receipt":         {Road: RoadCommand},
	"send_again":              {Road: RoadCommand},
	"issue_invoice":           {Road: RoadCommand},
	"order_purge":             {Road: RoadCommand},
	"record_purge":            {Road: RoadVault},
	"dismiss":                 {Road: RoadCommand},
	"withdraw":                {Road: RoadCommand},
	"enquire":                 {Road: RoadSubmit},
	"redecide":                {Road: RoadCommand, Signed: true},
	"close_enquiry":           {Road: RoadCommand},
	"ask_question":            {Road: RoadCommand},
	"answer_question":         {Road: RoadCommand},
	"write_note":              {Road: RoadCommand},
	"correct_address":         {Road: RoadCommand},
	"withhold_entry":          {Road: RoadCommand},
	"register_recipient_key":  {Road: RoadCommand},
	"confirm_recipient_key":   {Road: RoadCommand},
	"credit_invoice":          {Road: RoadCommand},
	"recall":                  {Road: RoadCommand},
	"choose_route":            {Road: RoadCommand},
	"dispatch_stick":          {Road: RoadCommand},
	"answer_recall":           {Road: RoadCommand},
	"settle_incident":         {Road: RoadCommand},
	"reseal":                  {Road: RoadCommand, Signed: true},
	"record_reseal":           {Road: RoadVault},
	"propose_data":            {Road: RoadCommand},
	"agree_data":              {Road: RoadCommand},
	"remind_supplement":       {Road: RoadCommand},
	"time_out_supplement":     {Road: RoadCounter},
	"register_document":       {Road: RoadCommand},
	"request_documents":       {Road: RoadCommand},
	"decide_request":          {Road: RoadCommand},
	"seal_away":               {Road: RoadCounter},
	"destroy_sealed":          {Road: RoadCounter},
	"assign":                  {Road: RoadCommand},
	"unassign":                {Road: RoadCommand},
	"declare_conflict":        {Road: RoadCommand},
	"mark_protected":          {Road: RoadCommand},
	"log_hours":               {Road: RoadCommand},
	"propose_change":          {Road: RoadCommand},
	"answer_change":           {Road: RoadCommand},
	"return_review":           {Road: RoadCommand},
	"appeal":                  {Road: RoadCommand},
	"forward_appeal":          {Road: RoadCommand},
	"dismiss_appeal":          {Road: RoadCommand},
	"settle_appeal":           {Road: RoadCommand},
	"reopen":                  {Road: RoadCommand},
	"promise_date":            {Road: RoadCommand},
	"notify_delay":            {Road: RoadCommand},
	"request_ruling":          {Road: RoadCommand},
	"refuse_ruling":           {Road: RoadCommand},
	"warn_clock":              {Road: RoadCounter},
	"remind_key":              {Road: RoadCounter},
	"expire":                  {Road: RoadCounter},
	"link_child":              {Road: RoadCounter},
	"report_fault":            {Road: RoadCommand},
	"settle_fault":            {Road: RoadCommand},
	"grant_retention":         {Road: RoadCommand},
	"refuse_retention":        {Road: RoadCommand},
	"extend_retention":        {Road: RoadCounter},
	"call_population":         {Road: RoadCommand},
}

// Class returns the classification of a command; ok is false for a name that
// is no command.
func Class(name string) (c CommandClass, ok bool) {
	c, ok = commands[name]
	return c, ok
}

// May reports whether somebody in the role may give the command in a case to
// which the relation is rel. Whether the case is ready for it is for the rules
// of room order to say.
func May(role order.Role, cmd order.Command, rel Relation) bool {
	class, ok := commands[cmd.Name()]
	if !ok || !slices.Contains(cmd.Roles(), role) {
		return false
	}
	if class.Road == RoadSubmit {
		return rel == New
	}
	return rel != None && rel == relations[role]
}

// Given returns the names of the commands that somebody in the role and
// relation may give by name, in the order of room order.
func Given(role order.Role, rel Relation) []string {
	out := []string{}
	for _, cmd := range order.Commands {
		if commands[cmd.Name()].Road == RoadCommand && May(role, cmd, rel) {
			out = append(out, cmd.Name())
		}
	}
	return out
}
