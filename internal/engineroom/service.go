package engineroom

import (
	"io"
	"log/slog"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/exposure"
	"sluss/internal/parcel/inspect"
	"sluss/internal/parcel/pack"
	"sluss/internal/signed"
	"sluss/internal/vault"
	"sluss/internal/works"
)

// Versions that stand in manifests; a change of meaning changes them.
const (
	engineVersion  = "embedded/1"
	clusterVersion = "cluster/1"
	kernelVersion  = "episode/1"
)

// Parts are what the vault's program is put together from.
type Parts struct {
	Counter       works.Counter
	Mailroom      works.Mailroom
	Vault         *vault.Vault
	Store         string   // of snapshots
	Cluster       *Cluster // nil: extractions run on this machine
	Records       works.Records
	Catalogue     *catalog.Catalogue
	Signers       signed.Signers // the vault's own list
	Random        io.Reader
	Clock         func() time.Time
	SimulatedTime bool
	Policy        *exposure.Policy // of the disclosure report; nil: the default
	Log           *slog.Logger
	Progress      func(step, order string)
	Bounds        Bounds // of populations and extractions
}

// New returns the service.
func New(p Parts) *works.Service {
	version := engineVersion
	if p.Cluster != nil {
		version = clusterVersion
	}
	policy := exposure.DefaultPolicy()
	if p.Policy != nil {
		policy = *p.Policy
	}
	return &works.Service{
		Bound:    p.Bounds.Watch,
		Measurer: inspect.Measurer{Catalogue: p.Catalogue}, Policy: policy,
		Counter: p.Counter, Mailroom: p.Mailroom, Vault: p.Vault, Registers: Registers{Store: p.Store, Catalogue: p.Catalogue, Cluster: p.Cluster}, Tables: Tables{},
		Checker: inspect.Checker{Catalogue: p.Catalogue}, Packer: pack.Packer{Catalogue: p.Catalogue, Signer: p.Vault.Public().Signer, Sign: p.Vault.Sign, Engine: version, Kernel: kernelVersion}, Records: p.Records, Catalogue: p.Catalogue,
		Open: p.Signers.Open, Random: p.Random, Clock: p.Clock, SimulatedTime: p.SimulatedTime, Log: p.Log, Progress: p.Progress, KeysUntil: p.Vault.KeysUntil,
	}
}
