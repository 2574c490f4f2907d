package engineroom_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/rig"
	"sluss/internal/workorder"
)

// TestBounds: work ends when it takes more time, disk or memory than it may, and
// goes on when it does not.
func TestBounds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a", "in/b"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 600), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string]struct {
		engineroom.Bounds
		code string
	}{
		"none":      {engineroom.Bounds{Dir: dir}, ""},
		"all wide":  {engineroom.Bounds{Time: time.Hour, Disk: 1200, Memory: 1 << 40, Dir: dir}, ""},
		"time":      {engineroom.Bounds{Time: time.Millisecond, Dir: dir}, "works.too_long"},
		"disk":      {engineroom.Bounds{Disk: 1199, Dir: dir}, "works.too_large"},
		"memory":    {engineroom.Bounds{Memory: 1, Dir: dir}, "works.too_much_memory"},
		"no folder": {engineroom.Bounds{Disk: 1, Dir: filepath.Join(dir, "none")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, done := x.Watch(t.Context())
			defer done()
			if x.code == "" {
				select {
				case <-ctx.Done():
					t.Errorf("ended: %v", context.Cause(ctx))
				case <-time.After(300 * time.Millisecond):
				}
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Second):
				t.Fatal("it goes on")
			}
			f, ok := errors.AsType[*fault.Fault](context.Cause(ctx))
			if !ok || f.Code != x.code || fault.ClassOf(f) == fault.Internal || f.SV == "" || f.EN == "" {
				t.Errorf("%v, want %s", context.Cause(ctx), x.code)
			}
		})
	}
	ctx, done := engineroom.Bounds{Time: time.Hour}.Watch(t.Context())
	done()
	if _, told := errors.AsType[*fault.Fault](context.Cause(ctx)); told || ctx.Err() == nil {
		t.Errorf("after the work: %v", context.Cause(ctx))
	}
}

// TestThreat27WorkOrdersAreBounded: an extraction that goes over a bound is
// refused with the reason and leaves nothing behind, a purge is carried through
// whatever the bounds, and within them the same order is delivered.
func TestThreat27WorkOrdersAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	people, err := os.ReadFile(filepath.Join(h.dir, "src", "population", rig.PopulationIndexed))
	if err != nil {
		t.Fatal(err)
	}
	h.mediumOf(people)
	h.service.Bound = engineroom.Bounds{Memory: 1}.Watch
	spec := h.spec()
	r := h.step(workorder.Extract, func(w *workorder.WorkOrder) {
		w.Acceptance = &workorder.Acceptance{Quote: h.q, By: "r", On: h.now}
		w.Spec = h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: string(order.RoleStatistician), Spec: spec})
	})
	if r.Failed == nil || r.Failed.Code != "works.too_much_memory" || r.Retry != "" {
		t.Fatalf("%+v %+v", r, r.Failed)
	}
	if left, err := os.ReadDir(filepath.Join(h.dir, "vault", "scratch")); err != nil || len(left) != 0 {
		t.Errorf("scratch: %v, %v", left, err)
	}
	h.service.Bound = engineroom.Bounds{Time: time.Hour, Disk: 1 << 30, Memory: 1 << 40, Dir: filepath.Join(h.dir, "vault", "scratch")}.Watch
	if files := h.deliver(); len(files) == 0 {
		t.Error("nothing was delivered within the bounds")
	}
}
