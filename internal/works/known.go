package works

import (
	"context"
	"errors"

	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// known gathers what the vault itself knows about the order.
func (s *Service) known(ctx context.Context, w workorder.WorkOrder) (workorder.Known, error) {
	k := workorder.Known{Today: swede.CivilDay(s.Clock())}
	if s.SimulatedTime {
		if err := s.mustBeSynthetic(ctx); err != nil {
			return k, err
		}
		k.Today = w.Today
	}
	in, err := s.Records.Intake(ctx, w.Order)
	if err := absent(err); err != nil {
		return k, err
	}
	k.Intake, k.Persons, k.Under = in.Ref, in.Persons, in.Under
	p, err := s.Records.Parcel(ctx, w.Order)
	if err := absent(err); err != nil {
		return k, err
	}
	k.Manifest, k.RanBy, k.Decision, k.Was, k.SealedTo = p.Manifest, p.RanBy, p.Decision, p.Was, p.Key
	d, err := s.Records.Delivery(ctx, w.Order)
	if err == nil {
		k.Delivered = &d.From
	} else if err := absent(err); err != nil {
		return k, err
	}
	k.Ruling, err = s.Records.Ruling(ctx, w.Order)
	if err := absent(err); err != nil {
		return k, err
	}
	_, err = s.Records.Protocol(ctx, w.Order)
	k.Purged = err == nil
	return k, absent(err)
}

// absent is err, or nil when it only says that there is no such record.
func absent(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
