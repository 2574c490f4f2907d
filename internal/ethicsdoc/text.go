package ethicsdoc

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/ledongthuc/pdf"
)

// pen follows the text operators of a page (ISO 32000-1, 9.4) and writes down
// what they show, with a line break where the page begins a new line and a
// space where it leaves one.
type pen struct {
	out     strings.Builder
	room    int // bytes left
	fonts   pdf.Value
	cache   map[string]*pdf.Font
	font    *pdf.Font
	size    float64
	leading float64

	x, y   float64 // start of the line, where Td counts from
	scale  float64 // vertical scale of the text matrix
	endX   float64 // where the last text ended, as far as widths tell
	lastY  float64
	step   float64 // usual distance between lines
	shown  bool    // something has been shown on the page
	spaced bool    // the text so far ends with white space
}

// errStop ends a page: the time is up, or there is too much text.
type errStop struct{ error }

// text returns the text of the page, at most room bytes.
func (p page) text(ctx context.Context, room int) (text string, err error) {
	if k := p.content.Kind(); k != pdf.Stream && k != pdf.Array {
		return "", nil
	}
	w := pen{room: room, fonts: p.fonts, cache: map[string]*pdf.Font{}, scale: 1, spaced: true}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case errStop:
			err = r.error
		default: // what was read until the page became unreadable is of no use
			err = unreadable(errors.New("content stream"))
		}
	}()
	n := 0
	pdf.Interpret(p.content, func(stack *pdf.Stack, op string) {
		if n++; n%256 == 0 && ctx.Err() != nil {
			panic(errStop{slow(ctx.Err())})
		}
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		w.do(op, args)
	})
	return strings.TrimSpace(w.out.String()), nil
}

func number(args []pdf.Value, i int) float64 {
	if i < len(args) {
		return args[i].Float64()
	}
	return 0
}

// do carries out one operator.
func (w *pen) do(op string, args []pdf.Value) {
	switch op {
	case "BT":
		w.x, w.y, w.scale = 0, 0, 1
	case "Tf":
		if len(args) == 2 {
			w.font, w.size = w.fontCalled(args[0].Name()), args[1].Float64()
		}
	case "TL":
		w.leading = number(args, 0)
	case "Td":
		w.move(number(args, 0), number(args, 1))
	case "TD":
		w.leading = -number(args, 1)
		w.move(number(args, 0), number(args, 1))
	case "Tm":
		w.scale = math.Hypot(number(args, 2), number(args, 3))
		w.x, w.y = number(args, 4), number(args, 5)
	case "T*":
		w.move(0, -w.leading)
	case "'", "\"":
		w.move(0, -w.leading)
		w.begin()
		if len(args) > 0 {
			w.show(args[len(args)-1].RawString())
		}
	case "Tj":
		w.begin()
		if len(args) > 0 {
			w.show(args[0].RawString())
		}
	case "TJ":
		w.begin()
		if len(args) > 0 {
			w.showAll(args[0])
		}
	}
}

func (w *pen) fontCalled(name string) *pdf.Font {
	if f, ok := w.cache[name]; ok {
		return f
	}
	f := &pdf.Font{V: w.fonts.Key(name)}
	w.cache[name] = f
	return f
}

func (w *pen) move(dx, dy float64) {
	w.x += dx * w.scale
	w.y += dy * w.scale
}

// em is the size of the letters on the page.
func (w *pen) em() float64 { return math.Max(1, math.Abs(w.size*w.scale)) }

// begin writes the white space between what was shown last and what comes now.
func (w *pen) begin() {
	if !w.shown {
		w.shown, w.lastY, w.endX = true, w.y, w.x
		return
	}
	down := math.Abs(w.y - w.lastY)
	switch {
	case down > 0.4*w.em():
		w.out.WriteByte('\n')
		if w.step > 0 && down > 1.45*w.step || w.step == 0 && down > 2.2*w.em() || w.y > w.lastY+2*w.em() {
			w.out.WriteByte('\n')
		} else {
			w.step = down
		}
		w.spaced, w.lastY, w.endX = true, w.y, w.x
	case w.x > w.endX+0.18*w.em() || w.x < w.endX-3*w.em():
		w.space()
		w.endX = w.x
	}
}

func (w *pen) space() {
	if !w.spaced {
		w.out.WriteByte(' ')
		w.spaced = true
	}
}

// wide is a shift to the right, in thousandths of the letters' size, that
// stands for a space where a document writes none.
const wide = 180

func (w *pen) showAll(parts pdf.Value) {
	for i := range parts.Len() {
		part := parts.Index(i)
		if part.Kind() == pdf.String {
			w.show(part.RawString())
			continue
		}
		shift := -part.Float64()
		if shift > wide {
			w.space()
		}
		w.endX += shift / 1000 * w.em()
	}
}

func (w *pen) show(raw string) {
	text := raw
	if w.font != nil && w.font.V.Kind() == pdf.Dict {
		text = w.font.Encoder().Decode(raw)
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r == 0xfffd:
			return -1
		}
		return r
	}, text)
	if w.room -= len(text) + 2; w.room < 0 {
		panic(errStop{unreadable(errors.New("too much text"))})
	}
	if text == "" {
		return
	}
	w.out.WriteString(text)
	w.spaced = strings.HasSuffix(text, " ")
	w.endX += w.width(raw, text) * w.em()
}

// width returns how wide a text is in units of the letters' size: by the
// font's widths, or half a unit for each letter where it gives none.
func (w *pen) width(raw, text string) float64 {
	if w.font != nil && w.font.V.Key("Widths").Kind() == pdf.Array {
		total := 0.0
		for i := range len(raw) {
			total += w.font.Width(int(raw[i])) / 1000
		}
		return total
	}
	return 0.5 * float64(len([]rune(text)))
}
