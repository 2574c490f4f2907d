package works

import (
	"context"
	"fmt"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// parcelObject is where the nth parcel of an order lies in the vault. A
// replacement lies beside the parcel that it replaces until it has been handed
// over.
func parcelObject(order string, n int) Object {
	if n <= 1 {
		return Object{order, ObjectParcel, "parcel.sluss"}
	}
	return Object{order, ObjectParcel, fmt.Sprintf("parcel-%d.sluss", n)}
}

// deliver hands the sealed parcel over and notes the purge date. A replacement
// keeps the date of what it replaces, and the parcel that it replaces is
// destroyed once it has been handed over: nobody has a use for faulty files
// about persons. The purge protocol lists it with everything else.
func (s *Service) deliver(ctx context.Context, m workorder.Mandate, today day.Day) (workorder.Report, error) {
	p, err := s.Records.Parcel(ctx, m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	r, err := s.Vault.Get(ctx, parcelObject(m.Order, p.Number))
	if err != nil {
		return workorder.Report{}, err
	}
	defer r.Close()
	if err := s.Counter.PutParcel(ctx, m.ID, r); err != nil {
		return workorder.Report{}, err
	}
	if !p.Delivered {
		if err := s.delivered(ctx, m, p, today); err != nil {
			return workorder.Report{}, err
		}
	}
	for n := 1; n < p.Number; n++ { // again, too, when a power cut came between
		if err := s.Vault.Remove(ctx, parcelObject(m.Order, n)); err != nil {
			return workorder.Report{}, err
		}
	}
	return workorder.Report{Delivered: &workorder.ParcelReport{Manifest: p.Manifest, SHA256: p.SHA256}}, nil
}

func (s *Service) delivered(ctx context.Context, m workorder.Mandate, p Parcel, today day.Day) error {
	d, err := s.Records.Delivery(ctx, m.Order)
	if err := absent(err); err != nil {
		return err
	}
	if d.Parcels == 0 {
		d.On, d.PurgeOn = today, order.PurgeDate(today, m.Ruling.RetentionMonths)
	}
	d.From, d.Snapshot, d.Parcels = p.From, p.Snapshot, d.Parcels+1
	p.Delivered = true
	return s.Records.SaveDelivery(ctx, m.Order, d, p)
}
