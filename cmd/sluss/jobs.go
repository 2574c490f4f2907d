package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sluss/internal/app"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

// jobsCmd is for the operator, when the vault has refused a job or could not
// do it and an order stands still.
type jobsCmd struct {
	List    jobsListCmd    `cmd:"" help:"List jobs that are dead, and those that failed and will be tried again."`
	Requeue jobsRequeueCmd `cmd:"" help:"Hand a dead job to the vault once more, after its cause has been mended."`
}

type jobsListCmd struct{ place }

// Run writes one line for each job: id, kind, order, attempts, state and the
// code of the last fault.
func (c *jobsListCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	dead, err := db.Dead(ctx)
	if err != nil {
		return err
	}
	failing, err := db.Failing(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, j := range append(dead, failing...) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", j.ID, j.Kind, j.Order, j.Attempts, j.State, j.Fault)
	}
	return w.Flush()
}

type jobsRequeueCmd struct {
	place
	By  string `required:"" placeholder:"ID" help:"Who does it, as the log will name it."`
	Job string `arg:"" help:"As sluss jobs list has it."`
}

// Run puts the job back.
func (c *jobsRequeueCmd) Run(ctx context.Context) error {
	if strings.TrimSpace(c.By) == "" || strings.ContainsAny(c.By, "\n\x00") || swede.Contains(c.By) {
		return fault.New("jobs.by", "Ange vem som gör det, inte med personnummer.", "Say who does it, not by a personal identity number.").At(fault.Where{Column: "by"})
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	err = (&app.App{Log: db, Queue: db, Clock: time.Now}).Requeue(ctx, c.By, c.Job)
	if errors.Is(err, app.ErrNotFound) {
		return fault.New("jobs.unknown", "Det finns inget sådant uppdrag.", "There is no such job.").Do("Se sluss jobs list.", "See sluss jobs list.")
	}
	if err != nil {
		return err
	}
	note := "The job waits for the vault again.\n"
	if console.Language() == "sv" {
		note = "Uppdraget väntar på valvet igen.\n"
	}
	_, err = fmt.Fprint(os.Stderr, note)
	return err
}
