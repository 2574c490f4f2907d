package intake

import (
	"testing"

	"sluss/internal/catalog"
)

func BenchmarkProblems(b *testing.B) {
	a, cat := wide(), catalog.Builtin()
	for b.Loop() {
		Problems(a, today, cat)
	}
}

func BenchmarkSearch(b *testing.B) {
	a, cat := wide(), catalog.Builtin()
	page := UnderlagText(Underlag(a, cat), "sv")
	var pages []string
	for range 100 {
		pages = append(pages, page)
	}
	b.SetBytes(int64(len(page) * len(pages)))
	for b.Loop() {
		Search(a, pages, cat)
	}
}
