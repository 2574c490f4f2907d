package engineroom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/signed"
	"sluss/internal/vault"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// LedgerFile is the vault's own database, in its folder.
const LedgerFile = "ledger.db"

// BackUp makes backups of a vault, with its ledger; see [vault.Copy]. The vault
// may be at work.
func BackUp(ctx context.Context, c vault.Copying) (out vault.Copied, err error) {
	if c.Objects == nil {
		return vault.Copy(ctx, c)
	}
	if _, err := vault.ReadPublic(c.Dir); err != nil {
		return out, err
	}
	work, err := os.MkdirTemp(c.Dir, ".backup-*")
	if err != nil {
		return out, fmt.Errorf("back up: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	into := filepath.Join(work, LedgerFile)
	if err := ledger.Copy(ctx, filepath.Join(c.Dir, LedgerFile), into); err != nil {
		return out, err
	}
	if _, err := os.Stat(into); err == nil {
		c.Ledger = into
	}
	return vault.Copy(ctx, c)
}

// Purges tells which orders have been purged; the counter does.
type Purges interface {
	Purges(ctx context.Context) ([]string, error)
}

// Settle lets a vault that was restored hear what was purged after its backup
// was made, destroy it again, and open the rest. A vault that was not restored
// asks nothing. Each protocol is signed by the vault itself; one that is not is
// refused (settle.protocol), so that nobody else can have anything destroyed. It
// returns how many orders were purged.
func Settle(ctx context.Context, p Purges, v *vault.Vault, m works.Mailroom, r works.Records) (int, error) {
	if !v.Unsettled() {
		return 0, nil
	}
	notes, err := p.Purges(ctx)
	if err != nil {
		return 0, err
	}
	var orders []string
	for _, text := range notes {
		var doc works.PurgeProtocol
		if err := readProtocol(text, v.Public().Signer, &doc); err != nil {
			return 0, err
		}
		if _, err := m.Clear(ctx, doc.Order); err != nil {
			return 0, err
		}
		hash, err := canon.Of(doc)
		if err != nil {
			return 0, err
		}
		entry := works.Protocol{Note: text, Hash: hash, Objects: len(doc.Objects) + len(doc.Media), BackupsUntil: doc.BackupsUntil}
		if err := r.Purge(ctx, doc.Order, entry); err != nil {
			return 0, err
		}
		orders = append(orders, doc.Order)
	}
	_, err = v.Settle(ctx, orders)
	return len(orders), err
}

// readProtocol checks the vault's own signature. Protocols of later programs may
// say more than this one knows.
func readProtocol(text, key string, doc *works.PurgeProtocol) error {
	raw, _, err := signed.Open(text, workorder.TypeProtocol, key)
	if err == nil {
		err = json.Unmarshal(raw, doc)
	}
	if err == nil && strings.TrimSpace(doc.Order) != "" {
		return nil
	}
	return fault.New("settle.protocol", "Disken visade ett gallringsprotokoll som valvet inte har undertecknat.", "The counter showed a purge protocol that the vault has not signed.").
		Of(fault.Gate).Do("Är det rätt disk, och rätt säkerhetskopia?", "Is it the right counter, and the right backup?").Because(err)
}
