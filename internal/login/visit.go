package login

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// Entered is a visit that has begun: what goes into the browser's cookie.
type Entered struct {
	Secret  string
	Expires time.Time
}

// proof is what a way in has shown.
type proof struct {
	method string
	level  app.Assurance
	at     time.Time
	role   order.Role // to begin in, when it is one of the person's; "" = any
	on     string     // the passkey, for the log
}

// enter begins a visit for an account, in the place of the one whose secret is
// old, if there is one.
func (l *Login) enter(ctx context.Context, old string, a app.Account, p proof) (Entered, error) {
	roles, err := l.roles(ctx, a)
	if err != nil {
		return Entered{}, err
	}
	if len(roles) == 0 {
		f := refuse("no_role", "Du har ingen roll här.", "You have no role here.").Do("Be administratören lägga upp dig bland personalen.", "Ask the administrator to add you to the staff.")
		return Entered{}, l.failed(ctx, f, app.LoginAct{Account: a.ID, Method: p.method})
	}
	role := roles[0]
	if slices.Contains(roles, p.role) {
		role = p.role
	}
	var replaced canon.Hash
	if old != "" {
		switch before, owner, err := l.Accounts.Visit(ctx, hashOf(old)); {
		case err == nil:
			replaced = hashOf(old)
			if owner.ID == a.ID && slices.Contains(roles, before.Role) { // the same person once more
				role = before.Role
			}
		case !errors.Is(err, app.ErrNotFound):
			return Entered{}, err
		}
	}
	now := l.Clock()
	v := app.StoredVisit{Account: a.ID, Role: role, Method: p.method, Assurance: p.level, Proved: p.at, Seen: now, Expires: now.Add(l.Longest)}
	act := app.LoginAct{At: now, Account: a.ID, Role: role, Assurance: p.level, What: "login", Method: p.method, On: p.on}
	in, err := l.begin(ctx, replaced, v, act)
	if replaced != "" && errors.Is(err, app.ErrNotFound) { // it ended meanwhile
		in, err = l.begin(ctx, "", v, act)
	}
	return in, err
}

// begin draws the secret of a visit and stores it.
func (l *Login) begin(ctx context.Context, old canon.Hash, v app.StoredVisit, act app.LoginAct) (Entered, error) {
	secret, err := l.secret()
	if err != nil {
		return Entered{}, err
	}
	if v.ID, err = l.id(); err != nil {
		return Entered{}, err
	}
	return Entered{secret, v.Expires}, l.Accounts.Enter(ctx, old, hashOf(secret), v, act)
}

