package app

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// turns lets commands on one order that come to this process at once go one
// after the other, so that they do not make each other load and decide again.
// It is a courtesy, not what keeps them apart: that is the store's unique
// (order, version), which also holds between processes. Commands on different
// orders never wait for each other. The zero value is ready.
type turns struct {
	mu     sync.Mutex
	orders map[string]*line
}

// line is held by who has put a token into turn.
type line struct {
	turn  chan struct{}
	users int // holding or waiting
}

// take waits for the order's turn and returns what ends it, or the context's
// error.
func (t *turns) take(ctx context.Context, id string) (done func(), err error) {
	t.mu.Lock()
	q := t.orders[id]
	if q == nil {
		q = &line{turn: make(chan struct{}, 1)}
		if t.orders == nil {
			t.orders = map[string]*line{}
		}
		t.orders[id] = q
	}
	q.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if q.users--; q.users == 0 {
			delete(t.orders, id)
		}
	}
	select {
	case q.turn <- struct{}{}:
		return func() { <-q.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// step is the unit of waiting between attempts.
const step = 2 * time.Millisecond

// pause waits before another attempt, at first longer and more evenly spread
// with each, so that processes that collided do not collide again in step; never
// so long that another process's commands go by the dozen in between.
func pause(ctx context.Context, attempt int) error {
	t := time.NewTimer(rand.N(step * time.Duration(1<<min(attempt, 4))))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
