package app

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Names in an archive package.
const (
	ArchiveIndex  = "SHA256SUMS"
	ArchiveReadme = "LASMIG.txt"
	ArchiveEvents = "handelser.jsonl"
	ArchiveCSV    = "handlingar.csv"
	ArchiveXML    = "handlingar.xml"
)

// ArchivedEvent is an event as the interface for programs shows it to those who
// see everything: one line of JSON in the package.
type ArchivedEvent struct {
	Number  int            `json:"number"`
	At      time.Time      `json:"at"`
	Type    string         `json:"type"`
	Role    order.Role     `json:"role"`
	By      string         `json:"by,omitempty"`
	What    string         `json:"what"`
	Content map[string]any `json:"content,omitempty"`
}

// Archive writes a case as a zip file for the authority's archive: the document
// list as CSV and XML, each document, the log, decisions and quotes with their
// signatures, and the hash of every file. The same case gives the same bytes.
// What has been purged is not in it, nor a population or a parcel: they are
// files in custody and no documents of the case.
//
// Law: arkivlagen (1990:782) 3 and 6 §§; offentlighets- och sekretesslagen
// (2009:400) 5 kap. 1–2 §§.
func (a *App) Archive(ctx context.Context, w io.Writer, id string) error {
	entries, err := a.Log.Load(ctx, id)
	if err != nil {
		return err
	}
	p := &packer{zip: zip.NewWriter(w), at: entries[len(entries)-1].At.UTC().Truncate(2 * time.Second)}
	s := order.Fold(id, entries)
	lines, err := a.packDocuments(ctx, p, DocumentList(id, entries))
	if err != nil {
		return err
	}
	if err := a.packAttachments(ctx, p, id); err != nil {
		return err
	}
	if err := packDecisions(p, entries); err != nil {
		return err
	}
	events, err := eventLines(entries)
	if err != nil {
		return err
	}
	table, err := listCSV(lines)
	if err != nil {
		return err
	}
	tree, err := xml.MarshalIndent(archiveList{Case: id, Title: s.Application.Title, Principal: s.Application.Principal.Name, Documents: lines}, "", "  ")
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{
		{ArchiveEvents, events}, {ArchiveCSV, table}, {ArchiveXML, append([]byte(xml.Header), append(tree, '\n')...)}, {ArchiveReadme, []byte(readme(id, a.Authority.Name.SV, len(lines), len(entries)))},
	} {
		if err := p.put(f.name, bytes.NewReader(f.data)); err != nil {
			return err
		}
	}
	return p.close()
}

// packer writes files into a package and remembers their hashes. Files are
// stored as they are: packing them would tie the bytes to a version of the
// packing.
type packer struct {
	zip  *zip.Writer
	at   time.Time // of every file: the last event
	sums bytes.Buffer
}

func (p *packer) put(name string, r io.Reader) error {
	f, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: p.at})
	if err != nil {
		return err
	}
	h := canon.NewHasher()
	if _, err := io.Copy(io.MultiWriter(f, h), r); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	fmt.Fprintf(&p.sums, "%s  %s\n", h.Hash(), name) // as sha256sum writes and checks
	return nil
}

func (p *packer) close() error {
	f, err := p.zip.CreateHeader(&zip.FileHeader{Name: ArchiveIndex, Method: zip.Store, Modified: p.at})
	if err != nil {
		return err
	}
	if _, err := f.Write(p.sums.Bytes()); err != nil {
		return err
	}
	return p.zip.Close()
}

// archiveLine is a document in the lists of a package.
type archiveLine struct {
	No        int    `xml:"nr,attr"`
	Direction string `xml:"riktning"`
	Kind      string `xml:"slag"`
	Name      string `xml:"namn"`
	On        string `xml:"datum"`
	Party     string `xml:"part,omitempty"`
	Secrecy   string `xml:"sekretess,omitempty"`
	File      string `xml:"fil,omitempty"`
	Gone      bool   `xml:"gallrad,omitempty"`
}

type archiveList struct {
	XMLName   xml.Name      `xml:"dokumentforteckning"`
	Case      string        `xml:"arende,attr"`
	Title     string        `xml:"titel"`
	Principal string        `xml:"huvudman"`
	Documents []archiveLine `xml:"handling"`
}

