package sftp

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	"sluss/internal/fault"
)

// leastRSA is the size in bits of the shortest RSA key that is accepted.
const leastRSA = 3072

// Usable refuses a key that people may not come with: certificates, DSA, short
// RSA keys.
func Usable(key ssh.PublicKey) error {
	switch key.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256:
		return nil
	case ssh.KeyAlgoRSA:
		if c, ok := key.(ssh.CryptoPublicKey); ok {
			if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok && k.N.BitLen() >= leastRSA {
				return nil
			}
		}
	}
	return errWeak
}

// ParseKey reads a person's public key as ssh-keygen writes it: one line, with a
// comment or without. Fault: sftp.key.
func ParseKey(raw []byte) (ssh.PublicKey, error) {
	bad := func(sv, en string, err error) (ssh.PublicKey, error) {
		return nil, fault.New("sftp.key", sv, en).Do("Skicka den publika halvan (.pub) av en nyckel gjord med ssh-keygen -t ed25519.", "Send the public half (.pub) of a key made with ssh-keygen -t ed25519.").Because(err)
	}
	if bytes.Contains(raw, []byte("PRIVATE KEY")) {
		return bad("Det här är den hemliga halvan av nyckeln. Lämna den aldrig ifrån dig; gör en ny.", "This is the secret half of the key. Never hand it over; make a new one.", nil)
	}
	key, _, options, rest, err := ssh.ParseAuthorizedKey(raw)
	switch {
	case err != nil:
		return bad("Filen är ingen publik SSH-nyckel.", "The file is no public SSH key.", err)
	case len(options) > 0 || len(bytes.TrimSpace(rest)) > 0:
		return bad("Filen har mer än en nyckel på en rad.", "The file has more than one key on one line.", nil)
	case Usable(key) != nil:
		return bad("Nyckelns slag tas inte emot: Ed25519, ECDSA eller RSA på minst 3072 bitar.", "This kind of key is not accepted: Ed25519, ECDSA, or RSA of at least 3072 bits.", nil)
	}
	return key, nil
}

// HostKey reads the server's own key, or makes it (Ed25519) with its public half
// beside it, file with .pub for its ending.
func HostKey(file string) (ssh.Signer, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newHostKey(file)
	}
	if err != nil {
		return nil, hostFault(file, err)
	}
	key, err := ssh.ParsePrivateKey(raw)
	if err != nil {
		return nil, hostFault(file, err)
	}
	return key, nil
}

func hostFault(file string, err error) error {
	return fault.New("sftp.host_key", "Nyckeln för SFTP går inte att läsa.", "The key for SFTP cannot be read.").
		At(fault.Where{File: filepath.Base(file)}).Do("Lägg tillbaka den ur säkerhetskopian; utan den varnas alla som hämtar.", "Put it back from the backup; without it everybody who fetches is warned.").Because(err)
}

func newHostKey(file string) (ssh.Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "sluss")
	if err != nil {
		return nil, err
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".sftp-*") // 0600
	if err != nil {
		return nil, hostFault(file, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(pem.EncodeToMemory(block))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, hostFault(file, err)
	}
	switch err := os.Link(f.Name(), file); {
	case errors.Is(err, fs.ErrExist):
		return HostKey(file) // another program has made it meanwhile
	case err != nil:
		return nil, hostFault(file, err)
	}
	public := file[:len(file)-len(filepath.Ext(file))] + ".pub"
	return key, os.WriteFile(public, ssh.MarshalAuthorizedKey(key.PublicKey()), 0o644)
}
