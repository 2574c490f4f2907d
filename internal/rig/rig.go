// Package rig makes synthetic registers: people who never lived, with the
// identity numbers, families, benefits and clerical accidents that real
// registers have.
//
// Everything comes from rules in this package and published totals
// ([Targets]); nothing was ever fitted to a real person's rows. Identity
// numbers carry a deliberately wrong check digit, so that none of them can
// belong to anybody, and only a snapshot marked synthetic accepts them.
//
// [New] makes the population, [World.Rows] the rows of one table, [Write] the
// source files that a register holder would send. The same [Config] gives the
// same bytes, however many workers make them: every person has a stream of
// random numbers of their own.
//
// What is awkward on purpose: payments that come late, corrections and
// reversals, days covered twice, sickness spells across several benefits,
// eighths of days, decisions without an end, payments before the child has a
// number, changed and reused identity numbers, samordningsnummer that became
// personnummer, numbers that name a neighbouring day, protected persons, and
// some rows with numbers that nobody has; split recipients, preliminary and
// final amounts, lump sums without a period, first grants that are decided
// late, certificates that overlap, employers who are sole traders, sick pay before
// the benefit, waiting periods of the self-employed, top-ups without days, and cells
// of very few.
//
// What registers have in common is made after recipes, which are data files
// (recipe.go); a register that is added to the catalogue by a file can bring
// one.
package rig

import (
	"context"
	"math"
	"math/rand/v2"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Config says what to make. The zero value of a field means its default.
type Config struct {
	Persons int
	Seed    uint64
	// Wave is the month the registers are seen: 1 (default) at At, 2 one month
	// later, and so on. A later wave has the payments of that month, and some of
	// the earlier rows corrected or gone.
	Wave int
	// SickRows makes sickness benefit dense: about so many rows for every
	// person, from 2005 on. 0 gives a realistic register from 2019 on.
	SickRows int
	Workers  int // default 2
	// Catalogue and Recipes are those of registers that were added by files;
	// nil for the built-in ones.
	Catalogue *catalog.Catalogue
	Recipes   Recipes
	Tables    []string // make these only; nil: all that can be made
}

// First is the day as of which wave 1 is seen: payments before it are known.
var First = day.Of(2026, 11, 1)

// At returns the day as of which the registers are seen, exclusive.
func (c Config) At() day.Day { return First.AddMonths(max(c.Wave, 1) - 1) }

// start returns the first day of payments that the registers hold.
func (c Config) start() day.Day {
	if c.SickRows > 0 {
		return day.Of(2005, 1, 1)
	}
	return day.Of(2019, 1, 1)
}

// horizon is the day up to which lives are made, later than any wave's At: a
// life must not depend on when it is seen.
var horizon = day.Of(2028, 1, 1)

// Person is an index into the world, from 0.
type Person = int32

// Nobody is the absent person.
const Nobody Person = -1

// World is the made-up population.
type World struct {
	cfg     Config
	Birth   []day.Day
	Death   []day.Day // day.Open for those who live at the horizon
	Arrived []day.Day // first day in the country: birth, or immigration
	Woman   []bool
	Shield  []bool // protected identity
	County  []uint8
	Mother  []Person
	Father  []Person
	Kids    [][]Person
	numbers [][]Number // of each person, in order of validity

	organisations []string // their numbers
}

// New makes the population of c.
func New(c Config) *World {
	w, err := Make(context.Background(), c, nil)
	if err != nil {
		panic(err) // nobody ends it
	}
	return w
}

// Make is [New] for many persons: it tells how far it has come, and fails when ctx ends.
func Make(ctx context.Context, c Config, tell Teller) (*World, error) {
	if c.Workers == 0 {
		c.Workers = 2
	}
	if c.Catalogue == nil {
		c.Catalogue = catalog.Builtin()
	}
	if c.Recipes == nil {
		c.Recipes = BuiltinRecipes()
	}
	w := &World{cfg: c}
	watch := &watch{ctx: ctx, tell: tell}
	watch.begin("people")
	if err := w.settle(watch); err != nil {
		return nil, err
	}
	if err := w.enumerate(watch); err != nil {
		return nil, err
	}
	w.organise()
	return w, nil
}

// Len returns the number of persons.
func (w *World) Len() int { return len(w.Birth) }

// Entity returns a person's key in the identity register.
func (w *World) Entity(p Person) int64 { return 1_000_000 + 3*int64(p) }

// Salts keep the streams of random numbers apart.
const (
	saltPeople uint64 = iota + 1
	saltNumbers
	saltSick
	saltParental
	saltCompensation
	saltTemporary
	saltDental
	saltRecipe
	saltWho
	saltCertificate
	saltTold
)

// dice is a stream of random numbers. It decides about made-up people only;
// nothing here is fit for pseudonyms.
type dice struct{ *rand.Rand }

// roll returns the stream of purpose salt and subject k.
func (c Config) roll(salt, k uint64) dice {
	return dice{rand.New(rand.NewPCG(mix(c.Seed^salt<<56), mix(k+salt*0x9E3779B97F4A7C15)))}
}

// mix spreads the bits of x (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// chance is true with probability p.
func (d dice) chance(p float64) bool { return d.Float64() < p }

// between returns a whole number from lo to hi, both included.
func (d dice) between(lo, hi int) int {
	if hi <= lo {
		return lo
	}
	return lo + d.IntN(hi-lo+1)
}

// wait returns a number of days with the given mean, exponentially spread.
func (d dice) wait(mean float64) int { return int(d.ExpFloat64() * mean) }

// skewed returns a log-normal number with the given median and spread.
func (d dice) skewed(median, sigma float64) float64 { return median * math.Exp(sigma*d.NormFloat64()) }

// pick returns an index with the given weights.
func (d dice) pick(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := d.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}
