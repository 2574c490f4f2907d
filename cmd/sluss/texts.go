package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/store"
	"sluss/internal/swede"
	"sluss/internal/web"
	"sluss/internal/wording"
)

// textsCmd is what pages, letters and mail say in the authority's own words,
// from the counter's own machine. Otherwise administrators use the pages.
type textsCmd struct {
	List  textsListCmd  `cmd:"" help:"List the texts that are said otherwise; with --find, those that have the words."`
	Set   textsSetCmd   `cmd:"" help:"Say a text otherwise, in both languages."`
	Reset textsResetCmd `cmd:"" help:"Go back to the original of a text."`
}

// textTable is the counter as far as its texts go.
func textTable(db *store.Store) (*app.App, error) {
	book, err := web.Book()
	return &app.App{Authority: config.Authority(), Clock: time.Now, Beside: app.Beside{Settings: db, Book: book}}, err
}

type textsListCmd struct {
	place
	Find string `placeholder:"WORDS" help:"Texts with these words, or whose key has them."`
}

// Run writes one line for each text: key, from, until, what it says in the
// reader's language.
func (c *textsListCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	a, err := textTable(db)
	if err != nil {
		return err
	}
	book, history, err := a.TextBook(ctx)
	if err != nil {
		return err
	}
	lang, today := console.Language(), swede.CivilDay(time.Now())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	line := func(key, from, until string, t catalog.Text) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", key, from, until, t.In(lang))
	}
	if c.Find != "" {
		now := history.On(today, wording.Latest)
		for _, o := range book.Search(c.Find, now) {
			if own, ok := now[o.Key]; ok {
				r, _ := wording.InForce(history.Of(o.Key), today, wording.Latest)
				line(o.Key, r.From.String(), lastDay(r), own)
			} else {
				line(o.Key, "", "", o.Text)
			}
		}
		return w.Flush()
	}
	for _, key := range history.Keys() {
		if r, ok := wording.InForce(history.Of(key), today, wording.Latest); ok {
			line(key, r.From.String(), lastDay(r), r.Text)
		}
		for _, r := range history.Planned(key, today) {
			line(key, r.From.String(), lastDay(r), r.Text)
		}
	}
	return w.Flush()
}

func lastDay(r wording.Revision) string {
	if r.Until == 0 {
		return ""
	}
	return r.Until.String()
}

// textChange is what every change of a text says.
type textChange struct {
	place
	signature
	Key    string `arg:"" help:"The text, as sluss texts list --find has it."`
	Reason string `required:"" help:"Why; it stands in the log."`
}

func (c textChange) do(ctx context.Context, r wording.Revision) error {
	if err := c.check(); err != nil {
		return err
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	a, err := textTable(db)
	if err != nil {
		return err
	}
	r.Key, r.Reason = c.Key, c.Reason
	return a.OperatorChangesText(ctx, c.By, r)
}

type textsSetCmd struct {
	textChange
	SV    string `name:"sv" required:"" help:"The text in Swedish."`
	EN    string `name:"en" required:"" help:"The text in English."`
	From  string `placeholder:"DAY" help:"The first day (YYYY-MM-DD); today by default."`
	Until string `placeholder:"DAY" help:"The last day; until something else is said by default."`
}

// Run notes the text. Every process of the counter says it within a second.
func (c *textsSetCmd) Run(ctx context.Context) error {
	r := wording.Revision{Text: catalog.Text{SV: strings.TrimSpace(c.SV), EN: strings.TrimSpace(c.EN)}}
	var err error
	for _, x := range []struct {
		text, flag string
		to         *day.Day
	}{{c.From, "from", &r.From}, {c.Until, "until", &r.Until}} {
		if x.text == "" {
			continue
		}
		if *x.to, err = day.Parse(x.text); err != nil {
			return fault.New("text."+x.flag, "Dagen går inte att läsa.", "The day cannot be read.").At(fault.Where{Column: "--" + x.flag}).Do("Skriv den som 2026-12-04.", "Write it as 2026-12-04.")
		}
	}
	if r.Back() {
		r.Text = catalog.Text{SV: " ", EN: " "} // empty is refused; going back is a command of its own
	}
	return c.do(ctx, r)
}

type textsResetCmd struct{ textChange }

// Run goes back to the original.
func (c *textsResetCmd) Run(ctx context.Context) error { return c.do(ctx, wording.Revision{}) }
