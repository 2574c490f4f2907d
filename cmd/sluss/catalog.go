package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sluss/internal/catalog"
	"sluss/internal/console"
)

// catalogCmd shows what can be ordered.
type catalogCmd struct {
	List catalogListCmd `cmd:"" help:"List registers, tables and variables."`
}

type catalogListCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// Run prints the built-in catalogue.
func (c *catalogListCmd) Run() error {
	cat := catalog.Builtin()
	if c.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(cat.ListJSON(nil))
	}
	lang := console.Language()
	for _, r := range cat.Registers {
		fmt.Printf("%s  %s\n", r.ID, r.Names.In(lang))
		for _, t := range r.Tables {
			fmt.Printf("  %s  %s\n", t.ID, t.Names.In(lang))
			for _, v := range t.Variables {
				if v.Deliverable() {
					fmt.Printf("    %-20s %s\n", v.ID, v.Names.In(lang))
				}
			}
		}
	}
	return nil
}