// packDocuments packs every document of the list.
func (a *App) packDocuments(ctx context.Context, p *packer, list []CaseDocument) ([]archiveLine, error) {
	out := make([]archiveLine, 0, len(list))
	for _, d := range list {
		l := archiveLine{No: d.No, Direction: map[string]string{DocumentIn: "in", DocumentOut: "ut", DocumentOwn: "upprättad"}[d.Direction], Kind: d.Kind, Name: d.Name.SV, On: d.On.String(), Party: d.Party, Secrecy: d.Secrecy}
		raw, err := d.JSON()
		if err != nil {
			return nil, err
		}
		base := fmt.Sprintf("handlingar/%04d-%s", d.No, safeName(d.Kind))
		if raw != nil {
			l.File = base + ".json"
			err = p.put(l.File, bytes.NewReader(raw))
		} else {
			l.File = base + safeExt(d.Name.SV)
			err = a.packBlob(ctx, p, l.File, d.Blob, d.SHA256)
		}
		if IsNotFound(err) {
			l.File, l.Gone, err = "", true, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// packBlob packs a file of the counter's storage and makes sure that it is what
// the log says. ErrNotFound when it has been purged.
func (a *App) packBlob(ctx context.Context, p *packer, name, blob string, want canon.Hash) error {
	f, err := a.Blobs.Get(ctx, blob)
	if err != nil {
		return err
	}
	defer f.Close()
	h := canon.NewHasher()
	if err := p.put(name, io.TeeReader(f, h)); err != nil {
		return err
	}
	if want != "" && h.Hash() != want {
		return fault.New("archive.changed", "En handling i lagret är inte den som loggen anger.", "A document in the storage is not the one that the log names.").
			Of(fault.Internal).Do("Återställ lagret från säkerhetskopia.", "Restore the storage from a backup.")
	}
	return nil
}

// packAttachments packs the uploads that a version of the application names.
func (a *App) packAttachments(ctx context.Context, p *packer, id string) error {
	if a.Attachments == nil {
		return nil
	}
	all, err := a.Attachments.AttachmentsOf(ctx, id)
	if err != nil {
		return err
	}
	n := 0
	for _, at := range all {
		if !at.Filed || at.Sealed {
			continue
		}
		n++
		err := a.packBlob(ctx, p, fmt.Sprintf("bilagor/%04d-%s%s", n, safeName(at.Kind), safeExt(at.Name)), at.Blob, at.SHA256)
		if err != nil && !IsNotFound(err) {
			return err
		}
	}
	return nil
}

// packDecisions packs each decision and quote as the bytes that were signed and
// hashed, with the signature beside.
func packDecisions(p *packer, entries []order.Entry) error {
	n := 0
	pack := func(decision, quote any, note string, quoted bool) error {
		n++
		for _, x := range []struct {
			name string
			doc  any
			have bool
		}{{"beslut", decision, true}, {"offert", quote, quoted}} {
			if !x.have {
				continue
			}
			raw, err := canon.JSON(x.doc)
			if err != nil {
				return err
			}
			if err := p.put(fmt.Sprintf("beslut/%02d-%s.json", n, x.name), bytes.NewReader(raw)); err != nil {
				return err
			}
		}
		return p.put(fmt.Sprintf("beslut/%02d-beslut.signatur.txt", n), strings.NewReader(note))
	}
	for _, e := range entries {
		var err error
		switch ev := e.Event.(type) {
		case *order.Decided:
			err = pack(ev.Decision, ev.Quote, ev.Note, ev.Decision.Quote != "")
		case *order.Redecided:
			err = pack(ev.Decision, ev.Quote, ev.Note, ev.Decision.Quote != "" && ev.Quote.Quote != "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eventLines is the log, one event a line.
func eventLines(entries []order.Entry) ([]byte, error) {
	var out bytes.Buffer
	for _, e := range entries {
		l := ArchivedEvent{Number: e.Version, At: e.At.UTC(), Type: e.Event.Type(), Role: e.By.Role, By: e.By.ID, What: order.Headline(e.Event.Type()).SV}
		_, raw, err := order.Encode(e.Event)
		if err == nil {
			err = json.Unmarshal(raw, &l.Content)
		}
		if err != nil {
			return nil, err
		}
		for _, name := range access.Inner(l.Type) {
			if name == "blob" { // where it lay in our own storage tells an archive nothing
				delete(l.Content, name)
			}
		}
		line, err := canon.JSON(l)
		if err != nil {
			return nil, err
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

func listCSV(lines []archiveLine) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.Write([]string{"nr", "riktning", "slag", "namn", "datum", "part", "sekretess", "fil", "gallrad"}); err != nil {
		return nil, err
	}
	for _, l := range lines {
		gone := ""
		if l.Gone {
			gone = "ja"
		}
		if err := w.Write([]string{strconv.Itoa(l.No), l.Direction, PlainCell(l.Kind), PlainCell(l.Name), l.On, PlainCell(l.Party), PlainCell(l.Secrecy), l.File, gone}); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// PlainCell is a text that no spreadsheet takes for a formula: one that would
// be gets an apostrophe before it.
func PlainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

// safeName is a name for a file in a package.
func safeName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToLower(s))
	return s[:min(len(s), 40)]
}

func safeExt(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 6 || strings.Trim(ext[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ".bin"
	}
	return ext
}

func readme(id, authority string, documents, events int) string {
	return fmt.Sprintf(`Ärende %s
%s

Paketet är ett ärende ur Sluss, skrivet för arkivet.

%s    dokumentförteckningen: %d handlingar, med semikolon mellan kolumnerna
%s    samma förteckning som XML
handlingar/       varje handling; JSON för det som är skrivet i Sluss, annars originalet
bilagor/          bilagor som en inlämnad ansökan nämner
beslut/           beslut och offert som de bytes som undertecknades, med signaturen bredvid
%s   ärendets logg, %d händelser, en rad JSON för varje
%s        SHA-256 för varje fil; kontrollera med: sha256sum -c %s

Kolumnen gallrad säger vilka handlingar som inte finns kvar. Populationsfiler och
levererade data är inga handlingar i paketet; gallringsprotokollet säger när de
förstördes och enligt vilket gallringsbeslut. Originalfiler som en avsändare
skickat kan innehålla programkod: öppna dem med försiktighet.
`, id, authority, ArchiveCSV, documents, ArchiveXML, ArchiveEvents, events, ArchiveIndex, ArchiveIndex)
}
