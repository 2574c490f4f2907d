package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"sluss/internal/app"
	"sluss/internal/canon"
)

// open are the addresses that need no token.
var open = []string{
	"GET /api/openapi.json", "GET /api/v1/catalog", "GET /api/v1/statistics",
	"GET /api/v1/forms/word/research", "GET /api/v1/forms/word/statistics",
	"GET /api/v1/catalog.jsonld", "GET /api/v1/catalog.ttl", "GET /api/v1/health.jsonld", "GET /api/v1/health.ttl",
}

// enter is what every request passes: who asks, what the body is, whether it
// has been asked before.
func (p *programs) enter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Accept-Language, Authorization")
		if slices.Contains(open, r.Method+" "+r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		who, err := p.recognise(r)
		if err != nil {
			h.Set("WWW-Authenticate", `Bearer realm="sluss"`)
			p.fail(w, r, err)
			return
		}
		if who.Person, err = p.Orders.Known(r.Context(), who.Person); err != nil {
			p.fail(w, r, err)
			return
		}
		r = r.WithContext(withAsker(r.Context(), who))
		draft := strings.HasPrefix(r.URL.Path, "/api/v1/drafts")
		if r.Method != http.MethodPost && (r.Method != http.MethodPut || !draft) || streams(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := readJSON(w, r, draft)
		if err != nil {
			p.fail(w, r, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		p.once(w, r, who, body, next)
	})
}

// streams reports whether the body of a request to the address is not JSON.
func streams(path string) bool {
	return strings.HasSuffix(path, "/attachments") || strings.HasSuffix(path, "/originals") || path == "/api/v1/advice/coverage" || path == "/api/v1/incoming" || path == wordPath
}

// recognise returns who holds the bearer token of the request.
func (p *programs) recognise(r *http.Request) (asker, error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return asker{}, failure(http.StatusUnauthorized, "api.no_token", "Anropet saknar nyckel.", "The request carries no token.").
			do("Skicka den som Authorization: Bearer …", "Send it as Authorization: Bearer …")
	}
	t, err := p.Tokens.Token(r.Context(), canon.Sum([]byte(secret)))
	if errors.Is(err, app.ErrNotFound) || err == nil && t.IsSSHKey() {
		return asker{}, failure(http.StatusUnauthorized, "api.unknown_token", "Nyckeln är okänd eller återkallad.", "The token is unknown or revoked.").
			do("Be om en ny.", "Ask for a new one.")
	}
	if err != nil {
		return asker{}, err
	}
	if !p.Clock().Before(t.Expires) {
		return asker{}, failure(http.StatusUnauthorized, "api.expired_token", "Nyckelns tid har gått ut.", "The token has expired.").
			do("Be om en ny.", "Ask for a new one.")
	}
	return asker{t.Person, t.Scopes, t.ID}, nil
}

// allowed refuses an asker whose token lacks the scope.
func allowed(who asker, scope string) error {
	if slices.Contains(who.scopes, scope) {
		return nil
	}
	return failure(http.StatusForbidden, "api.scope", "Nyckeln får inte användas till det här: den saknar "+scope+".", "The token may not be used for this: it lacks "+scope+".").
		do("Be om en nyckel med rätt omfattning.", "Ask for a token with the right scope.")
}

// readJSON reads the body of a request: one JSON value of at most maxBody
// bytes, without names that occur twice. It returns it in canonical form; of a
// draft, numbers that have none become texts.
func readJSON(w http.ResponseWriter, r *http.Request, draft bool) ([]byte, error) {
	if typ, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || typ != "application/json" {
		return nil, failure(http.StatusUnsupportedMediaType, "api.media_type", "Innehållet ska vara application/json.", "The content must be application/json.").
			do("Sätt Content-Type.", "Set Content-Type.")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, err
		}
		return nil, malformed() // the sender broke off
	}
	body, err := canon.Normalise(raw)
	if draft && errors.Is(err, canon.ErrNumber) {
		body, err = lenient(raw)
	}
	if err != nil {
		return nil, malformed()
	}
	return body, nil
}

// once carries out a request with an Idempotency-Key at most once: sent again
// within keepAnswers it gets the same answer. A request that was refused has
// changed nothing and does not use its key up. When something failed inside,
// nobody knows whether it was done: the key stays taken and is never answered.
func (p *programs) once(w http.ResponseWriter, r *http.Request, who asker, body []byte, next http.Handler) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		next.ServeHTTP(w, r)
		return
	}
	if len(key) > 200 {
		refuse(w, r, failure(http.StatusBadRequest, "api.key", "Idempotency-Key är för lång.", "The Idempotency-Key is too long.").do("Högst 200 tecken.", "At most 200 characters."))
		return
	}
	ctx := r.Context()
	asked := string(canon.Sum([]byte(string(who.Role) + "\x00" + who.ID))) // the asker's own keys, whichever token
	key = string(canon.Sum([]byte(key)))
	request := canon.Sum([]byte(strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("If-Match"), string(body)}, "\x00")))
	earlier, claimed, err := p.Answers.Claim(ctx, asked, key, request, p.Clock(), keepAnswers)
	switch {
	case err != nil:
		p.fail(w, r, err)
		return
	case !claimed:
		again(w, r, earlier, request)
		return
	}
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(rec, r)
	if rec.status >= 200 && rec.status < 300 {
		a := app.Answer{Request: request, Status: rec.status, Headers: map[string]string{}, Body: rec.body.Bytes()}
		for _, name := range []string{"Content-Type", "Location", "ETag"} {
			if v := rec.header.Get(name); v != "" {
				a.Headers[name] = v
			}
		}
		// What was done is done: keep the answer also when the asker is gone.
		if err := p.Answers.Answered(context.WithoutCancel(ctx), asked, key, a); err != nil {
			p.Log.ErrorContext(ctx, "keep answer", "err", err)
		}
	}
	if rec.status >= 400 && rec.status < 500 {
		if err := p.Answers.Unclaim(context.WithoutCancel(ctx), asked, key); err != nil {
			p.Log.ErrorContext(ctx, "give key back", "err", err)
		}
	}
	rec.replay(w)
}

// again answers a request whose key is taken.
func again(w http.ResponseWriter, r *http.Request, earlier app.Answer, request canon.Hash) {
	switch {
	case earlier.Request != request:
		refuse(w, r, failure(http.StatusUnprocessableEntity, "api.key_reused", "Nyckeln har redan använts till ett annat anrop.", "The key has been used for another request already.").
			do("Använd en ny Idempotency-Key till varje nytt anrop.", "Use a new Idempotency-Key for each new request."))
	case earlier.Status == 0:
		refuse(w, r, failure(http.StatusConflict, "api.key_in_use", "Ett anrop med samma nyckel pågår eller blev avbrutet.", "A request with the same key is under way or was cut off.").
			do("Vänta och fråga igen, eller läs beställningen för att se om det blev gjort.", "Wait and ask again, or read the order to see whether it was done."))
	default:
		for name, v := range earlier.Headers {
			w.Header().Set(name, v)
		}
		w.Header().Set("Idempotency-Replayed", "true")
		w.WriteHeader(earlier.Status)
		_, _ = w.Write(earlier.Body) // the reader is gone when this fails
	}
}

// recorder keeps an answer until it has been stored.
type recorder struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.body.Write(b)
}

func (r *recorder) replay(w http.ResponseWriter) {
	for name, vs := range r.header {
		w.Header()[name] = vs
	}
	w.WriteHeader(r.status)
	_, _ = r.body.WriteTo(w) // the reader is gone when this fails
}