// roles are those that the account may act in, the usual one first. People
// outside may be orderer, co-applicant and representative: what each of them
// sees is decided case by case, by access.Relate.
func (l *Login) roles(ctx context.Context, a app.Account) ([]order.Role, error) {
	if a.Kind != app.AccountStaff {
		out := []order.Role{order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative}
		if l.organisation(a) != "" {
			out = append([]order.Role{order.RoleSupplier}, out...)
		}
		return out, nil
	}
	m, err := l.Staff.Member(ctx, a.Staff)
	if errors.Is(err, app.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []order.Role
	for _, r := range access.Roles {
		if slices.Contains(m.Roles, r) && (access.Works(r) || r == access.RoleAdministrator) {
			out = append(out, r)
		}
	}
	return out, nil
}

// organisation is the supplier whose contact has the account's address.
func (l *Login) organisation(a app.Account) string {
	for _, s := range l.Authority.Suppliers {
		if email, err := address(s.Email); err == nil && a.Email != "" && email == a.Email {
			return s.Name
		}
	}
	return ""
}

func (l *Login) idle(a app.Account) time.Duration {
	if a.Kind == app.AccountStaff {
		return l.IdleStaff
	}
	return l.IdleOutside
}

// visit returns a visit that is still on, its account, and the roles that the
// person has now. One that has run out, or whose role was taken away, is ended.
func (l *Login) visit(ctx context.Context, secret string) (v app.StoredVisit, a app.Account, roles []order.Role, err error) {
	hash := hashOf(secret)
	if v, a, err = l.Accounts.Visit(ctx, hash); err != nil {
		return v, a, nil, err
	}
	now := l.Clock()
	why := ""
	if !now.Before(v.Expires) || now.Sub(v.Seen) >= l.idle(a) {
		why = "login.expired"
	} else {
		if roles, err = l.roles(ctx, a); err != nil {
			return v, a, nil, err
		}
		if !slices.Contains(roles, v.Role) {
			why = "login.no_role"
		}
	}
	if why == "" {
		return v, a, roles, nil
	}
	act := app.LoginAct{At: now, Account: a.ID, Role: v.Role, Assurance: v.Assurance, What: "logout", Code: why}
	if err := l.Accounts.Leave(ctx, hash, act); err != nil && !errors.Is(err, app.ErrNotFound) {
		return v, a, nil, err
	}
	return app.StoredVisit{}, app.Account{}, nil, app.ErrNotFound
}

// Visitor returns who holds the secret. That a page was asked for is stored at
// most once a minute.
func (l *Login) Visitor(ctx context.Context, secret string) (app.Visitor, error) {
	v, a, roles, err := l.visit(ctx, secret)
	if err != nil {
		return app.Visitor{}, err
	}
	now := l.Clock()
	if now.Sub(v.Seen) >= min(time.Minute, l.idle(a)/4) {
		if err := l.Accounts.Saw(ctx, hashOf(secret), now); err != nil {
			return app.Visitor{}, err
		}
		v.Seen = now
	}
	expires := v.Seen.Add(l.idle(a))
	if v.Expires.Before(expires) {
		expires = v.Expires
	}
	p := access.Person{ID: a.ID, Role: v.Role, Email: a.Email, Assurance: int(v.Assurance)}
	if a.Kind == app.AccountStaff {
		p.ID = a.Staff
	}
	if v.Role == order.RoleSupplier {
		p.Organisation = l.organisation(a)
	}
	name := a.Name
	if name == "" {
		name = cmp.Or(a.Email, a.Staff)
	}
	return app.Visitor{
		Session: v.ID, Person: p, Name: name, Roles: roles, Method: v.Method, Assurance: v.Assurance, Since: v.Proved, Expires: expires,
	}, nil
}

// TakeRole lets the visitor act in another of its roles, with a new secret.
func (l *Login) TakeRole(ctx context.Context, secret string, role order.Role) (string, error) {
	v, a, roles, err := l.visit(ctx, secret)
	if err != nil {
		return "", err
	}
	if !slices.Contains(roles, role) {
		f := refuse("role", "Du har inte den rollen.", "You do not have that role.").Do("Välj en av dina roller.", "Choose one of your roles.")
		return "", l.failed(ctx, f, app.LoginAct{Account: a.ID, Role: v.Role, Assurance: v.Assurance, Method: v.Method})
	}
	v.Role, v.Seen = role, l.Clock()
	in, err := l.begin(ctx, hashOf(secret), v, app.LoginAct{At: v.Seen, Account: a.ID, Role: role, Assurance: v.Assurance, What: "role", Method: v.Method})
	return in.Secret, err
}

// Leave ends the visit. To leave twice is no error.
func (l *Login) Leave(ctx context.Context, secret string) error {
	v, a, err := l.Accounts.Visit(ctx, hashOf(secret))
	if err == nil {
		err = l.Accounts.Leave(ctx, hashOf(secret), app.LoginAct{At: l.Clock(), Account: a.ID, Role: v.Role, Assurance: v.Assurance, What: "logout", Method: v.Method})
	}
	if errors.Is(err, app.ErrNotFound) {
		return nil
	}
	return err
}

// LeaveOthers ends all visits of the same person but this one, and says how
// many they were.
func (l *Login) LeaveOthers(ctx context.Context, secret string) (int, error) {
	v, a, _, err := l.visit(ctx, secret)
	if err != nil {
		return 0, err
	}
	return l.Accounts.LeaveAll(ctx, a.ID, hashOf(secret), app.LoginAct{At: l.Clock(), Account: a.ID, Role: v.Role, Assurance: v.Assurance, What: "ended"})
}

// Names of cookies: of the visit, of the browser that asked for a link, and of
// a login that takes two requests.
const (
	visitCookie    = "sluss"
	browserCookie  = "sluss-link"
	ceremonyCookie = "sluss-ceremony"
)

// CookieName is the name of the cookie that holds a visit's secret. A browser
// takes a cookie whose name begins with __Host- only when it is Secure, from
// the host itself and for all of it, so that no other host can plant one.
func (l *Login) CookieName() string { return l.cookie(visitCookie) }

func (l *Login) cookie(name string) string {
	if l.secure {
		return "__Host-" + name
	}
	return name
}

// VisitCookie is the cookie of a visit; with the empty secret it removes it.
// It lives as long as the browser: the counter says when the visit ends.
func (l *Login) VisitCookie(secret string) *http.Cookie { return l.bake(visitCookie, secret, 0) }

// BrowserCookie binds a link to the browser that asked for it.
func (l *Login) BrowserCookie(secret string) *http.Cookie {
	return l.bake(browserCookie, secret, linkFor)
}

// CeremonyCookie binds the second request of a login to the first.
func (l *Login) CeremonyCookie(secret string) *http.Cookie {
	return l.bake(ceremonyCookie, secret, ceremonyFor)
}

func (l *Login) bake(name, secret string, keep time.Duration) *http.Cookie {
	c := &http.Cookie{Name: l.cookie(name), Value: secret, Path: "/", Secure: l.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(keep / time.Second)}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}

// Browser, Ceremony and Old are what the request's cookies hold; "" = nothing.
func (l *Login) Browser(r *http.Request) string { return l.held(r, browserCookie) }

// Ceremony is the secret of the login that the request is the second part of.
func (l *Login) Ceremony(r *http.Request) string { return l.held(r, ceremonyCookie) }

// Old is the secret of the visit that the browser is in.
func (l *Login) Old(r *http.Request) string { return l.held(r, visitCookie) }

func (l *Login) held(r *http.Request, name string) string {
	c, err := r.Cookie(l.cookie(name))
	if err != nil {
		return ""
	}
	return c.Value
}
