package order

import "sluss/internal/catalog"

// titles are the roles as people call them.
var titles = map[Role]catalog.Text{
	RoleOrderer:        {SV: "Beställare", EN: "Orderer"},
	RoleCoApplicant:    {SV: "Medsökande", EN: "Co-applicant"},
	RoleRepresentative: {SV: "Huvudmannens företrädare", EN: "Principal's representative"},
	RoleHandler:        {SV: "Handläggare", EN: "Case handler"},
	RoleReviewer:       {SV: "Sekretessgranskare", EN: "Reviewer"},
	RoleDecider:        {SV: "Beslutsfattare", EN: "Decision maker"},
	RoleStatistician:   {SV: "Uttagsansvarig", EN: "Data statistician"},
	RoleReleaser:       {SV: "Frisläppare", EN: "Releaser"},
	RoleSupplier:       {SV: "Populationens leverantör", EN: "Population supplier"},
	RoleFinance:        {SV: "Ekonomi", EN: "Finance"},
	RoleRegistrar:      {SV: "Registrator", EN: "Registrar"},
	RoleEngine:         {SV: "Valvet", EN: "The vault"},
	RoleClock:          {SV: "Kalendern", EN: "The calendar"},
}

// Title is the role in words, with a capital; a role that the order's rules do
// not know has its id.
func (r Role) Title() catalog.Text {
	if t, ok := titles[r]; ok {
		return t
	}
	return catalog.Text{SV: string(r), EN: string(r)}
}
