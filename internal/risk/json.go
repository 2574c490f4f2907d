package risk

import (
	"encoding/json"
	"io"
	"iter"
	"strconv"
)

// Extras are answers to further questions, printed after the report.
type Extras struct {
	Trajectory   *Trajectory
	Differencing *Differencing
}

// WriteJSON writes the report as one object; docs/risk.md says what its
// members mean, and they are a contract. The lists with one entry per record
// are there only with perRow. Numbers are written in the shortest way that
// reads back as the same number.
func (r *Report) WriteJSON(w io.Writer, perRow bool, x Extras) error {
	out := &object{w: w}
	out.member("records", r.Records)
	out.member("classes", r.Classes)
	out.member("k", r.K)
	out.member("uniques", r.Uniques)
	out.member("below", below(r.Below))
	out.member("prosecutor", r.Prosecutor)
	out.member("journalist", r.Journalist)
	out.member("marketer", r.Marketer)
	out.member("population_uniques", r.PopulationUniques)
	out.member("expected_reidentifications", r.ExpectedReidentity)
	if perRow {
		list(out, "individual", r.Individual, appendFloat)
	}
	out.member("l", r.L)
	out.member("t_closeness", r.TCloseness)
	if perRow {
		r.writeSUDA(out)
	}
	if x.Trajectory != nil {
		out.member("trajectory", x.Trajectory)
	}
	if x.Differencing != nil {
		out.member("differencing", x.Differencing)
	}
	return out.close()
}

func (r *Report) writeSUDA(out *object) {
	if r.SUDA == nil {
		out.member("suda", nil)
		out.member("dis_suda", nil)
		return
	}
	list(out, "suda", r.Scores, func(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) })
	if each, ok := r.DISScores(); ok {
		list(out, "dis_suda", each, appendFloat)
	} else {
		out.member("dis_suda", nil)
	}
}

// below is written with the limits as names.
type below [len(Limits)]int

// MarshalJSON implements json.Marshaler.
func (b below) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, limit := range Limits {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendInt(append(out, '"'), int64(limit), 10), '"', ':')
		out = strconv.AppendInt(out, int64(b[i]), 10)
	}
	return append(out, '}'), nil
}

// object writes the members of a JSON object one by one, so that long lists
// need not be held in memory.
type object struct {
	w     io.Writer
	buf   []byte
	begun bool
	err   error
}

// bufferSize is how much is gathered before it is written.
const bufferSize = 1 << 16

func (o *object) name(name string) {
	mark := byte(',')
	if !o.begun {
		mark, o.begun = '{', true
	}
	o.put(mark, '"')
	o.put([]byte(name)...)
	o.put('"', ':')
}

func (o *object) put(b ...byte) {
	o.buf = append(o.buf, b...)
	if len(o.buf) >= bufferSize {
		o.flush()
	}
}

// flush writes what has been gathered; after an error nothing more is written.
func (o *object) flush() {
	if o.err == nil {
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
}

func (o *object) member(name string, value any) {
	b, err := json.Marshal(value)
	if err != nil && o.err == nil {
		o.err = err
	}
	o.name(name)
	o.put(b...)
}

func list[T any](o *object, name string, each iter.Seq[T], appendTo func([]byte, T) []byte) {
	o.name(name)
	o.put('[')
	var b []byte
	for v := range each {
		b = appendTo(b, v)
		o.put(b...)
		if o.err != nil {
			return
		}
		b = append(b[:0], ',') // before the next
	}
	o.put(']')
}

func appendFloat(b []byte, x float64) []byte {
	format := byte('f')
	if x != 0 && (x < 1e-6 && x > -1e-6 || x >= 1e21 || x <= -1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, x, format, -1, 64)
}

func (o *object) close() error {
	o.put('}', '\n')
	o.flush()
	return o.err
}
