package rig

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io/fs"
	"slices"
	"sync"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// A recipe says in a data file how the rows of one table are made, so that a
// register that is added to the catalogue by a file can be made up by a file,
// too: who can have the benefit, how often and how long, in which extents, for
// how much, how late it is decided, and what stands in the columns of its own.
// docs/registers.md describes the members.
//
// The tables whose rows hang together in other ways (the first six registers,
// certificates, estimated leave) have rules of their own in this package.
type recipe struct {
	Table         string        `json:"table"`
	RowsPerPerson int           `json:"rows_per_person"` // about; decides how much is held at a time
	Who           string        `json:"who"`             // adult, anyone, newcomer, parent, parent_or_self, mother or employer
	Share         float64       `json:"share"`           // of those who can have it, how many ever do
	Ages          [2]int        `json:"ages"`            // years, from and to
	ChildAges     [2]int        `json:"child_ages"`      // of the child, for parents
	Women         float64       `json:"women"`           // how often the mother is the recipient
	Split         float64       `json:"split"`           // how often both parents are, with half each
	Every         string        `json:"every"`           // month, spell, event, decision or year
	PerYear       float64       `json:"per_year"`        // of spells and events, of those who have them
	Busy          *busy         `json:"busy"`            // a time with more of them
	Begins        [2]int        `json:"begins"`          // days from the child's birth, for mothers
	EndBefore     int           `json:"end_before"`      // days before the birth by which it ends
	Within        int           `json:"within"`          // days after arrival, for newcomers
	Length        length        `json:"length"`          // of spells, days
	Runs          [2]int        `json:"runs"`            // days that payments by the month or a decision go on; none: as long as it can
	Weekdays      bool          `json:"weekdays"`        // paid from Monday to Friday
	Benefits      []choice      `json:"benefits"`
	ChildBenefit  string        `json:"child_benefit"` // instead, where it concerns a child
	Second        *second       `json:"second"`
	Extents       []extentShare `json:"extents"` // per mille; none: full
	Amount        amounts       `json:"amount"`
	FirstWait     float64       `json:"first_wait"` // mean days until a first grant is decided
	Wait          [2]int        `json:"wait"`       // days from an event to its registration
	Settle        *settle       `json:"settle"`
	Lump          float64       `json:"lump"`        // how often a lump sum without a period takes the place of payments
	AfterDeath    int           `json:"after_death"` // months that payments go on after the child's death
	SameAs        string        `json:"same_as"`     // another table: the same persons and times
	Columns       []ingredient  `json:"columns"`

	codeWeights [][]float64 // by column
}

type choice struct {
	Code   string  `json:"code"`
	Weight float64 `json:"weight"`
}

type extentShare struct {
	Extent uint16  `json:"extent"`
	Weight float64 `json:"weight"`
}

type length struct {
	Median float64 `json:"median"`
	Spread float64 `json:"spread"`
	Max    float64 `json:"max"`
}

// busy is a time when everything happens more often.
type busy struct {
	From  day.Day `json:"from"`
	To    day.Day `json:"to"`
	Times float64 `json:"times"`
}

// second is another benefit beside the first, from a child's place among the
// siblings on; amounts in öre by place.
type second struct {
	Benefit string  `json:"benefit"`
	Child   int     `json:"from_child"`
	Amounts []int64 `json:"amounts"`
}

// amounts are ranges in öre, one of them.
type amounts struct {
	Month      [2]int64   `json:"month"`
	Day        [2]int64   `json:"day"`
	Year       [2]int64   `json:"year"` // also of an event
	ByChildAge [][2]int64 `json:"by_child_age"`
}

// settle makes preliminary payments final the year after.
type settle struct {
	Source      string  `json:"source"` // the column that tells them apart
	Preliminary string  `json:"preliminary"`
	Final       string  `json:"final"`
	Share       float64 `json:"share"` // of the years that are changed
	Most        int64   `json:"most"`  // öre per month, up or down
}

// ingredient fills a column of the source. One of the members says how.
type ingredient struct {
	Source     string    `json:"source"`
	Empty      float64   `json:"empty"` // how often nothing stands there
	Codes      []choice  `json:"codes"`
	Each       string    `json:"each"`   // "row": drawn for every row, not for the whole run
	Unpaid     string    `json:"unpaid"` // the code with which the amount is 0
	Ore        [2]int64  `json:"ore"`
	Int        [2]int    `json:"int"`
	Sum        []string  `json:"sum"`         // of these columns
	DaysBefore [2]int    `json:"days_before"` // a date so many days before the first day
	Decided    bool      `json:"decided"`     // the day of the decision
	Diagnosis  bool      `json:"diagnosis"`
	Person     string    `json:"person"` // spouse, other_parent, kin or guardian
	Employer   *employed `json:"employer"`
}

