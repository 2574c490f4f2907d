package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
)

// Copy writes a ledger file, which another process may have open, whole and
// consistent into a new file.
func Copy(ctx context.Context, file, into string) error {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil // a vault that has not worked yet
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return fmt.Errorf("copy ledger: %w", err)
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, into); err != nil {
		return errors.Join(fmt.Errorf("copy ledger: %w", err), db.Close())
	}
	return errors.Join(db.Close(), os.Chmod(into, 0o600))
}
