//go:build duckdb

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the peer

	"sluss/internal/day"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/register"
)

// outputs are the files of part a.
var outputs = []string{"fall", "delfall", "manad", "ar"}

func init() {
	children["peer-export"] = peerExport
	children["peer-scan"] = peerScan
	children["peer-csv"] = peerCSV
	children["peer-sql"] = peerSQL
	children["peer-raw"] = peerRaw
	children["peer-compare"] = peerCompare
}

// openPeer gives DuckDB the folder of data to spill into.
func openPeer(dir string) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec(fmt.Sprintf("SET autoinstall_known_extensions=false; SET preserve_insertion_order=false; SET temp_directory='%s'", filepath.Join(dir, "spill")))
	return db, err
}

// peerExport gives the peer the rows of the snapshot as it likes them best:
// whole numbers only, sorted by person and first day, in a Parquet file of its
// own making. States and ranks are worked out beforehand, days are half-open.
func peerExport(ctx context.Context, dir string, _ int) (figures, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return figures{}, err
	}
	defer s.Close()
	raw := filepath.Join(dir, "raw.parquet")
	if err := writeRows(ctx, s, raw); err != nil {
		return figures{}, err
	}
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, fmt.Sprintf(
		`COPY (SELECT * FROM read_parquet('%s') ORDER BY p, f, id) TO '%s' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
		raw, filepath.Join(dir, "sorted.parquet")))
	if err != nil {
		return figures{}, err
	}
	return figures{}, os.Remove(raw)
}

func writeRows(ctx context.Context, s *register.Snapshot, path string) error {
	t := s.Table("midas_sjp")
	from, tom, tx := t.Column("from_datum").Days(), t.Column("tom_datum").Days(), t.Column("tx").Days()
	id, track, ore := t.Column("row_id").Int64s(), t.Column("track").Int64s(), t.Column("belopp").Int64s()
	kind, benefit, level, extent := t.Column("kind"), t.Column("delforman"), t.Column("niva"), t.Column("omfattning").Extents()
	rank := map[string]int32{"SJP": 20, "FSP": 10, "RHP": 40, "ASP": 30}
	schema := &format.Schema{}
	for _, name := range []string{"p", "tx", "rev", "state", "rank", "f", "t", "ext"} {
		schema.Columns = append(schema.Columns, format.Column{Name: name, Type: format.Int32})
	}
	for _, name := range []string{"id", "track", "ore"} {
		schema.Columns = append(schema.Columns, format.Column{Name: name, Type: format.Int64})
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	o, err := format.OptionsOf(plan.Output{Format: format.Parquet})
	if err != nil {
		return err
	}
	st, err := format.NewStream(ctx, out, schema, o, 2)
	if err != nil {
		return err
	}
	defer st.Abandon()
	b := format.NewBatch(schema)
	for p := range s.Persons() {
		lo, hi := t.Rows(uint32(p))
		for i := lo; i < hi; i++ {
			to := tom.At(i) + 1
			if tom.At(i) == register.NoDay {
				to = s.LoadedAt()
			}
			rev := int32(0)
			if kind.Dict()[kind.Codes().At(i)] == "rev" {
				rev = 1
			}
			for c, v := range []int32{
				int32(p), int32(tx.At(i)), rev, int32(benefit.Codes().At(i))<<8 | int32(level.Codes().At(i)), rank[benefit.Dict()[benefit.Codes().At(i)]],
				int32(from.At(i)), int32(to), int32(extent.At(i)),
			} {
				b.Cols[c].I32 = append(b.Cols[c].I32, v)
			}
			for c, v := range []int64{id.At(i), track.At(i), ore.At(i)} {
				b.Cols[8+c].I64 = append(b.Cols[8+c].I64, v)
			}
			b.N++
		}
		if b.N > 1<<16 || p == s.Persons()-1 {
			if err := st.Write(b, 0, b.N); err != nil {
				return err
			}
			b.Reset()
		}
	}
	_, _, err = st.Close()
	return err
}

// peerScan adds up every column that spells and panels touch.
func peerScan(ctx context.Context, dir string, _ int) (figures, error) {
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	stop := watch()
	_, err = db.ExecContext(ctx, fmt.Sprintf(
		`SELECT sum(p), sum(tx), sum(rev), sum(state), sum(rank), sum(f), sum(t), sum(ext), sum(id), sum(track), sum(ore) FROM read_parquet('%s')`,
		filepath.Join(dir, "sorted.parquet")))
	return stop(), err
}

// The same meaning in SQL. Rows that share no day with another decide their
// own days; only tangles are cut at every bound and settled. Each step is a
// table, which DuckDB handles better than one long chain.
const peerSteps = `
CREATE OR REPLACE TEMP TABLE r AS
  SELECT *, count(*) OVER (PARTITION BY p, cl) AS n FROM (
    SELECT *, sum(starts) OVER (PARTITION BY p ORDER BY f, id ROWS UNBOUNDED PRECEDING) AS cl FROM (
      SELECT *, CASE WHEN f < max(t) OVER (PARTITION BY p ORDER BY f, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS starts
      FROM ROWS WHERE p >= LOW AND p < HIGH));
CREATE OR REPLACE TEMP TABLE tangled AS
  SELECT max(id) AS id, * EXCLUDE (id, starts, n) FROM r WHERE n > 1 GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE won AS
  WITH bounds AS (SELECT DISTINCT p, cl, unnest([f, t]) AS a FROM tangled),
  segments AS (SELECT p, cl, a, lead(a) OVER (PARTITION BY p, cl ORDER BY a) AS b FROM bounds),
  tracks AS (
    SELECT s.a, s.b, x.* FROM segments s JOIN tangled x ON x.p = s.p AND x.cl = s.cl AND x.f <= s.a AND x.t >= s.b
    QUALIFY row_number() OVER (PARTITION BY x.p, x.cl, s.a, x.track ORDER BY x.tx DESC, x.rev, x.id DESC) = 1)
  SELECT p, a AS f, b AS t, state, ext FROM tracks WHERE rev = 0
  QUALIFY row_number() OVER (PARTITION BY p, cl, a ORDER BY rank DESC, tx DESC, id DESC) = 1;
CREATE OR REPLACE TEMP TABLE sub AS
  WITH held AS (SELECT p, f, t, state, ext FROM r WHERE n = 1 AND rev = 0 UNION ALL SELECT * FROM won),
  marked AS (
    SELECT *, CASE WHEN f = lag(t) OVER w AND state = lag(state) OVER w AND ext = lag(ext) OVER w THEN 0 ELSE 1 END AS starts
    FROM held WINDOW w AS (PARTITION BY p ORDER BY f)),
  numbered AS (SELECT *, sum(starts) OVER (PARTITION BY p ORDER BY f ROWS UNBOUNDED PRECEDING) AS nr FROM marked)
  SELECT p, min(f) AS f, max(t) AS t, any_value(ext) AS ext FROM numbered GROUP BY p, nr;
INSERT INTO delfall SELECT p, f, t, ext, t - f, (t - f)::BIGINT * ext FROM sub;
INSERT INTO fall
  WITH marked AS (SELECT *, CASE WHEN f - lag(t) OVER (PARTITION BY p ORDER BY f) <= 4 THEN 0 ELSE 1 END AS starts FROM sub),
  numbered AS (SELECT *, sum(starts) OVER (PARTITION BY p ORDER BY f ROWS UNBOUNDED PRECEDING) AS nr FROM marked)
  SELECT p, min(f), max(t), max(t) - min(f), sum(t - f), sum((t - f)::BIGINT * ext) FROM numbered GROUP BY p, nr;
CREATE OR REPLACE TEMP TABLE cells AS
  WITH paid AS (
    SELECT p, f, t, rev, ore FROM r WHERE n = 1 AND ore <> 0 UNION ALL SELECT p, f, t, rev, ore FROM tangled WHERE ore <> 0),
  shares AS (
    SELECT p, f, t, CASE WHEN rev = 1 THEN -1 ELSE 1 END AS sign, ore, unnest(generate_series(df.m, dt.m)) AS m
    FROM paid JOIN day_month df ON df.d = f JOIN day_month dt ON dt.d = t - 1),
  held AS (
    SELECT p, f, t, ext, unnest(generate_series(df.m, dt.m)) AS m
    FROM sub JOIN day_month df ON df.d = f JOIN day_month dt ON dt.d = t - 1),
  parts AS (
    SELECT p, m, least(t, next) - greatest(f, first) AS n, (least(t, next) - greatest(f, first))::BIGINT * ext AS net, 0::BIGINT AS ore FROM held JOIN months USING (m)
    UNION ALL
    SELECT p, m, 0, 0, sign * (ore * (least(t, next) - f) // (t - f) - ore * (greatest(f, first) - f) // (t - f)) FROM shares JOIN months USING (m))
  SELECT p, m, sum(n)::INTEGER AS n, sum(net)::BIGINT AS net, sum(ore)::BIGINT AS ore FROM parts GROUP BY p, m;
INSERT INTO manad SELECT * FROM cells WHERE n > 0 OR ore <> 0;
INSERT INTO ar SELECT p, m // 12, sum(n), sum(net), sum(ore) FROM cells GROUP BY p, m // 12 HAVING sum(n) > 0 OR sum(ore) <> 0`

func peerTables() string {
	first, last := day.Of(1990, 1, 1), day.Of(2030, 1, 1)
	var b strings.Builder
	b.WriteString(`CREATE TABLE fall (p INTEGER, f INTEGER, t INTEGER, gross INTEGER, n INTEGER, net BIGINT);
CREATE TABLE delfall (p INTEGER, f INTEGER, t INTEGER, ext INTEGER, n INTEGER, net BIGINT);
CREATE TABLE manad (p INTEGER, m INTEGER, n INTEGER, net BIGINT, ore BIGINT);
CREATE TABLE ar (p INTEGER, y INTEGER, n INTEGER, net BIGINT, ore BIGINT);
CREATE TABLE day_month (d INTEGER, m INTEGER);
CREATE TABLE months (m INTEGER, first INTEGER, next INTEGER);
`)
	fmt.Fprintf(&b, "INSERT INTO day_month SELECT d, year(DATE '1970-01-01' + d::INTEGER) * 12 + month(DATE '1970-01-01' + d::INTEGER) - 1 FROM range(%d, %d) x(d);\n", first, last)
	b.WriteString("INSERT INTO months SELECT m, min(d), max(d) + 1 FROM day_month GROUP BY m")
	return b.String()
}

// peerCSV writes the same rows for data.table, which reads no Parquet.
func peerCSV(ctx context.Context, dir string, _ int) (figures, error) {
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "SET preserve_insertion_order=true"); err != nil { // sorted stays sorted
		return figures{}, err
	}
	for _, name := range []string{"sorted", "source/" + spellTable, "source/identity"} {
		file := filepath.Join(dir, name)
		if _, err := db.ExecContext(ctx, fmt.Sprintf("COPY (FROM read_parquet('%s.parquet')) TO '%s.csv'", file, file)); err != nil {
			return figures{}, err
		}
	}
	return figures{}, nil
}

// peerSQL works on the rows that peerExport has made ready.
func peerSQL(ctx context.Context, dir string, chunks int) (figures, error) {
	return sqlJob(ctx, dir, chunks, fmt.Sprintf("read_parquet('%s')", filepath.Join(dir, "sorted.parquet")), "", true)
}

// peerRows codes and sorts the source rows: persons by who had the number, or,
// where several have had it, who had it on the first day.
const peerRows = `
CREATE TEMP TABLE who AS SELECT *, count(DISTINCT entity) OVER (PARTITION BY id_value) AS holders FROM read_parquet('DIR/identity.parquet');
CREATE TEMP TABLE rows AS
  SELECT entity AS p, registrerad - DATE '1970-01-01' AS tx, (transaktion = 'rev')::INTEGER AS rev, ascii(delforman) * 65536 + ascii(delforman[3]) * 256 + ascii(coalesce(niva, '')) AS state,
    CASE delforman WHEN 'SJP' THEN 20 WHEN 'FSP' THEN 10 WHEN 'RHP' THEN 40 WHEN 'ASP' THEN 30 END AS rank,
    fran - DATE '1970-01-01' AS f, till - DATE '1970-01-01' + 1 AS t, omfattning AS ext, rad_id AS id, arende_id AS track, belopp_ore AS ore
  FROM read_parquet('DIR/midas_sjp.parquet') JOIN who ON id_value = personnummer
  WHERE holders = 1 OR fran >= valid_from AND (valid_to IS NULL OR fran < valid_to)
  ORDER BY p, f, id`

// peerRaw works on the source files.
func peerRaw(ctx context.Context, dir string, chunks int) (figures, error) {
	return sqlJob(ctx, dir, chunks, "rows", strings.ReplaceAll(peerRows, "DIR", filepath.Join(dir, "source")), false)
}

// sqlJob carries out the job on a table, after steps that make it ready, and
// leaves the outcomes in files if they are to be compared.
func sqlJob(ctx context.Context, dir string, chunks int, table, ready string, leave bool) (figures, error) {
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, peerTables()); err != nil {
		return figures{}, err
	}
	stop := watch()
	if ready != "" {
		if err := steps(ctx, db, ready); err != nil {
			return figures{}, err
		}
	}
	var low, high int
	if err := db.QueryRowContext(ctx, "SELECT min(p), max(p) + 1 FROM "+table).Scan(&low, &high); err != nil {
		return figures{}, err
	}
	for i := range chunks {
		from, to := low+(high-low)*i/chunks, low+(high-low)*(i+1)/chunks
		if err := steps(ctx, db, strings.NewReplacer("ROWS WHERE", table+" WHERE", "LOW", fmt.Sprint(from), "HIGH", fmt.Sprint(to)).Replace(peerSteps)); err != nil {
			return figures{}, err
		}
	}
	f := stop()
	f.Totals = map[string]totals{}
	for _, name := range outputs {
		ore := "0"
		if name == "manad" || name == "ar" {
			ore = "sum(ore)::BIGINT"
		}
		var t totals
		q := fmt.Sprintf("SELECT count(*), count(DISTINCT p), sum(n)::BIGINT, sum(net)::BIGINT, %s FROM %s", ore, name)
		if err := db.QueryRowContext(ctx, q).Scan(&t.Rows, &t.Persons, &t.Days, &t.Net, &t.Ore); err != nil {
			return figures{}, err
		}
		f.Totals[name] = t
		if !leave {
			continue
		}
		if _, err := db.ExecContext(ctx, fmt.Sprintf("COPY %s TO '%s' (FORMAT parquet)", name, filepath.Join(dir, "peer-"+name+".parquet"))); err != nil {
			return figures{}, err
		}
	}
	var version string
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return figures{}, err
	}
	f.Notes = map[string]string{"version": strings.TrimPrefix(version, "v")}
	return f, nil
}

func steps(ctx context.Context, db *sql.DB, text string) error {
	for _, step := range strings.Split(text, ";\n") {
		if _, err := db.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// peerCompare checks that the engine's files and the peer's tables hold the
// same rows, cell by cell.
func peerCompare(ctx context.Context, dir string, _ int) (figures, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return figures{}, err
	}
	persons := s.Persons()
	s.Close()
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	date := func(expr string) string { return "DATE '1970-01-01' + (" + expr + ")::INTEGER" }
	lopnr := fmt.Sprintf("p::BIGINT * %d %% %d + 1", int64(stride), persons)
	const net = "(net::DECIMAL(18,3) / 1000)::DECIMAL(18,3)"
	same := map[string]string{
		"fall":    strings.Join([]string{lopnr, date("f"), date("t - 1"), "gross", "n", net}, ", "),
		"delfall": strings.Join([]string{lopnr, date("f"), date("t - 1"), "(ext::DECIMAL(18,1) / 10)::DECIMAL(18,1)", "n", net}, ", "),
		"manad":   strings.Join([]string{lopnr, "printf('%04d-%02d', m // 12, m % 12 + 1)", "n", net, "ore"}, ", "),
		"ar":      strings.Join([]string{lopnr, "y", "n", net, "ore"}, ", "),
	}
	var total int64
	for _, name := range outputs {
		ours := fmt.Sprintf("SELECT * FROM read_parquet('%s')", filepath.Join(dir, "out", name+".parquet"))
		theirs := fmt.Sprintf("SELECT %s FROM read_parquet('%s')", same[name], filepath.Join(dir, "peer-"+name+".parquet"))
		var a, b, rows int64
		q := fmt.Sprintf("SELECT (SELECT count(*) FROM (%[1]s EXCEPT ALL %[2]s)), (SELECT count(*) FROM (%[2]s EXCEPT ALL %[1]s)), (SELECT count(*) FROM (%[1]s))", ours, theirs)
		if err := db.QueryRowContext(ctx, q).Scan(&a, &b, &rows); err != nil {
			return figures{}, err
		}
		if a+b > 0 {
			return figures{}, fmt.Errorf("%s: %d rows only from the engine, %d only from DuckDB", name, a, b)
		}
		total += rows
	}
	return figures{Notes: map[string]string{"compared": fmt.Sprintf("%d rows of the engine and of DuckDB are equal, cell by cell", total)}}, nil
}

func init() {
	children["peer-extract-ready"] = peerExtractReady
	for _, n := range shares {
		for _, e := range errands {
			children[fmt.Sprintf("peer-extract-%s-%d", e.name, n)] = func(ctx context.Context, dir string, _ int) (figures, error) { return peerExtract(ctx, dir, n, e) }
		}
	}
}

// peerExtractReady sorts all columns of an extract by person, with the persons'
// places beside.
func peerExtractReady(ctx context.Context, dir string, _ int) (figures, error) {
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	source := filepath.Join(dir, "source")
	return figures{}, steps(ctx, db, strings.NewReplacer("SOURCE", source, "DIR", dir).Replace(`CREATE TEMP TABLE who AS SELECT *, count(DISTINCT entity) OVER (PARTITION BY id_value) AS holders FROM read_parquet('SOURCE/identity.parquet');
COPY (
  SELECT place AS p, delforman, fran, till, omfattning, niva, forsakradtyp, diagnos,
    CASE transaktion WHEN 'rev' THEN -belopp_ore ELSE belopp_ore END AS belopp, utbetald
  FROM read_parquet('SOURCE/midas_sjp.parquet') JOIN who ON id_value = personnummer JOIN read_csv('DIR/people.csv') USING (entity)
  WHERE holders = 1 OR fran >= valid_from AND (valid_to IS NULL OR fran < valid_to)
  ORDER BY place, fran) TO 'DIR/wide.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`))
}

// peerExtract joins the population and writes Parquet.
func peerExtract(ctx context.Context, dir string, share int, what errand) (figures, error) {
	db, err := openPeer(dir)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("CREATE TEMP TABLE people AS SELECT place AS p, lopnr FROM read_csv('%s') WHERE place %% %d = 0", filepath.Join(dir, "people.csv"), share)); err != nil {
		return figures{}, err
	}
	out := filepath.Join(dir, "peer-extract.parquet")
	stop := watch()
	bounds := strings.NewReplacer("W0", "DATE '"+what.window.From.Date.String()+"'", "W1", "DATE '"+(what.window.To.Date-1).String()+"'")
	if _, err := db.ExecContext(ctx, fmt.Sprintf("COPY (WITH rows AS (SELECT * FROM read_parquet('%s') JOIN people USING (p)) %s) TO '%s' (FORMAT parquet, COMPRESSION zstd)", filepath.Join(dir, "wide.parquet"), bounds.Replace(what.peer), out)); err != nil {
		return figures{}, err
	}
	f := stop()
	info, err := os.Stat(out)
	if err != nil {
		return figures{}, err
	}
	f.Written = info.Size()
	sums := "sum(till + 1 - fran)::BIGINT, sum((till + 1 - fran) * omfattning)::BIGINT" // whether they are asked for or not
	var t totals
	if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), count(DISTINCT lopnr), sum(belopp)::BIGINT, %s FROM read_parquet('%s')", sums, out)).Scan(&t.Rows, &t.Persons, &t.Ore, &t.Days, &t.Net); err != nil {
		return figures{}, err
	}
	f.Totals = map[string]totals{"rader": t}
	return f, os.Remove(out)
}
