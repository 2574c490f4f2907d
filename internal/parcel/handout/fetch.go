package handout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// Fetching is a parcel to be fetched.
type Fetching struct {
	URL    string
	Token  string // "" sends none
	Out    string // file to be made; one that is there is not written over
	Client *http.Client
	// Wait rests before another try; the time grows with each try in which no
	// byte came. Nil is a real rest.
	Wait func(ctx context.Context, d time.Duration) error
	// Told hears of every answer: how much is there, and how much it will be.
	Told func(have, total int64)
}

// Attempts in a row without a single byte before [Fetch] gives up.
const attempts = 8

// Fetch fetches a parcel into Out. Where the line is cut it goes on from the
// byte that it has; what it has stays beside Out as .HASH.part for a later run.
// Out appears when the whole has the hash that the sender gave, and not before.
//
// Faults: fetch.refused (the answer is no), fetch.cut (it was given up, the rest
// can be fetched later), fetch.hash (what came is not what was promised; it has
// been removed), fetch.exists.
func Fetch(ctx context.Context, f Fetching) (canon.Hash, error) {
	if _, err := os.Lstat(f.Out); !errors.Is(err, fs.ErrNotExist) {
		return "", fault.New("fetch.exists", "Filen finns redan och skrivs inte över.", "The file exists already and is not written over.").
			At(fault.Where{File: filepath.Base(f.Out)}).Do("Välj ett annat namn med --out.", "Choose another name with --out.")
	}
	if f.Wait == nil {
		f.Wait = rest
	}
	var last error
	for idle := 0; idle < attempts; idle++ {
		if idle > 0 {
			if err := f.Wait(ctx, time.Second<<(idle-1)); err != nil {
				return "", err
			}
		}
		sum, came, done, err := f.once(ctx)
		if done || ctx.Err() != nil {
			return sum, err
		}
		if _, ok := errors.AsType[*fault.Fault](err); ok {
			return "", err
		}
		last = err
		if came > 0 {
			idle = 0 // the line works: rest a little, and go on
		}
	}
	return "", fault.New("fetch.cut", "Förbindelsen bröts gång på gång.", "The line was cut again and again.").Of(fault.Internal).
		Do("Kör kommandot igen: det fortsätter där det slutade.", "Run the command again: it goes on where it ended.").Because(last)
}

func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

var tagForm = regexp.MustCompile(`^"([0-9a-f]{64})"$`)

// once asks for what is missing. Done says that there is nothing to try again.
func (f Fetching) once(ctx context.Context) (sum canon.Hash, came int64, done bool, err error) {
	head, err := f.ask(ctx, http.MethodHead, "", 0)
	if err != nil {
		return "", 0, false, err
	}
	_ = head.Body.Close()
	m := tagForm.FindStringSubmatch(head.Header.Get("ETag"))
	if m == nil || head.ContentLength < 0 {
		return "", 0, true, refused("Svaret kommer inte från en räknare som går att återuppta.", "The answer does not come from a counter that can be resumed.")
	}
	sum = canon.Hash(m[1])
	part := f.Out + "." + sum.Short() + ".part"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return "", 0, true, fault.New("fetch.unwritable", "Filen kan inte skrivas.", "The file cannot be written.").At(fault.Where{File: filepath.Base(part)}).Because(err)
	}
	came, err = f.more(ctx, file, head.Header.Get("ETag"), head.ContentLength)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", came, false, err
	}
	return sum, came, true, f.keep(part, sum)
}

// more appends what is missing and returns how many bytes came.
func (f Fetching) more(ctx context.Context, file *os.File, tag string, total int64) (int64, error) {
	s, err := file.Stat()
	if err != nil {
		return 0, err
	}
	have := s.Size()
	if f.Told != nil {
		f.Told(min(have, total), total)
	}
	if have == total {
		return 0, nil
	}
	if have > total {
		have = 0
		if err := file.Truncate(0); err != nil {
			return 0, err
		}
	}
	resp, err := f.ask(ctx, http.MethodGet, tag, have)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("ETag"); got != tag {
		return 0, errors.New("the parcel was replaced meanwhile")
	}
	from := fmt.Sprintf("bytes %d-", have)
	switch {
	case resp.StatusCode == http.StatusPartialContent && strings.HasPrefix(resp.Header.Get("Content-Range"), from):
	case resp.StatusCode == http.StatusOK:
		if err := file.Truncate(0); err != nil {
			return 0, err
		}
		have = 0
	default:
		return 0, errors.New("another stretch came than was asked for")
	}
	n, err := io.Copy(file, io.LimitReader(resp.Body, total-have))
	if err == nil && have+n != total {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// ask sends a request; an answer that says no is a fault, one that may change
// (429, 5xx) an error.
func (f Fetching) ask(ctx context.Context, method, tag string, from int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, f.URL, nil)
	if err != nil {
		return nil, err
	}
	if f.Token != "" {
		req.Header.Set("Authorization", "Bearer "+f.Token)
	}
	req.Header.Set("Accept-Encoding", "identity")
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		req.Header.Set("If-Range", tag)
	}
	resp, err := f.Client.Do(req)
	if err != nil {
		return nil, err
	}
	switch {
	case resp.StatusCode/100 == 2:
		return resp, nil
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		err = fmt.Errorf("the counter answered %d", resp.StatusCode)
	default:
		err = refused(fmt.Sprintf("Räknaren svarade %d.", resp.StatusCode), fmt.Sprintf("The counter answered %d.", resp.StatusCode))
	}
	return nil, errors.Join(err, resp.Body.Close())
}

func refused(sv, en string) error {
	return fault.New("fetch.refused", sv, en).Do("Kontrollera adress, ärendenummer och token, och att paketet finns kvar.", "Check address, case number and token, and that the parcel is still there.")
}

// keep moves what has been fetched into place, if it is what was promised.
func (f Fetching) keep(part string, want canon.Hash) error {
	in, err := os.Open(part)
	if err != nil {
		return err
	}
	_, sum, err := canon.SumReader(in)
	if err = errors.Join(err, in.Close()); err != nil {
		return err
	}
	if sum != want {
		return errors.Join(fault.New("fetch.hash", "Det som kom är inte det som räknaren har; det har tagits bort.", "What came is not what the counter has; it has been removed.").
			Do("Kör kommandot igen.", "Run the command again."), os.Remove(part))
	}
	if err := os.Link(part, f.Out); err == nil { // never over a file that came meanwhile
		return os.Remove(part)
	}
	if _, err := os.Lstat(f.Out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", filepath.Base(f.Out))
	}
	return os.Rename(part, f.Out)
}
