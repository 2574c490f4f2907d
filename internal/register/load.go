package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
)

// Options say what to load and where to.
type Options struct {
	From      string             // folder with the source files
	Store     string             // folder of snapshots; made when it is not there
	ID        string             // name of the snapshot; "" makes one of the day
	At        day.Day            // the day whose knowledge the sources hold
	Catalogue *catalog.Catalogue // nil: the built-in one
	Tables    []string           // tables to load; nil: all of the catalogue that have a file
	Without   []string           // TABLE.VARIABLE: columns that files lack from now on, though the snapshot before has values in them
	Changes   bool               // the folder says what has changed since the last load (change.go)
	Memory    int64              // bytes of rows held before they go to disk; 0: 768 MiB
	Workers   int                // 0: 2
	Progress  func(Progress)     // called now and then, from several goroutines; may be nil

	check  func(op string) error // tests make the disk fail with it
	noSync bool                  // tests that do not care about power cuts

	bucketRows int64 // of persons that are merged together; 0: rowsPerBucket
}

// Progress is how far a load has come.
type Progress struct {
	Stage       string // identity, a table's id while it is read, "sort" and its id while it is laid out, verify
	Done, Total int64  // rows, or bytes for verify
}

// Note is what synth.json says beside made-up source files. A folder with one
// is synthetic: its identity numbers must have the deliberately wrong check
// digit, and every file must have the hash that is listed.
type Note struct {
	Synthetic bool         `json:"synthetic"`
	Persons   int          `json:"persons"`
	Seed      uint64       `json:"seed"`
	Wave      int          `json:"wave"` // 1 for the first month, 2 for the next
	At        day.Day      `json:"at"`   // the day whose knowledge the files hold
	Files     []SourceFile `json:"files"`
}

// NoteName is the file name of a [Note].
const NoteName = "synth.json"

// Load makes a snapshot of the source files in o.From. The snapshot is either
// complete and verified by reading it back, or not there at all, however the
// load ends. Input that cannot be used is a fault of class Input.
//
// Only one load at a time can write to a store.
func Load(ctx context.Context, o Options) (*Manifest, error) {
	b := &builder{o: o}
	if err := b.prepare(); err != nil {
		return nil, err
	}
	defer b.cleanUp()
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	return &b.m, nil
}

// builder holds one load.
type builder struct {
	o       Options
	m       Manifest
	note    *Note
	parent  *Snapshot // nil for the first load
	tables  []*catalog.Table
	dir     string // the snapshot while it is not finished
	ids     *Identity
	back    *readback
	release func()

	mu        sync.Mutex  // guards inherited where several files are written at once
	inherited []FileEntry // files shared with the parent

	organisations bool // the last source lists organisations
}

func (b *builder) prepare() (err error) {
	o := &b.o
	if o.Catalogue == nil {
		o.Catalogue = catalog.Builtin()
	}
	if o.Memory == 0 {
		o.Memory = 768 << 20
	}
	if o.Workers == 0 {
		o.Workers = 2
	}
	if o.bucketRows == 0 {
		o.bucketRows = rowsPerBucket
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.check == nil {
		o.check = func(string) error { return nil }
	}
	if o.ID == "" {
		o.ID = "snapshot-" + o.At.String()
	}
	if !idPattern.MatchString(o.ID) {
		return fault.New("register.bad_id", "Ögonblicksbildens namn får bara ha små bokstäver a–z, siffror och bindestreck.", "The name of a snapshot may only have lower-case letters, digits and hyphens.")
	}
	if err := o.checkWithout(); err != nil {
		return err
	}
	if err := b.chooseTables(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Store, 0o700); err != nil {
		return err
	}
	release, ok, err := lockFile(filepath.Join(o.Store, ".lock"))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New("register.busy", "En annan inläsning skriver i samma lager.", "Another load is writing to the same store.").
			Do("Vänta tills den är klar.", "Wait until it has finished.")
	}
	b.release = release
	defer func() {
		if err != nil {
			b.cleanUp()
		}
	}()
	if err := b.findParent(); err != nil {
		return err
	}
	if o.Changes {
		if err := b.chooseChanged(); err != nil {
			return err
		}
	}
	return b.makeFolder()
}

