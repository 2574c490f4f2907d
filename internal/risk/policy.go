package risk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"sluss/internal/catalog"
	"sluss/internal/fault"
)

// Policy is what an authority accepts: data, not code. For every measure,
// Green is the worst value that passes and Amber the worst that a person may
// let pass with reasons; what is worse is red.
type Policy struct {
	K       WholeLimits `json:"k"`       // at least
	Uniques WholeLimits `json:"uniques"` // at most, per 10 000 records
	// Share is of records whose prosecutor risk is above the threshold: at
	// most, per 10 000 records.
	Share WholeLimits `json:"share"`
}

// WholeLimits are the limits of one measure.
type WholeLimits struct {
	Green int `json:"green"`
	Amber int `json:"amber"`
}

// DefaultPolicy holds where an authority has not decided: classes of five, no
// uniques.
func DefaultPolicy() Policy {
	return Policy{K: WholeLimits{5, 3}, Uniques: WholeLimits{0, 10}, Share: WholeLimits{0, 500}}
}

// ParsePolicy reads a policy from JSON. Measures that it leaves out keep the
// default; members that it does not know are refused.
func ParsePolicy(b []byte) (Policy, error) {
	p := DefaultPolicy()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(&p)
	if err == nil {
		if _, end := dec.Token(); end != io.EOF {
			err = errors.New("something follows the object")
		}
	}
	if err != nil || p.K.Green < p.K.Amber || p.Uniques.Green > p.Uniques.Amber || p.Share.Green > p.Share.Amber {
		return p, fault.New("risk.policy", "Policyn går inte att använda.", "The policy cannot be used.").
			Do(`Skriv den som {"k":{"green":5,"amber":3},"uniques":{"green":0,"amber":10},"share":{"green":0,"amber":500}}.`,
				`Write it as {"k":{"green":5,"amber":3},"uniques":{"green":0,"amber":10},"share":{"green":0,"amber":500}}.`).Because(err)
	}
	return p, nil
}

// Light is a traffic light.
type Light int

// Lights, the better the smaller.
const (
	Green Light = iota
	Amber
	Red
)

// In returns the light's name in "sv" or, for every other value, English.
func (l Light) In(lang string) string {
	return [...]catalog.Text{{SV: "grönt", EN: "green"}, {SV: "gult", EN: "amber"}, {SV: "rött", EN: "red"}}[l].In(lang)
}

// Verdict is the light of each measure; the whole is the worst of them.
type Verdict struct{ K, Uniques, Share, Whole Light }

// Judge compares a report with the policy. Shares are compared exactly, as
// records against records.
func (p Policy) Judge(r *Report) Verdict {
	v := Verdict{
		K:       light(-r.K, WholeLimits{-p.K.Green, -p.K.Amber}, 1),
		Uniques: light(r.Uniques*10_000, p.Uniques, r.Records),
		Share:   light(int(r.Prosecutor.Share*float64(r.Records)+.5)*10_000, p.Share, r.Records),
	}
	v.Whole = max(v.K, v.Uniques, v.Share)
	return v
}

// light grades value, of which at most limit·unit is accepted.
func light(value int, limit WholeLimits, unit int) Light {
	switch {
	case value <= limit.Green*unit:
		return Green
	case value <= limit.Amber*unit:
		return Amber
	}
	return Red
}
