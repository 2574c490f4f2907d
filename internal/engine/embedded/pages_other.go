//go:build !linux

package embedded

func inLargePages([]byte) {}
