// Package drawtest makes property tests draw the same cases in every run, so
// that a green run stays green until the code changes. Test files that use
// rapid import it blank:
//
//	import _ "sluss/internal/drawtest"
//
// `make soak` gives -rapid.seed=0 and many more checks: new cases every time.
package drawtest

import (
	"flag"

	_ "pgregory.net/rapid" // registers the flag before we set it
)

func init() {
	f := flag.Lookup("rapid.seed")
	if f == nil {
		panic("rapid has no flag rapid.seed any more")
	}
	f.DefValue = "20261101"
	if err := f.Value.Set(f.DefValue); err != nil {
		panic(err)
	}
}
