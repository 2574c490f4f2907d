package party

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/twin"
	"sluss/internal/web/page"
)

// The synthetic twin: made-up data with the tables and columns of the order, to
// write programs on while the case goes on. The page shows what is in it and
// hands it out; both are made from the answers, and no register is read.

// twinOf is the twin of a case as far as the visitor may see what it asks for;
// nil where no table with variables has been named yet. make is twin.Data or
// twin.Make.
func (s *sheet) twinOf(make func(context.Context, twin.Wanted, *catalog.Catalogue) (*twin.Twin, error)) (*twin.Twin, error) {
	w, err := twin.Of(s.State, s.Catalogue, twin.Sight{Decision: s.Sees(s.Case, access.ViewDecision), Plan: s.Sees(s.Case, access.ViewExtraction)})
	if err != nil {
		return nil, err
	}
	return make(s.R.Context(), w, s.Catalogue)
}

func showTwin(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	s.Lead = s.Word("party.twin_lead")
	made, err := s.twinOf(twin.Data)
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		s.add("none", "party.twin_none").warn().say(f.Text(a.Lang))
		return s.show(s.Word("party.twin"))
	}
	if err != nil {
		return err
	}
	b := s.add("files", "party.twin_files")
	b.say(s.Word("party.twin_stage_" + string(made.Manifest.Stage)))
	t := &table{Caption: s.Word("party.twin_files"), Head: []string{s.Word("party.twin_file"), s.Word("party.twin_table"), s.Word("party.twin_columns"), s.Word("party.twin_rows")}}
	for _, f := range made.Manifest.Files {
		if f.Table == "" {
			continue
		}
		name := f.Table
		if _, x := s.Catalogue.Table(f.Table); x != nil {
			name = x.Names.In(a.Lang)
		}
		row := []cell{{Text: f.Name}, {Text: name}, {Text: strconv.Itoa(len(f.Columns)), Number: true}, {Text: strconv.FormatInt(f.Rows, 10), Number: true}}
		for i := range row {
			row[i].Label = t.Head[i]
		}
		t.Rows = append(t.Rows, row)
	}
	b.Table = t
	b.Links = append(b.Links, page.Link{Path: s.path("twin.zip"), Text: s.Word("party.twin_fetch")})
	how := s.add("how", "party.twin_how")
	how.List = []string{s.Word("party.twin_1"), s.Word("party.twin_2"), s.Word("party.twin_3")}
	return s.show(s.Word("party.twin"))
}

func twinFile(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	made, err := s.twinOf(twin.Make)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := made.Zip(&b); err != nil {
		return err
	}
	a.Download(made.Name+".zip", "application/zip")
	_, err = a.W.Write(b.Bytes())
	return err
}
