//go:build cgo

// Command sluss-hsm lets a hardware module (PKCS#11) hold the vault's root key:
//
//	sluss-engine vault rotate VAULT --command=sluss-hsm --command=--module=LIBRARY --command=--token=NAME --command=--pin-file=FILE
//
// It is the program that package vault speaks to: one line of JSON in, one out,
// then it ends. The key is an AES-256 key that never leaves the module
// (sensitive, not extractable), made at the first use of the name. It wraps by
// AES-GCM with the vault's context bound in.
//
// It is a program of its own because PKCS#11 is a C library: the vault itself
// stays free of cgo. Build it with CGO_ENABLED=1.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/miekg/pkcs11"
)

type cli struct {
	Module  string `required:"" placeholder:"FILE" help:"The module's PKCS#11 library."`
	Token   string `required:"" placeholder:"NAME" help:"Label of the token."`
	Key     string `default:"sluss-root" placeholder:"NAME" help:"Label of the key; it is made when it is not there."`
	PINFile string `name:"pin-file" required:"" placeholder:"FILE" help:"File with the user's PIN."`
}

type request struct {
	Op    string `json:"op"`
	Data  []byte `json:"data"`
	Bound []byte `json:"bound"`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("sluss-hsm"), kong.Description("The vault's root key in a hardware module (docs/operations.md)."))
	out, err := c.run()
	answer := map[string]any{"data": out}
	if err != nil {
		answer = map[string]any{"error": err.Error()} // of the module: codes, never a key
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		os.Exit(1)
	}
}

func (c *cli) run() (out []byte, err error) {
	var in request
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return nil, errors.New("the request cannot be read")
	}
	pin, err := os.ReadFile(c.PINFile)
	if err != nil {
		return nil, errors.New("the file with the PIN cannot be read")
	}
	p := pkcs11.New(c.Module)
	if p == nil {
		return nil, errors.New("the module cannot be loaded")
	}
	defer p.Destroy()
	if err := p.Initialize(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Finalize()) }()
	slot, err := c.slot(p)
	if err != nil {
		return nil, err
	}
	session, err := p.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.CloseSession(session)) }()
	if err := p.Login(session, pkcs11.CKU_USER, strings.TrimSpace(string(pin))); err != nil {
		return nil, err
	}
	key, err := c.key(p, session, in.Op == "encrypt")
	if err != nil {
		return nil, err
	}
	return wrap(p, session, key, in)
}

// slot finds the token by its label.
func (c *cli) slot(p *pkcs11.Ctx) (uint, error) {
	slots, err := p.GetSlotList(true)
	if err != nil {
		return 0, err
	}
	for _, s := range slots {
		info, err := p.GetTokenInfo(s)
		if err == nil && info.Label == c.Token {
			return s, nil
		}
	}
	return 0, errors.New("there is no token of that name")
}

// key finds the key by its label, or makes it.
func (c *cli) key(p *pkcs11.Ctx, session pkcs11.SessionHandle, create bool) (pkcs11.ObjectHandle, error) {
	template := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_LABEL, c.Key)}
	if err := p.FindObjectsInit(session, template); err != nil {
		return 0, err
	}
	found, _, err := p.FindObjects(session, 2)
	if err := errors.Join(err, p.FindObjectsFinal(session)); err != nil {
		return 0, err
	}
	switch {
	case len(found) > 1:
		return 0, fmt.Errorf("two keys are called %s", c.Key)
	case len(found) == 1:
		return found[0], nil
	case !create:
		return 0, errors.New("there is no key of that name")
	}
	return p.GenerateKey(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_KEY_GEN, nil)}, append(template,
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, 32),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true), pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
		pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, true), pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, true)))
}

// nonceSize and tagBits are those of AES-GCM in NIST SP 800-38D.
const (
	nonceSize = 12
	tagBits   = 128
)

// wrap encrypts or decrypts; the nonce comes before the ciphertext.
func wrap(p *pkcs11.Ctx, session pkcs11.SessionHandle, key pkcs11.ObjectHandle, in request) ([]byte, error) {
	if in.Op == "encrypt" {
		nonce, err := p.GenerateRandom(session, nonceSize)
		if err != nil {
			return nil, err
		}
		params := pkcs11.NewGCMParams(nonce, in.Bound, tagBits)
		defer params.Free()
		if err := p.EncryptInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}, key); err != nil {
			return nil, err
		}
		c, err := p.Encrypt(session, in.Data)
		if err != nil {
			return nil, err
		}
		if used := params.IV(); len(used) == nonceSize { // some modules draw their own
			nonce = used
		}
		return append(nonce, c...), nil
	}
	if in.Op != "decrypt" || len(in.Data) < nonceSize {
		return nil, errors.New("the request cannot be carried out")
	}
	params := pkcs11.NewGCMParams(in.Data[:nonceSize], in.Bound, tagBits)
	defer params.Free()
	if err := p.DecryptInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}, key); err != nil {
		return nil, err
	}
	return p.Decrypt(session, in.Data[nonceSize:])
}
