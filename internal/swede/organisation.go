package swede

import (
	"fmt"

	"sluss/internal/day"
)

// Organisationsnummer is the number of an organisation or, for a sole trader,
// of the person who trades. The zero value is no number.
//
// The number of a legal person is public and prints as NNNNNN-NNNN. A sole
// trader's is that person's personnummer: it is personal data and masks itself.
type Organisationsnummer struct {
	veiled uint64
	person Personnummer
}

// ParseOrganisation reads NNNNNN-NNNN, NNNNNNNNNN or 16NNNNNNNNNN; a legal
// person's third digit is at least 2. Where it is less, the number is read as
// a sole trader's personnummer with [Parse], and [Organisationsnummer.Person]
// gives it.
//
// Errors are those of Parse; a legal person's number only knows ErrFormat and
// ErrCheckDigit. In mode [Synthetic] the check digit of a legal person is the
// deliberately wrong one, too.
//
// Source: lag (1974:174) om identitetsbeteckning för juridiska personer m.fl.;
// reference domain §6.
func ParseOrganisation[T ~string | ~[]byte](s T, at day.Day, mode Mode) (Organisationsnummer, error) {
	lo, hi := trim(s)
	var n uint64
	digits := 0
	for i := lo; i < hi; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if digits++; digits > 12 {
				return Organisationsnummer{}, ErrFormat
			}
			n = n*10 + uint64(c-'0')
		case c == '-' && i == hi-5:
		case c == '+' && i == hi-5:
			return soleTrader(s, at, mode)
		default:
			return Organisationsnummer{}, ErrFormat
		}
	}
	if digits == 12 && n/10_000_000_000 == 16 {
		n %= 10_000_000_000
	} else if digits != 10 {
		return soleTrader(s, at, mode)
	}
	if n/10_000_000%10 < 2 {
		return soleTrader(s, at, mode)
	}
	want := checkDigit(n / 10)
	if mode == Synthetic {
		want = (want + 1) % 10
	}
	if n%10 != want {
		return Organisationsnummer{}, ErrCheckDigit
	}
	return Organisationsnummer{veiled: n ^ veil}, nil
}

func soleTrader[T ~string | ~[]byte](s T, at day.Day, mode Mode) (Organisationsnummer, error) {
	p, err := Parse(s, at, mode)
	if err != nil {
		return Organisationsnummer{}, err
	}
	return Organisationsnummer{person: p}, nil
}

// IsZero reports whether o is no number.
func (o Organisationsnummer) IsZero() bool { return o.veiled == 0 && o.person.IsZero() }

// Person returns the sole trader's identity number, and whether there is one.
func (o Organisationsnummer) Person() (Personnummer, bool) { return o.person, !o.person.IsZero() }

// Reveal returns the number: ten digits of a legal person, twelve of a sole
// trader.
func (o Organisationsnummer) Reveal() uint64 {
	if o.veiled == 0 {
		return o.person.Reveal()
	}
	return o.veiled ^ veil
}

// Whole returns the number with twelve digits: 16 and the ten of a legal
// person, or the sole trader's. No two are the same.
func (o Organisationsnummer) Whole() uint64 {
	if o.veiled == 0 {
		return o.person.Reveal()
	}
	return 16*10_000_000_000 + o.Reveal()
}

// String returns NNNNNN-NNNN of a legal person, "[personnummer]" of a sole
// trader and "" of the zero value.
func (o Organisationsnummer) String() string {
	if o.veiled == 0 {
		if o.person.IsZero() {
			return ""
		}
		return masked
	}
	n := o.Reveal()
	return fmt.Sprintf("%06d-%04d", n/10_000, n%10_000)
}

// GoString returns what String does.
func (o Organisationsnummer) GoString() string { return o.String() }

// Format writes what String returns under every verb.
func (o Organisationsnummer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(o.String())) }

// MarshalText returns what String does.
func (o Organisationsnummer) MarshalText() ([]byte, error) { return []byte(o.String()), nil }
