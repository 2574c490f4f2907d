// Package examples holds orders as files: docs/orderfile.md describes the
// format, and tests run every one of them.
package examples

import "embed"

// Files are the example orders and their attachments.
//
//go:embed *.yaml attachments
var Files embed.FS
