// Package api is the counter's interface for programs. This file holds the
// side of the wall that the vault talks to: it asks for work, fetches sealed
// files, hands sealed parcels over and reports. The vault calls; the counter
// never does.
//
//	POST /vault/v1/jobs                     a work order, or 204
//	GET  /vault/v1/jobs/{job}/population    the sealed population file
//	PUT  /vault/v1/jobs/{job}/parcel        the sealed parcel
//	POST /vault/v1/jobs/{job}/alive         the vault is still at it
//	POST /vault/v1/jobs/{job}/report        how it went
//	GET  /vault/v1/purges                   the signed protocols of all purges, for a vault that was restored
//	PUT  /vault/v1/coverage                 how complete the registers are
//
// Every call carries the vault's own credential as a bearer token.
package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"sluss/internal/app"
	"sluss/internal/coverage"
	"sluss/internal/fault"
	"sluss/internal/workorder"
)

// Counter is what the vault's side of the interface needs; app.App has it.
type Counter interface {
	Abandoned(ctx context.Context, worker string) error
	NextWork(ctx context.Context, worker string) (workorder.WorkOrder, error)
	OpenPopulation(ctx context.Context, job string) (io.ReadCloser, error)
	PutParcel(ctx context.Context, job string, r io.Reader) error
	Take(ctx context.Context, job string, r workorder.Report) error
	Alive(ctx context.Context, job string) error
	Purges(ctx context.Context) ([]string, error)
	PublishCoverage(ctx context.Context, p coverage.Published) error
}

// maxReport bounds a report; it holds counts and hashes only.
const maxReport = 4 << 20

// Vault adds the vault's routes to mux. Only the holder of the credential gets
// in; an empty credential lets nobody in.
func Vault(mux *http.ServeMux, c Counter, credential string, log *slog.Logger) {
	v := vault{c, sha256.Sum256([]byte(credential)), credential != "", log}
	mux.HandleFunc("POST /vault/v1/jobs", v.guard(v.work))
	mux.HandleFunc("GET /vault/v1/jobs/{job}/population", v.guard(v.population))
	mux.HandleFunc("PUT /vault/v1/jobs/{job}/parcel", v.guard(v.parcel))
	mux.HandleFunc("POST /vault/v1/jobs/{job}/alive", v.guard(v.alive))
	mux.HandleFunc("POST /vault/v1/jobs/{job}/report", v.guard(v.report))
	mux.HandleFunc("GET /vault/v1/purges", v.guard(v.purges))
	mux.HandleFunc("PUT /vault/v1/coverage", v.guard(v.coverage))
}

type vault struct {
	c    Counter
	want [32]byte
	open bool
	log  *slog.Logger
}

func (v vault) guard(next func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(token))
		if !v.open || !bearer || subtle.ConstantTimeCompare(got[:], v.want[:]) != 1 {
			problem(w, http.StatusUnauthorized, "vault.credential", "The credential is not the vault's.")
			return
		}
		if err := next(w, r); err != nil {
			v.fail(w, r, err)
		}
	}
}

func (v vault) fail(w http.ResponseWriter, r *http.Request, err error) {
	f, isFault := errors.AsType[*fault.Fault](err)
	switch {
	case app.IsNotFound(err):
		problem(w, http.StatusNotFound, "vault.not_found", "There is no such work.")
	case isFault:
		problem(w, http.StatusConflict, f.Code, f.EN)
	default:
		v.log.ErrorContext(r.Context(), "vault interface", "path", r.URL.Path, "err", err)
		problem(w, http.StatusInternalServerError, "internal", "Something failed inside; try again.")
	}
}

func (v vault) work(w http.ResponseWriter, r *http.Request) error {
	const worker = "sluss-engine"
	if err := v.c.Abandoned(r.Context(), worker); err != nil {
		return err
	}
	order, err := v.c.NextWork(r.Context(), worker)
	if app.IsNotFound(err) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(order)
}

func (v vault) purges(w http.ResponseWriter, r *http.Request) error {
	all, err := v.c.Purges(r.Context())
	if err != nil {
		return err
	}
	if all == nil {
		all = []string{}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string][]string{"protocols": all})
}

func (v vault) population(w http.ResponseWriter, r *http.Request) error {
	f, err := v.c.OpenPopulation(r.Context(), r.PathValue("job"))
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	if _, err = io.Copy(w, f); err != nil {
		// Part of the file is on its way: break the connection, so that the
		// vault cannot take it for the whole.
		v.log.ErrorContext(r.Context(), "vault interface", "path", r.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (v vault) parcel(w http.ResponseWriter, r *http.Request) error {
	if err := v.c.PutParcel(r.Context(), r.PathValue("job"), r.Body); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (v vault) alive(w http.ResponseWriter, r *http.Request) error {
	if err := v.c.Alive(r.Context(), r.PathValue("job")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (v vault) report(w http.ResponseWriter, r *http.Request) error {
	var report workorder.Report
	if err := readReport(w, r, &report); err != nil {
		return err
	}
	if err := v.c.Take(r.Context(), r.PathValue("job"), report); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// coverage takes in how complete the registers are.
func (v vault) coverage(w http.ResponseWriter, r *http.Request) error {
	var p coverage.Published
	if err := readReport(w, r, &p); err != nil {
		return err
	}
	if err := v.c.PublishCoverage(r.Context(), p); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readReport reads what the vault tells, and nothing beside it.
func readReport(w http.ResponseWriter, r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxReport))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil && dec.More() {
		err = errors.New("text after the report")
	}
	if err != nil {
		return fault.New("vault.report", "Rapporten går inte att läsa.", "The report cannot be read.").Because(err)
	}
	return nil
}

// problem answers with problem+json, RFC 9457.
func problem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	body := map[string]any{"type": "about:blank", "status": status, "code": code, "detail": detail}
	_ = json.NewEncoder(w).Encode(body) // the reader is gone when this fails
}
