package app

import (
	"bufio"
	"context"
	"crypto/rand"
	"io"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// ageHeader begins every file that is sealed with age already.
const ageHeader = "age-encryption.org/v1"

// TakePopulation takes a population or key file in. Before a disclosing
// decision not a byte of it is read: the arrival is logged and the refusal
// returned (promise 1). Nor is a file read that somebody without the role
// sends, or that is not awaited. Otherwise the file is sealed to the vault's
// key while it streams through; a file that its supplier sealed is kept as it
// is.
func (a *App) TakePopulation(ctx context.Context, by order.Actor, id, road string, r io.Reader) (order.State, error) {
	s, err := a.State(ctx, id)
	if err != nil {
		return s, err
	}
	if shut := order.MediumGate(s); shut != nil {
		next, err := a.Do(ctx, by, id, order.TakeMedium{Road: road})
		if err != nil {
			return next, err
		}
		return next, shut
	}
	// What would be said of a file that is here already.
	probe := order.TakeMedium{Blob: "-", SHA256: "-", Road: road}
	c, err := a.rules(ctx, by, s, probe, a.Clock())
	if err != nil {
		return s, err
	}
	if _, err := order.Decide(s, probe, c); err != nil {
		return s, err
	}
	// A name of its own, so that of two uploads at once neither can write over
	// the other or take it away.
	blob := populationFolder(id) + "/" + rand.Text() + ".age"
	size, sum, err := a.putSealed(ctx, blob, r)
	if err != nil {
		return s, err
	}
	next, err := a.Do(ctx, by, id, order.TakeMedium{Blob: blob, SHA256: sum, Bytes: size, Road: road})
	if err != nil || next.Population == nil || next.Population.Blob != blob {
		// Nobody will read it: leave nothing behind, also when the caller is gone.
		if e := a.Blobs.Delete(context.WithoutCancel(ctx), blob); e != nil && err == nil {
			err = e
		}
		if err == nil { // the case ended meanwhile, and the arrival was logged as such
			err = order.MediumGate(next)
		}
	}
	return next, err
}

// populationFolder is where an order's sealed population files lie.
func populationFolder(id string) string { return id + "/population" }

func (a *App) putSealed(ctx context.Context, blob string, r io.Reader) (int64, canon.Hash, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	head, err := br.Peek(len(ageHeader))
	if len(head) == 0 {
		return 0, "", fault.New("population.empty_file", "Filen är tom.", "The file is empty.").Do("Skicka filen igen.", "Send the file again.").Because(err)
	}
	if string(head) == ageHeader {
		return a.Blobs.Put(ctx, blob, br)
	}
	pr, pw := io.Pipe()
	go func() {
		w, err := a.Seal(pw, a.VaultKey)
		if err == nil {
			if _, err = io.Copy(w, br); err == nil {
				err = w.Close()
			}
		}
		pw.CloseWithError(err)
	}()
	size, sum, err := a.Blobs.Put(ctx, blob, pr)
	if err != nil {
		pr.CloseWithError(err) // ends the copying above
	}
	return size, sum, err
}
