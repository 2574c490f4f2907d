package app

import (
	"context"
	"encoding/json"
	"errors"

	"sluss/internal/coverage"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// Board keeps what other programs have told the counter last: one document
// under each name.
type Board interface {
	// Post puts a document up in place of the one of that name.
	Post(ctx context.Context, name string, doc json.RawMessage) error
	// Posted is the document of a name; ErrNotFound when there is none.
	Posted(ctx context.Context, name string) (json.RawMessage, error)
}

// coverageOnBoard is the name that the vault's measure of the registers has.
const coverageOnBoard = "coverage"

// PublishCoverage takes in what the vault has measured of its registers: shares
// and days, no counts (package coverage). It is shown to everybody, and gates go
// by it; the vault measures again on the data of each extraction.
func (a *App) PublishCoverage(ctx context.Context, p coverage.Published) error {
	if a.Board == nil {
		return ErrNotFound
	}
	if err := p.Check(); err != nil {
		return fault.New("vault.coverage_report", "Uppgifterna om registrens täckning går inte att läsa.", "The report on the coverage of the registers cannot be read.").Because(err)
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return a.Board.Post(ctx, coverageOnBoard, doc)
}

// Coverage is what the vault has published last; nil when it has published
// nothing.
func (a *App) Coverage(ctx context.Context) (*coverage.Published, error) {
	if a.Board == nil {
		return nil, nil
	}
	doc, err := a.Board.Posted(ctx, coverageOnBoard)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var p coverage.Published
	if err := json.Unmarshal(doc, &p); err != nil {
		return nil, err
	}
	return &p, nil
}

// measured is what gates and pages go by: what the vault has measured last.
func (a *App) measured(ctx context.Context) (intake.Measured, error) {
	p, err := a.Coverage(ctx)
	if err != nil || p == nil {
		return nil, err
	}
	return MeasuredOf(p), nil
}

// MeasuredOf is what a vault has published as gates and pages go by it; nil where
// it has published nothing.
func MeasuredOf(p *coverage.Published) intake.Measured {
	if p == nil {
		return nil
	}
	out := intake.Measured{}
	for id, until := range p.Measured() {
		out[id] = intake.Measure{Until: until, Seen: p.Seen}
	}
	return out
}
