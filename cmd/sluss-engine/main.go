// Command sluss-engine is the vault: it holds registers, snapshots, population
// and key files and everything else about single persons. It opens no port; it
// pulls work from the counter (sluss) over HTTP.
//
// Exit codes, the same for every command: 0 done, 1 something failed inside,
// 2 the input cannot be used (nothing was written), 3 a rule refused (nothing
// was written).
package main

import (
	"os"

	"sluss/internal/console"
)

type cli struct {
	console.Global

	Backup       backupCmd       `cmd:"" help:"Copy the vault, while it works, into sealed files (docs/operations.md)."`
	Restore      restoreCmd      `cmd:"" help:"Make a vault from backups of its objects and of its keys."`
	Check        checkCmd        `cmd:"" help:"Look for what keeps the vault from working (docs/operations.md)."`
	Cluster      clusterCmd      `cmd:"" help:"Registers that lie in a cluster (docs/scale.md)."`
	Coverage     coverageCmd     `cmd:"" help:"Estimate how complete the registers are (docs/coverage.md)."`
	Grade        gradeCmd        `cmd:"" help:"Measure how far the spells of registers outside MiDAS can be trusted (docs/registers.md)."`
	Pull         pullCmd         `cmd:"" help:"Ask the counter for work and carry it out."`
	Keyfile      keyfileCmd      `cmd:"" help:"Open a key file with the approval of two persons."`
	Load         loadCmd         `cmd:"" help:"Turn source files into a snapshot."`
	Population   populationCmd   `cmd:"" help:"Population and key files."`
	Risk         riskCmd         `cmd:"" help:"Measure the disclosure risk of a file (docs/risk.md)."`
	Signer       signerCmd       `cmd:"" help:"The vault's own list of people who may sign."`
	Snapshots    snapshotsCmd    `cmd:"" help:"List and verify snapshots."`
	ImportLayout importLayoutCmd `cmd:"" help:"Make a source file from a file in the holder's layout of 42 columns (docs/layout.md)."`
	Spells       spellsCmd       `cmd:"" help:"Turn rows into spells, sub-spells or panels (docs/spells.md)."`
	Synth        synthCmd        `cmd:"" help:"Make synthetic source files."`
	Vault        vaultCmd        `cmd:"" help:"Make a vault and show its public keys."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var c cli
	return console.Run("sluss-engine", "The vault of Sluss: registers, extraction and purge. It opens no port.", &c, args)
}

// language is the language of messages, "sv" or "en".
func language() string { return console.Language() }
