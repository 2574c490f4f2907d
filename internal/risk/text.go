package risk

import (
	"fmt"
	"io"
	"math"
	"strings"

	"sluss/internal/catalog"
)

// Page is what the readable report shows.
type Page struct {
	Report  *Report
	QI      []string
	Policy  Policy
	Effects []Effect
	Extras  Extras
	// Threshold of the question, for the text.
	Threshold float64
}

// words of the readable report.
var words = map[string]catalog.Text{
	"title":      {SV: "Röjanderisk", EN: "Disclosure risk"},
	"records":    {SV: "poster", EN: "records"},
	"classes":    {SV: "klasser", EN: "classes"},
	"whole":      {SV: "sammantaget", EN: "on the whole"},
	"k":          {SV: "minsta klass (k)", EN: "smallest class (k)"},
	"uniques":    {SV: "unika poster", EN: "unique records"},
	"share":      {SV: "poster med risk över %s", EN: "records with risk above %s"},
	"below":      {SV: "poster i klasser under %d", EN: "records in classes below %d"},
	"popunique":  {SV: "unika även i populationen", EN: "unique in the population, too"},
	"prosecutor": {SV: "åklagarrisk, högst / medel", EN: "prosecutor risk, highest / mean"},
	"journalist": {SV: "journalistrisk, högst / framgång", EN: "journalist risk, highest / success"},
	"marketer":   {SV: "marknadsförarrisk", EN: "marketer risk"},
	"expected":   {SV: "väntade återidentifieringar", EN: "expected re-identifications"},
	"l":          {SV: "l-diversitet, olika / entropi", EN: "l-diversity, distinct / entropy"},
	"t":          {SV: "t-närhet", EN: "t-closeness"},
	"homogen":    {SV: "    en klass har ett enda värde: vem som än hör dit avslöjas", EN: "    a class has one single value: it is known of everyone in it"},
	"suda":       {SV: "SUDA: kolumnens del av det som gör poster unika", EN: "SUDA: the column's part in what makes records unique"},
	"nosuda":     {SV: "SUDA: för många kolumner eller poster att gå igenom", EN: "SUDA: too many columns or records to go through"},
	"whatif":     {SV: "om en kolumn görs grövre", EN: "if a column is made coarser"},
	"drop":       {SV: "utan kolumnen", EN: "without it"},
	"prefix":     {SV: "de %d första tecknen", EN: "first %d characters"},
	"width":      {SV: "i band om %d", EN: "in bands of %d"},
	"trajectory": {SV: "personer med unik följd i panelen", EN: "persons with a unique sequence in the panel"},
	"first":      {SV: "    redan på de %d första perioderna", EN: "    by the first %d periods alone"},
	"diff":       {SV: "klasser som ändrats med färre än fem sedan förra filen", EN: "classes that changed by fewer than five since the last file"},
	"changes":    {SV: "poster tillkomna / borta sedan förra filen", EN: "records added / gone since the last file"},
	"note":       {SV: "Rapporten är till för handläggaren; mottagarens version visar inga antal under fem.", EN: "This report is for the case handler; the recipient's version shows no counts below five."},
}

// Text writes the readable report in "sv" or, for every other value, English.
// It holds counts and names of columns, never the content of a cell.
func (p Page) Text(w io.Writer, lang string) error {
	t := &sheet{lang: lang}
	r, v := p.Report, p.Policy.Judge(p.Report)
	t.line("%s: %d %s, %d %s (%s)", t.word("title"), r.Records, t.word("records"), r.Classes, t.word("classes"), strings.Join(p.QI, ", "))
	t.line("")
	t.row(v.Whole.In(lang), t.word("whole"), "")
	t.row(v.K.In(lang), t.word("k"), fmt.Sprint(r.K))
	t.row(v.Uniques.In(lang), t.word("uniques"), t.count(r.Uniques, r.Records))
	t.row(v.Share.In(lang), t.word("share", t.number(p.Threshold)), t.percent(r.Prosecutor.Share))
	t.line("")
	for i, limit := range Limits {
		t.row("", t.word("below", limit), t.count(r.Below[i], r.Records))
	}
	p.risks(t)
	p.columns(t)
	p.extras(t)
	t.line("")
	t.line("%s", t.word("note"))
	_, err := io.WriteString(w, t.b.String())
	return err
}

