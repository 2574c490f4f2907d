package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Letter is mail or post that came without a case: the original, and what is
// needed to find the case that it belongs to. It waits until the registrar
// registers it to a case, opens one with it, or returns it.
type Letter struct {
	ID      string
	At      time.Time
	By      string // who put it in
	Arrived day.Day
	Channel string // mail or post
	Sender  string // e-mail address, or name on an envelope
	Subject string
	Name    string // of the file
	Type    string
	Bytes   int64
	SHA256  canon.Hash
	Blob    string
	// Sealed: it held too many personnummer and lies sealed to the vault's key.
	Sealed bool
	State  string // waiting, taken, registered or returned
	Case   string // that it was registered to
	Reason string // of a return
	// Who settled it, and when.
	SettledBy string
	SettledAt time.Time
}

// States of a letter.
const (
	LetterWaiting    = "waiting"
	LetterTaken      = "taken" // somebody is registering it right now
	LetterRegistered = "registered"
	LetterReturned   = "returned"
)

// Incoming keeps letters; their originals lie in [Blobs].
type Incoming interface {
	PutLetter(ctx context.Context, l Letter) error
	// Letter returns one, ErrNotFound when there is none; Letters those in a
	// state, oldest first, at most limit.
	Letter(ctx context.Context, id string) (Letter, error)
	Letters(ctx context.Context, state string, limit int) ([]Letter, error)
	// SettleLetter moves a letter from a state to that of l; ErrConflict when it
	// is in another by now.
	SettleLetter(ctx context.Context, l Letter, from string) error
}

const (
	// letters is how many letters a list shows.
	letters = 500
	// takenAtMost is how long registering a letter takes; after that somebody
	// else may, having looked whether the case has it.
	takenAtMost = 10 * time.Minute
)

// MatchPoints are what each sign of a case is worth.
const (
	pointsNumber = 100 // its number stands in the subject
	pointsEthics = 60  // the number of its ethics approval does
	pointsTitle  = 50  // its title does
	pointsSender = 40  // the sender is tied to it
	// maxTitleWords is how many words of a title or a subject are compared.
	maxTitleWords = 30
	// maxMatches is how many cases are suggested.
	maxMatches = 10
)

// Match is a case that a letter may belong to, with the reasons.
type Match struct {
	Case    string
	Title   string
	Phase   order.Phase
	Points  int
	Reasons []catalog.Text
}

func (a *App) registrar(p access.Person) error {
	if a.Incoming == nil || a.Inspect == nil {
		return ErrNotFound
	}
	if p.Role != order.RoleRegistrar {
		return officeDenied(p.Role, "incoming")
	}
	return nil
}

