package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// rootPatience bounds one answer of a key service or a program.
const rootPatience = 20 * time.Second

// transit is a root key in a key service that speaks the HTTP interface of
// HashiCorp Vault's transit engine (OpenBao has the same): the key never leaves
// it. The key is of a type that takes associated data (aes256-gcm96,
// chacha20-poly1305).
//
// Source: developer.hashicorp.com/vault/api-docs/secret/transit, encrypt and
// decrypt data.
type transit struct {
	base  *url.URL
	key   string
	token string
	http  *http.Client
}

func newTransit(s RootSpec) (*transit, error) {
	bad := func(sv, en string, err error) error { return rootFault("transit", sv, en, err) }
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || s.Key == "" || checkWord(s.Key) != nil {
		return nil, bad("Nyckeltjänstens adress eller nyckelns namn går inte att använda.", "The address of the key service or the name of the key cannot be used.", nil)
	}
	if h := u.Hostname(); u.Scheme != "https" && (u.Scheme != "http" || h != "127.0.0.1" && h != "::1" && h != "localhost") {
		return nil, bad("Nyckeltjänsten nås med https, eller med http på den här datorn.", "The key service is reached by https, or by http on this machine.", nil)
	}
	token, err := os.ReadFile(s.Token)
	if err != nil || len(bytes.TrimSpace(token)) == 0 {
		return nil, bad("Filen med nyckeltjänstens lösenord går inte att läsa.", "The file with the token of the key service cannot be read.", err)
	}
	return &transit{u, s.Key, string(bytes.TrimSpace(token)), &http.Client{
		Timeout:       rootPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it would carry the token elsewhere
	}}, nil
}

func (t *transit) call(what string, in map[string]string) (map[string]json.RawMessage, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), rootPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base.JoinPath("v1", "transit", what, t.key).String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Vault-Token", t.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := t.http.Do(req)
	if err != nil {
		return nil, rootFault("unreachable", "Nyckeltjänsten svarar inte.", "The key service does not answer.", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, rootFault("refused", "Nyckeltjänsten säger nej.", "The key service refuses.", fmt.Errorf("status %d", res.StatusCode)) // its text could quote what was sent
	}
	var answer struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	err = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&answer)
	return answer.Data, err
}

func (t *transit) Encrypt(plain, bound []byte) ([]byte, error) {
	data, err := t.call("encrypt", map[string]string{
		"plaintext": base64.StdEncoding.EncodeToString(plain), "associated_data": base64.StdEncoding.EncodeToString(bound),
	})
	if err != nil {
		return nil, err
	}
	var text string
	if err := json.Unmarshal(data["ciphertext"], &text); err != nil || text == "" {
		return nil, errors.New("the key service answered without a ciphertext")
	}
	return []byte(text), nil
}

func (t *transit) Decrypt(text, bound []byte) ([]byte, error) {
	if !bytes.HasPrefix(text, []byte("vault:")) {
		return nil, errors.New("not wrapped by a key service")
	}
	data, err := t.call("decrypt", map[string]string{"ciphertext": string(text), "associated_data": base64.StdEncoding.EncodeToString(bound)})
	if err != nil {
		return nil, err
	}
	var plain []byte // JSON has it in base64
	if err := json.Unmarshal(data["plaintext"], &plain); err != nil {
		return nil, errors.New("the key service answered without a plaintext")
	}
	return plain, nil
}

// command is a root key behind a program of its own: sluss-hsm for hardware
// modules, or an authority's. It is started for each call, reads one line of
// JSON and writes one:
//
//	{"op":"encrypt","data":"base64","bound":"base64"}   or "decrypt"
//	{"data":"base64"}                                    or {"error":"what"}
type command struct{ args []string }

func newCommand(s RootSpec) (*command, error) {
	if len(s.Command) == 0 || s.Command[0] == "" {
		return nil, rootFault("command", "Inget program är angivet.", "No program is named.", nil)
	}
	return &command{s.Command}, nil
}

func (c *command) call(op string, data, bound []byte) ([]byte, error) {
	in, err := json.Marshal(map[string]any{"op": op, "data": data, "bound": bound})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), rootPatience)
	defer cancel()
	run := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	run.Stdin = bytes.NewReader(append(in, '\n'))
	out, err := run.Output()
	if err != nil {
		return nil, rootFault("unreachable", "Programmet för rotnyckeln svarar inte.", "The program of the root key does not answer.", err)
	}
	var answer struct {
		Data  []byte `json:"data"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Error != "" || answer.Data == nil {
		return nil, rootFault("refused", "Programmet för rotnyckeln säger nej.", "The program of the root key refuses.", errors.New(strings.TrimSpace(answer.Error)))
	}
	return answer.Data, nil
}

func (c *command) Encrypt(plain, bound []byte) ([]byte, error) {
	return c.call("encrypt", plain, bound)
}

func (c *command) Decrypt(text, bound []byte) ([]byte, error) { return c.call("decrypt", text, bound) }
