package engineroom

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/metrics"
	"sync"
	"time"

	"sluss/internal/fault"
)

// Bounds are what the reading of a population or an extraction may take at most.
// A bound that is zero does not bound.
type Bounds struct {
	Time   time.Duration // by the clock
	Disk   int64         // bytes of work in clear, in the folder Dir
	Memory int64         // bytes of memory that the program holds, without files that are mapped
	Dir    string
}

// glance is how often what is used is looked at.
const glance = 100 * time.Millisecond

// Watch is for [works.Service].Bound. The cause of the context's end is a fault:
// works.too_long, works.too_large or works.too_much_memory.
func (b Bounds) Watch(ctx context.Context) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	begun := time.Now()
	if over := b.over(0); over != nil {
		end(over)
	}
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(glance)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if over := b.over(time.Since(begun)); over != nil {
					end(over)
					return
				}
			}
		}
	})
	return ctx, func() { end(nil); watching.Wait() }
}

// over says which bound has been passed after some time, nil when none has.
func (b Bounds) over(after time.Duration) error {
	if b.Time > 0 && after > b.Time {
		return fault.New("works.too_long", fmt.Sprintf("Arbetet tog längre tid än ett uppdrag får ta i valvet (%s).", b.Time), fmt.Sprintf("The work took longer than a work order may take in the vault (%s).", b.Time)).
			Do("Dela uttaget i flera, eller be den som driver valvet att höja gränsen (--job-time).", "Divide the extraction, or ask whoever runs the vault to raise the bound (--job-time).")
	}
	if b.Memory > 0 && held() > b.Memory {
		return fault.New("works.too_much_memory", fmt.Sprintf("Arbetet tog mer minne än ett uppdrag får ta i valvet (%d MB).", b.Memory/1e6), fmt.Sprintf("The work took more memory than a work order may take in the vault (%d MB).", b.Memory/1e6)).
			Do("Dela uttaget i flera, eller be den som driver valvet att höja gränsen (--job-memory).", "Divide the extraction, or ask whoever runs the vault to raise the bound (--job-memory).")
	}
	if b.Disk > 0 && filesIn(b.Dir) > b.Disk {
		return fault.New("works.too_large", fmt.Sprintf("Filerna blev större än ett uppdrags filer får vara i valvet (%d MB).", b.Disk/1e6), fmt.Sprintf("The files became larger than those of a work order may be in the vault (%d MB).", b.Disk/1e6)).
			Do("Dela uttaget i flera, eller be den som driver valvet att höja gränsen (--job-disk).", "Divide the extraction, or ask whoever runs the vault to raise the bound (--job-disk).")
	}
	return nil
}

// held is how many bytes of memory the program holds, as Go's own memory limit
// counts them: files that are mapped are not among them.
func held() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()) - int64(s[1].Value.Uint64())
}

// filesIn is the size of what lies in a folder. What goes away meanwhile does not
// count.
func filesIn(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error { // it returns no error of its own
		if err == nil && !d.IsDir() {
			if s, err := d.Info(); err == nil {
				n += s.Size()
			}
		}
		return nil
	})
	return n
}