// TakeLetter takes in an original that has no case. It is looked at as an
// attachment is: one with more than [MaxNumbers] personnummer is sealed to the
// vault's key at once, and can only be returned.
func (a *App) TakeLetter(ctx context.Context, p access.Person, l Letter, r io.Reader) (Letter, error) {
	if err := a.registrar(p); err != nil {
		return l, err
	}
	bad := func(column, sv, en string) (Letter, error) {
		return l, fault.New("incoming."+column, sv, en).At(fault.Where{Column: column}).Do("Rätta och skicka igen.", "Mend it and send it again.")
	}
	switch {
	case l.Channel != order.ChannelMail && l.Channel != order.ChannelPost:
		return bad("channel", "Ange mail eller post.", "Give mail or post.")
	case l.Arrived > a.today() || l.Arrived < a.today()-366:
		return bad("arrived", "Ankomstdagen ligger i framtiden eller mer än ett år tillbaka.", "The day of arrival lies in the future or more than a year back.")
	case strings.TrimSpace(l.Sender) == "" || len(l.Sender) > 254 || len(l.Subject) > 500:
		return bad("sender", "Ange avsändaren, och högst 500 tecken ämne.", "Give the sender, and at most 500 characters of subject.")
	}
	select {
	case inspecting <- struct{}{}:
		defer func() { <-inspecting }()
	case <-ctx.Done():
		return l, ctx.Err()
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxAttachment+1))
	switch {
	case err != nil:
		return l, fault.New("attachment.cut", "Filen kom inte fram hel.", "The file did not arrive whole.").Do("Skicka den igen.", "Send it again.").Because(err)
	case len(data) == 0 || len(data) > MaxAttachment:
		return l, fault.New("incoming.original", "Originalet är tomt eller större än 25 MB.", "The original is empty or larger than 25 MB.").Do("Skicka det igen, eller dela det.", "Send it again, or split it.")
	}
	if err := a.Scan(ctx, data); err != nil {
		return l, err
	}
	l.Name = fileName(l.Name)
	if swede.Contains(l.Subject) {
		l.Subject = swede.Mask(l.Subject)
	}
	seen, err := a.inspectOriginal(l.Name, data)
	if err != nil {
		return l, err
	}
	l.ID, l.At, l.By, l.State, l.Type = "P-"+rand.Text()[:16], a.Clock(), p.ID, LetterWaiting, seen.Type
	l.Blob = "incoming/" + l.ID
	if seen.Numbers <= MaxNumbers {
		l.Bytes, l.SHA256, err = a.Blobs.Put(ctx, l.Blob, bytes.NewReader(data))
	} else {
		l.Sealed, l.Name, l.Type, l.Subject, l.Blob = true, "", "application/age", "", "sealed-away/"+l.ID+".age"
		l.Bytes, l.SHA256, err = a.putSealed(ctx, l.Blob, bytes.NewReader(data))
	}
	if err != nil {
		return l, err
	}
	if err := a.Incoming.PutLetter(ctx, l); err != nil {
		return l, errors.Join(err, a.Blobs.Delete(context.WithoutCancel(ctx), l.Blob))
	}
	return l, nil
}

// Letters returns the letters in a state, oldest first.
func (a *App) Letters(ctx context.Context, p access.Person, state string) ([]Letter, error) {
	if err := a.registrar(p); err != nil {
		return nil, err
	}
	return a.Incoming.Letters(ctx, cmp.Or(state, LetterWaiting), letters)
}

// LetterWith returns a letter with the cases that it may belong to.
func (a *App) LetterWith(ctx context.Context, p access.Person, id string) (Letter, []Match, error) {
	if err := a.registrar(p); err != nil {
		return Letter{}, nil, err
	}
	l, err := a.Incoming.Letter(ctx, id)
	if err != nil || l.State != LetterWaiting || l.Sealed {
		return l, nil, err
	}
	m, err := a.matches(ctx, p, l)
	return l, m, err
}

// OpenLetter opens the original; what is sealed away can be opened by nobody
// here.
func (a *App) OpenLetter(ctx context.Context, p access.Person, id string) (Letter, io.ReadCloser, error) {
	if err := a.registrar(p); err != nil {
		return Letter{}, nil, err
	}
	l, err := a.Incoming.Letter(ctx, id)
	if err != nil || l.Sealed {
		return l, nil, errors.Join(err, ErrNotFound)
	}
	r, err := a.Blobs.Get(ctx, l.Blob)
	return l, r, err
}

