package register_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register"
)

// edgeRow is a row of a table with a column of every kind that is read as a number, some
// of them through a dictionary.
type edgeRow struct {
	RowID   int64   `parquet:"rad_id"`
	Number  *string `parquet:"personnummer,optional"`
	From    int32   `parquet:"fran,date,dict"`
	Paid    *int32  `parquet:"utbetald,optional,date"`
	Extent  int32   `parquet:"omfattning"`
	Amount  int64   `parquet:"belopp_ore,dict"`
	Count   *int64  `parquet:"antal,optional"`
	Partner *int64  `parquet:"partner,optional"`
	Boss    int64   `parquet:"chef"`
	Year    int32   `parquet:"ar,date"`
	Month   *int32  `parquet:"manad,optional,date"`
	Grade   *int32  `parquet:"grad,optional"`
}

func edgeCatalogue() *catalog.Catalogue {
	c := provCatalogue()
	txt := catalog.Text{SV: "prov", EN: "test"}
	v := func(id, source string, kind catalog.Kind, role catalog.Role) catalog.Variable {
		return catalog.Variable{ID: id, Source: source, Kind: kind, Role: role, Names: txt, Definition: txt, Sensitivity: catalog.SensitiveNone, Shapes: []catalog.Shape{}}
	}
	vars := []catalog.Variable{
		v("row_id", "rad_id", catalog.KindInt, catalog.RoleRowID), v("lopnr", "personnummer", catalog.KindPerson, catalog.RolePerson),
		v("from_datum", "fran", catalog.KindDate, catalog.RoleFrom), v("utbetald", "utbetald", catalog.KindDate, catalog.RolePaid),
		v("omfattning", "omfattning", catalog.KindExtent, catalog.RoleExtent), v("belopp", "belopp_ore", catalog.KindOre, catalog.RoleAmount),
		v("antal", "antal", catalog.KindInt, ""), v("partner_lopnr", "partner", catalog.KindPerson, catalog.RoleOther),
		v("chef_lopnr", "chef", catalog.KindPerson, catalog.RoleOther), v("ar", "ar", catalog.KindPeriod, ""), v("manad", "manad", catalog.KindPeriod, ""),
		v("grad", "grad", catalog.KindInt, ""),
	}
	for i := range vars {
		switch vars[i].ID {
		case "utbetald", "antal", "partner_lopnr", "manad":
			vars[i].Nullable = true
		}
		if vars[i].Role == catalog.RoleOther {
			vars[i].SourceKey = catalog.SourceEntity
		}
	}
	vars[9].Level, vars[10].Level = "year", "month"
	r := c.Registers[0]
	r.Tables = []catalog.Table{{ID: "prov", Names: txt, RowIs: txt, Shapes: []catalog.Shape{catalog.ShapePayment}, Variables: vars}}
	c.Registers = []catalog.Register{r}
	return c
}

