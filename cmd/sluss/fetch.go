package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/parcel/handout"
)

// fetchCmd fetches a parcel at the recipient's, and goes on where a line was cut.
type fetchCmd struct {
	Case  string `arg:"" help:"Number of the case."`
	From  string `required:"" placeholder:"URL" help:"The counter, https://…"`
	Token string `required:"" placeholder:"FILE" env:"SLUSS_TOKEN_FILE" help:"File with your token for programs."`
	Out   string `placeholder:"FILE" help:"File to be made; CASE.sluss by default."`
}

var caseForm = regexp.MustCompile(`^[0-9A-Za-zÅÄÖåäö._-]{1,60}$`)

// Run fetches the parcel, or leaves what has come for the next run.
func (c *fetchCmd) Run(ctx context.Context) error {
	u, err := url.Parse(c.From)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !here(u.Hostname())) || !caseForm.MatchString(c.Case) {
		return fault.New("fetch.address", "Adressen eller ärendenumret går inte att använda.", "The address or the case number cannot be used.").
			Do("Ange räknarens adress, https://…, och numret som det står i beslutet.", "Give the counter's address, https://…, and the number as it stands in the decision.")
	}
	token, err := os.ReadFile(c.Token)
	if err != nil || len(token) > 4096 {
		return unreadable(c.Token, err)
	}
	out := c.Out
	if out == "" {
		out = c.Case + ".sluss"
	}
	sum, err := handout.Fetch(ctx, handout.Fetching{
		URL: u.JoinPath("api/v1/orders", c.Case, "parcel").String(), Token: strings.TrimSpace(string(token)), Out: out,
		Client: &http.Client{
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: time.Minute, TLSHandshakeTimeout: 30 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it would carry the token elsewhere
		},
		Told: progress,
	})
	if err != nil {
		return stopped(ctx, err)
	}
	_, err = fmt.Fprintf(os.Stdout, "parcel %s\nsha256 %s\n", out, sum)
	return err
}

func here(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// progress tells at each beginning how much there is already.
func progress(have, total int64) {
	note := "%d of %d bytes are here.\n"
	if console.Language() == "sv" {
		note = "%d av %d byte finns här.\n"
	}
	fmt.Fprintf(os.Stderr, note, have, total)
}

// stopped tells a user who stopped the program that it can go on later.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fault.New("fetch.stopped", "Avbrutet; det som har kommit ligger kvar.", "Interrupted; what has come stays.").Of(fault.Internal).
		Do("Kör kommandot igen: det fortsätter där det slutade.", "Run the command again: it goes on where it ended.").Because(err)
}
