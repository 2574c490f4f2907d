package showcase

import (
	"slices"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
)

// Persona is somebody of the fixed cast. All of them are made up, as are their
// organisations and addresses.
type Persona struct {
	ID           string // as actors have it; for staff also the id in the staff table
	Name         string
	Email        string // of people from outside
	Organisation string // of people from outside, as applications name it
	Roles        []order.Role
	Staff        bool
}

// Ids of the cast.
const (
	Orderer         = "elise.sandahl-ohrn"    // a university's, with most of the cases
	OtherOrderer    = "abdi.akerblom-nystrom" // another university's
	PrivateOrderer  = "marta.hagglov"         // a private institute's: förbehåll
	StatsOrderer    = "lena.vikstrom-agren"   // an authority responsible for statistics
	CoApplicant     = "jean-rene.oqvist"
	Representative  = "ragnhild.af-sjohjelm"
	OtherPrincipal  = "goran.dahlaker" // represents the other principals
	SupplierContact = "asa.muller-ek"
	Handler         = "karin.ekebjar"
	OtherHandler    = "yusuf.lindqvist-hakansson"
	Reviewer        = "petra.lindenau"
	Decider         = "bo.oberg-falkenlind"
	Statistician    = "sten.ahlen-roosvik"
	Releaser        = "ylva.nybergsson"
	Finance         = "frida.bergloev"
	Registrar       = "ingegerd.ostanback"
	Auditor         = "gun-britt.allanback"
	Administrator   = "tomas.astromsater"
)

// Organisations that the cast works for. Their numbers have a right check
// digit and stand in no register.
const (
	sjolunda   = "Sjölunda universitet"
	norrstrand = "Norrstrands högskola"
	institute  = "Institutet för tillämpad hälsoekonomi i Västerås AB"
	workEnv    = "Myndigheten för arbetsmiljöstatistik"
	scb        = "Statistiska centralbyrån" // the agreed supplier of the built-in authority
)

// Cast is everybody who acts in the showcase: who logs in to a demo, and as
// what. The first role is the one that the persona acts in most.
func Cast() []Persona {
	outside := func(id, name, email, organisation string, roles ...order.Role) Persona {
		return Persona{ID: id, Name: name, Email: email, Organisation: organisation, Roles: roles}
	}
	staff := func(id, name string, roles ...order.Role) Persona {
		return Persona{ID: id, Name: name, Roles: roles, Staff: true}
	}
	return []Persona{
		outside(Orderer, "Élise Sandahl-Öhrn", "elise.sandahl-ohrn@sjolunda.example", sjolunda, order.RoleOrderer),
		outside(OtherOrderer, "Abdirahman Åkerblom-Nyström", "abdi@norrstrand.example", norrstrand, order.RoleOrderer),
		outside(PrivateOrderer, "Märta Hägglöv", "marta.hagglov@ith.example", institute, order.RoleOrderer),
		outside(StatsOrderer, "Lena Vikström-Ågren", "lena.va@mas.example", workEnv, order.RoleOrderer),
		outside(CoApplicant, "Jean-René Öqvist", "jr.oqvist@sjolunda.example", sjolunda, order.RoleCoApplicant),
		outside(Representative, "Ragnhild af Sjöhjelm", "prefekt.folkhalsa@sjolunda.example", sjolunda, order.RoleRepresentative),
		outside(OtherPrincipal, "Göran Dahlåker", "goran.dahlaker@norrstrand.example", norrstrand, order.RoleRepresentative),
		outside(SupplierContact, "Åsa Müller-Ek", "mikrodata@scb.example", scb, order.RoleSupplier),
		staff(Handler, "Karin Ekebjär", order.RoleHandler),
		staff(OtherHandler, "Yusuf Lindqvist-Håkansson", order.RoleHandler, order.RoleReviewer),
		staff(Reviewer, "Petra Lindenau", order.RoleReviewer, order.RoleHandler),
		staff(Decider, "Bo Öberg-Falkenlind", order.RoleDecider),
		staff(Statistician, "Sten Åhlén-Roosvik", order.RoleStatistician),
		staff(Releaser, "Ylva Nybergsson", order.RoleReleaser),
		staff(Finance, "Frida Berglöv", order.RoleFinance),
		staff(Registrar, "Ingegerd Östanbäck", order.RoleRegistrar),
		staff(Auditor, "Gun-Britt Allanbäck", access.RoleAuditor),
		staff(Administrator, "Tomas Åströmsäter", access.RoleAdministrator),
	}
}

// persona returns one of the cast; the ids are constants of this package.
func persona(id string) Persona {
	cast := Cast()
	return cast[slices.IndexFunc(cast, func(p Persona) bool { return p.ID == id })]
}

// Person is the persona as the counter knows people, in the role.
func (p Persona) Person(role order.Role) access.Person {
	level := app.AssuranceKey
	if role == order.RoleOrderer || role == order.RoleCoApplicant { // by a link sent to the address
		level = app.AssuranceMail
	}
	return access.Person{ID: p.ID, Role: role, Email: p.Email, Organisation: p.Organisation, Assurance: int(level)}
}

// as is somebody of the cast in a role.
func as(id string, role order.Role) access.Person { return persona(id).Person(role) }

// teams say who works together; cleared are those who may see protected cases.
var (
	teams = map[string][]string{
		Handler: {"mikrodata"}, OtherHandler: {"mikrodata"}, Reviewer: {"mikrodata"}, Registrar: {"mikrodata"}, Decider: {"mikrodata"},
		Statistician: {"uttag"}, Releaser: {"uttag"},
	}
	cleared = []string{Handler, Registrar, Decider}
)
