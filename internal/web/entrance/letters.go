package entrance

import (
	"net/url"
	"strings"

	"sluss/internal/login"
)

// letterView is a letter, paragraph by paragraph.
type letterView struct {
	To, Subject string
	Parts       []letterPart
}

// letterPart is a paragraph, or a link to be clicked.
type letterPart struct{ Text, Link string }

func lettersOf(all []login.Letter) (out []letterView) {
	for _, l := range all {
		v := letterView{To: l.To, Subject: l.Subject}
		for part := range strings.SplitSeq(strings.TrimSpace(l.Text), "\n\n") {
			if u, err := url.Parse(part); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
				v.Parts = append(v.Parts, letterPart{Link: part})
			} else {
				v.Parts = append(v.Parts, letterPart{Text: part})
			}
		}
		out = append(out, v)
	}
	return out
}

func escape(s string) string { return url.QueryEscape(s) }
