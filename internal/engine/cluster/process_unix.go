//go:build unix

package cluster

import (
	"os/exec"
	"syscall"
)

// own gives the script a process group of its own, so that its Java goes with
// it.
func own(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// end ends the script and what it has started.
func end(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
