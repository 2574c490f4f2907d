package rig

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"sluss/internal/day"
	"sluss/internal/swede"
)

// Population files that come with the registers, as another register holder
// would send them. They lie in the folder population beside the registers.
const (
	// PopulationIndexed has identity number, index date and group: for orders
	// whose löpnummer we draw.
	PopulationIndexed = "indexdatum.csv"
	// PopulationKeyed has identity number and the holder's own löpnummer.
	PopulationKeyed = "nyckelfil.csv"
	// PopulationEmployers has organisation numbers, those of sole traders among
	// them.
	PopulationEmployers = "arbetsgivare.csv"
)

// populationShare is how many in a thousand of the grown-ups are in a file.
const populationShare = 200

// WritePopulations writes the population files into dir/population. They hold
// what such files hold in life: spellings with and without century and hyphen,
// numbers that have changed since, persons who have died, a line twice.
func (w *World) WritePopulations(ctx context.Context, dir string, tell Teller) error {
	watch := &watch{ctx: ctx, tell: tell}
	watch.begin("populations")
	dir = filepath.Join(dir, "population")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(w.cfg.Seed, 0x706f70756c617469))
	var members []Person
	for p := range Person(w.Len()) {
		if w.Birth[p].Year() <= 2002 && w.Arrived[p] < day.Of(2019, 1, 1) && w.Death[p] > day.Of(2021, 1, 1) && r.IntN(1000) < populationShare {
			members = append(members, p)
		}
	}
	r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	err := writeLines(watch, 0, filepath.Join(dir, PopulationIndexed), "personnummer;indexdatum;grupp", len(members), func(i int) string {
		p := members[i]
		index := day.Of(2020, 1, 1) + day.Day(r.IntN(365*4))
		return fmt.Sprintf("%s;%s;%s", spelled(w.supplied(r, p), r), index, []string{"fall", "kontroll"}[r.IntN(2)])
	})
	if err != nil {
		return err
	}
	serials := r.Perm(9_000_000)[:len(members)]
	err = writeLines(watch, 1, filepath.Join(dir, PopulationKeyed), "Personnr;LopNr_SCB", len(members), func(i int) string {
		return fmt.Sprintf("%s;%d", spelled(w.supplied(r, members[i]), r), 1_000_000+serials[i])
	})
	if err != nil {
		return err
	}
	return w.writeEmployers(watch, filepath.Join(dir, PopulationEmployers))
}

// writeEmployers lists two of three organisations and, among them, some persons
// as sole traders.
func (w *World) writeEmployers(watch *watch, path string) error {
	r := rand.New(rand.NewPCG(w.cfg.Seed, 0x656d706c6f796572))
	var lines []string
	for _, n := range w.organisations {
		switch r.IntN(6) {
		case 0, 1:
		case 2:
			lines = append(lines, n) // 16 and ten digits
		case 3:
			lines = append(lines, n[2:])
		default:
			lines = append(lines, n[2:8]+"-"+n[8:])
		}
	}
	for p := range Person(w.Len()) {
		if w.soleTrader(p) && w.Arrived[p] < day.Of(2019, 1, 1) && w.Death[p] > day.Of(2021, 1, 1) {
			lines = append(lines, spelled(w.supplied(r, p), r))
		}
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return writeLines(watch, 2, path, "organisationsnummer", len(lines), func(i int) string { return lines[i] })
}

// supplied is the number that the other holder has: mostly the one in force,
// now and then an earlier one.
func (w *World) supplied(r *rand.Rand, p Person) swede.Personnummer {
	list := w.numbers[p]
	if len(list) > 1 && r.IntN(2) == 0 {
		return list[0].Value
	}
	return list[len(list)-1].Value
}

// spelled writes a number as people do: twelve digits, or with a hyphen.
func spelled(n swede.Personnummer, r *rand.Rand) string {
	text := fmt.Sprintf("%012d", n.Reveal())
	if r.IntN(4) == 0 {
		return text[:8] + "-" + text[8:]
	}
	return text
}

// writeLines writes the k'th of the three files: n lines under a header; the third line
// comes again at the end.
func writeLines(watch *watch, k int, path, header string, n int, line func(int) string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := bufio.NewWriter(f)
	fmt.Fprintln(b, header)
	again := ""
	for i := range n {
		if i%chunk == 0 {
			if err := watch.came(int64(min(chunk, n-i)), (float64(k)+float64(i)/float64(n))/3); err != nil {
				return err
			}
		}
		text := line(i)
		if i == 2 {
			again = text
		}
		fmt.Fprintln(b, text)
	}
	if again != "" {
		fmt.Fprintln(b, again)
	}
	return b.Flush()
}
