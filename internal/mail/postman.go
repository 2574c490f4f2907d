package mail

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"sluss/internal/app"
)

// Outbox is where mail comes from; app.App has it.
type Outbox interface {
	SpreadMail(ctx context.Context) (bool, error)
	NextMail(ctx context.Context) (app.Outgoing, error)
	MailSettled(ctx context.Context, m app.Outgoing, code string, final bool) error
}

// Sender sends one letter; *SMTP is the one.
type Sender interface {
	SendWith(ctx context.Context, to, subject, text string, files []File) error
}

// Postman makes mail of what happens in cases and sends it, until its context
// ends. Several processes may each run one: a lease keeps two from sending the
// same mail. A server that is down costs nothing but time; a process that is
// killed between the server's answer and our note of it sends that mail twice,
// under the same subject.
type Postman struct {
	Outbox Outbox
	Sender Sender
	Log    *slog.Logger
	// Every is how often to look for something to send; 0 = 2 seconds.
	Every time.Duration
}

// Run sends until ctx ends.
func (p *Postman) Run(ctx context.Context) {
	every := p.Every
	if every == 0 {
		every = 2 * time.Second
	}
	var g sync.WaitGroup
	for _, work := range []func(context.Context) error{p.Make, p.Empty} {
		g.Go(func() {
			t := time.NewTicker(every)
			defer t.Stop()
			for {
				if err := work(ctx); err != nil && ctx.Err() == nil {
					p.Log.ErrorContext(ctx, "mail", "err", err)
				}
				select {
				case <-ctx.Done():
					return
				case <-t.C:
				}
			}
		})
	}
	g.Wait()
}

// Make makes the mail of everything that has happened.
func (p *Postman) Make(ctx context.Context) error {
	for {
		if more, err := p.Outbox.SpreadMail(ctx); err != nil || !more {
			return err
		}
	}
}

// Empty sends what is due.
func (p *Postman) Empty(ctx context.Context) error {
	for ctx.Err() == nil {
		m, err := p.Outbox.NextMail(ctx)
		if errors.Is(err, app.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		files := make([]File, len(m.Files))
		for i, f := range m.Files {
			files[i] = File{f.Name, f.Type, f.Body}
		}
		code, final := outcome(p.Sender.SendWith(ctx, m.Address, m.Subject, m.Text, files))
		// What the server has taken is noted even when we are on our way out.
		if err := p.Outbox.MailSettled(context.WithoutCancel(ctx), m, code, final); err != nil {
			return err
		}
	}
	return nil
}

// outcome is the code of a fault, with the server's after it when it gave one
// ("mail.refused 550"), and whether it is final.
func outcome(err error) (code string, final bool) {
	said := ""
	if x, ok := errors.AsType[*ServerError](err); ok && x.Code > 0 {
		said = " " + strconv.Itoa(x.Code)
	}
	switch {
	case err == nil:
		return "", false
	case errors.Is(err, ErrRefused):
		return "mail.refused" + said, true
	case errors.Is(err, ErrPersonal):
		return "mail.personal", true
	}
	return "mail.later" + said, false
}
