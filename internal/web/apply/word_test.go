package apply

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"sluss/internal/wordform"
)

// TestWordFormSaysWhatThePagesSay: the answers of the Word form have the texts
// of the pages, and the pages' codes.
func TestWordFormSaysWhatThePagesSay(t *testing.T) {
	t.Parallel()
	texts := map[string]map[string]string{}
	for _, lang := range []string{"sv", "en"} {
		raw, err := files.ReadFile("texts/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		texts[lang] = m
	}
	n := 0
	for _, set := range wordform.Sets() {
		for code, label := range wordform.Options(set) {
			n++
			key := "apply.o_" + set + "_" + code
			if texts["sv"][key] != label.SV || texts["en"][key] != label.EN {
				t.Errorf("%s: %q and %q", key, texts["sv"][key], label.SV)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d answers", n)
	}
	for set, codes := range map[string][]string{"attachment": attachmentKinds, "format": {"csv", "parquet", "dta", "sav", "zsav", "xpt"}} {
		if got := slices.Sorted(maps.Keys(wordform.Options(set))); !slices.Equal(got, slices.Sorted(slices.Values(codes))) {
			t.Errorf("%s: %v", set, got)
		}
	}
}
