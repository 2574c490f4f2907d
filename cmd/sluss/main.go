// Command sluss is the counter: the case log, the pages and the recipient's
// tools. It never holds data about single persons in clear.
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

	Demo    demoCmd    `cmd:"" help:"Run a research order from application to purge on synthetic registers, then show it."`
	Order   orderCmd   `cmd:"" help:"Orders as files."`
	Serve   serveCmd   `cmd:"" help:"The counter: pages, the interface for programs, the vault's side."`
	Token   tokenCmd   `cmd:"" help:"Tokens, with which programs act at the interface."`
	Account accountCmd `cmd:"" help:"Who can log in to the pages."`
	Staff   staffCmd   `cmd:"" help:"Who works here, and in which roles."`
	Texts   textsCmd   `cmd:"" help:"What pages, letters and mail say in the authority's own words."`
	Prices  pricesCmd  `cmd:"" help:"What an hour costs, from a day on."`
	Days    daysCmd    `cmd:"" help:"When the authority is closed besides the days of the law."`
	Jobs    jobsCmd    `cmd:"" help:"Work that the vault refused or could not do."`
	Audit   auditCmd   `cmd:"" help:"Check the log of orders."`
	Backup  backupCmd  `cmd:"" help:"Copy the counter, while it runs, into one sealed file (docs/operations.md)."`
	Restore restoreCmd `cmd:"" help:"Make a counter from a backup."`
	Check   checkCmd   `cmd:"" help:"Say what keeps the counter from being put to use."`
	Dpia    dpiaCmd    `cmd:"" help:"Input for the data-protection impact assessment, from the running configuration."`
	Clock   clockCmd   `cmd:"" help:"Explain the dates of a case from its log."`
	Invoice invoiceCmd `cmd:"" help:"The invoice of a case as Peppol BIS (XML) or CSV."`
	Letter  letterCmd  `cmd:"" help:"A letter of a case as HTML, PDF or text."`
	Archive archiveCmd `cmd:"" help:"Cases for the archive."`
	Stats   statsCmd   `cmd:"" help:"Statistics about ourselves, small numbers hidden."`
	Ehds    ehdsCmd    `cmd:"" help:"Applications and permits as the European Health Data Space asks for them."`
	Catalog catalogCmd `cmd:"" help:"What can be ordered."`
	Form    formCmd    `cmd:"" help:"The form that orders are filled in on, in Word."`
	Pages   pagesCmd   `cmd:"" hidden:"" help:"List the pages and an example of each."`
	Keygen  keygenCmd  `cmd:"" help:"Make the key pair that deliveries are sealed to."`
	Signer  signerCmd  `cmd:"" help:"Make the key of somebody who signs decisions, specifications or releases."`
	Sign    signCmd    `cmd:"" help:"Sign a decision, a specification or a release."`
	Seal    sealCmd    `cmd:"" help:"Seal a file to the vault before it is sent."`
	Fetch   fetchCmd   `cmd:"" help:"Fetch a parcel, and go on where the line was cut."`
	Open    openCmd    `cmd:"" help:"Open a delivered parcel."`
	Split   splitCmd   `cmd:"" help:"Cut a parcel into parts."`
	Stick   stickCmd   `cmd:"" help:"Write a parcel on a stick that goes by registered post."`
	Verify  verifyCmd  `cmd:"" help:"Check a parcel, sealed or opened."`
}

func main() {
	var c cli
	os.Exit(console.Run("sluss", "The counter of Sluss: orders of register data from application to purge.", &c, os.Args[1:]))
}
