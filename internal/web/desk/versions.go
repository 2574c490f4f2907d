package desk

import (
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/web/page"
)

// compare tells what differs between two versions of the order, the last two
// unless the address names others.
func (b *orderBody) compare(a *page.Ask, c *page.Case) error {
	all := app.Versions(c.Entries)
	for _, v := range all {
		b.Versions = append(b.Versions, version{v.N, v.On.String(), a.Word("desk.version_" + v.Kind)})
	}
	if len(all) < 2 {
		return nil
	}
	from, _ := strconv.Atoi(a.Value("from")) // none is the last but one
	to, _ := strconv.Atoi(a.Value("to"))
	i, j, err := app.Pair(len(all), from, to)
	if err != nil {
		return err
	}
	b.From, b.To = i+1, j+1
	rows, err := intake.Difference(access.NamedOnly(a.Role(), all[i].Application), access.NamedOnly(a.Role(), all[j].Application))
	for _, r := range rows {
		b.Changes = append(b.Changes, change{label(a, r.Field), a.Answer(r.Field, r.Old), a.Answer(r.Field, r.New)})
	}
	return err
}