func (p Page) risks(t *sheet) {
	r := p.Report
	if r.PopulationUniques != nil {
		t.row("", t.word("popunique"), t.count(*r.PopulationUniques, r.Records))
	}
	t.row("", t.word("prosecutor"), t.percent(r.Prosecutor.Max)+" / "+t.percent(r.Prosecutor.Mean))
	if j := r.Journalist; j != nil {
		t.row("", t.word("journalist"), t.percent(j.Max)+" / "+t.percent(j.Success))
	}
	t.row("", t.word("marketer"), t.percent(r.Marketer))
	t.row("", t.word("expected"), t.number(math.Round(r.ExpectedReidentity*100)/100))
	if r.L != nil {
		t.row("", t.word("l"), fmt.Sprintf("%d / %s", r.L.Distinct, t.number(math.Round(r.L.Entropy*100)/100)))
		if r.L.Distinct == 1 {
			t.line("%s", t.word("homogen"))
		}
	}
	if r.TCloseness != nil {
		t.row("", t.word("t"), t.number(math.Round(*r.TCloseness*1000)/1000))
	}
}

// columns says which columns the risk comes from and what would lower it.
func (p Page) columns(t *sheet) {
	if s := p.Report.SUDA; s == nil {
		t.line("")
		t.line("%s", t.word("nosuda"))
	} else if s.Total > 0 {
		t.line("")
		t.line("%s", t.word("suda"))
		for i, name := range p.QI {
			t.row("", "    "+name, t.percent(s.Columns[i]/s.Total))
		}
	}
	if len(p.Effects) == 0 {
		return
	}
	t.line("")
	t.line("%s", t.word("whatif"))
	for _, e := range p.Effects {
		how := t.word("drop")
		if e.Kind != Drop {
			how = t.word(string(e.Kind), e.N)
		}
		t.row("", "    "+e.Column+": "+how, fmt.Sprintf("k %d → %d, %s %d → %d", p.Report.K, e.K, t.word("uniques"), p.Report.Uniques, e.Uniques))
	}
}

func (p Page) extras(t *sheet) {
	if x := p.Extras.Trajectory; x != nil {
		t.line("")
		t.row("", t.word("trajectory"), t.count(x.Unique, x.Persons))
		for _, f := range x.First {
			t.row("", t.word("first", f.Periods), t.count(f.Unique, x.Persons))
		}
	}
	if x := p.Extras.Differencing; x != nil {
		t.line("")
		t.row("", t.word("diff"), fmt.Sprint(x.Classes))
		t.row("", t.word("changes"), fmt.Sprintf("%d / %d", x.Added, x.Removed))
	}
}

// sheet is a text in the making.
type sheet struct {
	b    strings.Builder
	lang string
}

func (t *sheet) word(key string, args ...any) string {
	if s := words[key].In(t.lang); len(args) > 0 {
		return fmt.Sprintf(s, args...)
	}
	return words[key].In(t.lang)
}

func (t *sheet) line(format string, args ...any) {
	fmt.Fprintf(&t.b, format+"\n", args...)
}

func (t *sheet) row(light, what, value string) {
	t.line("%s", strings.TrimRight(fmt.Sprintf("%-6s %-52s %s", light, what, value), " "))
}

func (t *sheet) number(x float64) string {
	s := string(appendFloat(nil, x))
	if t.lang == "sv" {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

func (t *sheet) percent(share float64) string {
	return t.number(math.Round(share*10_000)/100) + " %"
}

func (t *sheet) count(n, of int) string {
	return fmt.Sprintf("%d (%s)", n, t.percent(float64(n)/float64(max(of, 1))))
}