// makeFolder clears what killed loads have left, which holding the lock
// allows, and makes the folder that becomes the snapshot.
func (b *builder) makeFolder() error {
	if err := clearDropped(b.o.Store); err != nil {
		return err
	}
	stale, err := filepath.Glob(filepath.Join(b.o.Store, loadingMark+"*"))
	if err != nil {
		return err
	}
	for _, d := range stale {
		if err := os.RemoveAll(d); err != nil {
			return err
		}
	}
	b.dir = filepath.Join(b.o.Store, loadingMark+b.o.ID)
	for _, d := range []string{b.dir, filepath.Join(b.dir, "spill"), filepath.Join(b.dir, "identity"), filepath.Join(b.dir, "tables")} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return err
		}
	}
	return nil
}

// chooseTables decides which tables are loaded and checks that the folder has
// no Parquet files that the catalogue does not know. Where nobody names the
// tables, those that have a file are loaded: few holders have every register
// of the catalogue. A file that must be there because the note or the snapshot
// before has it is missed later.
func (b *builder) chooseTables() error {
	known := map[string]bool{}
	for name := range b.o.Catalogue.Files {
		known[name+".parquet"] = true
	}
	for i := range b.o.Catalogue.Registers {
		r := &b.o.Catalogue.Registers[i]
		for k := range r.Tables {
			t := &r.Tables[k]
			known[t.ID+".parquet"] = true
			known[t.ID+deletedMark+".parquet"] = b.o.Changes
			if b.o.Tables == nil && b.there(t.ID) || slices.Contains(b.o.Tables, t.ID) {
				b.tables = append(b.tables, t)
			}
		}
	}
	for _, id := range b.o.Tables {
		if _, t := b.o.Catalogue.Table(id); t == nil {
			return unknownFile(id)
		}
	}
	entries, err := os.ReadDir(b.o.From)
	if errors.Is(err, fs.ErrNotExist) {
		return missingFile(filepath.Base(b.o.From))
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".parquet") && !known[e.Name()] {
			return unknownFile(e.Name())
		}
	}
	if err := b.readNote(); err != nil {
		return err
	}
	return b.nothingLost()
}

// there reports whether the folder has the file of a table.
func (b *builder) there(table string) bool {
	_, err := os.Stat(filepath.Join(b.o.From, table+".parquet"))
	return err == nil
}

// nothingLost checks that there is something to load, and that the folder has
// every file that was made together with it.
func (b *builder) nothingLost() error {
	if b.o.Tables != nil {
		return nil
	}
	if !b.o.Changes && len(b.tables) == 0 && len(b.o.Catalogue.Registers) > 0 {
		return missingFile(b.o.Catalogue.Registers[0].Tables[0].ID + ".parquet")
	}
	if b.note == nil {
		return nil
	}
	for _, f := range b.note.Files {
		if _, err := os.Stat(filepath.Join(b.o.From, filepath.Base(f.Name))); err != nil {
			return missingFile(f.Name)
		}
	}
	return nil
}

