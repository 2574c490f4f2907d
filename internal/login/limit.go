package login

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/fault"
)

// limit is how often somebody may do something in a stretch of time.
type limit struct {
	kind   string
	most   int
	window time.Duration
}

// Limits, counted in the database so that all who share it share them.
var (
	linksToAddress   = limit{"link", 5, time.Hour}
	linksFromNetwork = limit{"network", 60, time.Hour}
	triesFromNetwork = limit{"tries", 300, 10 * time.Minute}
)

// CodeTooMany is the fault of who has asked too often; pages answer it with
// status 429.
const CodeTooMany = "login.too_many"

// count counts one of who's, and refuses when there have been too many.
func (l *Login) count(ctx context.Context, x limit, who string) error {
	n, err := l.Accounts.Count(ctx, l.keyed(x.kind, who), l.Clock().Truncate(x.window))
	if err != nil || n <= x.most {
		return err
	}
	return fault.New(CodeTooMany, "Det har varit för många försök.", "There have been too many attempts.").Of(fault.Gate).
		Do("Vänta en stund och försök igen.", "Wait a while and try again.")
}

// Network is where a request comes from, as attempts are counted: an IPv4
// address, or the first 64 bits of an IPv6 address. The last address that a
// known proxy adds is believed, nothing that a browser says.
func (l *Login) Network(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && l.trusted(ip); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = before.Unmap()
	}
	if ip.Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

func (l *Login) trusted(ip netip.Addr) bool {
	return slices.ContainsFunc(l.Proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// failed writes a login that failed to the log and returns the refusal.
func (l *Login) failed(ctx context.Context, f *fault.Fault, act app.LoginAct) error {
	act.At, act.What, act.Code = l.Clock(), "failed", f.Code
	if err := l.Accounts.NoteLogin(ctx, act); err != nil {
		return err
	}
	return f
}

// refuse is why somebody was not let in.
func refuse(code, sv, en string) *fault.Fault {
	return fault.New("login."+code, sv, en).Of(fault.Gate)
}
