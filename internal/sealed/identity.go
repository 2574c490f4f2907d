package sealed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/fault"
)

// maxIdentityFile bounds what is read as an identity file, in bytes.
const maxIdentityFile = 1 << 16

// WriteIdentity writes an identity to a new file that only its owner may read.
// It never writes over a file: that could destroy the only key to a delivery.
// The file is the same as age-keygen's: comments, then the key on a line; or that
// of crypt4gh-keygen --nocrypt.
func WriteIdentity(path, identity string) (err error) {
	recipient, err := RecipientOf(identity)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("sealed.exists", "Filen finns redan och skrivs inte över.", "The file exists already and is not written over.").
			At(fault.Where{File: filepath.Base(path)}).
			Do("Välj ett annat namn.", "Choose another name.")
	}
	if err != nil {
		return unwritable(path, err)
	}
	text := fmt.Sprintf("# public key: %s\n%s\n", recipient, strings.TrimSpace(identity))
	if KindOf(identity) == KindCrypt4GH {
		key, err := c4ghIdentity(identity)
		if err != nil {
			return errors.Join(err, f.Close(), os.Remove(path))
		}
		text = c4ghFile(key)
	}
	_, err = io.WriteString(f, text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(unwritable(path, err), os.Remove(path))
	}
	return nil
}

// ReadIdentity reads the one identity of a file. Blank lines and lines that
// begin with # are passed over.
func ReadIdentity(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		sv, en := "Filen med den hemliga nyckeln kan inte öppnas.", "The file with the secret key cannot be opened."
		if errors.Is(err, fs.ErrNotExist) {
			sv, en = "Filen med den hemliga nyckeln finns inte.", "The file with the secret key does not exist."
		}
		return "", fault.New("sealed.no_identity", sv, en).At(fault.Where{File: filepath.Base(path)}).Because(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxIdentityFile))
	if err == nil && bytes.Contains(text, []byte("-----BEGIN "+c4ghSecretPEM)) {
		identity, err := c4ghFromFile(string(text))
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			return "", f.At(fault.Where{File: filepath.Base(path)})
		}
		return identity, err
	}
	var keys []string
	lines := bufio.NewScanner(io.MultiReader(bytes.NewReader(text), f))
	for n := 0; lines.Scan() && n < maxIdentityFile; n += len(lines.Bytes()) + 1 {
		line := strings.TrimSpace(lines.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			keys = append(keys, line)
		}
	}
	if lines.Err() != nil || len(keys) != 1 {
		return "", badIdentity().At(fault.Where{File: filepath.Base(path)})
	}
	if _, err := RecipientOf(keys[0]); err != nil {
		return "", badIdentity().At(fault.Where{File: filepath.Base(path)})
	}
	return keys[0], nil
}

func unwritable(path string, err error) error {
	return fault.New("sealed.unwritable", "Nyckelfilen kan inte skrivas.", "The key file cannot be written.").
		At(fault.Where{File: filepath.Base(path)}).
		Do("Kontrollera att mappen finns och går att skriva i.", "Check that the folder exists and can be written to.").Because(err)
}