// matches ranks the cases that a letter may belong to, of those that the person
// may know of.
func (a *App) matches(ctx context.Context, p access.Person, l Letter) ([]Match, error) {
	found := map[string]*Match{}
	note := func(ids []string, points int, sv, en string) {
		for _, id := range ids {
			m := found[id]
			if m == nil {
				m = &Match{Case: id}
				found[id] = m
			}
			m.Points += points
			m.Reasons = append(m.Reasons, catalog.Text{SV: sv, EN: en})
		}
	}
	note(a.numbersIn(l.Subject), pointsNumber, "ärendenumret står i ämnet", "the case number stands in the subject")
	if a.Digests != nil {
		for _, x := range []struct {
			marks  []string
			points int
			sv, en string
		}{
			{diariesIn(l.Subject), pointsEthics, "etikbeslutets diarienummer står i ämnet", "the number of the ethics approval stands in the subject"},
			{titlesIn(l.Subject), pointsTitle, "ärendets titel står i ämnet", "the title of the case stands in the subject"},
		} {
			ids, err := a.Digests.Marked(ctx, x.marks)
			if err != nil {
				return nil, err
			}
			note(ids, x.points, x.sv, x.en)
		}
	}
	if lists, ok := a.Log.(interface {
		Tied(ctx context.Context, keys []string) ([]string, error)
	}); ok && strings.Contains(l.Sender, "@") {
		var keys []string
		for _, role := range []order.Role{order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative} {
			keys = append(keys, access.Keys(access.Person{Role: role, Email: l.Sender})...)
		}
		ids, err := lists.Tied(ctx, keys)
		if err != nil {
			return nil, err
		}
		note(ids, pointsSender, "avsändaren är knuten till ärendet", "the sender is tied to the case")
	}
	return a.known(ctx, p, found)
}

// known keeps the matches that are cases the person may know of, best first.
func (a *App) known(ctx context.Context, p access.Person, found map[string]*Match) ([]Match, error) {
	var out []Match
	for id, m := range found {
		entries, err := a.Log.Load(ctx, id)
		if IsNotFound(err) || err == nil && access.Relate(p, entries) == access.None {
			continue
		}
		if err != nil {
			return nil, err
		}
		s := order.Fold(id, entries)
		m.Title, m.Phase = s.Application.Title, s.Phase()
		out = append(out, *m)
	}
	slices.SortFunc(out, func(x, y Match) int {
		return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(Serial(y.Case), Serial(x.Case)))
	})
	return out[:min(len(out), maxMatches)], nil
}

