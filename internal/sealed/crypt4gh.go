package sealed

import (
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"
)

// Crypt4GH, version 1 (GA4GH file encryption standard, 2019, with X25519 and
// ChaCha20-Poly1305), as far as a file to one recipient needs it: one header
// packet with the file's key, no edit list, then segments of 64 KiB, each with a
// nonce of its own.
//
//	header    "crypt4gh" | version u32 = 1 | packets u32
//	packet    length u32, itself included | method u32 = 0 | writer's public key 32 | nonce 12 | sealed
//	  sealed  type u32 = 0 | method u32 = 0 | file key 32, and 16 of tag
//	segment   nonce 12 | up to 65 536 of content | tag 16
//
// Numbers are little-endian. The key that seals a packet is the first half of
// BLAKE2b-512 over the X25519 secret, the reader's and the writer's public key.
//
// The format does not bind segments to each other: a file that has been cut
// between two of them, or whose segments have changed places, opens without an
// error. What is sealed so needs another proof that it is whole; a parcel has
// three (signed hash outside, strict archive and hashes inside).

const (
	c4ghMagic    = "crypt4gh"
	c4ghSegment  = 1 << 16
	c4ghPacket   = 4 + 4 + 32 + 12 + 4 + 4 + 32 + 16 // bytes of a packet with a file key
	c4ghPackets  = 64                                // most that are looked through
	c4ghLargest  = 1 << 16                           // bytes of the largest packet that is read
	c4ghOverhead = chacha20poly1305.NonceSize + chacha20poly1305.Overhead
)

// Errors of the format, before they are told as faults.
var (
	errC4GHBroken = errors.New("crypt4gh: the file has been cut or changed")
	errC4GHOther  = errors.New("crypt4gh: no packet is for this key")
)

// c4ghShared is the key that seals a packet; dh is the X25519 secret.
func c4ghShared(dh, reader, writer []byte) []byte {
	h, err := blake2b.New512(nil)
	if err != nil {
		panic(err) // only a key that is too long gives one
	}
	h.Write(dh)
	h.Write(reader)
	h.Write(writer)
	return h.Sum(nil)[:chacha20poly1305.KeySize]
}

// c4ghSeal begins a file to a recipient. writer is the sender's key, made for
// this file; random gives file key and nonces.
func c4ghSeal(w io.Writer, recipient *ecdh.PublicKey, writer *ecdh.PrivateKey, random io.Reader) (*c4ghWriter, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	nonce := make([]byte, chacha20poly1305.NonceSize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, err
	}
	dh, err := writer.ECDH(recipient)
	if err != nil {
		return nil, err
	}
	packetKey, err := chacha20poly1305.New(c4ghShared(dh, recipient.Bytes(), writer.PublicKey().Bytes()))
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	h := binary.LittleEndian.AppendUint32([]byte(c4ghMagic), 1)
	h = binary.LittleEndian.AppendUint32(h, 1)
	h = binary.LittleEndian.AppendUint32(h, c4ghPacket)
	h = binary.LittleEndian.AppendUint32(h, 0)
	h = append(append(h, writer.PublicKey().Bytes()...), nonce...)
	h = packetKey.Seal(h, nonce, append(make([]byte, 8), key...), nil)
	if _, err := w.Write(h); err != nil {
		return nil, err
	}
	return &c4ghWriter{w: w, aead: aead, key: key, random: random, buf: make([]byte, 0, c4ghSegment)}, nil
}

// c4ghWriter seals segments.
type c4ghWriter struct {
	w      io.Writer
	aead   cipher.AEAD
	key    []byte
	random io.Reader
	buf    []byte
	out    []byte
	err    error
}

func (c *c4ghWriter) Write(p []byte) (int, error) {
	n := 0
	for len(p) > 0 && c.err == nil {
		if len(c.buf) == c4ghSegment {
			c.flush()
			continue
		}
		k := min(len(p), c4ghSegment-len(c.buf))
		c.buf = append(c.buf, p[:k]...)
		p, n = p[k:], n+k
	}
	return n, c.err
}

func (c *c4ghWriter) flush() {
	nonce := make([]byte, chacha20poly1305.NonceSize)
	if _, c.err = io.ReadFull(c.random, nonce); c.err != nil {
		return
	}
	c.out = c.aead.Seal(append(c.out[:0], nonce...), nonce, c.buf, nil)
	_, c.err = c.w.Write(c.out)
	c.buf = c.buf[:0]
}

