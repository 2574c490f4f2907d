package swede

import (
	"errors"
	"fmt"
	"log/slog"

	"sluss/internal/day"
)

// What can be wrong with an identity number, in the order in which it is
// tested. The errors never hold the number.
var (
	ErrFormat     = errors.New("not 10 or 12 digits with at most one - or + before the last four")
	ErrCentury    = errors.New("the century is not 18, 19 or 20, or a + contradicts it")
	ErrDate       = errors.New("not a day of the calendar up to the reference day")
	ErrCheckDigit = errors.New("the check digit is wrong")
)

// Mode says which check digits are right.
type Mode uint8

const (
	// Real is the normal mode: the check digit follows the law.
	Real Mode = iota
	// Synthetic is for made-up data. A synthetic number carries the digit
	// after the right one (9 becomes 0), and only that is accepted, so that
	// synthetic data never meet a living person and real numbers are refused.
	Synthetic
)

// masked is what a Personnummer looks like wherever it is printed.
const masked = "[personnummer]"

// veil keeps the digits out of sight even where fmt reaches an unexported
// field by reflection and cannot call our methods. It is no secret; it guards
// against accidents.
const veil = 0x5A17_9C3E_F0D2_6B85

// Personnummer is an identity number of a person, a personnummer or a
// samordningsnummer, with its century. Two spellings of one number are equal
// under ==. The zero value is no number.
//
// It prints as "[personnummer]" under every verb, in every log and in JSON.
type Personnummer struct{ veiled uint64 }

// Parse reads a personnummer or samordningsnummer as it stands in files:
// YYYYMMDDNNNN, YYYYMMDD-NNNN, YYMMDDNNNN, YYMMDD-NNNN, and each with + for -.
// White space around it is ignored. It allocates nothing.
//
// The century of a ten-digit number is resolved against the day at:
//
//   - without a sign or with -: the latest day up to at, so a person under 100
//   - with +: the latest year in which a person turned 100 by the end of at's year
//
// Twelve digits say their century themselves. A + that contradicts it (the
// person has not turned 100 by the end of at's year) is [ErrCentury]; a - is
// never held against a centenarian, because many systems do not change it. A day
// after at is [ErrDate].
//
// The errors are ErrFormat, ErrCentury, ErrDate and ErrCheckDigit; the first
// that applies is returned.
func Parse[T ~string | ~[]byte](s T, at day.Day, mode Mode) (Personnummer, error) {
	lo, hi := trim(s)
	var n uint64
	var sign byte
	digits := 0
	for i := lo; i < hi; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if digits++; digits > 12 {
				return Personnummer{}, ErrFormat
			}
			n = n*10 + uint64(c-'0')
		case (c == '-' || c == '+') && i == hi-5:
			sign = c
		default:
			return Personnummer{}, ErrFormat
		}
	}
	if digits != 10 && digits != 12 {
		return Personnummer{}, ErrFormat
	}
	date := int(n / 10_000)
	dd, mm := date%100, date/100%100
	born := dd
	if born > 60 {
		born -= 60
	}
	y, ok := year(date/10_000, digits == 12, sign, mm, born, at)
	if !ok {
		return Personnummer{}, ErrCentury
	}
	if !day.Valid(y, mm, born) || day.Of(y, mm, born) > at {
		return Personnummer{}, ErrDate
	}
	n = uint64(y)*100_000_000 + n%100_000_000
	want := checkDigit(n / 10 % 1_000_000_000)
	if mode == Synthetic {
		want = (want + 1) % 10
	}
	if n%10 != want {
		return Personnummer{}, ErrCheckDigit
	}
	return Personnummer{n ^ veil}, nil
}

// year resolves the year of birth; y is two digits or, if whole, four.
func year(y int, whole bool, sign byte, mm, dd int, at day.Day) (int, bool) {
	ay, am, ad := at.YMD()
	if whole {
		return y, y >= 1800 && y < 2100 && (sign != '+' || y+100 <= ay)
	}
	if sign == '+' {
		y += (ay - 100) / 100 * 100
		if y > ay-100 {
			y -= 100
		}
	} else {
		y += ay / 100 * 100
		if y > ay || y == ay && (mm > am || mm == am && dd > ad) {
			y -= 100
		}
	}
	return y, y >= 1800 && y < 2100
}

