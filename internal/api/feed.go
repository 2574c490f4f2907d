package api

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sluss/internal/access"
	"sluss/internal/order"
)

// The feed of a case, RFC 4287.
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Author  atomAuthor  `xml:"author"`
		Link    []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID       string       `xml:"id"`
		Title    string       `xml:"title"`
		Updated  string       `xml:"updated"`
		Author   atomAuthor   `xml:"author"`
		Category atomCategory `xml:"category"`
		Link     atomLink     `xml:"link"`
		Content  atomContent  `xml:"content"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
)

// feed answers with what happens in a case, latest first, as the asker may see
// it: what happened, when and by which role; the content stays in the case.
// The id of an entry never changes.
func (p *programs) feed(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	entries, s, rel, err := p.look(ctx, id)
	if err != nil {
		return err
	}
	role, lang := who(ctx).Role, tongue(r.Header.Get("Accept-Language"))
	if !access.MaySee(role, access.ViewEvents, rel, s) {
		return denied(role, "feed")
	}
	if err := p.Orders.LogRead(ctx, who(ctx).Person, id, access.ViewEvents); err != nil {
		return err
	}
	all, err := happenings(role, rel, entries, s, lang, 0)
	if err != nil {
		return err
	}
	updated := time.Time{}
	for _, h := range all {
		if h.At.After(updated) {
			updated = h.At
		}
	}
	tag := `"` + strconv.Itoa(len(all)) + "-" + lang + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Last-Modified", updated.UTC().Format(http.TimeFormat))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Language", lang)
	if unchanged(r, tag, updated) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/atom+xml; charset=utf-8")
	out, err := xml.Marshal(p.atom(id, lang, updated, all))
	if err != nil {
		return err
	}
	_, _ = w.Write(append([]byte(xml.Header), out...)) // the reader is gone when this fails
	return nil
}

// unchanged reports whether the asker has what there is. A tag that was sent
// counts alone (RFC 9110 section 13.1.3).
func unchanged(r *http.Request, tag string, updated time.Time) bool {
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		return slices.Contains(tags, tag) || slices.Contains(tags, "*")
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !updated.Truncate(time.Second).After(since)
}

func (p *programs) atom(id, lang string, updated time.Time, all []Happening) atomFeed {
	base := "/api/v1/orders/" + id
	f := atomFeed{
		Lang: lang, ID: "urn:sluss:order:" + id, Title: id, Updated: updated.UTC().Format(time.RFC3339), Author: atomAuthor{"Sluss"},
		Link: []atomLink{{"self", "application/atom+xml", base + "/feed.atom"}, {"alternate", "application/json", base}},
	}
	for _, h := range slices.Backward(all) {
		f.Entries = append(f.Entries, atomEntry{
			ID: "urn:sluss:order:" + id + ":event:" + strconv.Itoa(h.Number), Title: h.What, Updated: h.At.UTC().Format(time.RFC3339Nano),
			Author: atomAuthor{byRole(h.Role)}, Category: atomCategory{h.Type}, Link: atomLink{"alternate", "application/json", base + "/events?after=" + strconv.Itoa(h.Number-1)},
			Content: atomContent{"text", id + ": " + h.What},
		})
	}
	return f
}

// byRole is who acted, as the feed tells it.
func byRole(r order.Role) string { return string(r) }
