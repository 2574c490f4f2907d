package layoutfile

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"sluss/internal/catalog"
	"sluss/internal/fault"
)

// sourceFile is a source file of a table while it is written, under a name of
// its own until it is whole.
type sourceFile struct {
	path string
	f    *os.File
	buf  *bufio.Writer
	pq   *parquet.GenericWriter[any]
	vars []catalog.Variable // in the order of the file's columns
	rows []parquet.Row
}

// create begins the file; one that is there already is not replaced.
func create(dir string, table *catalog.Table) (*sourceFile, error) {
	path := filepath.Join(dir, table.ID+".parquet")
	if _, err := os.Stat(path); err == nil {
		return nil, fault.New("layout.exists", "Mappen har redan en sådan fil.", "The folder has such a file already.").At(fault.Where{File: filepath.Base(path)})
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "."+table.ID+"-*")
	if err != nil {
		return nil, err
	}
	s := &sourceFile{path: path, f: f, buf: bufio.NewWriterSize(f, 1<<20)}
	group := parquet.Group{}
	for i := range table.Variables {
		if v := &table.Variables[i]; v.Stored() {
			group[v.Source] = node(v)
		}
	}
	schema := parquet.NewSchema(table.ID, group)
	for _, c := range schema.Columns() {
		k := slices.IndexFunc(table.Variables, func(v catalog.Variable) bool { return v.Source == c[0] })
		s.vars = append(s.vars, table.Variables[k])
	}
	s.pq = parquet.NewGenericWriter[any](s.buf, schema, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("sluss", "import-layout", "1"), parquet.MaxRowsPerRowGroup(1<<20))
	return s, nil
}

// node is the Parquet type of a source column, as the load expects it.
func node(v *catalog.Variable) parquet.Node {
	var n parquet.Node
	switch {
	case v.Kind == catalog.KindCode:
		n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case v.Kind == catalog.KindPerson && v.SourceKey == catalog.SourceNumber:
		n = parquet.String()
	case v.Kind == catalog.KindDate, v.Kind == catalog.KindPeriod:
		n = parquet.Date()
	default:
		n = parquet.Int(64)
	}
	if v.Nullable {
		n = parquet.Optional(n)
	}
	return n
}

// add writes a row, whose cells value gives.
func (s *sourceFile) add(value func(v *catalog.Variable) (n int64, text string, missing bool)) error {
	row := make(parquet.Row, len(s.vars))
	for i := range s.vars {
		v := &s.vars[i]
		n, text, missing := value(v)
		level := 0
		if v.Nullable {
			level = 1
		}
		switch {
		case missing && v.Nullable:
			row[i] = parquet.NullValue().Level(0, 0, i)
		case v.Kind == catalog.KindCode, v.Kind == catalog.KindPerson && v.SourceKey == catalog.SourceNumber:
			row[i] = parquet.ByteArrayValue([]byte(text)).Level(0, level, i)
		case v.Kind == catalog.KindDate, v.Kind == catalog.KindPeriod:
			row[i] = parquet.Int32Value(int32(n)).Level(0, level, i)
		default:
			row[i] = parquet.Int64Value(n).Level(0, level, i)
		}
	}
	if s.rows = append(s.rows, row); len(s.rows) == 1024 {
		return s.flush()
	}
	return nil
}

func (s *sourceFile) flush() error {
	_, err := s.pq.WriteRows(s.rows)
	s.rows = s.rows[:0]
	return err
}

// publish gives the file its name.
func (s *sourceFile) publish() error {
	err := s.flush()
	for _, end := range []func() error{s.pq.Close, s.buf.Flush, s.f.Sync, s.f.Close} {
		if err == nil {
			err = end()
		}
	}
	if err != nil {
		return err
	}
	return os.Rename(s.f.Name(), s.path)
}

// abandon leaves nothing behind.
func (s *sourceFile) abandon() {
	_ = s.f.Close()           // its content is of no use any more
	_ = os.Remove(s.f.Name()) // may have its name already
}
