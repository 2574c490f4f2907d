package intake

import "sync"

// memo remembers what a pure function says of short texts that come again and
// again: the names and definitions of the catalogue, which are read anew for
// every need. What a person wrote does not go through it.
type memo[V any] struct {
	of    func(string) V
	mu    sync.RWMutex
	known map[string]V
}

// memoed is how many texts a memo holds before it begins anew, which a
// catalogue with its texts does not fill.
const memoed = 20_000

// get returns what the function says; callers do not change it.
func (m *memo[V]) get(s string) V {
	m.mu.RLock()
	v, ok := m.known[s]
	m.mu.RUnlock()
	if ok {
		return v
	}
	v = m.of(s)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= memoed {
		m.known = map[string]V{}
	}
	m.known[s] = v
	return v
}

var (
	bentNames   = memo[string]{of: bendName}
	compiled    = memo[term]{of: compileTerm}
	definedWith = memo[[]string]{of: content}
)
