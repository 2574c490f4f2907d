package orderrun

import (
	"context"
	"path/filepath"

	"sluss/internal/canon"
	"sluss/internal/parcel"
	"sluss/internal/sealed"
)

// open opens the fetched parcel as `sluss open` does, with the recipient's own
// key and the fingerprint that the decision states, and returns the hash of
// the manifest.
func (r *run) open(ctx context.Context, name, dir string) (canon.Hash, error) {
	identity, err := sealed.ReadIdentity(filepath.Join(dir, "identity.txt"))
	if err != nil {
		return "", err
	}
	signer, err := parcel.ParseSigner(r.state.Decision.Scope.Recipient.Signer)
	if err != nil {
		return "", err
	}
	m, err := parcel.Open(ctx, name, identity, filepath.Join(dir, "data"), parcel.Want{Signer: signer, Order: r.id})
	if err != nil {
		return "", err
	}
	return m.Hash()
}
