package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"sluss/internal/app"
	"sluss/internal/doctor"
	"sluss/internal/fault"
	"sluss/internal/mail"
)

// fetching is where mail comes in.
type fetching struct {
	IMAP     string `name:"imap" env:"SLUSS_IMAP" placeholder:"URL" help:"Mailbox whose mail comes into the registrar's list: imaps://user@host/INBOX, or imap://user@host:143/INBOX (STARTTLS); the password in SLUSS_IMAP_PASSWORD. It is only read."`
	IMAPDays int    `name:"imap-days" env:"SLUSS_IMAP_DAYS" default:"30" help:"How many days back mail is looked for in the mailbox."`
}

// fetcher takes the mailbox's mail in; nil where there is none.
func (f fetching) fetcher(a *app.App, log *slog.Logger) (*mail.Fetcher, error) {
	if f.IMAP == "" {
		return nil, nil
	}
	if f.IMAPDays < 1 || f.IMAPDays > 366 {
		return nil, fault.New("mail.imap_days", "Antalet dagar är mellan 1 och 366.", "The number of days is between 1 and 366.").At(fault.Where{Column: "--imap-days"}).Do("Rätta inställningen.", "Mend the setting.")
	}
	box, err := mail.NewBox(f.IMAP, os.Getenv("SLUSS_IMAP_PASSWORD"), app.MaxAttachment, nil)
	if err != nil {
		return nil, err
	}
	return &mail.Fetcher{Box: box, Inbox: a, Clock: time.Now, Log: log, Days: f.IMAPDays}, nil
}

// fetchFinding says whether the mailbox answers; the finding is empty where
// there is none.
func (f fetching) fetchFinding(ctx context.Context) (out doctor.Finding, there bool) {
	if f.IMAP == "" {
		return out, false
	}
	out = doctor.Finding{Code: "check.imap", SV: "brevlådan svarar", EN: "the mailbox answers", Do: [2]string{"Kontrollera --imap, SLUSS_IMAP_PASSWORD och att servern nås härifrån; inkommande mejl ligger kvar där.", "Check --imap, SLUSS_IMAP_PASSWORD, and that the server can be reached from here; incoming mail stays there."}}
	box, err := mail.NewBox(f.IMAP, os.Getenv("SLUSS_IMAP_PASSWORD"), app.MaxAttachment, nil)
	if err != nil {
		return out, true
	}
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	s, err := box.Open(ctx)
	if err != nil {
		return out, true
	}
	s.Close()
	out.OK = true
	return out, true
}
