package vault

import (
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/fault"
	"sluss/internal/sealed"
)

// ReadPublic returns the public keys of the vault in dir without opening it, so
// that something can be sealed to a vault that another process has open. The
// fault vault.none says that there is no vault.
func ReadPublic(dir string) (Public, error) {
	if err := hasRoot(dir); err != nil {
		return Public{}, fault.New("vault.none", "Mappen innehåller inget valv.", "The directory holds no vault.").
			At(fault.Where{File: filepath.Base(dir)}).
			Do("Skapa ett med sluss-engine vault init.", "Make one with sluss-engine vault init.").Because(err)
	}
	identity, err := sealed.ReadIdentity(filepath.Join(dir, identityFile))
	if err != nil {
		return Public{}, err
	}
	signing, err := os.ReadFile(filepath.Join(dir, signingFile))
	if err != nil {
		return Public{}, damaged("signeringsnyckeln", "signing key", nil)
	}
	p, err := publicOf(identity, strings.TrimSpace(string(signing)))
	if err != nil {
		return Public{}, damaged("signeringsnyckeln", "signing key", nil)
	}
	return p, nil
}