// numbersIn are the case numbers in a text.
func (a *App) numbersIn(text string) []string {
	re := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(a.Authority.CasePrefix) + `-\d{4}-\d{5,}\b`)
	var out []string
	for _, n := range re.FindAllString(text, -1) {
		out = append(out, strings.ToUpper(n))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// diary is a diary number without spaces and with small letters.
func diary(n string) string {
	return strings.ToLower(strings.Join(strings.Fields(n), ""))
}

var diaryNumber = regexp.MustCompile(`\b\d{4}[-/]\d{2,6}(?:[-/]\d{1,3})?\b`)

// diariesIn are the marks of the diary numbers in a text.
func diariesIn(text string) []string {
	var out []string
	for _, n := range diaryNumber.FindAllString(text, -1) {
		out = append(out, "dnr:"+diary(n))
	}
	return out
}

// wordsOf are the words of a text in small letters.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// titlesIn are the marks of every title that could stand in a text: each run of
// two words or more.
func titlesIn(text string) []string {
	words := wordsOf(text)
	words = words[:min(len(words), maxTitleWords)]
	var out []string
	for i := range words {
		for j := i + 2; j <= len(words); j++ {
			out = append(out, "title:"+strings.Join(words[i:j], " "))
		}
	}
	return out
}

// settle takes a letter for the time of f, so that two registrars do not both
// register it, and then stores what became of it. When f fails the letter waits
// again.
func (a *App) settle(ctx context.Context, p access.Person, id string, f func(l *Letter) error) (Letter, error) {
	if err := a.registrar(p); err != nil {
		return Letter{}, err
	}
	l, err := a.Incoming.Letter(ctx, id)
	if err != nil {
		return l, err
	}
	from := LetterWaiting
	if l.State == LetterTaken && a.Clock().Sub(l.SettledAt) > takenAtMost { // whoever took it is gone
		from = LetterTaken
	}
	l.State, l.SettledBy, l.SettledAt = LetterWaiting, "", time.Time{}
	taken := l
	taken.State, taken.SettledBy, taken.SettledAt = LetterTaken, p.ID, a.Clock()
	if err := a.Incoming.SettleLetter(ctx, taken, from); err != nil {
		return l, err
	}
	after := context.WithoutCancel(ctx)
	done := l
	if err := f(&done); err != nil {
		return l, errors.Join(err, a.Incoming.SettleLetter(after, l, LetterTaken))
	}
	done.SettledBy, done.SettledAt = p.ID, a.Clock()
	return done, a.Incoming.SettleLetter(after, done, LetterTaken)
}

func unsealedOnly(l *Letter) error {
	if !l.Sealed {
		return nil
	}
	return (&fault.Fault{
		Code: "incoming.sealed", Class: fault.Gate, Rule: "sealed_away", Law: "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c och f",
		SV: "Handlingen innehåller för många personnummer och är förseglad.", EN: "The document holds too many personnummer and is sealed.",
	}).Do("Återsänd den och be om en utan uppgifter om enskilda.", "Return it and ask for one without data about single persons.")
}

// RegisterLetter registers a letter as a document of a case that the person may
// know of.
func (a *App) RegisterLetter(ctx context.Context, p access.Person, id, to, kind, secrecy string) (Letter, error) {
	return a.settle(ctx, p, id, func(l *Letter) error {
		if err := unsealedOnly(l); err != nil {
			return err
		}
		entries, err := a.Log.Load(ctx, to)
		if err != nil {
			return err
		}
		if access.Relate(p, entries) == access.None {
			return ErrNotFound
		}
		doc := order.Document{Kind: cmp.Or(kind, "letter"), Name: l.Name, On: l.Arrived, Party: l.Sender, Channel: l.Channel, Secrecy: secrecy, Blob: l.Blob, SHA256: l.SHA256}
		if _, err := a.Do(ctx, p.Actor(), to, order.RegisterDocument{Document: doc}); err != nil {
			return err
		}
		l.State, l.Case = LetterRegistered, to
		a.fileParts(ctx, p, *l, secrecy)
		return nil
	})
}

// arrival is how the letter came, for the case that it opens.
func (l *Letter) arrival() *order.Arrival {
	return &order.Arrival{On: l.Arrived, Channel: l.Channel, Sender: l.Sender, Name: l.Name, Blob: l.Blob, SHA256: l.SHA256}
}

// OpenCase opens a case with a letter: an application that the registrar has
// written off, or an enquiry. mk gets how the letter came.
func (a *App) OpenCase(ctx context.Context, p access.Person, id string, mk func(*order.Arrival) order.Command) (Letter, error) {
	return a.settle(ctx, p, id, func(l *Letter) error {
		if err := unsealedOnly(l); err != nil {
			return err
		}
		var err error
		switch cmd := mk(l.arrival()).(type) {
		case order.Submit:
			l.Case, _, err = a.Submit(ctx, p.Actor(), cmd)
		case order.Enquire:
			l.Case, _, err = a.Enquire(ctx, p.Actor(), cmd)
		default:
			err = fmt.Errorf("a letter opens no case with %s", cmd.Name())
		}
		l.State = LetterRegistered
		if err == nil {
			a.fileParts(ctx, p, *l, "")
		}
		return err
	})
}

// ReturnLetter notes that a letter has been sent back. What was sealed away is
// destroyed then.
func (a *App) ReturnLetter(ctx context.Context, p access.Person, id, reason string) (Letter, error) {
	return a.settle(ctx, p, id, func(l *Letter) error {
		if strings.TrimSpace(reason) == "" || len(reason) > 1000 {
			return fault.New("incoming.reason", "Ange varför, med högst 1 000 tecken.", "Say why, with at most 1 000 characters.").At(fault.Where{Column: "reason"})
		}
		l.State, l.Reason = LetterReturned, reason
		if l.Sealed && l.Blob != "" {
			return a.Blobs.Delete(ctx, l.Blob)
		}
		return nil
	})
}