// TestEdgesOfNumbers: what a column can hold is held as it is, up to the last number; what
// it cannot is counted by reason.
func TestEdgesOfNumbers(t *testing.T) {
	t.Parallel()
	plain := func() edgeRow {
		return edgeRow{Number: ptr(numberOf(0)), From: int32(day.Of(1969, 12, 31)), Extent: 1000, Amount: 100, Boss: 20, Year: int32(day.Of(1931, 7, 1)), Grade: ptr(int32(3))}
	}
	var src []edgeRow
	want := map[string]int64{}
	try := func(reason string, change func(r *edgeRow)) {
		r := plain()
		change(&r)
		r.RowID = int64(len(src) + 1)
		if src = append(src, r); reason != "" {
			want[reason]++
		}
	}
	for _, d := range []day.Day{day.Min, day.Max, -1, 0} {
		try("", func(r *edgeRow) { r.From, r.Paid = int32(d), ptr(int32(d)) })
		try("", func(r *edgeRow) { r.Year, r.Month = int32(d), ptr(int32(d)) })
	}
	for _, d := range []day.Day{day.Min - 1, day.Max + 1, math.MaxInt32, math.MinInt32} {
		try(register.ReasonOutOfRange, func(r *edgeRow) { r.From = int32(d) })
		try(register.ReasonOutOfRange, func(r *edgeRow) { r.Paid = ptr(int32(d)) })
		try(register.ReasonOutOfRange, func(r *edgeRow) { r.Year = int32(d) })
		try(register.ReasonOutOfRange, func(r *edgeRow) { r.Month = ptr(int32(d)) })
	}
	for _, e := range []int32{0, 1, math.MaxUint16 - 1} {
		try("", func(r *edgeRow) { r.Extent = e })
	}
	for _, e := range []int32{-1, math.MaxUint16, math.MaxInt32} {
		try(register.ReasonOutOfRange, func(r *edgeRow) { r.Extent = e })
	}
	for _, a := range []int64{0, math.MaxInt64} {
		try("", func(r *edgeRow) { r.Amount = a })
	}
	try(register.ReasonNegativeAmount, func(r *edgeRow) { r.Amount = -1 })
	for _, n := range []int64{math.MinInt32 + 1, math.MaxInt32, 0} {
		try("", func(r *edgeRow) { r.Count = &n })
	}
	for _, n := range []int64{math.MinInt32, math.MaxInt32 + 1, math.MaxInt64} {
		try(register.ReasonOutOfRange, func(r *edgeRow) { r.Count = &n })
	}
	try("", func(r *edgeRow) { r.Partner = ptr(int64(10)) })
	for _, key := range []int64{11, -1, math.MaxInt64} {
		try(register.ReasonUnknownOther, func(r *edgeRow) { r.Partner = &key })
		try(register.ReasonUnknownOther, func(r *edgeRow) { r.Boss = key })
	}
	try(register.ReasonMissingValue, func(r *edgeRow) { r.Grade = nil })

	people := people(3)
	dir := people.write(t)
	writeFile(t, dir, "prov", src)
	o := register.Options{From: dir, Store: filepath.Join(t.TempDir(), "store"), ID: "x", At: loadDay, Catalogue: edgeCatalogue()}
	o.WithoutSync()
	m, err := register.Load(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Tables[0].Counts.Quarantined; !maps.Equal(got, want) {
		t.Errorf("set aside %v, want %v", got, want)
	}
	s := mustOpen(t, o.Store, "x")
	tab := s.Table("prov")
	kept := map[int64]edgeRow{}
	for _, r := range src {
		kept[r.RowID] = r
	}
	var order []string
	for i := range tab.Len() {
		id := tab.Column("row_id").Int64s().At(i)
		r := kept[id]
		expect := []any{r.From, orElse(r.Paid, int32(register.NoDay)), uint16(r.Extent), r.Amount, int32(orElse(r.Count, int64(register.NoInt32))), *r.Grade, day.Day(r.Year).Year(), register.NoInt32, register.NoPerson, uint32(1)}
		if r.Month != nil {
			expect[7] = int32(day.Day(*r.Month).Month())
		}
		if r.Partner != nil {
			expect[8] = uint32(0)
		}
		got := []any{
			int32(tab.Column("from_datum").Days().At(i)), int32(tab.Column("utbetald").Days().At(i)), tab.Column("omfattning").Extents().At(i), tab.Column("belopp").Int64s().At(i),
			tab.Column("antal").Int32s().At(i), tab.Column("grad").Int32s().At(i), int(tab.Column("ar").Int32s().At(i)), tab.Column("manad").Int32s().At(i),
			tab.Column("partner_lopnr").Persons().At(i), tab.Column("chef_lopnr").Persons().At(i),
		}
		if fmt.Sprint(got) != fmt.Sprint(expect) {
			t.Errorf("row %d: %v, want %v", id, got, expect)
		}
		order = append(order, fmt.Sprintf("%010d %03d", int64(r.From)+1<<30, id))
	}
	lost := int64(0)
	for _, n := range want {
		lost += n
	}
	if len(order) != len(src)-int(lost) || !slices.IsSorted(order) {
		t.Errorf("%d rows of %d, or not in the order of first day and row number: %v", len(order), len(src)-int(lost), order)
	}
}

func orElse[T any](p *T, other T) T {
	if p == nil {
		return other
	}
	return *p
}
