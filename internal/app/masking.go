package app

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
)

const lawPublic = "tryckfrihetsförordningen 2 kap. 15–16 §§; offentlighets- och sekretesslagen (2009:400) 6 kap. 2–3 §§"

// Outcomes of a request for public documents.
const (
	RequestFull    = "full"
	RequestMasked  = "masked"
	RequestRefused = "refused"
)

// PublicRequest is an outsider's request for public documents (allmänna
// handlingar) of a case, with the documents that it asks for. Who asks is
// nobody's business (tryckfrihetsförordningen 2 kap. 18 §).
type PublicRequest struct {
	ID        int
	Text      string
	On        day.Day
	Decided   bool
	Outcome   string // full, masked or refused; "" while it waits
	Masked    []order.Masking
	Reasons   catalog.Text
	Documents []CaseDocument
}

// Requests are the requests for documents of a case. A request asks for the
// documents whose numbers stand in its text, and for all when none does.
func Requests(id string, entries []order.Entry) []PublicRequest {
	var out []PublicRequest
	list := DocumentList(id, entries)
	for _, e := range entries {
		switch ev := e.Event.(type) {
		case *order.DocumentsRequested:
			out = append(out, PublicRequest{ID: ev.ID, Text: ev.Text, On: ev.On, Documents: askedFor(ev.Text, list)})
		case *order.RequestDecided:
			for i := range out {
				if out[i].ID == ev.ID {
					out[i].Decided, out[i].Outcome, out[i].Masked, out[i].Reasons = true, ev.Outcome, ev.Masked, ev.Reasons
				}
			}
		}
	}
	return out
}

// askedFor returns the documents whose numbers stand by themselves in a text.
func askedFor(text string, list []CaseDocument) []CaseDocument {
	var out []CaseDocument
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;.()\t\n", r) })
	for _, d := range list {
		if slices.Contains(words, strconv.Itoa(d.No)) {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return list
	}
	return out
}

// Of returns the document of the request that a copy may be given out of, with
// what is to be masked in it. It fails closed: before the request is decided,
// when it was refused, and when a masking names a document that is not there.
func (r PublicRequest) Of(no int) (CaseDocument, []order.Masking, error) {
	i := slices.IndexFunc(r.Documents, func(d CaseDocument) bool { return d.No == no })
	if i < 0 {
		return CaseDocument{}, nil, ErrNotFound
	}
	gate := func(code, sv, en, doSV, doEN string) error {
		return (&fault.Fault{Code: code, Class: fault.Gate, Rule: "public_documents", Law: lawPublic, SV: sv, EN: en}).Do(doSV, doEN)
	}
	switch {
	case !r.Decided:
		return CaseDocument{}, nil, gate("documents.undecided", "Begäran är inte besvarad.", "The request has not been answered.", "Besvara begäran först.", "Answer the request first.")
	case r.Outcome != RequestFull && r.Outcome != RequestMasked:
		return CaseDocument{}, nil, gate("documents.refused", "Handlingen lämnas inte ut.", "The document is not given out.", "Hänvisa till beslutet och hur det överklagas.", "Refer to the decision and how it is appealed.")
	}
	var of []order.Masking
	for _, m := range r.Masked {
		n, err := strconv.Atoi(strings.TrimSpace(m.Document))
		if err != nil || !slices.ContainsFunc(r.Documents, func(d CaseDocument) bool { return d.No == n }) {
			return CaseDocument{}, nil, gate("documents.mask_unknown", "En maskering gäller en handling som inte hör till begäran.", "A masking is of a document that does not belong to the request.",
				"Besvara en ny begäran med handlingarnas nummer.", "Answer a new request with the numbers of the documents.")
		}
		if n == no {
			of = append(of, m)
		}
	}
	return r.Documents[i], of, nil
}

// MaskJSON replaces each masked member of a JSON document by "[maskerat,
// <law>]". What names the member: application.orderer.email or
// decision.scope.rows[0].variables. It fails closed when a member is not there.
func MaskJSON(raw []byte, maskings []order.Masking) ([]byte, error) {
	if len(maskings) == 0 {
		return raw, nil
	}
	var doc any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	for _, m := range maskings {
		path, ok := splitPath(m.What)
		if !ok || !maskAt(doc, path, cover(m)) {
			return nil, notCovered()
		}
	}
	return canon.JSON(doc)
}

// MaskText replaces every occurrence of each masked wording in a text. It fails
// closed when a wording is not there.
func MaskText(raw []byte, maskings []order.Masking) ([]byte, error) {
	text := string(raw)
	for _, m := range maskings {
		if m.What == "" || !strings.Contains(text, m.What) {
			return nil, notCovered()
		}
		text = strings.ReplaceAll(text, m.What, cover(m))
	}
	return []byte(text), nil
}

func cover(m order.Masking) string { return "[maskerat, " + m.Law + "]" }

func notCovered() error {
	return (&fault.Fault{
		Code: "documents.mask_missing", Class: fault.Gate, Rule: "public_documents", Law: lawPublic,
		SV: "Det som ska maskeras finns inte i handlingen, så ingen kopia lämnas.", EN: "What is to be masked is not in the document, so no copy is given.",
	}).Do("Besvara en ny begäran där maskeringen anger fältet, som application.orderer.email, eller textens egna ord.", "Answer a new request whose masking names the field, as application.orderer.email, or the text's own words.")
}

// splitPath splits a.b[2].c into a, b, 2, c.
func splitPath(s string) ([]string, bool) {
	var out []string
	for part := range strings.SplitSeq(s, ".") {
		name, rest, list := strings.Cut(part, "[")
		if name == "" || list && rest == "" {
			return nil, false
		}
		out = append(out, name)
		for rest != "" {
			i, more, ok := strings.Cut(rest, "]")
			if _, err := strconv.ParseUint(i, 10, 31); !ok || err != nil {
				return nil, false
			}
			out = append(out, i)
			rest = strings.TrimPrefix(more, "[")
			if more != "" && rest == more {
				return nil, false
			}
		}
	}
	return out, true
}

// maskAt puts text in the place of what lies under the path.
func maskAt(doc any, path []string, text string) bool {
	last := len(path) == 1
	switch v := doc.(type) {
	case map[string]any:
		in, ok := v[path[0]]
		if ok && last {
			v[path[0]] = text
		}
		return ok && (last || maskAt(in, path[1:], text))
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(v) {
			return false
		}
		if last {
			v[i] = text
		}
		return last || maskAt(v[i], path[1:], text)
	}
	return false
}
