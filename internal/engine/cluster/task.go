package cluster

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
	"sluss/internal/plan"
)

// taskFormat is the version of task files and of what goes through the pipe.
const taskFormat = 1

// Task is the work on one table, as the processes of the cluster read it from a
// file. It holds no person's data.
type Task struct {
	Format   int         `json:"format"`
	Snapshot string      `json:"snapshot"`
	Day      day.Day     `json:"day"`
	Table    TableLayout `json:"table"`
	// Filters are tests on rows that the cluster may make beforehand.
	Filters    []embedded.Filter `json:"filters"`
	Anchors    int               `json:"anchors"`
	Partitions int               `json:"partitions"`
	// Spec is the specification with the extracts of this table only.
	Spec      plan.Spec          `json:"spec"`
	Scope     plan.Scope         `json:"scope"`
	Catalogue *catalog.Catalogue `json:"catalogue"`

	extracts []int // places of the extracts in the whole specification
	hash     canon.Hash
}

// tasks adds the tasks of a job to w.
func (e *Engine) tasks(w *Work, j engine.Job, filters func(table string) []embedded.Filter) error {
	byTable := map[string]*Task{}
	for i, x := range j.Spec.Extracts {
		t := byTable[x.Table]
		if t == nil {
			t = &Task{
				Format: taskFormat, Snapshot: e.Layout.Snapshot, Day: e.Layout.Day, Filters: filters(x.Table), Partitions: max(e.Partitions, 1),
				Spec: j.Spec, Scope: j.Scope, Catalogue: j.Catalogue,
			}
			layout := e.Layout.Table(x.Table)
			if layout == nil {
				return fmt.Errorf("cluster: the layout lacks table %s", x.Table)
			}
			t.Table, t.Spec.Extracts = *layout, nil
			if len(w.Seats) > 0 {
				t.Anchors = len(w.Seats[0].Anchors)
			}
			byTable[x.Table] = t
			w.Tasks = append(w.Tasks, t)
		}
		t.Spec.Extracts, t.extracts = append(t.Spec.Extracts, x), append(t.extracts, i)
	}
	return nil
}

// seal returns the task as the file that processes read, and remembers its
// hash: processes say which one they worked on.
func (t *Task) seal() ([]byte, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	t.hash = canon.Sum(b)
	return b, nil
}

// ReadTask reads a task file.
func ReadTask(b []byte) (*Task, error) {
	t := &Task{}
	if err := json.Unmarshal(b, t); err != nil || t.Format != taskFormat || t.Catalogue == nil {
		return nil, fault.New("cluster.task", "Filen är ingen uppgift som det här programmet utför.", "The file is no task that this program carries out.").
			Do("Använd samma version av sluss-engine i valvet och i klustret.", "Use the same version of sluss-engine in the vault and in the cluster.")
	}
	t.hash = canon.Sum(b)
	return t, nil
}

func ascending(seen map[uint32]bool, keep func(uint32) bool) []uint32 {
	var out []uint32
	for _, p := range slices.Sorted(maps.Keys(seen)) {
		if keep(p) {
			out = append(out, p)
		}
	}
	return out
}
