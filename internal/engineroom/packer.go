package engineroom

import (
	"context"
	"io"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/plan"
	"sluss/internal/sealed"
	"sluss/internal/vault"
	"sluss/internal/works"
)

// Versions that stand in manifests.
const (
	engineVersion = "embedded/1"
	kernelVersion = "episode/1"
)

// Packer makes parcels with the vault's keys.
type Packer struct {
	Vault     *vault.Vault
	Catalogue *catalog.Catalogue
}

// Pack adds codebook and starter code to the files in dir, signs the manifest
// and seals everything to the decided recipient.
func (p Packer) Pack(ctx context.Context, w io.Writer, dir string, in works.Packing) (canon.Hash, []order.FileSummary, error) {
	public := p.Vault.Public()
	recipient := in.Decision.Scope.Recipient.Key
	m := parcel.Manifest{
		Type: parcel.TypeManifest, Order: in.Order, Project: in.Project, Decision: in.Ref, Scope: in.Decision.ScopeHash, Spec: in.PlanHash,
		Catalogue: in.Plan.Catalogue, Snapshot: plan.Ref{ID: in.Snapshot.ID(), SHA256: in.Snapshot.Hash()}, Synthetic: in.Snapshot.Synthetic(),
		Engine: engineVersion, Kernel: kernelVersion, Recipient: sealed.Fingerprint(recipient), Signer: public.Signer,
		Domains: in.Domains, Egress: in.Egress, Counts: in.Counts, Created: in.Created,
	}
	for _, f := range in.Files {
		m.Files = append(m.Files, p.dataFile(f, in))
	}
	hash, err := parcel.Write(ctx, w, parcel.Sealing{Manifest: m, Dir: dir, Scratch: dir, Recipient: recipient, Sign: p.Vault.Sign})
	var files []order.FileSummary
	for _, f := range m.Files {
		files = append(files, order.FileSummary{Name: f.Name, Rows: f.Rows, Persons: f.Persons, Bytes: f.Bytes, SHA256: f.SHA256})
	}
	return hash, files, err
}

// dataFile is a data file's line of the manifest.
func (p Packer) dataFile(f works.File, in works.Packing) parcel.File {
	out := parcel.File{
		Name: f.Name, Role: parcel.RoleData, Bytes: f.Bytes, SHA256: f.SHA256, Extract: f.Extract, Format: f.Format, Table: f.Table, Shape: f.Shape,
		Rows: f.Rows, Persons: f.Persons,
	}
	i := slices.IndexFunc(in.Plan.Extracts, func(e plan.Extract) bool { return e.Name == f.Extract })
	if f.Format == "csv" {
		o := in.Plan.Extracts[i].Output
		out.CSV = &parcel.CSV{Delimiter: or(o.Delimiter, ";"), Encoding: or(o.Encoding, "utf-8"), Date: or(o.Date, "iso"), Decimal: or(o.Decimal, "."), Null: o.Null}
	}
	_, table := p.Catalogue.Table(f.Table)
	for _, c := range f.Columns {
		col := parcel.Column{Name: c.Name, Variable: c.Variable, Derive: c.Derive, Coarsen: c.Coarsen, Type: columnType(c, table.Variable(c.Variable), in.Plan.Identity.Kind)}
		if v := table.Variable(c.Variable); v != nil {
			col.ValueSet = v.ValueSet
		}
		out.Columns = append(out.Columns, col)
	}
	return out
}

// columnType is what readers need to know of a column.
func columnType(c works.Column, v *catalog.Variable, identity string) string {
	switch {
	case v != nil && v.Kind == catalog.KindPerson && identity == plan.IdentityPersonalNumber:
		return parcel.ColumnNumber
	case v != nil && v.Kind == catalog.KindPerson:
		return parcel.ColumnID
	case v != nil && v.Kind == catalog.KindOre:
		return parcel.ColumnOre
	}
	switch c.Type {
	case "int32", "int64":
		return parcel.ColumnInt
	case "decimal":
		return parcel.ColumnDecimal
	case "date":
		return parcel.ColumnDate
	}
	return parcel.ColumnText
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
