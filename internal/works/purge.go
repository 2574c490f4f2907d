package works

import (
	"context"
	"errors"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// PurgeProtocol is the gallringsprotokoll: what was destroyed, by whose order
// and on which rule. It holds names of objects, hashes of ciphertext and ids of
// keys, nothing of a person.
//
// What it proves: each object was only readable with a key that lay in the
// vault, the vault destroyed the key, and what may remain of the ciphertext
// cannot be read. Source: reference pseudonym §3.
type PurgeProtocol struct {
	Type    string      `json:"type"`
	Order   string      `json:"order"`
	Rule    string      `json:"rule"` // gallringsbeslut
	Reason  string      `json:"reason"`
	By      string      `json:"by"`
	On      day.Day     `json:"on"`
	Objects []Destroyed `json:"objects"`
	// Media lay in the mailroom, sealed to the vault; their files were removed.
	Media []Medium `json:"media,omitempty"`
	Kept  []string `json:"kept,omitempty"` // keys that outlive the order, with the last day
	// Backups says what copies may still exist; BackupsUntil is the last day of
	// those that can open what was destroyed, 0 when there is none. Until then
	// the objects are shredded pending backup.
	Backups      string  `json:"backups"`
	BackupsUntil day.Day `json:"backups_until,omitempty"`
}

// backups is the statement about copies. Of those that Sluss makes the last day
// is known; what the machine's own backup has copied, the vault cannot see.
const backups = "a backup of the vault's objects opens nothing without a backup of its keys; backups_until is the last day on which a backup of the keys that Sluss made may still hold one of these, and no such backup is restored after it or without destroying them again; a copy of the folder keys/ that was made in another way can open these objects until it is gone, and one of the folder mailroom/ can be opened with identity.txt"

// purge destroys everything the vault holds for the order. A second run finds
// the protocol of the first and reports it again.
func (s *Service) purge(ctx context.Context, m workorder.Mandate, today day.Day) (workorder.Report, error) {
	if p, err := s.Records.Protocol(ctx, m.Order); err == nil {
		return purged(p), nil
	} else if !errors.Is(err, ErrNotFound) {
		return workorder.Report{}, err
	}
	delivery, err := s.Records.Delivery(ctx, m.Order)
	if err := absent(err); err != nil {
		return workorder.Report{}, err
	}
	// A delivered parcel stays until its date, whatever reason the counter gives;
	// one that was never delivered has no date.
	delivered := delivery.Parcels > 0
	if delivered && today < delivery.PurgeOn || !delivered && m.PurgeOrder.Reason == workorder.ReasonDue {
		return workorder.Report{}, workorder.Refused("purge_early", 10, "Gallringsdagen har inte kommit.", "The purge date has not come.")
	}
	kept, err := s.keptKeys(ctx, m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	if err := s.Vault.Wipe(m.Order); err != nil {
		return workorder.Report{}, err
	}
	media, err := s.Mailroom.Clear(ctx, m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	gone, err := s.Vault.Destroy(ctx, m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	var until day.Day
	if s.KeysUntil != nil {
		if until, err = s.KeysUntil(today); err != nil {
			return workorder.Report{}, err
		}
	}
	doc := PurgeProtocol{
		Type: workorder.TypeProtocol, Order: m.Order, Rule: m.PurgeOrder.Rule, Reason: m.PurgeOrder.Reason, By: m.PurgeOrder.By,
		On: today, Objects: gone, Media: media, Kept: kept, Backups: backups, BackupsUntil: until,
	}
	hash, err := canon.Of(doc)
	if err != nil {
		return workorder.Report{}, err
	}
	note, err := s.Vault.Sign(doc)
	if err != nil {
		return workorder.Report{}, err
	}
	p := Protocol{Note: note, Hash: hash, Objects: len(gone) + len(media), BackupsUntil: until}
	if err := s.Records.Purge(ctx, m.Order, p); err != nil {
		return workorder.Report{}, err
	}
	return purged(p), nil
}

func purged(p Protocol) workorder.Report {
	return workorder.Report{Purged: &order.Purged{Protocol: p.Note, Hash: p.Hash, Objects: p.Objects, BackupsUntil: p.BackupsUntil}}
}

// keptKeys names the domains of the order's project that outlive the order.
func (s *Service) keptKeys(ctx context.Context, id string) ([]string, error) {
	all, err := s.Records.Kept(ctx)
	if err != nil {
		return nil, err
	}
	var kept []string
	for _, d := range all {
		if d.Project == id {
			kept = append(kept, d.ID+" until "+d.Policy.Until.String())
		}
	}
	return kept, nil
}
