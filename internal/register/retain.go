package register

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
)

// Beside its snapshots a store has folders of small notes, and folders of
// snapshots that are being dropped:
//
//	.kept/ID.json       somebody has said that the snapshot shall stay, and why
//	.dropped/ID.json    what a dropped snapshot was: its name is not used again
//	.users/NAME.json    a vault that extracts from the store, and where it lies
//	.dropping-ID        the files of a snapshot that is on its way out
const (
	keptNotes    = ".kept"
	droppedNotes = ".dropped"
	userNotes    = ".users"
	droppingMark = ".dropping-"
)

// Kept says that a snapshot shall stay.
type Kept struct {
	ID  string  `json:"id"`
	Why string  `json:"why"`
	On  day.Day `json:"on"`
}

// Dropped is what remains of a snapshot: enough to prove what a delivery was
// made from, nothing of its content.
type Dropped struct {
	ID       string     `json:"id"`
	SHA256   canon.Hash `json:"sha256"` // of its manifest
	Load     int        `json:"load"`
	LoadedAt day.Day    `json:"loaded_at"`
	On       day.Day    `json:"on"`
}

// User is a vault that extracts from the store. Name is of its public key.
type User struct {
	Name   string `json:"name"`
	Folder string `json:"folder"`
}

// Pins returns, for each snapshot that somebody needs, the orders that do.
type Pins func() (map[string][]string, error)

// Keep notes that a snapshot shall stay until [Unkeep].
func Keep(store, id, why string, on day.Day) error {
	if strings.TrimSpace(why) == "" {
		return fault.New("register.keep_why", "Säg varför ögonblicksbilden ska vara kvar.", "Say why the snapshot shall stay.")
	}
	if _, err := find(store, id); err != nil {
		return err
	}
	return writeNote(store, keptNotes, id, Kept{id, why, on})
}

// Unkeep takes the note of [Keep] away; without one it changes nothing.
func Unkeep(store, id string) error {
	if _, err := find(store, id); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(store, keptNotes, id+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// KeptIn returns the notes of snapshots that shall stay, by name.
func KeptIn(store string) (map[string]Kept, error) {
	out := map[string]Kept{}
	err := readNotes(store, keptNotes, func(k Kept) { out[k.ID] = k })
	return out, err
}

// NoteUser notes that a vault extracts from the store.
func NoteUser(store string, u User) error {
	if !idPattern.MatchString(u.Name) {
		return errors.New("register: a vault's note needs a name")
	}
	return writeNote(store, userNotes, u.Name, u)
}

// Users returns the vaults that extract from the store.
func Users(store string) ([]User, error) {
	var out []User
	err := readNotes(store, userNotes, func(u User) { out = append(out, u) })
	return out, err
}

// DroppedFrom returns what has been dropped from the store, by name.
func DroppedFrom(store string) (map[string]Dropped, error) {
	out := map[string]Dropped{}
	err := readNotes(store, droppedNotes, func(d Dropped) { out[d.ID] = d })
	return out, err
}

// Drop removes a snapshot for good. Refused, with a fault of class Gate, are the
// newest one, which the next load is compared with, one that is kept, and one
// that an open order pins: its files must come out with the same bytes if they
// are made again (promise 15).
//
// The folder is first taken out of sight, then pins are asked for once more, then
// a note of what it was is written, and then the files go. However a run ends, a
// snapshot is there whole or not at all, and the next run finishes what was begun.
func Drop(store, id string, on day.Day, pins Pins) error {
	release, ok, err := lockFile(filepath.Join(store, ".lock"))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New("register.busy", "En annan inläsning skriver i samma lager.", "Another load is writing to the same store.").
			Do("Vänta tills den är klar.", "Wait until it has finished.")
	}
	defer release()
	return drop(store, id, on, pins, func(string) error { return nil })
}

// drop is Drop under the lock; at is called before each step, for tests.
func drop(store, id string, on day.Day, pins Pins, at func(step string) error) error {
	if err := finishDropping(store, on, pins, at); err != nil {
		return err
	}
	if gone, err := DroppedFrom(store); err != nil || gone[id].ID != "" {
		return err // by an earlier run
	}
	if err := mayGo(store, id, pins); err != nil {
		return err
	}
	if err := at("hide"); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(store, id), filepath.Join(store, droppingMark+id)); err != nil {
		return err
	}
	if err := syncDir(store); err != nil {
		return err
	}
	if err := finishDropping(store, on, pins, at); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(store, id)); err == nil {
		return mayGo(store, id, pins) // an order came in between
	}
	return nil
}

