package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// An interrupted command says so; everything else stays what it is.
func TestOutcome(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	inside := fmt.Errorf("reading: %w", context.Canceled)
	other := errors.New("disk full")
	for _, tt := range []struct {
		name string
		ctx  context.Context
		err  error
		want string // the beginning of what is told; "" for nothing
		code int
	}{
		{"done", t.Context(), nil, "", 0},
		{"done when the interrupt came", stopped, nil, "", 0},
		{"interrupted", stopped, inside, "interrupted: ", 1},
		{"no room", t.Context(), &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "disk.full: There is no room", 1},
		{"a file too large", t.Context(), fmt.Errorf("copy: %w", syscall.EFBIG), "disk.full: There is no room", 1},
		{"something else failed", stopped, other, "sluss: disk full", 1},
		{"cancelled by nobody outside", t.Context(), inside, "sluss: reading: context canceled", 1},
	} {
		var said bytes.Buffer
		code := Tell(&said, "sluss", outcome(tt.ctx, tt.err))
		if code != tt.code || !strings.HasPrefix(said.String(), tt.want) || tt.want == "" && said.Len() > 0 {
			t.Errorf("%s: exit code %d, %q", tt.name, code, said.String())
		}
	}
}
