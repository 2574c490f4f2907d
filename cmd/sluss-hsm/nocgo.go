//go:build !cgo

// Command sluss-hsm lets a hardware module (PKCS#11) hold the vault's root key;
// it needs cgo.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "sluss-hsm: built without cgo; build it with CGO_ENABLED=1")
	os.Exit(1)
}
