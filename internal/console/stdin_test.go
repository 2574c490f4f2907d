package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
)

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("text"), 100_000)
	if got, err := io.ReadAll(until(t.Context(), bytes.NewReader(text))); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(until(t.Context(), io.MultiReader(bytes.NewReader(text), reader(func([]byte) (int, error) { return 0, broken })))); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	nobody, typing := io.Pipe() // who never writes
	defer func() { _ = typing.Close() }()
	in := until(ctx, nobody)
	done := make(chan error)
	go func() {
		_, err := io.ReadAll(in)
		done <- err
	}()
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
