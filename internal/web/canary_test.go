package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"sluss/internal/app"
	"sluss/internal/showcase"
	"sluss/internal/vitals"
	"sluss/internal/web"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

// canary is one of Skatteverket's test numbers, as a tired hand would type it.
const canary = "19121212-1212"

// content are the tables in which what somebody wrote lies: it is the case's, or
// that of a draft that is being written. Nothing else keeps it.
var content = []string{"events", "cases", "drafts", "unsent", "incoming", "digests", "desk", "stands", "attachments"}

// formsOf are the addresses of the forms on a page that send something.
func formsOf(p *webtest.Page) []string {
	root, err := html.Parse(strings.NewReader(p.HTML))
	if err != nil {
		return nil
	}
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		path, _, _ := strings.Cut(at["action"], "?")
		if strings.EqualFold(at["method"], "post") && path != "" && !slices.Contains(out, path) && !strings.HasPrefix(path, "/log") && !strings.HasSuffix(path, "/withdraw") {
			out = append(out, path)
		}
	}
	return out
}

// TestThreat23CanaryInEveryForm types an identity number into every field of
// every form that anybody is shown, as everybody who is, and then looks for it:
// in addresses, in the program's log, in metrics, in mail, in files, and in every
// table but those that keep what people write. The public register is read as
// everybody reads it.
func TestThreat23CanaryInEveryForm(t *testing.T) {
	webtest.Fill(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var logged bytes.Buffer
	log := vitals.NewLog(&logged, false)
	c := webtest.New(t, web.Rooms, func(_ *app.App, s *page.Site) { s.Log = log })
	measured := &vitals.Metrics{}
	outer := http.NewServeMux()
	outer.Handle("/", measured.Watch(c.Mux, slog.New(slog.NewTextHandler(&logged, nil))))
	c.Mux = outer

	sent, fields := 0, 0
	type done struct{ role, form string }
	seen := map[done]bool{}
	for _, r := range web.Routes() {
		if r.Example == "" {
			continue
		}
		path := regexp.MustCompile(`\{case:(\w+)\}`).ReplaceAllStringFunc(r.Example, func(m string) string {
			return c.Shown.Cases[showcase.Situation(m[len("{case:"):len(m)-1])]
		})
		if strings.Contains(path, "{") {
			continue
		}
		for _, x := range showcase.Cast() {
			for _, role := range x.Roles {
				if r.As != nil && !slices.Contains(r.As, role) {
					continue
				}
				b := c.As(x.ID, role)
				b.Typing = canary
				p := b.Get(path)
				for _, form := range formsOf(p) {
					if seen[done{string(role), r.Pattern + form}] || !p.HasForm(form) {
						continue
					}
					seen[done{string(role), r.Pattern + form}] = true
					typed := webtest.Values{}
					for _, name := range p.Fields(form) {
						if k := p.Kind(form, name); k == "text" || k == "textarea" || k == "email" || k == "search" {
							typed[name] = canary
							if k == "email" {
								typed[name] = canary + "@sjolunda.example"
							}
						}
					}
					if len(typed) == 0 {
						continue
					}
					sent++
					fields += len(typed)
					answer := b.Send(p, form, typed)
					if answer.Status >= 500 {
						t.Errorf("%s as %s: %d", form, role, answer.Status)
					}
					if strings.Contains(answer.Path, canary) {
						t.Errorf("%s as %s: the number is in the address %s", form, role, strings.ReplaceAll(answer.Path, canary, "…"))
					}
				}
			}
		}
	}
	if sent < 60 || fields < 180 {
		t.Fatalf("%d forms, %d fields: the test does not reach the forms", sent, fields)
	}

	bare := strings.ReplaceAll(canary, "-", "")
	lacks := func(where string, content []byte) {
		if bytes.Contains(content, []byte(canary)) || bytes.Contains(content, []byte(bare)) {
			t.Errorf("%s has the number", where)
		}
	}
	lacks("the log", logged.Bytes())
	lacks("the metrics", []byte(measure(measured)))
	lacks("the public register", []byte(c.As("").Get("/diarium/export").HTML))
	mails := mailed(t, c, lacks)

	var dump bytes.Buffer
	if err := c.DB.Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	table, kept := "", map[string]int{}
	for l := range bytes.Lines(dump.Bytes()) {
		if l[0] == '{' {
			var head struct{ Table string }
			if err := json.Unmarshal(l, &head); err != nil {
				t.Fatal(err)
			}
			table = head.Table
			continue
		}
		if bytes.Contains(l, []byte(canary)) || bytes.Contains(l, []byte(bare)) {
			kept[table]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if !slices.Contains(content, name) {
			t.Errorf("table %s has the number in %d rows", name, kept[name])
		}
	}
	if kept["events"] == 0 {
		t.Error("no case has the number: the test would find nothing")
	}
	files := 0
	err := filepath.WalkDir(temp, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), "sluss.db") {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		lacks("the file "+e.Name(), b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d forms with %d fields as every role that is shown them; looked in the log (%d bytes), metrics, %d mails, %d files and %d tables that keep it", sent, fields, logged.Len(), mails, files, len(kept))
}

func measure(m *vitals.Metrics) string {
	w := &answer{head: http.Header{}}
	r, _ := http.NewRequest(http.MethodGet, "/metrics", nil)
	m.ServeHTTP(w, r)
	return w.String()
}

// answer keeps what a handler writes.
type answer struct {
	bytes.Buffer
	head http.Header
}

func (a *answer) Header() http.Header { return a.head }
func (a *answer) WriteHeader(int)     {}

// mailed makes the mail of every case and looks at what leaves.
func mailed(t *testing.T, c *webtest.Counter, lacks func(string, []byte)) (n int) {
	for more := true; more; {
		var err error
		if more, err = c.App.SpreadMail(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Now = c.Now.Add(48 * time.Hour) // digests, too
	for {
		m, err := c.App.NextMail(t.Context())
		if errors.Is(err, app.ErrNotFound) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		lacks("a mail", []byte(m.Address+m.Subject+m.Text))
		if err := c.App.MailSettled(t.Context(), m, "", true); err != nil {
			t.Fatal(err)
		}
	}
}
