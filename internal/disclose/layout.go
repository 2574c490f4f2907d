package disclose

import (
	"maps"
	"slices"

	"sluss/internal/day"
)

// spellDays are the days of a spell in a layout of 42 columns: the days of a spell's lines, gaps counted, are
// the days that each of its lines says that the spell has.
type spellDays struct {
	days, told int64
	row        int64
}

// addUp adds a line to its spell, where the file has the columns for it.
func (s *sheet) addUp(st *state, n int64, cells []Cell) {
	if s.lineDays < 0 || s.spellFrom < 0 || s.spellDays < 0 || st.person < 0 {
		return
	}
	first, ok := oneDay(cells[s.spellFrom], s.extract.Output.Date == "yyyymmdd" && cells[s.spellFrom].Kind == Text)
	days, ok2 := whole(cells[s.lineDays])
	told, ok3 := whole(cells[s.spellDays])
	if !ok || !ok2 || !ok3 {
		return // said already
	}
	if st.sums == nil {
		st.sums = map[day.Day]spellDays{}
	}
	sum, there := st.sums[first.From]
	if there && sum.told != told {
		s.add(Sums, s.file.Name, s.columns[s.spellDays].name, n)
	}
	st.sums[first.From] = spellDays{sum.days + days, told, n}
}

// added compares when all lines of a person have been read.
func (s *sheet) added(st *state) {
	for _, from := range slices.Sorted(maps.Keys(st.sums)) {
		sum := st.sums[from]
		if sum.days != sum.told {
			s.add(Sums, s.file.Name, s.columns[s.spellDays].name, sum.row)
		}
	}
	clear(st.sums)
}
