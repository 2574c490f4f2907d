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

type cli struct{}

func main() {
	var c cli
	os.Exit(console.Run("sluss", "The counter of Sluss: orders of register data from application to purge.", &c, os.Args[1:]))
}