// employed says who the employer is: how often a sole trader.
type employed struct {
	Own float64 `json:"own"`
}

// maxColumns bounds the columns of a recipe's own.
const maxColumns = 8

// empty is a column's missing value.
const empty int64 = -1 << 63

//go:embed recipes/*.json
var recipeFiles embed.FS

// Recipes are the recipes by table.
type Recipes map[string]*recipe

// BuiltinRecipes are the recipes of the built-in catalogue.
func BuiltinRecipes() Recipes { return builtinRecipes() }

var builtinRecipes = sync.OnceValue(func() Recipes {
	sub, err := fs.Sub(recipeFiles, "recipes")
	if err != nil {
		panic(err)
	}
	r, err := ReadRecipes(sub, catalog.Builtin())
	if err != nil {
		panic(err)
	}
	return r
})

// ReadRecipes reads every *.json at the top of fsys and checks it against the
// tables of c. Errors name file, table and column.
func ReadRecipes(fsys fs.FS, c *catalog.Catalogue) (Recipes, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	out := Recipes{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		r := &recipe{}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := r.check(c); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if out[r.Table] != nil {
			return nil, fmt.Errorf("%s: table %s has two recipes", name, r.Table)
		}
		out[r.Table] = r
	}
	return out, nil
}

// With returns the recipes of r and o together; those of o come first.
func (r Recipes) With(o Recipes) Recipes {
	out := Recipes{}
	for _, list := range []Recipes{r, o} {
		for table, x := range list {
			out[table] = x
		}
	}
	return out
}

// check says what keeps the recipe from filling every column of its table.
func (r *recipe) check(c *catalog.Catalogue) error {
	reg, table := c.Table(r.Table)
	if table == nil {
		return fmt.Errorf("the catalogue has no table %q", r.Table)
	}
	if !slices.Contains([]string{"adult", "anyone", "newcomer", "parent", "parent_or_self", "mother", "employer"}, r.Who) {
		return fmt.Errorf("table %s: who: unknown %q", r.Table, r.Who)
	}
	if !slices.Contains([]string{"month", "spell", "event", "decision", "year"}, r.Every) {
		return fmt.Errorf("table %s: every: unknown %q", r.Table, r.Every)
	}
	if len(r.Columns) > maxColumns || len(r.Benefits) == 0 || r.Share <= 0 || r.Share > 1 {
		return fmt.Errorf("table %s: at most %d columns, at least one benefit, a share above 0 and at most 1", r.Table, maxColumns)
	}
	for _, b := range r.Benefits {
		if reg.Benefit(b.Code) == nil {
			return fmt.Errorf("table %s: the register has no benefit %q", r.Table, b.Code)
		}
	}
	for i := range r.Columns {
		k := &r.Columns[i]
		at := slices.IndexFunc(table.Variables, func(v catalog.Variable) bool { return v.Source == k.Source })
		if at < 0 {
			return fmt.Errorf("table %s: no column %q", r.Table, k.Source)
		}
		if err := k.check(c, reg, &table.Variables[at]); err != nil {
			return fmt.Errorf("table %s: column %s: %w", r.Table, k.Source, err)
		}
		r.codeWeights = append(r.codeWeights, weightsOf(k.Codes))
	}
	for _, v := range table.Variables {
		if v.Stored() && !common[v.Source] && v.Role != catalog.RolePerson && r.column(v.Source) < 0 {
			return fmt.Errorf("table %s: nothing says what stands in column %s", r.Table, v.Source)
		}
	}
	return nil
}

func (k *ingredient) check(c *catalog.Catalogue, reg *catalog.Register, v *catalog.Variable) error {
	if k.Empty > 0 && !v.Nullable {
		return fmt.Errorf("the catalogue does not let it be empty")
	}
	if set, ok := c.Values(reg, v); ok && !set.Open {
		for _, x := range k.Codes {
			if set.Find(x.Code) == nil {
				return fmt.Errorf("the value set has no code %q", x.Code)
			}
		}
	}
	return nil
}

// column returns the place of a column of the recipe's own, −1 without.
func (r *recipe) column(source string) int {
	return slices.IndexFunc(r.Columns, func(k ingredient) bool { return k.Source == source })
}

// common are the columns that every recipe fills.
var common = map[string]bool{
	"rad_id": true, "arende_id": true, "registrerad": true, "transaktion": true, "personnummer": true, "barn_personnummer": true, "delforman": true,
	"fran": true, "till": true, "datum": true, "omfattning": true, "belopp_ore": true, "utbetald": true,
}

func weightsOf(list []choice) []float64 {
	out := make([]float64, len(list))
	for i, c := range list {
		out[i] = c.Weight
	}
	return out
}

// key tells the streams of random numbers of tables apart.
func key(table string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(table))
	return h.Sum64()
}
