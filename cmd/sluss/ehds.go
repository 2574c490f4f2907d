package main

import (
	"context"
	"encoding/json"
	"os"

	"sluss/internal/console"
	"sluss/internal/ehds"
	"sluss/internal/fault"
)

// ehdsCmd writes applications, permits and hand-overs as the European Health Data Space
// asks for them (docs/ehds.md).
type ehdsCmd struct {
	Application ehdsApplicationCmd `cmd:"" help:"The application of a case, as JSON."`
	Permit      ehdsPermitCmd      `cmd:"" help:"The decision of a case that lets data out, as JSON."`
	Handover    ehdsHandoverCmd    `cmd:"" help:"What a secure processing environment has to know of a delivery, as JSON."`
	Schema      ehdsSchemaCmd      `cmd:"" help:"The JSON schema of one of them."`
}

type ehdsApplicationCmd struct {
	office
	Case string `arg:"" help:"Number of the case."`
}

// Run writes the application.
func (c *ehdsApplicationCmd) Run(ctx context.Context) error {
	_, s, done, err := c.read(ctx, c.Case)
	if err != nil {
		return err
	}
	defer done()
	doc, ok := ehds.ApplicationOf(s, console.Catalogue())
	if !ok {
		return fault.New("ehds.no_application", "Ärendet är ingen beställning.", "The case is no order.").Do("Välj ett ärende som har lämnats in.", "Choose a case that has been handed in.")
	}
	return writeJSON(doc)
}

type ehdsPermitCmd struct {
	office
	Case string `arg:"" help:"Number of the case."`
}

// Run writes the permit.
func (c *ehdsPermitCmd) Run(ctx context.Context) error {
	a, s, done, err := c.read(ctx, c.Case)
	if err != nil {
		return err
	}
	defer done()
	doc, ok := ehds.PermitOf(s, console.Catalogue(), a.Authority.Name.EN)
	if !ok {
		return fault.New("ehds.no_permit", "Inget beslut i ärendet lämnar ut data, eller så är det inte skickat.", "No decision of the case lets data out, or it has not been sent.").
			Do("Vänta tills beslutet är skickat.", "Wait until the decision has been sent.")
	}
	return writeJSON(doc)
}

type ehdsHandoverCmd struct {
	office
	Case string `arg:"" help:"Number of the case."`
}

// Run writes the hand-over.
func (c *ehdsHandoverCmd) Run(ctx context.Context) error {
	a, s, done, err := c.read(ctx, c.Case)
	if err != nil {
		return err
	}
	defer done()
	doc, ok := ehds.HandoverOf(s, a.Authority.Name.EN)
	if !ok {
		return fault.New("ehds.no_handover", "I ärendet finns ingen leverans att lämna över.", "The case has no delivery to hand over.").
			Do("Vänta på leveransen; en som är återkallad eller gallrad lämnas inte över.", "Wait for the delivery; one that is recalled or purged is not handed over.")
	}
	return writeJSON(doc)
}

type ehdsSchemaCmd struct {
	Kind string `arg:"" enum:"application,permit,handover" help:"application, permit or handover."`
}

// Run writes the schema.
func (c *ehdsSchemaCmd) Run() error {
	raw, err := ehds.Schema(c.Kind)
	if err == nil {
		_, err = os.Stdout.Write(raw)
	}
	return err
}

func writeJSON(doc any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
