package works

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// parcelKeyObject is where the key of the nth parcel lies, which opens that one
// file.
func parcelKeyObject(order string, n int) Object {
	o := parcelObject(order, n)
	o.Name = strings.TrimSuffix(o.Name, ".sluss") + ".key"
	return o
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
	if err := s.handOver(ctx, m, p); err != nil {
		return workorder.Report{}, err
	}
	if !p.Delivered {
		if err := s.delivered(ctx, m, p, today); err != nil {
			return workorder.Report{}, err
		}
	}
	if err := s.dropEarlier(ctx, m.Order, p.Number); err != nil {
		return workorder.Report{}, err
	}
	return workorder.Report{Delivered: &workorder.ParcelReport{Manifest: p.Manifest, SHA256: p.SHA256}}, nil
}

// handOver gives the counter the parcel.
func (s *Service) handOver(ctx context.Context, m workorder.Mandate, p Parcel) error {
	r, err := s.Vault.Get(ctx, parcelObject(m.Order, p.Number))
	if err != nil {
		return err
	}
	return errors.Join(s.Counter.PutParcel(ctx, m.ID, r), r.Close())
}

// dropEarlier destroys the parcels before the nth and their keys; again, too,
// when a power cut came between.
func (s *Service) dropEarlier(ctx context.Context, id string, number int) error {
	for n := 1; n < number; n++ {
		if err := errors.Join(s.Vault.Remove(ctx, parcelObject(id, n)), s.Vault.Remove(ctx, parcelKeyObject(id, n))); err != nil {
			return err
		}
	}
	return nil
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
