package app

import (
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// PrepareReseal is what a releaser signs to have the delivery sealed to the
// recipient's new key, or the refusal that says why it cannot be.
func PrepareReseal(by string, s order.State) (workorder.ResealOrder, error) {
	if err := s.Resealable(); err != nil {
		return workorder.ResealOrder{}, err
	}
	k := s.RecipientKey
	return workorder.ResealOrder{Type: workorder.TypeReseal, By: by, Order: s.ID, Manifest: s.Delivery.Manifest, Key: k.Key, Fingerprint: k.Fingerprint}, nil
}
