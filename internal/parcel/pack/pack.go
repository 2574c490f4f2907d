// Package pack puts a delivery together: data files, codebook and starter code
// under a signed manifest, sealed to the recipient. It is the engine's side of
// package parcel and implements works.Packer.
package pack

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/parcel/codebook"
	"sluss/internal/plan"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/works"
)

// Packer packs deliveries.
type Packer struct {
	Catalogue *catalog.Catalogue
	Signer    string // the vault's public signing key
	// Sign signs documents with the key that belongs to Signer.
	Sign   func(doc any) (string, error)
	Engine string // name and version of the engine
	Kernel string // version of the spell rules
}

// Pack adds codebook, starter code and manifest to the files in dir, seals all
// to the recipient of the decision and writes the parcel to w. It returns the
// manifest's hash and the files that it lists.
//
// The same job gives the same manifest. The gate pack.signer stops a parcel
// whose recipient could not verify it, because the decision names another key.
func (p Packer) Pack(ctx context.Context, w io.Writer, dir string, j works.Packing) (canon.Hash, []order.FileSummary, error) {
	m, err := p.manifest(j)
	if err != nil {
		return "", nil, err
	}
	if err := p.describe(dir, &m, j.Plan); err != nil {
		return "", nil, err
	}
	hash, err := parcel.Write(ctx, w, parcel.Sealing{
		Manifest: m, Dir: dir, Scratch: dir, Recipient: recipientOf(j), Sign: p.Sign, Keep: j.Keep,
	})
	if err != nil {
		return "", nil, err
	}
	files := make([]order.FileSummary, len(m.Files))
	for i, f := range m.Files {
		files[i] = order.FileSummary{Name: f.Name, Rows: f.Rows, Persons: f.Persons, Bytes: f.Bytes, SHA256: f.SHA256}
	}
	return hash, files, nil
}

// recipientOf is the key that a job is sealed to.
func recipientOf(j works.Packing) string { return cmp.Or(j.Recipient, j.Decision.Scope.Recipient.Key) }

// Reseal implements works.Packer; see [parcel.Reseal].
func (p Packer) Reseal(ctx context.Context, w io.Writer, old io.Reader, r works.Resealing) (canon.Hash, error) {
	signer, err := parcel.ParseSigner(p.Signer)
	if err != nil {
		return "", err
	}
	return parcel.Reseal(ctx, w, old, parcel.Resealing{
		Manifest: r.Manifest, FileKey: r.FileKey, Recipient: r.Recipient, Scratch: r.Scratch, Signer: signer, Sign: p.Sign, Keep: r.Keep,
	})
}

// manifest describes the job and its data files.
func (p Packer) manifest(j works.Packing) (parcel.Manifest, error) {
	to := j.Decision.Scope.Recipient
	key, err := sealed.ParseRecipient(recipientOf(j))
	if err != nil {
		return parcel.Manifest{}, err
	}
	if to.Signer != "" && to.Signer != signed.Fingerprint(p.Signer) {
		f := fault.New("pack.signer", "Beslutet anger en annan undertecknare än det här valvet; mottagaren kunde inte kontrollera paketet.",
			"The decision names another signer than this vault; the recipient could not verify the parcel.").Of(fault.Gate)
		f.Rule, f.Promise = "pack.signer", 13
		return parcel.Manifest{}, f
	}
	m := parcel.Manifest{
		Type: parcel.TypeManifest, Order: j.Order, Project: j.Project, Decision: j.Ref, Scope: j.Decision.ScopeHash, Spec: j.PlanHash,
		Catalogue: j.Plan.Catalogue, Snapshot: plan.Ref{ID: j.Snapshot.ID(), SHA256: j.Snapshot.Hash()}, Synthetic: j.Snapshot.Synthetic(),
		Engine: p.Engine, Kernel: p.Kernel, Recipient: sealed.Fingerprint(key), Signer: p.Signer,
		Domains: append([]string{}, j.Domains...), Egress: append([]order.CheckResult{}, j.Egress...), Counts: append([]order.CountLine{}, j.Counts...),
		Reach: append([]order.Reach(nil), j.Reach...), Compared: j.Compared, Created: j.Created,
	}
	for _, f := range j.Files {
		file, err := p.dataFile(f, j.Plan)
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, file)
	}
	return m, nil
}

// dataFile describes a data file for those who will read it.
func (p Packer) dataFile(f works.File, spec plan.Spec) (parcel.File, error) {
	w := codebook.Written{Name: f.Name, Extract: f.Extract, Rows: f.Rows, Persons: f.Persons, Bytes: f.Bytes, SHA256: f.SHA256}
	for _, c := range f.Columns {
		w.Columns = append(w.Columns, codebook.WrittenColumn(c))
	}
	return codebook.DataFile(w, spec, p.Catalogue)
}

// describe writes codebook and starter code into dir and lists them.
func (p Packer) describe(dir string, m *parcel.Manifest, spec plan.Spec) error {
	book, err := codebook.Make(*m, spec, p.Catalogue)
	if err != nil {
		return err
	}
	files, err := book.Companions()
	if err != nil {
		return err
	}
	for _, x := range files {
		if err := os.WriteFile(filepath.Join(dir, x.Name), x.Data, 0o600); err != nil {
			return fmt.Errorf("pack: %w", err)
		}
		m.Files = append(m.Files, parcel.File{Name: x.Name, Role: x.Role, Bytes: int64(len(x.Data)), SHA256: canon.Sum(x.Data)})
	}
	return nil
}
