package parcel

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"
)

// Stata, SPSS and SAS files are counted from their heads, as Parquet is from
// its footer; package inspect in the vault reads them whole.

// countDTA reads the number of rows from the head of a Stata file of release
// 118.
func countDTA(f io.Reader) (int64, error) {
	head := make([]byte, 128)
	if _, err := io.ReadFull(f, head); err != nil {
		return 0, errUnreadable
	}
	const before, between = "<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>", "</K><N>"
	at := len(before) + 2 + len(between)
	if !bytes.HasPrefix(head, []byte(before)) || string(head[len(before)+2:at]) != between {
		return 0, errUnreadable
	}
	return notHuge(binary.LittleEndian.Uint64(head[at:]))
}

// countSAV reads the number of cases from the head of an SPSS file.
func countSAV(f io.Reader) (int64, error) {
	head := make([]byte, 84)
	if _, err := io.ReadFull(f, head); err != nil || !strings.HasPrefix(string(head), "$FL2@") && !strings.HasPrefix(string(head), "$FL3@") {
		return 0, errUnreadable
	}
	return notHuge(uint64(int64(int32(binary.LittleEndian.Uint32(head[80:])))))
}

func notHuge(n uint64) (int64, error) {
	if n > math.MaxInt32*1000 {
		return 0, errUnreadable
	}
	return int64(n), nil
}

// countXPT counts the rows of a SAS transport file, which does not say how many
// there are: they fill the file to its end, where blanks fill the last record
// of 80 bytes and no row is all blanks.
func countXPT(f io.ReadSeeker) (int64, error) {
	const record, names = 80, 7 // names: the record before the descriptions of columns
	head := make([]byte, (names+1)*record)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head[names*record:], []byte("HEADER RECORD*******NAMESTR ")) {
		return 0, errUnreadable
	}
	columns, err := strconv.Atoi(string(head[names*record+54 : names*record+58]))
	if err != nil || columns < 1 {
		return 0, errUnreadable
	}
	described := make([]byte, (columns*140+record-1)/record*record+record)
	if _, err := io.ReadFull(f, described); err != nil {
		return 0, errUnreadable
	}
	width := int64(0)
	for i := range columns {
		width += int64(binary.BigEndian.Uint16(described[140*i+4:]))
	}
	start := int64(len(head) + len(described))
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end%record != 0 || width == 0 {
		return 0, errUnreadable
	}
	last := make([]byte, min(record-1, end-start))
	if _, err := f.Seek(end-int64(len(last)), io.SeekStart); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(f, last); err != nil {
		return 0, errUnreadable
	}
	content := end - start - int64(len(last)-len(bytes.TrimRight(last, " ")))
	rows := (content + width - 1) / width
	if rows*width > end-start {
		return 0, errUnreadable
	}
	return rows, nil
}