// trim returns the part of s between surrounding white space, as indices.
func trim[T ~string | ~[]byte](s T) (lo, hi int) {
	hi = len(s)
	for lo < hi {
		if s[lo] == ' ' || s[lo] == '\t' {
			lo++
		} else if hi-lo >= 2 && s[lo] == 0xC2 && s[lo+1] == 0xA0 {
			lo += 2
		} else {
			break
		}
	}
	for lo < hi {
		if s[hi-1] == ' ' || s[hi-1] == '\t' {
			hi--
		} else if hi-lo >= 2 && s[hi-2] == 0xC2 && s[hi-1] == 0xA0 {
			hi -= 2
		} else {
			break
		}
	}
	return lo, hi
}

// checkDigit returns the check digit of nine digits: weights 2, 1, 2 … from
// the left, the digits of the products summed, mod 10.
func checkDigit(nine uint64) uint64 {
	var sum uint64
	for i := range 9 {
		d := nine % 10
		nine /= 10
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return (10 - sum%10) % 10
}

// FromNumber returns the Personnummer of twelve digits that have been checked
// before, as [Personnummer.Reveal] gave them. It checks only the form and the
// calendar, and returns ErrFormat, ErrCentury or ErrDate.
func FromNumber(n uint64) (Personnummer, error) {
	y, mm, dd := int(n/100_000_000), int(n/1_000_000%100), int(n/10_000%100)
	if dd > 60 {
		dd -= 60
	}
	switch {
	case n >= 1_000_000_000_000:
		return Personnummer{}, ErrFormat
	case y < 1800 || y >= 2100:
		return Personnummer{}, ErrCentury
	case !day.Valid(y, mm, dd):
		return Personnummer{}, ErrDate
	}
	return Personnummer{n ^ veil}, nil
}

// Make returns the number of a person whose number is built on d with birth
// number serial (0–999, even for women), and the check digit of mode. With
// coordination it is a samordningsnummer, day + 60. It is for synthetic data
// and tests.
func Make(d day.Day, serial int, coordination bool, mode Mode) Personnummer {
	y, m, dd := d.YMD()
	if coordination {
		dd += 60
	}
	nine := uint64(y%100)*10_000_000 + uint64(m)*100_000 + uint64(dd)*1000 + uint64(serial%1000)
	c := checkDigit(nine)
	if mode == Synthetic {
		c = (c + 1) % 10
	}
	return Personnummer{(uint64(y/100)*10_000_000_000 + nine*10 + c) ^ veil}
}

// Reveal returns the twelve digits YYYYMMDDNNNN as a number. Every call is a
// place where personal data leave the type; keep them few.
func (p Personnummer) Reveal() uint64 {
	if p.IsZero() {
		return 0
	}
	return p.veiled ^ veil
}

// IsZero reports whether p is no number.
func (p Personnummer) IsZero() bool { return p.veiled == 0 }

// Coordination reports whether p is a samordningsnummer (day + 60).
func (p Personnummer) Coordination() bool { return p.Reveal()/10_000%100 > 60 }

// Woman reports whether the birth number is even. The register's own column
// for sex, not this, is what a delivery uses.
func (p Personnummer) Woman() bool { return p.Reveal()/10%2 == 0 }

// DayInNumber returns the day the number is built on. It may be a neighbour of
// the day of birth where a day's numbers have run out, and is 1 January or 1
// July for many born abroad: never deliver it as a date of birth or an age.
func (p Personnummer) DayInNumber() day.Day {
	n := p.Reveal()
	dd := int(n / 10_000 % 100)
	if dd > 60 {
		dd -= 60
	}
	return day.Of(int(n/100_000_000), int(n/1_000_000%100), dd)
}

// String returns "[personnummer]".
func (p Personnummer) String() string { return masked }

// GoString returns "[personnummer]".
func (p Personnummer) GoString() string { return masked }

// Format writes "[personnummer]" under every verb.
func (p Personnummer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// MarshalText returns "[personnummer]". There is no way back on purpose.
func (p Personnummer) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalJSON returns "[personnummer]" as a JSON string.
func (p Personnummer) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// LogValue returns "[personnummer]".
func (p Personnummer) LogValue() slog.Value { return slog.StringValue(masked) }
