package party

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

// The population file: what is asked for, the upload, and the report on it. The
// page never holds the file: it streams through to the seal, or is not read at
// all when it comes too early (promise 1).

// maxPopulation bounds a population file, bytes.
const maxPopulation = 16 << 30

// calls are the cases that a supplier has a part in: those that wait for a
// file, the nearest last day first, and then the others, the newest first.
func calls(a *page.Ask) error {
	b := &body{Lead: a.Word("party.calls_lead")}
	for _, now := range []bool{true, false} {
		name := map[bool]string{true: "now", false: "others"}[now]
		if !a.Shows(name) {
			continue
		}
		rows, err := a.RowsFrom(name, app.StandQuery{Latest: !now}, func(q app.StandQuery) ([]app.Standing, error) {
			return a.Orders.Calls(a.R.Context(), a.Visitor.Person, now, q)
		})
		if err != nil {
			return err
		}
		g := &block{ID: name, Heading: a.Word("party.calls_" + name)}
		for _, r := range rows.All {
			text := r.Case
			if r.Row.Reference != "" {
				if closes, err := day.Parse(r.Row.To); err == nil {
					text = fmt.Sprintf(a.Word("party.call_line"), r.Case, r.Row.Reference, page.LongDay(a.Lang, closes))
				}
			}
			g.Links = append(g.Links, page.Link{Path: "/cases/" + r.Case + "/population", Text: text + " – " + a.Word("party.file_"+r.Row.What)})
		}
		if len(g.Links) == 0 {
			g.Text = []string{a.Word("party.calls_none")}
		}
		if rows.Next != "" {
			g.Links = append(g.Links, page.Link{Path: rows.Next, Text: a.Word("party.calls_more")})
		}
		b.Blocks = append(b.Blocks, g)
	}
	return a.Show("loose", page.View{Title: a.Word("party.calls"), Nav: "party.nav_calls", Body: b})
}

// call is the call as the reader may see it.
func (s *sheet) call() *order.Call { return s.State.Call }

// state says in a few words how it stands with the file.
func (s *sheet) state() string { return s.Word("party.file_" + s.State.FileState()) }

func showPopulation(a *page.Ask) error {
	s, err := open(a, access.ViewPopulation)
	if err != nil {
		return err
	}
	return s.population()
}

func (s *sheet) fileForm() *page.Form {
	return s.Form(s.path("population"), s.Word("party.file_verb"),
		&page.Field{ID: "file", Kind: page.File, Label: s.Word("party.file_field"), Hint: fmt.Sprintf(s.Word("party.file_hint"), page.Size(s.Lang, maxPopulation)), Accept: ".csv,.txt,.tsv,.xlsx,.age"})
}

// population is the page of the file: what to send, the upload, the report.
func (s *sheet) population() error {
	s.Lead = s.state()
	s.early()
	s.report()
	if s.State.AwaitsFile() {
		switch {
		case s.uploads():
			b := s.add("upload", "party.upload").say(s.Word("party.upload_text"))
			if s.State.Population != nil {
				b.say(s.Word("party.upload_replaces"))
			}
			s.ask(b, s.fileForm())
		case s.Role() == order.RoleSupplier && s.call() == nil:
			s.add("upload", "party.upload").note().say(s.Word("party.upload_uncalled"))
		default:
			s.add("upload", "party.upload").note().say(s.Word("party.upload_post"))
		}
	}
	s.asked()
	return s.show(s.Word("party.population"))
}

// uploads reports whether the visitor can hand the file in here and now.
func (s *sheet) uploads() bool {
	if !s.May(s.Case, order.TakeMedium{}) {
		return false
	}
	if len(s.Authority.Suppliers) == 0 {
		return true
	}
	k := s.call()
	return s.Role() == order.RoleSupplier && k != nil && k.Opens <= s.Today && s.Today <= k.Closes
}

// early tells of files that came before the decision.
func (s *sheet) early() {
	for _, e := range s.State.Early {
		key := "party.early_waits"
		if e.How != "" {
			key = "party.early_" + e.How
		}
		s.add("", "").warn().say(fmt.Sprintf(s.Word("party.early"), e.ID) + " " + s.Word(key))
	}
}

// report is what the vault's check of the latest file said, and the receipt for
// it. It counts; no line of the file is ever repeated.
func (s *sheet) report() {
	var got *order.PopulationReceived
	var check *order.PopulationChecked
	var on string
	for _, e := range s.events() {
		switch ev := e.Event.(type) {
		case *order.PopulationReceived:
			got, check, on = ev, nil, s.long(swede.CivilDay(e.At))
		case *order.PopulationChecked:
			check = ev
		}
	}
	if check != nil {
		b := s.add("report", "party.report")
		switch {
		case check.Code != "":
			b.warn().say(map[string]string{"sv": check.SV, "en": check.EN}[s.Lang])
		case check.Accepted:
			b.say(s.Word("party.report_good"))
		default:
			b.say(s.Word("party.report_bad"))
		}
		if check.Code == "" {
			t := b.rows(b.Heading, s.Word("party.report_what"), s.Word("party.report_count"))
			t.Narrow = true
			t.row(s.Word("party.report_rows"), page.Thousands(int64(check.Rows)))
			for _, reason := range slices.Sorted(maps.Keys(check.Counts)) {
				t.row(s.reason(reason), page.Thousands(int64(check.Counts[reason])))
			}
			t.row(s.Word("party.report_persons"), page.Thousands(int64(check.Persons)))
			b.List = append(b.List, s.Word("party.report_numbers"))
			b.Commands = []string{"sluss-engine population check " + s.Word("party.file_name") + " --json"}
		}
	}
	if got != nil {
		b := s.add("got", "party.got").fact(s.Word("party.got_on"), on).fact(s.Word("party.got_no"), fmt.Sprint(got.ID))
		if got.Tracking != "" {
			b.fact(s.Word("party.got_letter"), got.Tracking)
		}
		if got.Bytes > 0 {
			b.fact(s.Word("party.got_size"), page.Size(s.Lang, got.Bytes))
		}
		b.code(s.Word("party.got_sum"), string(got.SHA256))
	}
}

