package pseudonym

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// The form of an encoded table, all numbers little-endian:
//
//	"SLUSSKEY"  8 bytes
//	version     uint32, 1
//	domain      uint32 length, JSON of the Domain
//	rows        uint64 count, then each: entity uint64, lopnr uint64, batch uint32; ascending by lopnr
//	corrections uint64 count, then each: old uint64, new uint64; ascending by old
//
// Equal tables give equal bytes.
const (
	magic          = "SLUSSKEY"
	version        = 1
	rowSize        = 20
	correctionSize = 16
)

// ErrTable is returned for bytes that are no table, or a damaged one.
var ErrTable = errors.New("not a key table, or a damaged one")

// EncodeTable returns t in its binary form, for the vault to seal. It is in
// clear: it must never be stored as it is.
func EncodeTable(t *Table) ([]byte, error) {
	d, err := json.Marshal(t.Domain)
	if err != nil {
		return nil, fmt.Errorf("encode the domain: %w", err)
	}
	le := binary.LittleEndian
	b := make([]byte, 0, len(magic)+8+len(d)+16+len(t.rows)*rowSize+len(t.corrections)*correctionSize)
	b = append(b, magic...)
	b = le.AppendUint32(b, version)
	b = le.AppendUint32(b, uint32(len(d)))
	b = append(b, d...)
	b = le.AppendUint64(b, uint64(len(t.rows)))
	at := len(b)
	b = b[:at+len(t.rows)*rowSize]
	for i, r := range t.rows {
		row := b[at+i*rowSize : at+(i+1)*rowSize]
		le.PutUint64(row, r.Entity)
		le.PutUint64(row[8:], r.Lopnr)
		le.PutUint32(row[16:], r.Batch)
	}
	b = le.AppendUint64(b, uint64(len(t.corrections)))
	for _, c := range t.corrections {
		b = le.AppendUint64(b, c.Old)
		b = le.AppendUint64(b, c.New)
	}
	return b, nil
}

// DecodeTable reads what EncodeTable wrote and checks that it is a table:
// löpnummer ascending, entities distinct, an own domain dense from its base.
func DecodeTable(b []byte) (*Table, error) {
	le := binary.LittleEndian
	take := func(n uint64) []byte {
		if uint64(len(b)) < n {
			b = nil
			return make([]byte, min(n, 16)) // too short: found below, as the rest is nil
		}
		head := b[:n]
		b = b[n:]
		return head
	}
	if string(take(8)) != magic || le.Uint32(take(4)) != version {
		return nil, ErrTable
	}
	t := &Table{}
	d := take(uint64(le.Uint32(take(4))))
	if b == nil || json.Unmarshal(d, &t.Domain) != nil {
		return nil, ErrTable
	}
	n := le.Uint64(take(8))
	if n > uint64(len(b))/rowSize {
		return nil, ErrTable
	}
	t.rows = make([]Row, n)
	for i := range t.rows {
		r := b[i*rowSize:]
		t.rows[i] = Row{le.Uint64(r), le.Uint64(r[8:]), le.Uint32(r[16:])}
	}
	b = b[n*rowSize:]
	m := le.Uint64(take(8))
	if b == nil || m != uint64(len(b))/correctionSize || uint64(len(b)) != m*correctionSize {
		return nil, ErrTable
	}
	for range m {
		t.corrections = append(t.corrections, Correction{le.Uint64(take(8)), le.Uint64(take(8))})
	}
	return t, t.verify()
}

// verify checks what every table must be.
func (t *Table) verify() error {
	last := t.Domain.Base
	for _, r := range t.rows {
		if r.Lopnr <= last || r.Lopnr > MaxNumber || r.Batch == 0 || t.Domain.Origin == Own && r.Lopnr != last+1 {
			return ErrTable
		}
		last = r.Lopnr
	}
	held := t.entities()
	if len(slices.Compact(held)) != len(t.rows) {
		return ErrTable
	}
	var old uint64
	for _, c := range t.corrections {
		if c.Old <= old || c.Old == c.New || !t.holds(c.Old) || !t.holds(c.New) {
			return ErrTable
		}
		old = c.Old
	}
	return nil
}
