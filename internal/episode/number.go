package episode

import "strconv"

// Full is the extent of a whole day, in per mille; NoExtent stands for a text
// that is no extent.
const (
	Full     uint16 = 1000
	NoExtent uint16 = 1<<16 - 1
)

// ParseExtent returns per mille for the six extents of the law written as
// percent (0, 12.5, 25, 50, 75, 100) and [NoExtent] for every other text.
//
// Source: SFB 12 kap. 9 §, 27 kap. 45 §; 0 is a covered day without benefit.
func ParseExtent[T ~string | ~[]byte](s T) uint16 {
	switch string(s) {
	case "0":
		return 0
	case "12.5":
		return 125
	case "25":
		return 250
	case "50":
		return 500
	case "75":
		return 750
	case "100":
		return Full
	}
	return NoExtent
}

// AppendExtent appends an extent as percent: 12.5, 25, 100.
func AppendExtent(b []byte, perMille uint16) []byte {
	b = strconv.AppendUint(b, uint64(perMille/10), 10)
	if t := perMille % 10; t != 0 {
		b = append(b, '.', byte('0'+t))
	}
	return b
}

// AppendNet appends thousandths of a day as days without trailing zeros:
// 22.5, 0.125, 20 (S25).
func AppendNet(b []byte, thousandths int64) []byte {
	if thousandths < 0 {
		b, thousandths = append(b, '-'), -thousandths
	}
	b = strconv.AppendInt(b, thousandths/1000, 10)
	rest := int(thousandths % 1000)
	if rest == 0 {
		return b
	}
	b = append(b, '.', byte('0'+rest/100))
	if rest %= 100; rest != 0 {
		b = append(b, byte('0'+rest/10))
		if rest %= 10; rest != 0 {
			b = append(b, byte('0'+rest))
		}
	}
	return b
}