// reasons are why lines do not count, as room population and the vault name
// them.
var reasons = []string{
	"format", "century", "date", "check_digit", "lopnr_conflict", "empty", "unknown_column", "duplicates", "not_found", "ambiguous", "same_person", "protected_excluded", "traders_excluded", "organisations", "traders", "over_decided_maximum",
}

func (s *sheet) reason(code string) string {
	if slices.Contains(reasons, code) {
		return s.Word("party.reason_" + code)
	}
	return code
}

// asked is what file is to be sent.
func (s *sheet) asked() {
	k := s.call()
	if k == nil {
		s.add("asked", "party.asked").say(s.Word("party.asked_later"))
		return
	}
	b := s.add("asked", "party.asked").
		fact(s.Word("party.our_reference"), k.Order).fact(s.Word("party.your_reference"), k.Reference).fact(s.Word("party.supplier"), k.Supplier.Name).
		fact(s.Word("party.window"), s.long(k.Opens)+"–"+s.long(k.Closes)).fact(s.Word("party.expected_rows"), page.Thousands(int64(k.Rows)))
	b.code(s.Word("party.vault_key"), k.SealingKey)
	t := b.rows(b.Heading, s.Word("party.column"), s.Word("party.column_holds"), s.Word("party.column_use"))
	t.row(cmp.Or(k.ID, "personnummer"), s.Word("party.column_id"), "")
	if k.Serial != "" {
		t.row(k.Serial, s.Word("party.column_serial"), "")
	}
	for _, c := range k.Columns {
		t.row(c.Name, s.Word("party.type_"+c.Type), s.Word("party.use_"+c.Use))
	}
	b.List = []string{s.Word("party.rule_1"), s.Word("party.rule_2"), s.Word("party.rule_3")}
	b.Links = []page.Link{{Path: s.path("population/call"), Text: s.Word("party.call_file")}}
	b.Commands = []string{"sluss seal --to " + k.SealingKey + " " + s.Word("party.file_name")}
}

// callFile sends the signed call, for a program to read and check.
func callFile(a *page.Ask) error {
	s, err := open(a, access.ViewPopulation)
	if err != nil {
		return err
	}
	for i := len(s.Entries) - 1; i >= 0; i-- {
		if ev, ok := s.Entries[i].Event.(*order.PopulationCalled); ok {
			raw, err := json.MarshalIndent(ev, "", "  ")
			if err != nil {
				return err
			}
			a.Download(s.ID+"-avrop.json", "application/json")
			_, err = a.W.Write(append(raw, '\n'))
			return err
		}
	}
	return errGone
}

// takePopulation takes the file in as it streams.
func takePopulation(a *page.Ask) error {
	s, err := open(a, access.ViewPopulation)
	if err != nil {
		return err
	}
	if !s.May(s.Case, order.TakeMedium{}) {
		return s.denied()
	}
	f := s.fileForm()
	file, err := upload(a)
	if err == nil {
		_, err = a.Orders.TakePopulation(a.R.Context(), a.Visitor.Person.Actor(), s.ID, "upload", file)
	}
	if err == nil {
		return a.Go(s.path("population"), "done.party_population")
	}
	// What was not read stays unread: the browser is told by the page, and the
	// line is closed after it.
	a.W.Header().Set("Connection", "close")
	if errors.Is(err, io.EOF) {
		f.Wrong("file", a.Word("party.need_file"))
	} else if !f.Take(err) {
		return err
	}
	if !s.State.AwaitsFile() {
		for i := range f.Problems { // there is no field to go to
			f.Problems[i].ID = ""
		}
	}
	if err := s.renew(f); err != nil {
		return err
	}
	f.Version, s.refused = 0, f
	return s.population()
}

// denied is the refusal of somebody who hands no files in.
func (s *sheet) denied() error { return s.Do(s.Case, order.TakeMedium{Road: "upload"}) }

// upload finds the file in a posted form without holding it; io.EOF when there
// is none.
func upload(a *page.Ask) (io.Reader, error) {
	if typ, _, err := mime.ParseMediaType(a.R.Header.Get("Content-Type")); err != nil || typ != "multipart/form-data" {
		return nil, io.EOF
	}
	a.R.Body = http.MaxBytesReader(a.W, a.R.Body, maxPopulation)
	form, err := a.R.MultipartReader()
	if err != nil {
		return nil, cut(err)
	}
	for {
		p, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, cut(err)
		}
		if p.FormName() == "file" {
			if p.FileName() == "" {
				return nil, io.EOF
			}
			return p, nil
		}
	}
}

func cut(err error) error {
	return fault.New("page.form", "Filen kom inte fram hel.", "The file did not arrive whole.").Do("Skicka den igen.", "Send it again.").Because(err)
}
