// Package sealed closes files so that one key alone opens them again.
//
// A sealed file is a plain age file (age-encryption.org/v1) to one X25519 key, or
// a plain Crypt4GH file to a key of that kind: [Seal] and [SealKept] write it,
// [Open] reads it, and so does any other program for the format. A key
// pair is made by [GenerateIdentity]: the identity (AGE-SECRET-KEY-1…) is kept
// secret by whoever shall open, the recipient (age1…) is handed to whoever
// shall seal. People compare keys by [Fingerprint].
//
// Both programs use this package, and it keeps no secret of its own. Age proves
// that a file is whole and unchanged, not who sealed it; a signature beside the
// file says that (package parcel). Crypt4GH proves of each segment that it is
// unchanged, not that all of them are there.
//
// Nothing that Open returns may be used before its reader has reached io.EOF:
// only then is it known that an age file was not cut. A Crypt4GH file needs the
// proof of a package around it.
package sealed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"

	"sluss/internal/fault"
	"sluss/internal/signed"
)

// header begins every age file.
const header = "age-encryption.org/v1\n"

// HeadSize is how many bytes [IsSealed] wants to see.
const HeadSize = len(header)

// IsSealed reports whether a file that begins with head is a sealed one.
func IsSealed(head []byte) bool {
	return bytes.HasPrefix(head, []byte(header)) || bytes.HasPrefix(head, []byte(c4ghMagic+"\x01\x00\x00\x00"))
}

// GenerateIdentity makes a new key pair.
func GenerateIdentity() (identity, recipient string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return id.String(), id.Recipient().String(), nil
}

// ParseRecipient checks the public key that files are sealed to and returns it
// without surrounding space. Its fault is sealed.recipient.
func ParseRecipient(text string) (string, error) {
	if KindOf(text) == KindCrypt4GH {
		key, err := c4ghPublic(text)
		if err != nil {
			return "", err
		}
		return c4ghText(key), nil
	}
	r, err := age.ParseX25519Recipient(strings.TrimSpace(text))
	if err != nil {
		f := fault.New("sealed.recipient", "Mottagarens nyckel går inte att läsa.", "The recipient's key cannot be read.")
		if strings.Contains(text, "AGE-SECRET-KEY-") {
			return "", f.Do("Det här är den hemliga nyckeln. Använd den publika, som börjar på age1, och byt nyckel om den hemliga har skickats någonstans.",
				"This is the secret key. Use the public one, which begins age1, and change keys if the secret one has been sent anywhere.")
		}
		return "", f.Do("En publik nyckel börjar på age1 och är 62 tecken lång.", "A public key begins age1 and is 62 characters long.")
	}
	return r.String(), nil
}

// RecipientOf returns the public key of an identity. Its fault is
// sealed.identity; neither it nor its cause repeats the identity.
func RecipientOf(identity string) (string, error) {
	if KindOf(identity) == KindCrypt4GH {
		key, err := c4ghIdentity(identity)
		if err != nil {
			return "", err
		}
		return c4ghText(key.PublicKey()), nil
	}
	id, err := age.ParseX25519Identity(strings.TrimSpace(identity))
	if err != nil {
		return "", badIdentity()
	}
	return id.Recipient().String(), nil
}

// Fingerprint is what people compare: 32 hexadecimal digits of the public
// key's SHA-256 in groups of four, as for signing keys.
func Fingerprint(recipient string) string { return signed.Fingerprint(recipient) }

// Seal seals to an age key, which shows when a file has been cut; a key of another
// kind is the fault sealed.recipient_kind. It returns a writer whose content only the holder of the recipient's
// identity can read from w. The file is whole once the writer is closed; w is
// not closed with it.
func Seal(w io.Writer, recipient string) (io.WriteCloser, error) {
	if KindOf(recipient) != KindAge {
		return nil, fault.New("sealed.recipient_kind", "Den här filen förseglas till en age-nyckel; bara leveranser förseglas till andra.", "This file is sealed to an age key; only deliveries are sealed to others.").
			Do("Ange en publik nyckel som börjar på age1.", "Give a public key that begins age1.")
	}
	out, _, err := SealKept(w, recipient)
	return out, err
}

// SealKept is [Seal] to a key of any kind, for what is shown to be whole by other
// means. It also hands out the key of this one file, sixteen
// bytes (Crypt4GH: thirty-two). Whoever keeps it can read the file with [OpenKept] without the
// recipient's identity, and no other file.
func SealKept(w io.Writer, recipient string) (io.WriteCloser, []byte, error) {
	text, err := ParseRecipient(recipient)
	if err != nil {
		return nil, nil, err
	}
	if KindOf(text) == KindCrypt4GH {
		key, err := c4ghPublic(text)
		if err != nil {
			return nil, nil, err
		}
		out, err := c4ghNew(w, key)
		if err != nil {
			return nil, nil, err
		}
		return out, bytes.Clone(out.key), nil
	}
	r, err := age.ParseX25519Recipient(text)
	if err != nil {
		return nil, nil, err
	}
	k := &keeper{Recipient: r}
	out, err := age.Encrypt(w, k)
	return out, k.key, err
}

