package login

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/fault"
)

// maxCodeTries is how often the code of a link may be tried.
const maxCodeTries = 5

// address reads an e-mail address as applications and accounts have it: without
// space around it, with small letters A–Z.
func address(s string) (string, error) {
	s = strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || strings.ContainsAny(s, "\"<>()[],;: \t\r\n\x00") || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		return "", fault.New("login.email", "Det är ingen e-postadress.", "That is no e-mail address.").At(fault.Where{Column: "email"}).
			Do("Skriv den som namn@organisation.se.", "Write it as name@organisation.se.")
	}
	return s, nil
}

// LinkRequest asks for a link.
type LinkRequest struct {
	Email, Network, Lang string
	Next                 string // where to go afterwards, a path of the site
}

// AskLink sends a link to the address, good for a quarter of an hour and once,
// and returns the secret that binds it to the browser that asked
// ([Login.BrowserCookie]). What it answers does not depend on whether the
// address is known.
func (l *Login) AskLink(ctx context.Context, q LinkRequest) (browser string, err error) {
	if l.Mailer == nil {
		return "", app.ErrNotFound
	}
	email, err := address(q.Email)
	if err != nil {
		return "", err
	}
	if err := errors.Join(l.count(ctx, linksFromNetwork, q.Network), l.count(ctx, linksToAddress, email)); err != nil {
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			return "", l.failed(ctx, f, app.LoginAct{Method: "link", Who: l.keyed("link", email)})
		}
		return "", err
	}
	browser, err = l.secret()
	if err != nil {
		return "", err
	}
	a, err := l.Accounts.AccountByEmail(ctx, email)
	if err != nil && !errors.Is(err, app.ErrNotFound) {
		return "", err
	}
	if err == nil && a.Kind == app.AccountStaff && !l.StaffLinks {
		return browser, l.send(ctx, q.Lang, email, staffSubject, staffText.In(q.Lang))
	}
	secret, code, err := l.putLink(ctx, app.LoginLink{Email: email, Browser: hashOf(browser), Expires: l.Clock().Add(linkFor)})
	if err != nil {
		return "", err
	}
	return browser, l.send(ctx, q.Lang, email, linkSubject, fmt.Sprintf(linkText.In(q.Lang), l.linkAddress(secret, q.Lang, q.Next), code))
}

// putLink draws the secret and the code of a link and stores it.
func (l *Login) putLink(ctx context.Context, link app.LoginLink) (secret, code string, err error) {
	if secret, err = l.secret(); err != nil {
		return "", "", err
	}
	if code, err = l.code(); err != nil {
		return "", "", err
	}
	link.Code = l.codeHash(secret, code)
	return secret, code, l.Accounts.PutLink(ctx, hashOf(secret), link)
}

// code draws six figures, each number as likely as the next.
func (l *Login) code() (string, error) {
	for {
		b, err := l.draw(4)
		if err != nil {
			return "", err
		}
		if n := binary.BigEndian.Uint32(b); n < 4_294_000_000 { // the largest multiple of a million
			return fmt.Sprintf("%06d", n%1_000_000), nil
		}
	}
}

func (l *Login) codeHash(secret, code string) canon.Hash {
	return canon.Hash(l.keyed("code", secret+"\x00"+code))
}

// linkAddress is what a link is. The secret stands in the query: paths are
// written to logs.
func (l *Login) linkAddress(secret, lang, next string) string {
	q := url.Values{"k": {secret}, "lang": {lang}}
	if next = LocalPath(next); next != "/" {
		q.Set("next", next)
	}
	return l.Origin + "/login/link?" + q.Encode()
}

// LocalPath returns an address of the site as it was given, and "/" for
// everything else: nobody is sent elsewhere after a login.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || len(next) > 500 || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return "/"
	}
	return next
}

var errLink = refuse("link", "Länken gäller inte längre.", "The link counts no more.").Do("Be om en ny länk.", "Ask for a new link.")

// LookLink reports whether a link counts and whether its code is asked for:
// when it is opened in another browser than the one that asked. It changes
// nothing, so programs that open what stands in letters do no harm.
func (l *Login) LookLink(ctx context.Context, secret, browser string) (needsCode bool, err error) {
	link, err := l.Accounts.Link(ctx, hashOf(secret), l.Clock())
	if errors.Is(err, app.ErrNotFound) {
		return false, errLink
	}
	return !same(link.Browser, browser), err
}

// same reports whether the browser is the one that asked.
func same(asked canon.Hash, browser string) bool {
	return asked != "" && browser != "" && subtle.ConstantTimeCompare([]byte(asked), []byte(hashOf(browser))) == 1
}

// LinkUse is the button below a link.
type LinkUse struct {
	Secret, Code  string
	Browser, Old  string // what the cookies hold
	Network, Lang string
}

