package app

import (
	"sync"

	"sluss/internal/queue"
)

// mostTasks bounds how many cases' tasks are kept in memory.
const mostTasks = 50_000

// taskMemo keeps the tasks of cases as they were read last: of some thousand
// cases in a queue hardly one changes between two readings. What is kept is
// found by the text that it was read from, so it can never be older than that.
type taskMemo struct {
	mu   sync.Mutex
	kept map[string]readTasks // by case
}

type readTasks struct {
	text  string
	tasks []queue.Task
}

// of is tasksFrom; what it returns is not to be changed.
func (m *taskMemo) of(id, text string) ([]queue.Task, error) {
	m.mu.Lock()
	r, ok := m.kept[id]
	m.mu.Unlock()
	if ok && r.text == text {
		return r.tasks, nil
	}
	tasks, err := tasksFrom(id, text)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= mostTasks && !ok {
		m.kept = make(map[string]readTasks)
	}
	m.kept[id] = readTasks{text, tasks}
	return tasks, nil
}
