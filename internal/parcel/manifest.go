// Package parcel is the sealed delivery: how it is written, opened and verified.
//
// A parcel is a plain tar archive of three entries:
//
//	OUTER        signed note: order, decision, recipient's key, hash of the sealed part
//	README.txt   how to open it, with this program or with plain tar and age
//	sealed.age   age file to the recipient's key; inside it a tar archive of
//	             MANIFEST (signed note) and the files that the manifest lists.
//	             sealed.c4gh, a Crypt4GH file, where the key is of that kind
//
// [Write] makes one, [Open] opens one into a new directory, [Verify] checks a
// sealed parcel without its key, or an opened directory whole. The signer's
// fingerprint stands in the decision: a parcel that says it is from us is
// believed only if that key signed both notes.
//
// Open and Verify refuse, with the reason, a parcel that has been cut or changed
// in any byte, whose two notes are not of one delivery, that another key signed,
// or that holds a file too many or too few. Where they refuse nothing is left
// behind.
//
// The package holds no secret and is linked into the recipient's program, so it
// uses no library for data files: rows of Parquet are counted from the footer.
package parcel

import (
	"fmt"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/sealed"
)

// Types of the signed documents.
const (
	TypeManifest = "sluss/manifest/v1"
	TypeOuter    = "sluss/parcel/v1"
)

// Roles of files in a parcel.
const (
	RoleData     = "data"
	RoleCodebook = "codebook"
	RoleCode     = "code"
)

// Manifest says what is in a delivery and where it comes from. The hash of its
// canonical JSON is what a second person releases (promise 13).
type Manifest struct {
	Type      string              `json:"type"` // TypeManifest
	Order     string              `json:"order"`
	Project   string              `json:"project"`
	Decision  plan.Ref            `json:"decision"`
	Scope     canon.Hash          `json:"scope"`
	Spec      canon.Hash          `json:"spec"`
	Catalogue plan.Ref            `json:"catalogue"`
	Snapshot  plan.Ref            `json:"snapshot"`
	Synthetic bool                `json:"synthetic"`
	Engine    string              `json:"engine"`    // version that extracted
	Kernel    string              `json:"kernel"`    // version of the spell rules
	Recipient string              `json:"recipient"` // fingerprint of the key it is sealed to
	Signer    string              `json:"signer"`    // public key that signs this document
	Domains   []string            `json:"domains"`   // löpnummer domains used in the files
	Files     []File              `json:"files"`
	Egress    []order.CheckResult `json:"egress"`
	Counts    []order.CountLine   `json:"counts"`
	Reach     []order.Reach       `json:"reach,omitempty"`    // how far each register reached in the snapshot
	Compared  *order.Compared     `json:"compared,omitempty"` // with the first delivery, for a renewed extraction
	Created   day.Day             `json:"created"`
}

// Hash is the hash of the manifest's canonical JSON.
func (m Manifest) Hash() (canon.Hash, error) { return canon.Of(m) }

// File is one file of a delivery.
type File struct {
	Name    string     `json:"name"` // without folders
	Role    string     `json:"role"`
	Bytes   int64      `json:"bytes"`
	SHA256  canon.Hash `json:"sha256"`
	Extract string     `json:"extract,omitempty"` // the rest: of data files only
	Format  string     `json:"format,omitempty"`  // as in plan.Output
	CSV     *CSV       `json:"csv,omitempty"`
	Table   string     `json:"table,omitempty"`
	Shape   string     `json:"shape,omitempty"`
	Rows    int64      `json:"rows,omitempty"`
	Persons int64      `json:"persons,omitempty"`
	Columns []Column   `json:"columns,omitempty"`
}

// CSV is how a CSV file is written. Lines end with LF; cells are quoted only
// where they must be.
type CSV struct {
	Delimiter string `json:"delimiter"`
	Encoding  string `json:"encoding"` // utf-8, utf-8-bom or iso-8859-1
	Date      string `json:"date"`     // iso or yyyymmdd
	Decimal   string `json:"decimal"`  // . or ,
	Null      string `json:"null"`     // text of a missing value
}

