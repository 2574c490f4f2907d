package app

import (
	"encoding/json"
	"testing"

	"sluss/internal/fault"
	"sluss/internal/intake"
)

// FuzzMail: whatever a mail holds, it is taken apart within bounds or told to be
// none, and its head has no control characters.
func FuzzMail(f *testing.F) {
	f.Add([]byte("From: e@x.example\r\nSubject: =?utf-8?q?=C3=A5?=\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVq\r\n--B--\r\n"))
	f.Add([]byte("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nx"))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := 0
		err := walkMail(raw, func(MailPart) error { n++; return nil })
		if err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
		if n > mailParts {
			t.Errorf("%d parts", n)
		}
		opened(raw)
		sender, subject := headOf(raw)
		for _, r := range sender + subject {
			if r < ' ' {
				t.Errorf("%q %q", sender, subject)
			}
		}
		if sender == "" || len(sender) > 1000 || len(subject) > 2000 {
			t.Errorf("%d %d", len(sender), len(subject))
		}
	})
}

// FuzzFit: whatever a draft holds, what fits it is an application, and fits
// wholly when it is read again.
func FuzzFit(f *testing.F) {
	f.Add([]byte(`{"purpose":"research","data":[{"from":"2015-01-01","benefits":["SJP",3]}],"population":{"size":"x"},"unknown":1}`))
	f.Add([]byte(`{"data":{"0":{}},"ethics":[],"sensitive":"ja"}`))
	f.Add([]byte(`[1`))
	f.Fuzz(func(t *testing.T, answers []byte) {
		a, _ := Fit(answers)
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if again, problems := Fit(raw); len(problems) > 0 {
			t.Errorf("what fits does not fit: %v", problems)
		} else if d, err := intake.Difference(a, again); err != nil || len(d) > 0 {
			t.Errorf("%v %v", d, err)
		}
		if json.Valid(answers) {
			_, _, _ = UpgradeAnswers(answers, 1)
		}
	})
}
