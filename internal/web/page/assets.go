package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// assetFiles are what pages are dressed in: the committed stylesheet, and what
// `make web` has fetched into built.
//
//go:embed all:assets
var assetFiles embed.FS

// asset is a file with its compressed form and a name that changes with its
// content, so that it can be kept for ever.
type asset struct {
	name     string // as in addresses: base.1f3a….css
	kind     string
	raw, gz  []byte
	original string
}

// sheetOrder is the order in which stylesheets apply: ours last.
var sheetOrder = []string{"fkui.css", "base.css"}

func readAssets() (map[string]asset, error) {
	out := map[string]asset{}
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		ext := path.Ext(name)
		if !slices.Contains([]string{".css", ".woff2", ".svg", ".js"}, ext) {
			return nil
		}
		raw, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		base := path.Base(name)
		sum := sha256.Sum256(raw)
		a := asset{
			name: strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext, kind: mime.TypeByExtension(ext), raw: raw, original: base,
		}
		switch ext {
		case ".woff2": // compressed already
			a.kind = "font/woff2"
			out[base] = a // stylesheets name it without its sum
		default:
			a.gz = compress(raw)
		}
		out[a.name] = a
		return nil
	})
	return out, err
}

// addresses are where the files of these names are, those that there are.
func (k *Kit) addresses(names ...string) []string {
	var out []string
	for _, want := range names {
		for _, a := range k.assets {
			if a.original == want && a.name != want {
				out = append(out, "/assets/"+a.name)
			}
		}
	}
	return slices.Compact(out)
}

func (k *Kit) asset(w http.ResponseWriter, r *http.Request) {
	a, ok := k.assets[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	secure(w)
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := a.raw
	if a.gz != nil && accepts(r) {
		h.Set("Content-Encoding", "gzip")
		body = a.gz
	}
	h.Set("Vary", "Accept-Encoding")
	_, _ = w.Write(body) // the reader is gone when this fails
}

// write answers with a body, compressed for those who take it.
func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	if accepts(r) {
		w.Header().Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader is gone when this fails
}

func accepts(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

func compress(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b) // a buffer takes everything
	_ = z.Close()
	return out.Bytes()
}
