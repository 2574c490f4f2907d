package works

import (
	"bytes"
	"context"
	"errors"
	"io"

	"sluss/internal/workorder"
)

// reseal seals what was delivered to the recipient's new key and hands it over.
// The files are read out of the parcel with the key that was kept beside it:
// nothing is extracted, nothing lies on the disk in clear, and the date of the
// purge stays. The parcel that nobody can open is destroyed afterwards, with
// its key.
func (s *Service) reseal(ctx context.Context, m workorder.Mandate) (workorder.Report, error) {
	p, err := s.Records.Parcel(ctx, m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	o := m.ResealOrder
	if p.Was != o.Manifest || p.Key != o.Key { // else it has been done, and the report was lost
		if !p.Delivered {
			return workorder.Report{}, workorder.Refused("not_delivered", 13, "Det som ligger klart är inte levererat.", "What lies ready has not been delivered.")
		}
		if p, err = s.sealAgain(ctx, m, p); err != nil {
			return workorder.Report{}, err
		}
	}
	if err := s.handOver(ctx, m, p); err != nil {
		return workorder.Report{}, err
	}
	if err := s.dropEarlier(ctx, m.Order, p.Number); err != nil {
		return workorder.Report{}, err
	}
	return workorder.Report{Resealed: &workorder.ResealReport{Manifest: p.Manifest, Was: p.Was, Fingerprint: o.Fingerprint, SHA256: p.SHA256}}, nil
}

// maxFileKey bounds what is read as the key of a parcel, in bytes.
const maxFileKey = 1024

// sealAgain makes the next parcel out of the last one.
func (s *Service) sealAgain(ctx context.Context, m workorder.Mandate, p Parcel) (Parcel, error) {
	key, err := s.fileKey(ctx, m.Order, p.Number)
	if errors.Is(err, ErrNotFound) {
		return p, workorder.Refused("key_not_kept", 10, "Paketet är från tiden innan valvet sparade paketens nycklar: gör om uttaget i stället.",
			"The parcel is from before the vault kept the keys of parcels: extract again instead.")
	}
	if err != nil {
		return p, err
	}
	d, err := s.Records.Delivery(ctx, m.Order)
	if err != nil {
		return p, err
	}
	next := p
	next.Number, next.Was, next.Key = d.Parcels+1, p.Manifest, m.ResealOrder.Key
	scratch, err := s.Vault.Scratch(m.Order)
	if err != nil {
		return p, err
	}
	var kept []byte
	next.SHA256, err = s.store(ctx, parcelObject(m.Order, next.Number), func(w io.Writer) error {
		old, err := s.Vault.Get(ctx, parcelObject(m.Order, p.Number))
		if err != nil {
			return err
		}
		next.Manifest, err = s.Packer.Reseal(ctx, w, old, Resealing{
			Manifest: p.Manifest, FileKey: key, Recipient: m.ResealOrder.Key, Scratch: scratch, Keep: func(k []byte) { kept = k },
		})
		return errors.Join(err, old.Close())
	})
	if err = errors.Join(err, s.Vault.Wipe(m.Order)); err != nil {
		return p, err
	}
	if _, _, err := s.Vault.Put(ctx, parcelKeyObject(m.Order, next.Number), bytes.NewReader(kept)); err != nil {
		return p, err
	}
	next.Report.Manifest = next.Manifest
	d.Parcels = next.Number
	return next, s.Records.SaveDelivery(ctx, m.Order, d, next)
}

func (s *Service) fileKey(ctx context.Context, id string, n int) ([]byte, error) {
	r, err := s.Vault.Get(ctx, parcelKeyObject(id, n))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, maxFileKey))
	return b, errors.Join(err, r.Close())
}