// mayGo refuses to drop what is needed.
func mayGo(store, id string, pins Pins) error {
	all, err := List(store)
	if err != nil {
		return err
	}
	if _, err := find(store, id); err != nil {
		return err
	}
	refuse := func(rule, sv, en string) *fault.Fault {
		f := fault.New("register."+rule, sv, en).Of(fault.Gate)
		f.Rule, f.Promise = rule, 15
		return f
	}
	if all[len(all)-1].ID == id {
		return refuse("newest", "Den senaste ögonblicksbilden kan inte tas bort: nästa inläsning jämförs med den.", "The newest snapshot cannot be dropped: the next load is compared with it.")
	}
	kept, err := KeptIn(store)
	if err != nil {
		return err
	}
	if k, ok := kept[id]; ok {
		return refuse("kept", "Ögonblicksbilden ska vara kvar: "+k.Why+".", "The snapshot shall stay: "+k.Why+".").
			Do("Ta bort anteckningen med sluss-engine snapshots keep --end.", "Take the note away with sluss-engine snapshots keep --end.")
	}
	pinned, err := pins()
	if err != nil {
		return err
	}
	if orders := pinned[id]; len(orders) > 0 {
		list := strings.Join(orders, ", ")
		return refuse("pinned", "Ögonblicksbilden behövs av öppna beställningar: "+list+".", "The snapshot is needed by open orders: "+list+".").
			Do("Den kan tas bort när de har gallrats.", "It can be dropped when they have been purged.")
	}
	return nil
}

// finishDropping carries on with what earlier runs began: a snapshot that an
// order has come to need meanwhile comes back, unless its files have begun to go.
func finishDropping(store string, on day.Day, pins Pins, at func(step string) error) error {
	folders, err := filepath.Glob(filepath.Join(store, droppingMark+"*"))
	if err != nil || len(folders) == 0 {
		return err
	}
	gone, err := DroppedFrom(store)
	if err != nil {
		return err
	}
	pinned, err := pins()
	if err != nil {
		return err
	}
	for _, dir := range folders {
		id := strings.TrimPrefix(filepath.Base(dir), droppingMark)
		if gone[id].ID == "" {
			if len(pinned[id]) > 0 {
				if err := os.Rename(dir, filepath.Join(store, id)); err != nil {
					return err
				}
				continue
			}
			if err := at("note"); err != nil {
				return err
			}
			if err := noteDropped(store, dir, id, on); err != nil {
				return err
			}
		}
		if err := removeFiles(dir, at); err != nil {
			return err
		}
	}
	return syncDir(store)
}

// noteDropped writes down what the snapshot in dir was.
func noteDropped(store, dir, id string, on day.Day) error {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return err
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return damaged(id, manifestName, err)
	}
	return writeNote(store, droppedNotes, id, Dropped{id, canon.Sum(raw), m.Load, m.LoadedAt, on})
}

// removeFiles removes a folder file by file.
func removeFiles(dir string, at func(step string) error) error {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if err := at("remove"); err != nil {
			return err
		}
		return os.Remove(path)
	})
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// clearDropped removes what is left of snapshots whose dropping was decided.
// The caller holds the store's lock.
func clearDropped(store string) error {
	gone, err := DroppedFrom(store)
	if err != nil {
		return err
	}
	for id := range gone {
		if err := os.RemoveAll(filepath.Join(store, droppingMark+id)); err != nil {
			return err
		}
	}
	return nil
}

// find returns the manifest of a snapshot.
func find(store, id string) (Manifest, error) {
	all, err := List(store)
	if err != nil {
		return Manifest{}, err
	}
	at := slices.IndexFunc(all, func(m Manifest) bool { return m.ID == id })
	if at < 0 {
		return Manifest{}, noSnapshot(id)
	}
	return all[at], nil
}

// writeNote writes a small file of the store, whole or not at all.
func writeNote(store, folder, name string, note any) error {
	raw, err := json.Marshal(note)
	if err != nil {
		return err
	}
	dir := filepath.Join(store, folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-")
	if err != nil {
		return err
	}
	_, err = f.Write(append(raw, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name+".json"))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncDir(dir)
}

func readNotes[T any](store, folder string, yield func(T)) error {
	files, err := filepath.Glob(filepath.Join(store, folder, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var note T
		if err := json.Unmarshal(raw, &note); err != nil {
			return fmt.Errorf("register: the note %s cannot be read: %w", filepath.Join(folder, filepath.Base(name)), err)
		}
		yield(note)
	}
	return nil
}
