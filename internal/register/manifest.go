package register

import (
	"regexp"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// formatVersion is the version of the layout on disk: since 2, numbers may take fewer
// bytes than their type has. Who knows 2 reads 1, too.
const (
	formatVersion = 2
	oldestFormat  = 1
)

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Manifest says what a snapshot holds. It is written as canonical JSON and
// contains no clock reading: the same sources, parent and day give the same
// bytes.
type Manifest struct {
	Format    int          `json:"format"`
	ID        string       `json:"id"`
	Load      int          `json:"load"` // ordinal in the store, from 1
	LoadedAt  day.Day      `json:"loaded_at"`
	Synthetic bool         `json:"synthetic"`
	Parent    *ParentRef   `json:"parent"` // the load before, null for the first
	Catalogue CatalogueRef `json:"catalogue"`
	Persons   int          `json:"persons"` // entities: organisations are counted, too
	// Organisations says how many of Persons are organisations.
	Organisations int `json:"organisations,omitempty"`
	Numbers       int `json:"numbers"`   // identity numbers, old ones included
	Relations     int `json:"relations"` // parent–child pairs
	// Rejected counts rows of the identity files that were not loaded, by reason.
	Rejected map[string]int  `json:"rejected"`
	Sources  []SourceFile    `json:"sources"`
	Tables   []TableManifest `json:"tables"`
	Files    []FileEntry     `json:"files"`
}

// ParentRef names the snapshot that a load was compared with.
type ParentRef struct {
	ID     string     `json:"id"`
	SHA256 canon.Hash `json:"sha256"`
}

// CatalogueRef names the catalogue that told the loader what columns mean.
type CatalogueRef struct {
	ID      string     `json:"id"`
	Version int        `json:"version"`
	SHA256  canon.Hash `json:"sha256"`
}

// SourceFile is a file that was loaded.
type SourceFile struct {
	Name   string     `json:"name"`
	Bytes  int64      `json:"bytes"`
	SHA256 canon.Hash `json:"sha256"`
	Rows   int64      `json:"rows"`
}

// FileEntry is a file of the snapshot.
type FileEntry struct {
	Path   string     `json:"path"` // with slashes, relative to the snapshot
	Bytes  int64      `json:"bytes"`
	SHA256 canon.Hash `json:"sha256"`
}

// TableManifest describes one table.
type TableManifest struct {
	ID      string           `json:"id"`
	Rows    int              `json:"rows"` // row versions, closed ones included
	Live    int              `json:"live"` // versions known at this load
	Columns []ColumnManifest `json:"columns"`
	Counts  Counts           `json:"counts"`
}

// ColumnManifest describes one stored column.
type ColumnManifest struct {
	Variable string       `json:"variable"`
	Kind     catalog.Kind `json:"kind"`
	Role     catalog.Role `json:"role"`
	Type     Type         `json:"type"`
	// Codes is the dictionary of a column of codes, in bytewise order; the
	// first entry, code 0, is the empty text and stands for a missing value.
	Codes []string `json:"codes,omitempty"`
}

// Counts reconciles a load: Source = Added + Changed + Unchanged + Duplicates
// + the sum of Quarantined.
type Counts struct {
	Source     int64 `json:"source"`     // rows in the source file
	Added      int64 `json:"added"`      // rows that were not there at the load before
	Late       int64 `json:"late"`       // of those: concerning days before the load before
	Changed    int64 `json:"changed"`    // the same row with another content
	Removed    int64 `json:"removed"`    // rows that were there at the load before and are gone
	Unchanged  int64 `json:"unchanged"`  // the same row with the same content
	Duplicates int64 `json:"duplicates"` // the same row a second time, with the same content
	// Quarantined counts rows that were not loaded, by reason.
	Quarantined map[string]int64 `json:"quarantined"`
}

// add adds the counts of more rows to c.
func (c *Counts) add(more *Counts) {
	c.Source += more.Source
	c.Added += more.Added
	c.Late += more.Late
	c.Changed += more.Changed
	c.Removed += more.Removed
	c.Unchanged += more.Unchanged
	c.Duplicates += more.Duplicates
	for reason, n := range more.Quarantined {
		c.Quarantined[reason] += n
	}
}

// Reasons for which a row is not loaded.
const (
	ReasonMissingIdentity   = "missing_identity"   // no identity number
	ReasonUnknownIdentity   = "unknown_identity"   // number not in the identity register
	ReasonAmbiguousIdentity = "ambiguous_identity" // reused number, and the day does not decide
	ReasonUnknownOther      = "unknown_other"      // a required other person cannot be resolved
	ReasonMissingValue      = "missing_value"
	ReasonUnknownCode       = "unknown_code" // not in a closed value set
	ReasonBadCode           = "bad_code"     // a text that no code is: too long, not UTF-8, or with a NUL
	ReasonOutOfRange        = "out_of_range" // a number or date that the column cannot hold
	ReasonNegativeAmount    = "negative_amount"
	ReasonRowConflict       = "row_conflict" // one row number with two contents
	// Only for the identity files:
	ReasonBadNumber     = "bad_number"     // not an identity number, or check digit of the wrong kind
	ReasonUnknownEntity = "unknown_entity" // key that is not among the persons
)

// Type is what a column's values are. On disk they are little-endian and may take
// fewer bytes than here (package cells).
type Type string

// Types of columns. Missing values are [NoDay] (day, int32), [NoInt64],
// code 0, [NoExtent] and [NoPerson].
const (
	TypeDay    Type = "day"    // day.Day, 4 bytes
	TypeInt32  Type = "int32"  // 4 bytes; period variables: year, or months since January of year 0
	TypeInt64  Type = "int64"  // 8 bytes: row numbers, cases, öre
	TypeCode   Type = "code"   // 2 bytes, index into the dictionary
	TypeExtent Type = "extent" // 2 bytes, per mille
	TypePerson Type = "person" // 4 bytes, index of a person in this snapshot
)

// Missing values.
const (
	NoDay    day.Day = -1 << 31
	NoInt32  int32   = -1 << 31
	NoInt64  int64   = -1 << 63
	NoExtent uint16  = 1<<16 - 1
	NoPerson uint32  = 1<<32 - 1
	// stillKnown is the known_to of a version that has not been closed.
	stillKnown uint16 = 1<<16 - 1
)

func (t Type) width() int {
	switch t {
	case TypeInt64:
		return 8
	case TypeCode, TypeExtent:
		return 2
	}
	return 4
}

// typeOf returns how a variable's values are stored.
func typeOf(v *catalog.Variable) Type {
	switch v.Kind {
	case catalog.KindDate:
		return TypeDay
	case catalog.KindCode:
		return TypeCode
	case catalog.KindExtent:
		return TypeExtent
	case catalog.KindPerson:
		return TypePerson
	case catalog.KindOre:
		return TypeInt64
	case catalog.KindInt:
		if v.Role == catalog.RoleRowID || v.Role == catalog.RoleTrack {
			return TypeInt64
		}
	}
	return TypeInt32
}
