package console

import (
	"regexp"
	"strconv"
	"strings"

	"sluss/internal/fault"
)

// Size is a number of bytes, on the command line or in a file of settings:
// 1500, 700M, 4G.
type Size int64

var sizeForm = regexp.MustCompile(`^([0-9]{1,12})([kMGT]?)$`)

// mostSize keeps sizes far from where they overflow.
const mostSize = 1 << 50

// ParseSize reads a number of bytes; k, M, G and T are thousands, as media are
// sold. Fault: size.
func ParseSize(text string) (Size, error) {
	m := sizeForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, fault.New("size", "Storleken går inte att läsa.", "The size cannot be read.").
			Do("Ange byte, eller till exempel 700M eller 4G.", "Give bytes, or for example 700M or 4G.")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, err
	}
	for range map[string]int{"k": 1, "M": 2, "G": 3, "T": 4}[m[2]] {
		if n > mostSize {
			break
		}
		n *= 1000
	}
	return Size(n), nil
}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}
