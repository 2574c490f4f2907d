package showcase

import (
	"context"
	"errors"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/wording"
)

// How the mail of the showcase went: nearly all of it arrived, one address is
// wrong, one server has been silent for too long, and one answers "later".

// say has one text in the authority's own words, where texts can be changed.
func (s *stage) say(ctx context.Context) error {
	if s.app.Settings == nil || s.app.Book == nil {
		return nil
	}
	return s.app.OperatorChangesText(ctx, Administrator, wording.Revision{
		Key: "letter.contact_questions", Text: catalog.Text{SV: "Undrar du något?", EN: "Is anything unclear?"}, Reason: "Så skriver vi i alla våra brev",
	})
}

// post makes the mail of all cases and settles it, where the counter keeps mail.
func (s *stage) post(ctx context.Context) error {
	a := s.app
	if a.Outbox == nil {
		return nil
	}
	for {
		more, err := a.SpreadMail(ctx)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	for n := 1; ; n++ {
		all, err := a.Outbox.LeaseMail(ctx, a.Clock().Add(48*time.Hour), time.Minute)
		if errors.Is(err, app.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ids := make([]int64, len(all))
		for i, m := range all {
			ids[i] = m.ID
		}
		state, code, at := app.MailSent, "", a.Clock()
		switch n {
		case 4:
			state, code = app.MailRefused, "mail.refused 550"
		case 9:
			state, code = app.MailGivenUp, "mail.later"
		case 14:
			state, code, at = app.MailQueued, "mail.later 451", at.Add(72*time.Hour)
		}
		if err := a.Outbox.SettleMail(ctx, ids, state, code, at); err != nil {
			return err
		}
	}
}