// Types of columns, as readers of the files need them.
const (
	ColumnID      = "id"      // löpnummer, a whole number
	ColumnNumber  = "number"  // identity number, text of twelve digits
	ColumnInt     = "int"     // whole number
	ColumnDecimal = "decimal" // net days with three decimals, per cent with one
	ColumnOre     = "ore"     // money in öre, a whole number
	ColumnDate    = "date"
	ColumnText    = "text" // codes, and periods such as 2024-01 or 2024-Q1
)

// Column is one column of a data file.
type Column struct {
	Name     string `json:"name"`     // as delivered
	Variable string `json:"variable"` // in the catalogue; "" for a column of the population file
	Type     string `json:"type"`
	Derive   string `json:"derive,omitempty"`
	Coarsen  string `json:"coarsen,omitempty"`
	// ValueSet holds the catalogue's name of the codes, if there is one.
	ValueSet string `json:"value_set,omitempty"`
}

// Outer is what can be known of a parcel without its key.
type Outer struct {
	Type      string     `json:"type"` // TypeOuter
	Order     string     `json:"order"`
	Project   string     `json:"project"`
	Decision  canon.Hash `json:"decision"`
	Recipient string     `json:"recipient"` // fingerprint of the key it is sealed to
	Manifest  canon.Hash `json:"manifest"`
	Sealing   string     `json:"sealing,omitempty"` // "" = age, or crypt4gh
	SHA256    canon.Hash `json:"sha256"`            // of the sealed part
	Bytes     int64      `json:"bytes"`
	Readme    canon.Hash `json:"readme"`
	// Signer is the public key that signs this note. It is believed only where
	// its fingerprint is the one that the reader was given.
	Signer string `json:"signer"`
}

// sealing is the kind of what is sealed to a key as notes have it.
func sealing(recipient string) string {
	if kind := sealed.KindOf(recipient); kind != sealed.KindAge {
		return kind
	}
	return ""
}

// part is the name of the sealed part.
func (o Outer) part() (string, error) {
	switch o.Sealing {
	case "":
		return nameAge, nil
	case sealed.KindCrypt4GH:
		return nameCrypt4GH, nil
	}
	return "", errFormat
}

// Names of the entries.
const (
	nameOuter    = "OUTER"
	nameReadme   = "README.txt"
	nameAge      = "sealed.age"
	nameCrypt4GH = "sealed.c4gh"
	nameManifest = "MANIFEST"
)

// Limits of what is read before a signature has been checked, in bytes.
const (
	maxNote     = 16 << 20
	maxReadme   = 64 << 10
	maxFiles    = 10_000
	maxNameSize = 100
)

// check finds what a manifest may never hold, whoever signed it.
func (m Manifest) check() error {
	if m.Type != TypeManifest || len(m.Files) == 0 || len(m.Files) > maxFiles {
		return fmt.Errorf("parcel: a manifest of 1–%d files is wanted", maxFiles)
	}
	seen := map[string]bool{strings.ToLower(nameManifest): true}
	for i, f := range m.Files {
		if !safeName(f.Name) || seen[strings.ToLower(f.Name)] {
			return fmt.Errorf("parcel: file %d has no name of its own that is safe on every system", i+1)
		}
		seen[strings.ToLower(f.Name)] = true
		if f.Bytes < 0 || f.Rows < 0 || len(f.SHA256) != 64 {
			return fmt.Errorf("parcel: file %d has no size or hash", i+1)
		}
	}
	return nil
}

// safeName accepts names that mean one file in one folder on Linux, macOS and
// Windows.
func safeName(s string) bool {
	if s == "" || len(s) > maxNameSize || s[0] == '.' || s[0] == '-' || s[len(s)-1] == '.' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	stem, _, _ := strings.Cut(strings.ToLower(s), ".")
	switch stem {
	case "con", "prn", "aux", "nul":
		return false
	}
	device := len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) && stem[3] >= '0' && stem[3] <= '9'
	return !device
}
