package access

import (
	"slices"
	"strings"

	"sluss/internal/intake"
	"sluss/internal/order"
)

// personal is who sees how people are reached: e-mail addresses and telephone
// numbers of orderer, representative and co-applicants. The parties see their
// own, handler and registrar need them to write back, and nobody else at the
// authority does anything with them. A supplier sees those of its own call
// only. Dataskyddsförordningen (EU) 2016/679 artikel 5.1 c and 25.2.
var personal = map[order.Role]bool{
	order.RoleOrderer: true, order.RoleCoApplicant: true, order.RoleRepresentative: true, order.RoleSupplier: true,
	order.RoleRegistrar: true, order.RoleHandler: true,
}

// Personal reports whether somebody in the role sees how the people of a case
// are reached; everybody else sees their names.
func Personal(r order.Role) bool { return personal[r] }

// ways are the members of stored content that say how somebody is reached, and
// parties those that name somebody by a name or, when mail was all there was,
// by an address.
var (
	ways    = []string{"email", "phone", "telephone", "mobile"}
	parties = []string{"sender", "party"}
)

// NamesOnly takes out of content, decoded from JSON, how anybody is reached,
// for a role that is not to see it. Answers that lie beside an application may
// hold it anywhere and go as a whole. The content is changed and returned.
func NamesOnly(r order.Role, content any) any {
	if !Personal(r) {
		strip(content)
	}
	return content
}

func strip(content any) {
	switch v := content.(type) {
	case map[string]any:
		delete(v, "aside")
		for name, m := range v {
			text, isText := m.(string)
			switch {
			case slices.Contains(ways, name):
				delete(v, name)
			case isText && slices.Contains(parties, name) && strings.Contains(text, "@"):
				v[name] = ""
			default:
				strip(m)
			}
		}
	case []any:
		for _, m := range v {
			strip(m)
		}
	}
}

// NamedOnly is an application as somebody in the role sees it: without the
// addresses, for a role that is not to see them.
func NamedOnly(r order.Role, a intake.Application) intake.Application {
	if Personal(r) {
		return a
	}
	a.Orderer.Email, a.Principal.Representative.Email = "", ""
	a.CoOrderers = slices.Clone(a.CoOrderers)
	for i := range a.CoOrderers {
		a.CoOrderers[i].Email = ""
	}
	if a.Recipient != nil {
		recipient := *a.Recipient
		recipient.Representative.Email = ""
		a.Recipient = &recipient
	}
	return a
}

// Party is a sender or recipient as somebody in the role sees it.
func Party(r order.Role, name string) string {
	if !Personal(r) && strings.Contains(name, "@") {
		return ""
	}
	return name
}