// Close writes the last segment.
func (c *c4ghWriter) Close() error {
	if c.err == nil && len(c.buf) > 0 {
		c.flush()
	}
	if c.err != nil {
		return c.err
	}
	c.err = errors.New("crypt4gh: written to after its end")
	return nil
}

// c4ghOpen reads the header and returns a reader of the content. With fileKey no
// packet is opened; else identity opens one.
func c4ghOpen(r io.Reader, identity *ecdh.PrivateKey, fileKey []byte) (io.Reader, error) {
	head := make([]byte, len(c4ghMagic)+8)
	if err := c4ghFull(r, head); err != nil {
		return nil, err
	}
	packets := binary.LittleEndian.Uint32(head[12:])
	if string(head[:8]) != c4ghMagic || binary.LittleEndian.Uint32(head[8:]) != 1 || packets == 0 || packets > c4ghPackets {
		return nil, errC4GHBroken
	}
	for range packets {
		size := make([]byte, 4)
		if err := c4ghFull(r, size); err != nil {
			return nil, err
		}
		n := binary.LittleEndian.Uint32(size)
		if n < 4 || n > c4ghLargest {
			return nil, errC4GHBroken
		}
		packet := make([]byte, n-4)
		if err := c4ghFull(r, packet); err != nil {
			return nil, err
		}
		if identity == nil {
			continue
		}
		key, err := c4ghKeyIn(packet, identity)
		if err != nil {
			return nil, err
		}
		if fileKey == nil {
			fileKey = key
		}
	}
	if fileKey == nil {
		return nil, errC4GHOther
	}
	aead, err := chacha20poly1305.New(fileKey)
	if err != nil {
		return nil, errC4GHBroken
	}
	return &c4ghReader{r: r, aead: aead, buf: make([]byte, c4ghSegment+c4ghOverhead)}, nil
}

// c4ghKeyIn opens a packet: the file's key, nil where the packet is somebody
// else's. What is ours and something else than a file key is an error: an edit
// list would leave out parts of the content.
func c4ghKeyIn(packet []byte, identity *ecdh.PrivateKey) ([]byte, error) {
	const front = 4 + 32 + chacha20poly1305.NonceSize
	if len(packet) < front || binary.LittleEndian.Uint32(packet) != 0 {
		return nil, nil
	}
	writer, err := ecdh.X25519().NewPublicKey(packet[4:36])
	if err != nil {
		return nil, nil
	}
	dh, err := identity.ECDH(writer)
	if err != nil {
		return nil, nil
	}
	aead, err := chacha20poly1305.New(c4ghShared(dh, identity.PublicKey().Bytes(), writer.Bytes()))
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, packet[36:front], packet[front:], nil)
	if err != nil {
		return nil, nil
	}
	if len(plain) != 8+chacha20poly1305.KeySize || binary.LittleEndian.Uint64(plain) != 0 {
		return nil, errC4GHBroken
	}
	return plain[8:], nil
}

func c4ghFull(r io.Reader, b []byte) error {
	if _, err := io.ReadFull(r, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errC4GHBroken
	} else if err != nil {
		return err
	}
	return nil
}

// c4ghReader opens segments.
type c4ghReader struct {
	r     io.Reader
	aead  cipher.AEAD
	buf   []byte
	plain []byte
	err   error
}

func (c *c4ghReader) Read(p []byte) (int, error) {
	for len(c.plain) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.next()
	}
	n := copy(p, c.plain)
	c.plain = c.plain[n:]
	return n, nil
}

func (c *c4ghReader) next() {
	n, err := io.ReadFull(c.r, c.buf)
	switch {
	case errors.Is(err, io.EOF):
		c.err = io.EOF
		return
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		c.err = err
		return
	case n <= c4ghOverhead: // an empty segment is never written
		c.err = errC4GHBroken
		return
	}
	nonce, sealed := c.buf[:chacha20poly1305.NonceSize], c.buf[chacha20poly1305.NonceSize:n]
	if c.plain, err = c.aead.Open(sealed[:0], nonce, sealed, nil); err != nil {
		c.plain, c.err = nil, errC4GHBroken
	}
}

// c4ghNew begins a file with a sender's key of its own.
func c4ghNew(w io.Writer, recipient *ecdh.PublicKey) (*c4ghWriter, error) {
	writer, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return c4ghSeal(w, recipient, writer, rand.Reader)
}
