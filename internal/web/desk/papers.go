package desk

import (
	"bytes"
	"encoding/json"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// papersBody is the document list of a case and what was attached.
type papersBody struct {
	page.Head
	Docs     []document
	Attached []attachment
	Register bool
	Requests bool
}

// document is a line of the document list.
type document struct {
	No                                              int
	Direction, Name, Kind, On, Party, Secrecy, Hash string
	Path, Letter, PDF                               string
	In                                              bool
}

type attachment struct {
	Name, Kind, Size, At, Path, Hash string
	Sealed                           bool
}

func attachedPath(id, file string) string { return "/cases/" + id + "/attached/" + file }

// papers shows the document list; offentlighets- och sekretesslagen (2009:400)
// 5 kap. 1–2 §§.
func papers(a *page.Ask) error {
	c, err := a.Case(access.ViewDocuments)
	if err != nil {
		return err
	}
	b := papersBody{Head: headOf(a, c, "desk.papers_lead"), Register: a.May(c, order.RegisterDocument{}), Requests: len(c.State.Requests) > 0}
	for _, d := range app.DocumentsFor(a.Role(), c.Relation, c.Entries, c.State) {
		line := documentLine(a, d, "/cases/"+c.ID+"/papers/"+strconv.Itoa(d.No))
		if d.IsLetter() {
			line.Letter = "/cases/" + c.ID + "/letters/" + strconv.Itoa(d.No)
			if a.Orders.Prints(app.LetterPDF) {
				line.PDF = line.Letter + "/pdf"
			}
		}
		b.Docs = append(b.Docs, line)
	}
	if a.Sees(c, access.ViewApplication) && a.Orders.Attachments != nil {
		all, err := a.Orders.Documents(a.R.Context(), a.Visitor.Person, c.ID)
		if err != nil {
			return err
		}
		for _, x := range all {
			line := attachment{Name: x.Name, Size: page.Size(a.Lang, x.Bytes), At: x.At.Format("2006-01-02"), Path: attachedPath(c.ID, x.ID), Hash: string(x.SHA256), Sealed: x.Sealed}
			if x.Sealed {
				line.Path = ""
			}
			if slices.Contains(ethical, x.Kind) || x.Kind == intake.AttachProcessing || x.Kind == intake.AttachOther {
				line.Kind = a.Word("desk.kind_" + x.Kind)
			}
			b.Attached = append(b.Attached, line)
		}
	}
	return a.Show("desk-papers", page.View{Title: a.Word("desk.part_papers"), Nav: "nav.cases", Body: b})
}

func documentLine(a *page.Ask, d app.CaseDocument, path string) document {
	return document{
		No: d.No, Direction: a.Word("desk.direction_" + d.Direction), In: d.Direction == app.DocumentIn, Name: d.Name.In(a.Lang), Kind: d.Kind, On: d.On.String(),
		Party: access.Party(a.Role(), d.Party), Secrecy: d.Secrecy, Hash: string(d.SHA256), Path: path,
	}
}

// paper sends a document of the list: its file, or what the log holds of it.
func paper(a *page.Ask) error {
	c, err := a.Case(access.ViewDocuments)
	if err != nil {
		return err
	}
	no, err := strconv.Atoi(a.R.PathValue("no"))
	list := app.DocumentsFor(a.Role(), c.Relation, c.Entries, c.State)
	i := slices.IndexFunc(list, func(d app.CaseDocument) bool { return d.No == no })
	if err != nil || i < 0 {
		return app.ErrNotFound
	}
	return sendPaper(a, c.ID, list[i], nil)
}

// sendPaper sends a document with its maskings, when there are any.
func sendPaper(a *page.Ask, id string, d app.CaseDocument, masked []order.Masking) error {
	name := id + "-" + strconv.Itoa(d.No)
	raw, err := d.JSON()
	if err != nil {
		return err
	}
	if raw != nil {
		if raw, err = namesOnly(a.Role(), raw); err == nil {
			raw, err = app.MaskJSON(raw, masked)
		}
		if err != nil {
			return err
		}
		return send(a, name+".json", "application/json", io.NopCloser(bytes.NewReader(raw)))
	}
	r, err := a.Orders.OpenOriginal(a.R.Context(), d)
	if err != nil {
		return err
	}
	ext := strings.ToLower(path.Ext(d.Name.SV))
	if len(masked) == 0 {
		return send(a, name+ext, "", r)
	}
	defer r.Close()
	if ext != ".txt" && ext != ".csv" {
		return (&fault.Fault{Code: "documents.mask_by_hand", Class: fault.Gate, Rule: "public_documents", SV: "En fil av det slaget maskeras för hand.", EN: "A file of that kind is masked by hand."}).
			Do("Maskera en kopia och registrera den som utgående handling.", "Mask a copy and register it as an outgoing document.")
	}
	if raw, err = io.ReadAll(io.LimitReader(r, app.MaxAttachment+1)); err != nil {
		return err
	}
	if raw, err = app.MaskText(raw, masked); err != nil {
		return err
	}
	return send(a, name+ext, "text/plain; charset=utf-8", io.NopCloser(bytes.NewReader(raw)))
}

// namesOnly is a document that is JSON without how people are reached, for a
// role that is not to see it.
func namesOnly(role order.Role, raw []byte) ([]byte, error) {
	if access.Personal(role) {
		return raw, nil
	}
	var content any
	if err := json.Unmarshal(raw, &content); err != nil {
		return nil, err
	}
	return canon.JSON(access.NamesOnly(role, content))
}

// attached sends an attachment of the application.
func attached(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	at, r, err := a.Orders.OpenDocument(a.R.Context(), a.Visitor.Person, c.ID, a.R.PathValue("file"))
	if err != nil {
		return err
	}
	return send(a, at.Name, at.Type, r)
}

// readersBody is who has read the case.
type readersBody struct {
	page.Head
	Reads []read
	Next  string
}

type read struct{ At, Who, Role, View string }

const readsShown = 100

// readers shows who at the authority has looked at the case, and at what.
func readers(a *page.Ask) error {
	c, err := a.Case(access.ViewReads)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(a.Value("after"), 10, 64) // none is the beginning
	all, next, err := a.Orders.ReadsOf(a.R.Context(), a.Visitor.Person, c.ID, app.ReadsPlace(max(after, 0)), readsShown)
	if err != nil {
		return err
	}
	b := readersBody{Head: headOf(a, c, "desk.readers_lead")}
	for _, x := range all {
		b.Reads = append(b.Reads, read{x.At.Format("2006-01-02 15:04"), a.NameAndID(x.Who), page.Role(a.Lang, x.Role), string(x.View)})
	}
	if next > 0 {
		b.Next = "/cases/" + c.ID + "/readers?after=" + strconv.FormatInt(int64(next), 10)
	}
	return a.Show("desk-readers", page.View{Title: a.Word("desk.part_readers"), Nav: "nav.cases", Body: b})
}

// requestsBody are outsiders' requests for public documents.
type requestsBody struct {
	page.Head
	All     []request
	Ask     bool
	GiveOut bool
}

type request struct {
	ID                int
	On, Text, Outcome string
	Reasons           string
	Decided, Given    bool
	Masked            []order.Masking
	Docs              []document
}

// requests shows who asked for what and what was answered. Who asks is nobody's
// business; tryckfrihetsförordningen 2 kap. 18 §.
func requests(a *page.Ask) error {
	c, err := a.Case(access.ViewDocuments)
	if err != nil {
		return err
	}
	b := requestsBody{Head: headOf(a, c, "desk.requests_lead"), Ask: a.May(c, order.RequestDocuments{}), GiveOut: a.May(c, order.DecideRequest{}) && len(waiting(c.State)) > 0}
	for _, r := range app.Requests(c.ID, c.Entries) {
		x := request{ID: r.ID, On: r.On.String(), Text: r.Text, Decided: r.Decided, Given: r.Decided && r.Outcome != app.RequestRefused, Masked: r.Masked, Reasons: r.Reasons.In(a.Lang)}
		if r.Decided {
			x.Outcome = a.Word("desk.o_given_" + r.Outcome)
		}
		for _, d := range r.Documents {
			x.Docs = append(x.Docs, documentLine(a, d, "/cases/"+c.ID+"/requests/"+strconv.Itoa(r.ID)+"/papers/"+strconv.Itoa(d.No)))
		}
		b.All = append(b.All, x)
	}
	return a.Show("desk-requests", page.View{Title: a.Word("desk.part_requests"), Nav: "nav.cases", Body: b})
}

// givenCopy sends the copy that an outsider gets: as decided, and nothing before.
func givenCopy(a *page.Ask) error {
	c, err := a.Case(access.ViewDocuments)
	if err != nil {
		return err
	}
	id, _ := strconv.Atoi(a.R.PathValue("request"))
	no, _ := strconv.Atoi(a.R.PathValue("no"))
	all := app.Requests(c.ID, c.Entries)
	i := slices.IndexFunc(all, func(r app.PublicRequest) bool { return r.ID == id })
	if i < 0 {
		return app.ErrNotFound
	}
	d, masked, err := all[i].Of(no)
	if err != nil {
		return err
	}
	return sendPaper(a, c.ID, d, masked)
}