// readNote reads synth.json if it is there.
func (b *builder) readNote() error {
	raw, err := os.ReadFile(filepath.Join(b.o.From, NoteName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n := &Note{}
	if err := json.Unmarshal(raw, n); err != nil || !n.Synthetic {
		return unreadable(NoteName, err)
	}
	b.note = n
	return nil
}

// findParent opens the store's latest snapshot, if any, and checks that the
// new one can follow it.
func (b *builder) findParent() error {
	all, err := List(b.o.Store)
	if err != nil {
		return err
	}
	b.m = Manifest{
		Format: formatVersion, ID: b.o.ID, Load: 1, LoadedAt: b.o.At, Synthetic: b.note != nil, Rejected: map[string]int{},
		Catalogue: CatalogueRef{b.o.Catalogue.ID, b.o.Catalogue.Version, b.o.Catalogue.Hash()},
	}
	for _, m := range all {
		if m.ID == b.o.ID {
			return fault.New("register.id_taken", fmt.Sprintf("Det finns redan en ögonblicksbild med namnet %s.", m.ID), fmt.Sprintf("There is already a snapshot called %s.", m.ID)).
				Do("Välj ett annat namn med --id.", "Choose another name with --id.")
		}
	}
	gone, err := DroppedFrom(b.o.Store)
	if err != nil {
		return err
	}
	if gone[b.o.ID].ID != "" {
		return fault.New("register.id_taken", fmt.Sprintf("En ögonblicksbild med namnet %s har funnits och tagits bort.", b.o.ID), fmt.Sprintf("There has been a snapshot called %s, which has been dropped.", b.o.ID)).
			Do("Välj ett annat namn med --id.", "Choose another name with --id.")
	}
	if len(all) == 0 {
		return nil
	}
	last := all[len(all)-1]
	switch {
	case last.LoadedAt > b.o.At:
		return fault.New("register.out_of_order", "Dagen ligger före den senaste ögonblicksbildens dag.", "The day lies before the day of the latest snapshot.").
			Do("Läs in källorna i tidsordning.", "Load sources in the order of time.")
	case last.Synthetic != b.m.Synthetic:
		return fault.New("register.mixed", "Påhittade och riktiga uppgifter får inte läsas in i samma lager.", "Synthetic and real data must not be loaded into the same store.")
	case last.Load+1 >= int(stillKnown):
		return fault.New("register.full", "Lagret rymmer inte fler inläsningar.", "The store cannot hold more loads.")
	}
	for _, t := range last.Tables {
		if !b.o.Changes && !slices.ContainsFunc(b.tables, func(c *catalog.Table) bool { return c.ID == t.ID }) {
			return missingFile(t.ID + ".parquet")
		}
	}
	b.m.Load = last.Load + 1
	if b.parent, err = Open(b.o.Store, last.ID); err != nil {
		return err
	}
	b.m.Parent = &ParentRef{last.ID, b.parent.Hash()}
	return nil
}

// cleanUp removes everything that is not a finished snapshot.
func (b *builder) cleanUp() {
	if b.parent != nil {
		b.parent.Close()
		b.parent = nil
	}
	if b.dir != "" {
		removeAll(b.dir, b.o.Workers)
	}
	if b.release != nil {
		b.release()
		b.release = nil
	}
}

// removeAll removes a folder with large files, several at a time: who stops a load of
// many millions of rows waits for nothing else.
func removeAll(dir string, workers int) {
	var files []string
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	_ = inParallel(context.Background(), 2*workers, len(files), func(_ context.Context, i int) error { return os.Remove(files[i]) })
	os.RemoveAll(dir) // and what could not be removed that way
}

func (b *builder) build(ctx context.Context) error {
	b.back = newReadback(ctx, b.dir, b.o.Progress)
	defer b.back.end() // before anything is cleaned up
	fill := b.buildWhole
	if b.o.Changes {
		fill = b.buildChanges
	}
	if err := fill(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(b.dir, "spill")); err != nil {
		return err
	}
	files, err := b.back.wait()
	if err != nil {
		return err
	}
	b.m.Files = append(files, b.inherited...) // those of the parent were read when it was written
	slices.SortFunc(b.m.Files, func(x, y FileEntry) int { return strings.Compare(x.Path, y.Path) })
	return b.publish(ctx)
}

// buildWhole loads a folder that says everything.
func (b *builder) buildWhole(ctx context.Context) error {
	srcs, err := b.openSources()
	defer func() {
		for _, s := range srcs {
			s.close()
		}
	}()
	if err != nil {
		return err
	}
	return b.whileHashing(ctx, srcs, func() error {
		if err := b.loadIdentity(ctx, srcs); err != nil {
			return err
		}
		for i, t := range b.tables {
			if err := b.loadTable(ctx, t, srcs[len(identitySources)+i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// whileHashing hashes the sources while they are loaded. A source that is not the one
// that the note lists is what a load fails for, whatever else it found in it.
func (b *builder) whileHashing(ctx context.Context, srcs []*source, load func() error) error {
	var list []SourceFile
	var hashing errgroup.Group
	hashing.Go(func() (err error) {
		list, err = b.hashSources(ctx, srcs)
		return err
	})
	err := load()
	if other := hashing.Wait(); other != nil {
		return other
	}
	b.m.Sources = list
	return err
}

// identitySources are the files of the identity register, in the order in
// which openSources returns them, before the tables.
var identitySources = [...]string{"person", "identity", "relation"}

func (b *builder) openSources() (list []*source, err error) {
	open := func(name string, want []catalog.Variable) {
		if err == nil {
			var s *source
			if s, err = openSource(b.o.From, name+".parquet", want); s != nil {
				list = append(list, s)
			}
		}
	}
	for _, name := range identitySources {
		open(name, b.o.Catalogue.Files[name].Columns)
	}
	for _, t := range b.tables {
		open(t.ID, newLayout(t).wanted())
	}
	if f, ok := b.o.Catalogue.Files[organisationSource]; ok && b.there(organisationSource) {
		open(organisationSource, f.Columns)
		b.organisations = true
	}
	return list, err
}

// organisationSource is the file of organisations, which a folder may have: it
// stands last among the sources.
const organisationSource = "organisation"

// hashSources hashes every source file once and compares it with the note of
// synthetic data.
func (b *builder) hashSources(ctx context.Context, srcs []*source) ([]SourceFile, error) {
	var out []SourceFile
	for _, s := range srcs {
		if slices.ContainsFunc(out, func(f SourceFile) bool { return f.Name == s.name }) {
			continue // person is both identity and table
		}
		sum, n, err := hashFile(ctx, filepath.Join(b.o.From, s.name), func(int) {})
		if err != nil {
			return nil, err
		}
		out = append(out, SourceFile{s.name, n, sum, s.rows()})
		if b.note == nil {
			continue
		}
		k := slices.IndexFunc(b.note.Files, func(f SourceFile) bool { return f.Name == s.name })
		if k < 0 || b.note.Files[k].SHA256 != sum {
			return nil, otherFile(s.name)
		}
	}
	slices.SortFunc(out, func(a, b SourceFile) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// publish writes the manifest, checks the whole by opening it, and gives the
// folder its name, which is what makes it a snapshot.
func (b *builder) publish(ctx context.Context) error {
	raw, err := canon.JSON(b.m)
	if err != nil {
		return err
	}
	hash := canon.Sum(raw)
	for _, f := range []struct {
		name string
		b    []byte
	}{{manifestName, raw}, {hashName, []byte(hash + "\n")}} {
		if err := b.o.check("manifest"); err != nil {
			return err
		}
		if err := b.writeFile(f.name, f.b); err != nil {
			return err
		}
	}
	if err := b.tryOut(hash); err != nil {
		return err
	}
	for _, d := range append(subfolders(b.dir), b.dir) {
		if err := syncDir(d); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.o.check("rename"); err != nil {
		return err
	}
	if err := os.Rename(b.dir, filepath.Join(b.o.Store, b.o.ID)); err != nil {
		return err
	}
	b.dir = ""
	return syncDir(b.o.Store)
}

// tryOut opens the unpublished snapshot and checks that its parts agree.
func (b *builder) tryOut(hash canon.Hash) error {
	s, err := openDir(b.dir)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.hash != hash {
		return errors.New("register: the manifest was not written as meant")
	}
	return s.reconcile()
}

// writeFile writes a small file of the snapshot and brings it to the disk.
func (b *builder) writeFile(name string, content []byte) error {
	f, err := os.OpenFile(filepath.Join(b.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil && !b.o.noSync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func subfolders(dir string) []string {
	var out []string
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && path != dir {
			out = append(out, path)
		}
		return nil
	})
	return out
}

// DefaultDay returns the day that a load of the folder dir should be given
// where nobody names one: the day in the note of synthetic data, else today.
func DefaultDay(dir string, now time.Time) day.Day {
	var n Note
	if raw, err := os.ReadFile(filepath.Join(dir, NoteName)); err == nil && json.Unmarshal(raw, &n) == nil && n.At != 0 {
		return n.At
	}
	y, m, d := now.Date()
	return day.Of(y, int(m), d)
}
