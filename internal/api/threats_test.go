package api

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluss/internal/order"
)

// Identity numbers that the tax authority sets aside for tests. The first is
// put where nobody asks for one, the second where somebody may write what they
// like about the case.
var (
	misplaced = spellings("19811218", "9876")
	written   = spellings("19701063", "2391")
)

// spellings are how an identity number turns up.
func spellings(date, last string) []string {
	return []string{date + last, date + "-" + last, date[2:] + "-" + last, date[2:] + last, url.QueryEscape(date + "+" + last)}
}

// saying is a body with every text in it replaced.
func saying(v any, text string) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return v
	}
	var whole any
	if json.Unmarshal(raw, &whole) != nil {
		return v
	}
	var walk func(any) any
	walk = func(v any) any {
		switch x := v.(type) {
		case map[string]any:
			for k := range x {
				x[k] = walk(x[k])
			}
		case []any:
			for i := range x {
				x[i] = walk(x[i])
			}
		case string:
			return text
		}
		return v
	}
	return walk(whole)
}

// TestThreat23CanaryAtEveryOperation puts identity numbers into addresses,
// queries, headers, file names, bodies, unknown members and free texts of every
// operation, as everybody, and then looks for them. In free texts of a case they
// are the case's content, which lies in its events and in the letters made of
// them. Everywhere else there must be none: the log of the program, answers that
// refuse, temporary folders, documents, mail that waits, and, for what was put
// where nobody asks, the whole database.
func TestThreat23CanaryAtEveryOperation(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	d, _ := full(t)
	id := d.until("order_extraction")
	paths, _ := d.ask("", "GET", "/api/openapi.json", nil).at("paths").(map[string]any)
	if len(paths) < 30 {
		t.Fatalf("only %d addresses", len(paths))
	}
	all := bodies(d, id)
	delete(all, "withdraw")
	tried, refused := 0, 0
	send := func(who, method, path string, body any, headers ...string) {
		r := d.as(who, method, path, body, headers...)
		if tried++; r.status < 400 {
			return
		}
		refused++
		for _, c := range slices.Concat(misplaced, written) {
			if strings.Contains(r.raw, c) {
				t.Errorf("%s %s answers %d with the number in it: %s", method, strings.ReplaceAll(path, c, "…"), r.status, r.code())
			}
		}
		if r.status >= 500 {
			t.Errorf("%s %s: %d", method, path, r.status)
		}
	}
	who := []string{"elin", "karin", "rut", "bo", "engine"}
	for _, pattern := range slices.Sorted(maps.Keys(paths)) {
		operations, _ := paths[pattern].(map[string]any)
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			method = strings.ToUpper(method)
			if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE", "PATCH"}, method) || strings.Contains(pattern, "withdraw") {
				continue
			}
			for i, c := range misplaced {
				p := who[i%len(who)]
				headers := []string{"User-Agent", c, "X-Request-Id", c, "Referer", "https://x.example/" + c, "If-Match", c, "Content-Disposition", `attachment; filename="` + c + `.csv"`}
				send(p, method, fillIn(pattern, c, c)+"?q="+c+"&"+c+"="+c, nil, headers...)
				send(p, method, fillIn(pattern, id, c), object{c: c}, headers...)
				send(p, method, fillIn(pattern, id, c), "{"+c, headers...)
			}
			for _, p := range who {
				if name := pattern[strings.LastIndex(pattern, "/")+1:]; all[name] != nil {
					send(p, method, fillIn(pattern, id, ""), saying(all[name], written[0]))
				}
			}
		}
	}
	for _, c := range order.Commands { // where the address of commands has a part of its own
		if body := all[c.Name()]; body != nil {
			for _, p := range who {
				send(p, http.MethodPost, "/api/v1/orders/"+id+"/commands/"+c.Name(), saying(body, written[1]))
			}
		}
	}
	if r := d.as("elin", http.MethodPost, "/api/v1/orders/"+id+"/commands/ask_question", object{"text": "Gäller det " + written[1] + "?"}); r.status != 200 {
		t.Fatalf("a question: %d %s", r.status, r.raw)
	}
	send("scb", http.MethodPut, "/api/v1/orders/"+id+"/population", "pnr\n"+misplaced[0]+"\n"+misplaced[1]+"\n", "Content-Type", "text/csv")
	if tried < 500 || refused < 100 {
		t.Fatalf("%d requests, %d refused: the test does not reach the operations", tried, refused)
	}

	lacks(t, "the program's log", d.logged.Bytes(), slices.Concat(misplaced, written))
	looked, found := 0, false
	for _, dir := range []string{temp, filepath.Dir(temp)} {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			looked++
			lacks(t, e.Name(), b, misplaced)
			if !strings.HasPrefix(e.Name(), "sluss.db") {
				lacks(t, e.Name(), b, written)
			} else if bytes.Contains(b, []byte(written[1])) {
				found = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !found {
		t.Error("the question is not in the database: the test would find nothing")
	}
	t.Logf("%d requests to %d addresses, %d of them refused; looked in the log (%d bytes) and %d files", tried, len(paths), refused, d.logged.Len(), looked)
}

// fillIn puts the case and a text for everything else into an address.
func fillIn(pattern, id, other string) string {
	parts := strings.Split(pattern, "/")
	first := true
	for i, p := range parts {
		if !strings.HasPrefix(p, "{") {
			continue
		}
		parts[i] = url.PathEscape(other)
		if first && i > 0 && parts[i-1] == "orders" {
			parts[i] = url.PathEscape(id)
		}
		first = false
	}
	return strings.Join(parts, "/")
}

func lacks(t *testing.T, where string, content []byte, canaries []string) {
	t.Helper()
	for i, c := range canaries {
		if bytes.Contains(content, []byte(c)) {
			at := bytes.Index(content, []byte(c))
			around := strings.ReplaceAll(string(content[max(0, at-80):min(len(content), at+60)]), c, "<number>")
			t.Errorf("%s holds an identity number (spelling %d): %q", where, i, around)
			return
		}
	}
}
