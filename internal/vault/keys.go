package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// The root key wraps one key for each project, the project's key wraps the keys
// of its objects, and an object's key encrypts the object. So a new root key
// costs one small file for each project, and nothing that is stored under the
// objects' keys is written again.

const (
	projectDir    = "projects"
	projectFormat = "sluss/project-key/v1"

	// wrapProject marks a record whose key the project's key wraps. Records of
	// earlier programs were wrapped by the root key itself.
	wrapProject = "project"
)

// projectKey is a file under projects/.
type projectKey struct {
	Format  string `json:"format"`
	Project string `json:"project"`
	Key     []byte `json:"key"` // wrapped by the root key
}

// projectOf is the project of an owner: an order's first number names both.
func projectOf(owner string) string { return strings.TrimPrefix(owner, projectPrefix) }

// boundProject is what a wrapped project key is bound to.
func boundProject(project string) []byte {
	b, _ := canon.JSON(projectKey{Format: projectFormat, Project: project}) // strings alone never fail
	return b
}

func (v *Vault) projectPath(project string) string {
	return filepath.Join(v.dir, projectDir, project+".json")
}

// readProjects opens the keys of all projects with the root key.
func (v *Vault) readProjects() error {
	dir := filepath.Join(v.dir, projectDir)
	if err := os.MkdirAll(dir, 0o700); err != nil { // vaults of earlier programs have none
		return fmt.Errorf("open vault: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	for _, e := range files {
		project, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok { // an interrupted write
			if err := removeFile(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return fmt.Errorf("open vault: %w", err)
		}
		if err := v.addProject(project, b); err != nil {
			return err
		}
	}
	return nil
}

// addProject opens one project's key.
func (v *Vault) addProject(project string, text []byte) error {
	handle, err := unwrapProject(text, project, v.root)
	if f, ok := errors.AsType[*fault.Fault](err); ok { // the key service does not answer
		return f
	}
	if err != nil {
		return damaged("ett projekts nyckel", "a project's key", nil)
	}
	if v.projects[project], err = aead.New(handle); err != nil {
		return damaged("ett projekts nyckel", "a project's key", nil)
	}
	return nil
}

func unwrapProject(text []byte, project string, root tink.AEAD) (*keyset.Handle, error) {
	var k projectKey
	if json.Unmarshal(text, &k) != nil || k.Format != projectFormat || k.Project != project {
		return nil, errors.New("not a project key")
	}
	h := &heard{AEAD: root}
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(k.Key)), h, boundProject(project))
	if err != nil && h.err != nil {
		return nil, h.err
	}
	return handle, err
}

// heard remembers what a key service answered; the keyset's own error has the
// text only.
type heard struct {
	tink.AEAD
	err error
}

func (h *heard) Decrypt(text, bound []byte) (plain []byte, err error) {
	plain, h.err = h.AEAD.Decrypt(text, bound)
	return plain, h.err
}

// writeProject wraps a project's key with the root key and stores it.
func (v *Vault) writeProject(project string, handle *keyset.Handle) error {
	var wrapped bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), v.root, boundProject(project)); err != nil {
		return err
	}
	text, err := canon.JSON(projectKey{projectFormat, project, wrapped.Bytes()})
	if err != nil {
		return err
	}
	return writeWhole(v.projectPath(project), text)
}

// project returns a project's key, and makes one for a new project. The caller
// holds the lock for writing.
func (v *Vault) project(project string) (tink.AEAD, error) {
	if k := v.projects[project]; k != nil {
		return k, nil
	}
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	k, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	if err := v.writeProject(project, handle); err != nil {
		return nil, err
	}
	v.projects[project] = k
	return k, nil
}

// wrapper is the key that wraps a record's.
func (v *Vault) wrapper(rec record) (tink.AEAD, error) {
	if rec.Wrap != wrapProject {
		return v.root, nil
	}
	if k := v.projects[projectOf(rec.Owner)]; k != nil {
		return k, nil
	}
	return nil, errors.New("the project's key is missing")
}

// dropProjects destroys the keys of projects that have no objects left.
func (v *Vault) dropProjects() error {
	used := map[string]bool{}
	for _, rec := range v.objects {
		used[projectOf(rec.Owner)] = true
	}
	for project := range v.projects {
		if used[project] {
			continue
		}
		if err := overwrite(v.projectPath(project)); err != nil {
			return fmt.Errorf("vault: overwrite a project's key: %w", err)
		}
		if err := removeFile(v.projectPath(project)); err != nil {
			return fmt.Errorf("vault: remove a project's key: %w", err)
		}
		delete(v.projects, project)
	}
	return syncDir(filepath.Join(v.dir, projectDir))
}

// Rotated says what a new root key wrapped.
type Rotated struct {
	Projects int // keys of projects
	Objects  int // keys of objects that an earlier program had wrapped with the root key itself
}

// Rotate gives the vault a new root key. While it runs, the old and the new one
// both open everything: a run that is cut short leaves a vault that works, and
// the next run finishes it. No object is written again.
func (v *Vault) Rotate(ctx context.Context) (Rotated, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.rotate(ctx, nil)
}

// Move gives the vault another kind of root key, such as one in a key service.
func (v *Vault) Move(ctx context.Context, to RootSpec) (Rotated, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.rotate(ctx, &to)
}

func (v *Vault) rotate(ctx context.Context, to *RootSpec) (done Rotated, err error) {
	roots, err := readRoots(v.dir)
	if err != nil {
		return done, err
	}
	if roots, err = roots.begin(v.dir, to); err != nil {
		return done, err
	}
	if v.root, err = roots.aead(v.dir); err != nil {
		return done, err
	}
	if err := v.step("root added"); err != nil {
		return done, err
	}
	for _, project := range slices.Sorted(maps.Keys(v.projects)) {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := v.rewrapProject(project); err != nil {
			return done, fmt.Errorf("vault: wrap a project's key: %w", err)
		}
		done.Projects++
		if err := v.step("project wrapped"); err != nil {
			return done, err
		}
	}
	for _, rec := range v.match(func(Object) bool { return true }) {
		if rec.Wrap == wrapProject {
			continue
		}
		if err := errors.Join(ctx.Err(), v.rewrapObject(rec)); err != nil {
			return done, fmt.Errorf("vault: wrap an object's key: %w", err)
		}
		done.Objects++
		if err := v.step("object wrapped"); err != nil {
			return done, err
		}
	}
	if roots, err = roots.end(v.dir); err != nil {
		return done, err
	}
	v.root, err = roots.aead(v.dir)
	return done, err
}

func (v *Vault) rewrapProject(project string) error {
	b, err := os.ReadFile(v.projectPath(project))
	if err != nil {
		return err
	}
	handle, err := unwrapProject(b, project, v.root)
	if err != nil {
		return err
	}
	return v.writeProject(project, handle)
}

// rewrapObject moves a record of an earlier program under its project's key.
func (v *Vault) rewrapObject(rec record) error {
	bound, err := rec.boundKey()
	if err != nil {
		return err
	}
	handle, err := v.unwrapHandle(rec)
	if err != nil {
		return err
	}
	plain, err := v.root.Decrypt(rec.Content, bound)
	if err != nil {
		return err
	}
	var about content
	if err := json.Unmarshal(plain, &about); err != nil {
		return err
	}
	if err := v.writeKey(handle, &rec, about); err != nil {
		return err
	}
	v.objects[rec.ID] = rec
	return nil
}
