package workorder

import (
	"encoding/json"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/order"
)

// Report is the vault's answer to a work order: exactly one field is set.
type Report struct {
	Population *order.PopulationChecked `json:"population,omitempty"`
	Extracted  *order.Extracted         `json:"extracted,omitempty"`
	Failed     *order.ExtractionFailed  `json:"failed,omitempty"`
	Delivered  *ParcelReport            `json:"delivered,omitempty"`
	Resealed   *ResealReport            `json:"resealed,omitempty"`
	Purged     *order.Purged            `json:"purged,omitempty"`
	// Refused says that the vault will not carry the order out.
	Refused *RefusedReport `json:"refused,omitempty"`
	// Waiting says what the vault waits for before it can begin: nothing failed,
	// and the attempt does not count. The only word is [WaitingMedium].
	Waiting string `json:"waiting,omitempty"`
	// Retry is the code of a fault that may pass: try again later.
	Retry string `json:"retry,omitempty"`
}

// WaitingMedium: the medium of a registered letter has not been put into the
// vault's mailroom.
const WaitingMedium = "medium"

// ParcelReport says which parcel was handed over.
type ParcelReport struct {
	Manifest canon.Hash `json:"manifest"`
	SHA256   canon.Hash `json:"sha256"`
}

// ResealReport says which parcel took the place of one whose key was lost.
type ResealReport struct {
	Manifest    canon.Hash `json:"manifest"`
	Was         canon.Hash `json:"was"`
	Fingerprint string     `json:"fingerprint"` // of the key that it is sealed to
	SHA256      canon.Hash `json:"sha256"`
}

// RefusedReport names the rule.
type RefusedReport struct {
	Code string `json:"code"`
	SV   string `json:"sv"`
	EN   string `json:"en"`
}

// Peek reads the document of a signed note without checking the signature. It
// is only for naming the document in a refusal.
func Peek(note string, v any) error {
	text, _, _ := strings.Cut(note, "\n")
	return json.Unmarshal([]byte(text), v)
}