// UseLink logs in with a link, once. An address that has no account gets one.
func (l *Login) UseLink(ctx context.Context, u LinkUse) (Entered, error) {
	if err := l.count(ctx, triesFromNetwork, u.Network); err != nil {
		return Entered{}, err
	}
	hash, now := hashOf(u.Secret), l.Clock()
	link, err := l.Accounts.Link(ctx, hash, now)
	if err == nil && !same(link.Browser, u.Browser) {
		if link, err = l.tryCode(ctx, u, now); err == nil && link.Code != "" {
			return Entered{}, l.failed(ctx, refuse("code", "Koden stämmer inte.", "The code is wrong.").At(fault.Where{Column: "code"}).Do("Skriv de sex siffrorna i brevet.", "Write the six figures of the letter."), l.linkAct(link))
		}
	}
	if err == nil {
		link, err = l.Accounts.TakeLink(ctx, hash, now)
	}
	if errors.Is(err, app.ErrNotFound) {
		return Entered{}, l.failed(ctx, errLink, app.LoginAct{Method: "link"})
	}
	if err != nil {
		return Entered{}, err
	}
	a, err := l.holder(ctx, link)
	if err != nil {
		return Entered{}, err
	}
	if link.Account == "" && a.Kind == app.AccountStaff && !l.StaffLinks {
		return Entered{}, l.failed(ctx, errLink, app.LoginAct{Method: "link", Account: a.ID})
	}
	return l.enter(ctx, u.Old, a, proof{method: linkMethod(link), level: app.AssuranceMail, at: now})
}

// tryCode counts a try at a link's code. Without its Code the link is returned
// when the code is right; after too many tries the link is gone.
func (l *Login) tryCode(ctx context.Context, u LinkUse, now time.Time) (app.LoginLink, error) {
	link, err := l.Accounts.TryLink(ctx, hashOf(u.Secret), now)
	if err != nil {
		return link, err
	}
	if link.Tries > maxCodeTries {
		if _, err := l.Accounts.TakeLink(ctx, hashOf(u.Secret), now); err != nil {
			return link, err
		}
		return link, app.ErrNotFound
	}
	code := strings.Join(strings.Fields(u.Code), "")
	if subtle.ConstantTimeCompare([]byte(link.Code), []byte(l.codeHash(u.Secret, code))) == 1 {
		link.Code = ""
	}
	return link, nil
}

func linkMethod(link app.LoginLink) string {
	if link.Account != "" {
		return "invite"
	}
	return "link"
}

func (l *Login) linkAct(link app.LoginLink) app.LoginAct {
	act := app.LoginAct{Method: linkMethod(link), Account: link.Account}
	if link.Account == "" {
		act.Who = l.keyed("link", link.Email)
	}
	return act
}

// holder is the account that a link leads to, made when there is none.
func (l *Login) holder(ctx context.Context, link app.LoginLink) (app.Account, error) {
	if link.Account != "" {
		return l.Accounts.Account(ctx, link.Account)
	}
	return l.outsider(ctx, link.Email, "", "link")
}

// outsider is the account of an address, made when there is none.
func (l *Login) outsider(ctx context.Context, email, name, method string) (app.Account, error) {
	a, err := l.Accounts.AccountByEmail(ctx, email)
	if !errors.Is(err, app.ErrNotFound) {
		return a, err
	}
	err = l.make(ctx, &app.Account{Kind: app.AccountOutside, Email: email, Name: name}, method)
	if err != nil && !errors.Is(err, app.ErrConflict) { // a conflict: it was made meanwhile
		return a, err
	}
	return l.Accounts.AccountByEmail(ctx, email)
}

// make stores a new account.
func (l *Login) make(ctx context.Context, a *app.Account, method string) (err error) {
	if a.ID == "" {
		if a.ID, err = l.id(); err != nil {
			return err
		}
	}
	a.Created = l.Clock()
	return l.Accounts.PutAccount(ctx, *a, app.LoginAct{At: a.Created, Account: a.ID, What: "account", Method: method})
}

func (l *Login) send(ctx context.Context, lang, to string, subject catalog.Text, text string) error {
	if err := l.Mailer.Send(ctx, to, subject.In(lang), text); err != nil {
		return fmt.Errorf("send a letter: %w", hidden(err, to))
	}
	return nil
}

// hidden is an error without the address that it may name.
func hidden(err error, secret string) error {
	if strings.Contains(err.Error(), secret) {
		return errors.New("the mail server refused (what it said names the address)")
	}
	return err
}

var (
	linkSubject = catalog.Text{SV: "Logga in i Sluss", EN: "Log in to Sluss"}
	linkText    = catalog.Text{
		SV: "Hej!\n\nÖppna länken för att logga in. Den gäller i 15 minuter och en gång.\n\n%s\n\nFrågar sidan efter en kod är den %s. Lämna aldrig ut den.\n\nHar du inte bett om att logga in? Då behöver du inte göra något.\n",
		EN: "Hello!\n\nOpen the link to log in. It counts for 15 minutes, and once.\n\n%s\n\nIf the page asks for a code, it is %s. Never give it to anybody.\n\nDid you not ask to log in? Then you need do nothing.\n",
	}
	staffSubject = linkSubject
	staffText    = catalog.Text{
		SV: "Hej!\n\nNågon har bett om att logga in med din adress. Du som arbetar här loggar in med passernyckel eller med myndighetens inloggning, inte med länk.\n\nVar det inte du? Då behöver du inte göra något.\n",
		EN: "Hello!\n\nSomebody has asked to log in with your address. You who work here log in with a passkey or with the authority's login, not with a link.\n\nWas it not you? Then you need do nothing.\n",
	}
	keySubject = catalog.Text{SV: "En ny passernyckel i Sluss", EN: "A new passkey in Sluss"}
	keyText    = catalog.Text{
		SV: "Hej!\n\nEn ny passernyckel har lagts till bland dina inloggningar. Var det inte du? Logga in, ta bort den och logga ut överallt.\n",
		EN: "Hello!\n\nA new passkey has been added to your logins. Was it not you? Log in, remove it and log out everywhere.\n",
	}
)
