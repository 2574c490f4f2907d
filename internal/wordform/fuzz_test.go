package wordform

import (
	"encoding/json"
	"testing"

	"sluss/internal/app"
	"sluss/internal/fault"
)

// FuzzRead: a document from outside gives answers that fit an application, or a
// refusal.
func FuzzRead(f *testing.F) {
	cat := small(f)
	f.Add(with(f, form(f), mainPart, body(sdt("title", "", run("x"))), "word/styles.xml", ""))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if _, err := Read(doc, cat); err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
	})
}

// FuzzMain is FuzzRead without the archive around the main part, which random
// bytes seldom are.
func FuzzMain(f *testing.F) {
	cat := small(f)
	f.Add([]byte(body(sdt("title", "", run("x")) + sdt("data[0].from", "", run("2015-01-01")))))
	f.Add([]byte(body(sdt("delivery.formats=csv", `<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>`, run("☒")))))
	f.Add([]byte(`<w:document><w:sdt><w:sdt></w:sdt></w:sdt></w:document>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		controls, err := controlsOf(text)
		if err != nil {
			if fault.ClassOf(err) != fault.Input {
				t.Errorf("%v", err)
			}
			return
		}
		r := reader{cat: cat, answers: map[string]any{}, said: map[string]string{}}
		for _, c := range controls {
			r.take(c)
		}
		got, err := r.filled()
		if fault.ClassOf(err) == fault.Input { // of another version
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, wrong := app.Fit(json.RawMessage(got.Answers)); len(wrong) > 0 {
			t.Errorf("answers do not fit: %v", wrong)
		}
	})
}