// keeper wraps a file's key for a recipient and remembers it.
type keeper struct {
	age.Recipient
	key []byte
}

func (k *keeper) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	k.key = bytes.Clone(fileKey)
	return k.Recipient.Wrap(fileKey)
}

// OpenKept is [Open] with the key that [SealKept] handed out. Another file's key
// is the fault sealed.broken.
func OpenKept(r io.Reader, fileKey []byte) (io.Reader, error) {
	src := &source{r: r}
	head := bufio.NewReader(src)
	var plain io.Reader
	var err error
	if begins, _ := head.Peek(len(c4ghMagic)); string(begins) == c4ghMagic {
		plain, err = c4ghOpen(head, nil, bytes.Clone(fileKey))
	} else {
		plain, err = age.Decrypt(head, fileOnly(fileKey))
	}
	if err != nil {
		return nil, src.explain(err)
	}
	return &content{plain, src}, nil
}

// fileOnly is an identity that opens one file.
type fileOnly []byte

func (k fileOnly) Unwrap([]*age.Stanza) ([]byte, error) { return bytes.Clone(k), nil }

// Open returns a reader of the content of the sealed file r.
//
// Faults, also of the reader it returns: sealed.identity (no identity),
// sealed.not_sealed (not an age file), sealed.wrong_key (sealed to another
// key) and sealed.broken (cut or changed). An error of r itself is returned as
// it is.
func Open(r io.Reader, identity string) (io.Reader, error) {
	if KindOf(identity) == KindCrypt4GH {
		return openCrypt4GH(r, identity)
	}
	id, err := age.ParseX25519Identity(strings.TrimSpace(identity))
	if err != nil {
		return nil, badIdentity()
	}
	src := &source{r: r}
	head := make([]byte, HeadSize)
	n, _ := io.ReadFull(src, head)
	if src.err != nil {
		return nil, src.err
	}
	if n == 0 || !strings.HasPrefix(header, string(head[:n])) {
		if string(head[:min(n, len(c4ghMagic))]) == c4ghMagic {
			return nil, src.explain(errC4GHOther)
		}
		return nil, notSealed()
	}
	plain, err := age.Decrypt(io.MultiReader(bytes.NewReader(head[:n]), src), id)
	if err != nil {
		return nil, src.explain(err)
	}
	return &content{plain, src}, nil
}

// openCrypt4GH is [Open] of a Crypt4GH file.
func openCrypt4GH(r io.Reader, identity string) (io.Reader, error) {
	key, err := c4ghIdentity(identity)
	if err != nil {
		return nil, err
	}
	src := &source{r: r}
	in := bufio.NewReaderSize(src, c4ghSegment+c4ghOverhead)
	if head, _ := in.Peek(len(c4ghMagic)); src.err != nil {
		return nil, src.err
	} else if string(head) != c4ghMagic {
		if strings.HasPrefix(header, string(head)) && len(head) > 0 {
			return nil, src.explain(errC4GHOther) // an age file
		}
		return nil, notSealed()
	}
	plain, err := c4ghOpen(in, key, nil)
	if err != nil {
		return nil, src.explain(err)
	}
	return &content{plain, src}, nil
}

func notSealed() *fault.Fault {
	return fault.New("sealed.not_sealed", "Filen är inte förseglad.", "The file is not sealed.").
		Do("Kontrollera att det är rätt fil.", "Check that it is the right file.")
}

// source remembers what went wrong below age, to tell a bad disk from a bad
// file.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *source) explain(err error) error {
	if s.err != nil {
		return s.err
	}
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other || errors.Is(err, errC4GHOther) {
		return fault.New("sealed.wrong_key", "Filen är förseglad till en annan nyckel.", "The file is sealed to another key.").
			Do("Använd den identitet vars publika nyckel lämnades i beställningen.", "Use the identity whose public key was given in the order.")
	}
	return fault.New("sealed.broken", "Filen är avkortad eller ändrad.", "The file has been cut or changed.").
		Do("Hämta den igen.", "Fetch it again.").Because(err)
}

type content struct {
	plain io.Reader
	src   *source
}

func (c *content) Read(p []byte) (int, error) {
	n, err := c.plain.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = c.src.explain(err)
	}
	return n, err
}

func badIdentity() *fault.Fault {
	return fault.New("sealed.identity", "Den hemliga nyckeln går inte att läsa.", "The secret key cannot be read.").
		Do("Den står på en rad som börjar på AGE-SECRET-KEY-1, eller i en fil som börjar på BEGIN CRYPT4GH PRIVATE KEY.", "It stands on a line that begins AGE-SECRET-KEY-1, or in a file that begins BEGIN CRYPT4GH PRIVATE KEY.")
}
