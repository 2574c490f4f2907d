package canal

import "sluss/internal/catalog"

// Measures of the drawing, in units of its view box: a wide one for a page of
// its own, and a line of gates for lists.
const (
	basinWidth = 142
	left       = 24
	top        = 78  // of the basins
	depth      = 66  // of a basin
	level      = 58  // of full water
	partLevel  = 42  // where the boat is
	ground     = 144 // the bed that everything stands on
	width      = 2*left + 8*basinWidth + 8
	height     = 208
)

// Drawing is a canal with every measure worked out: a template only writes it
// down.
type Drawing struct {
	Width, Height int
	Ground        int
	Basins        []DrawnBasin
	Boat          *Point
}

// DrawnBasin is a basin with its gate.
type DrawnBasin struct {
	Basin
	X, Y, W, H     int // of the basin
	WaterY, WaterH int
	Middle         int // for the names below
	GateX          int
	Name, GateName string
	Below          string // the line under the name: a day, or what goes on
}

// Point is a place in the drawing.
type Point struct{ X, Y int }

// Draw works the measures out. below says what stands under a basin's name.
func (c Canal) Draw(lang string, below func(Basin) string) Drawing {
	d := Drawing{Width: width, Height: height, Ground: ground}
	for i, b := range c.Basins {
		x := left + i*basinWidth
		w := map[Water]int{Full: level, Part: partLevel, Empty: 0}[b.Water]
		d.Basins = append(d.Basins, DrawnBasin{
			Basin: b, X: x, Y: top, W: basinWidth, H: depth, WaterY: ground - w, WaterH: w, Middle: x + basinWidth/2, GateX: x + basinWidth,
			Name: b.Name.In(lang), GateName: b.Gate.Name.In(lang), Below: below(b),
		})
		if b.Here {
			d.Boat = &Point{x + basinWidth/2, ground - max(w, partLevel)}
		}
	}
	return d
}

// Label sums the canal up in a sentence, for whoever does not see it.
func (c Canal) Label() catalog.Text {
	passed := 0
	for _, b := range c.Basins {
		if b.Gate.State == Open || b.Gate.State == Free {
			passed++
		}
	}
	n := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}[passed]
	return catalog.Text{SV: n + " av 8 slussportar är öppna.", EN: n + " of 8 gates are open."}
}
