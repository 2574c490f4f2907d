package desk

import (
	"cmp"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/web/page"
)

// ethicsBody is the matrix of coverage beside a page of an ethics document.
type ethicsBody struct {
	page.Head
	Rows  []covered
	Docs  []paperLink
	Doc   paperLink
	Page  int
	Pages int
	Text  []stretch
	Hits  int
	Found []found // what a search of the text suggests
	Prev  string
	Next  string
	Fault string // why the text cannot be read
}

// paperLink is a document that the page can show.
type paperLink struct {
	ID, Name, Kind, Path, Download string
	Current                        bool
}

// stretch is a piece of a page's text; Hit is 0 or the number of the hit.
type stretch struct {
	Text string
	Hit  int
}

// found is a suggestion of the search for one item.
type found struct {
	Name, Quote, Why, Path string
	Page                   int
	Met                    bool
}

func ethicsPath(id, document string, n int, item string) string {
	q := url.Values{"doc": {document}}
	if n > 0 {
		q.Set("page", strconv.Itoa(n))
	}
	if item != "" {
		q.Set("item", item)
	}
	return "/cases/" + id + "/ethics?" + q.Encode()
}

// ethical are the kinds of attachments that coverage is looked for in.
var ethical = []string{
	intake.AttachEthicsApplication, intake.AttachEthicsAmendment, intake.AttachEthicsSupplement, intake.AttachEthicsAnnex, intake.AttachEthicsDecision, intake.AttachProjectPlan,
}

// ethics shows the matrix of coverage and the text that it points at.
func ethics(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	b := ethicsBody{Head: headOf(a, c, "desk.ethics_lead"), Rows: coverage(a, c)}
	item := a.Value("item")
	for i := range b.Rows {
		b.Rows[i].Current = b.Rows[i].Item == item
	}
	b.documents(a, c)
	if b.Doc.ID != "" {
		if err := b.open(a, c, item); err != nil {
			return err
		}
	}
	return a.Show("desk-ethics", page.View{Title: a.Word("desk.part_ethics"), Nav: "nav.cases", Body: b})
}

// documents lists the documents and picks the one of the address, else the
// first.
func (b *ethicsBody) documents(a *page.Ask, c *page.Case) {
	want := a.Value("doc")
	all := slices.DeleteFunc(slices.Clone(c.State.Application.Attachments), func(x intake.Attachment) bool { return !slices.Contains(ethical, x.Kind) })
	slices.SortStableFunc(all, func(x, y intake.Attachment) int {
		return cmp.Compare(slices.Index(ethical, x.Kind), slices.Index(ethical, y.Kind))
	})
	for _, x := range all {
		b.Docs = append(b.Docs, paperLink{ID: x.ID, Name: x.Name, Kind: a.Word("desk.kind_" + x.Kind), Path: ethicsPath(c.ID, x.ID, 0, ""), Download: attachedPath(c.ID, x.ID)})
	}
	i := slices.IndexFunc(b.Docs, func(x paperLink) bool { return x.ID == want })
	if i < 0 && len(b.Docs) > 0 {
		i = 0
	}
	if i >= 0 {
		b.Docs[i].Current, b.Doc = true, b.Docs[i]
	}
}

// open reads the document and marks what is pointed at on its page.
func (b *ethicsBody) open(a *page.Ask, c *page.Case, item string) error {
	pages, err := pagesOf(a, c.ID, b.Doc.ID)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Class != fault.Internal {
		b.Fault = f.SV
		if a.Lang == "en" {
			b.Fault = f.EN
		}
		return nil
	}
	if errors.Is(err, app.ErrNotFound) {
		b.Fault = a.Word("desk.by_post")
		return nil
	}
	if err != nil {
		return err
	}
	b.Pages = len(pages)
	n, _ := strconv.Atoi(a.Value("page"))
	b.Page = min(max(n, 1), b.Pages)
	var quotes []string
	for _, v := range c.State.Application.Ethics.Coverage {
		if v.Attachment == b.Doc.ID && v.Page == b.Page && v.Quote != "" && (item == "" || item == v.Item) {
			quotes = append(quotes, v.Quote)
		}
	}
	for _, f := range intake.Search(c.State.Application, pages, a.Catalogue) {
		if f.Page == 0 {
			continue
		}
		b.Found = append(b.Found, found{Name: f.Names.In(a.Lang), Quote: f.Quote, Why: f.Why.In(a.Lang), Path: ethicsPath(c.ID, b.Doc.ID, f.Page, f.Item), Page: f.Page, Met: f.Met})
		if f.Page == b.Page && (item == "" || item == f.Item) {
			quotes = append(quotes, f.Quote)
		}
	}
	if b.Pages > 0 {
		b.Text, b.Hits = mark(pages[b.Page-1], quotes)
	}
	if b.Page > 1 {
		b.Prev = ethicsPath(c.ID, b.Doc.ID, b.Page-1, "")
	}
	if b.Page < b.Pages {
		b.Next = ethicsPath(c.ID, b.Doc.ID, b.Page+1, "")
	}
	return nil
}

// pagesOf is the text of an attachment, page by page.
func pagesOf(a *page.Ask, id, document string) ([]string, error) {
	if a.Orders.Pages == nil {
		return nil, app.ErrNotFound
	}
	_, r, err := a.Orders.OpenDocument(a.R.Context(), a.Visitor.Person, id, document)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, app.MaxAttachment+1))
	if err != nil {
		return nil, err
	}
	return a.Orders.Pages(a.R.Context(), data)
}

// mark splits a text at the quotes that stand in it, however its lines are
// broken. A quote that stands in another is left in it.
func mark(text string, quotes []string) (out []stretch, hits int) {
	type span struct{ from, to int }
	var spans []span
	for _, q := range quotes {
		if at := place(text, q); at != nil {
			spans = append(spans, span{at[0], at[1]})
		}
	}
	slices.SortFunc(spans, func(x, y span) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(y.to, x.to)) })
	end := 0
	for _, s := range spans {
		if s.from < end {
			continue
		}
		hits++
		out = append(out, stretch{Text: text[end:s.from]}, stretch{text[s.from:s.to], hits})
		end = s.to
	}
	return append(out, stretch{Text: text[end:]}), hits
}

// place finds a quote, or else its first words, by its words alone.
func place(text, quote string) []int {
	words := strings.Fields(strings.Trim(quote, "…. \"”"))
	for _, n := range []int{len(words), 6, 3} {
		if n > len(words) || n == 0 {
			continue
		}
		parts := make([]string, n)
		for i, w := range words[:n] {
			parts[i] = regexp.QuoteMeta(w)
		}
		if at := regexp.MustCompile(`(?i)` + strings.Join(parts, `[\s\x{ad}]+`)).FindStringIndex(text); at != nil {
			return at
		}
	}
	return nil
}
