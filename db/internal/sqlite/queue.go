package sqlite

import (
	"container/list"
	"sync"
	"time"
)

// A queue lets the connections of this process write one after the other, first come
// first served. SQLite would let each try from time to time, and tell those with bad
// luck that the database is locked. It can't keep other processes out: those are
// waited for by the busy handler.
type queue struct {
	mu      sync.Mutex
	held    bool
	turn    time.Time // when it was handed over last, while somebody waited
	waiting list.List // of chan struct{}, each with room for one
}

// enter waits until it is the caller's turn, which lasts until leave. It fails when
// the call is over, or when one holder keeps the queue for longer than timeout; a
// queue that moves is waited in for as long as it takes.
func (q *queue) enter(c *call, timeout time.Duration) error {
	q.mu.Lock()
	if !q.held {
		q.held = true
		q.mu.Unlock()
		return nil
	}
	if timeout <= 0 {
		q.mu.Unlock()
		return errBusy()
	}
	came := time.Now()
	mine := make(chan struct{}, 1)
	place := q.waiting.PushBack(mine)
	q.mu.Unlock()

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		select {
		case <-mine:
			return nil
		case <-c.done:
			return q.giveUp(c, place, mine)
		case <-c.pool:
			return q.giveUp(c, place, mine)
		case <-timer.C:
		}
		left := q.left(came, timeout)
		if left <= 0 {
			if q.withdraw(place, mine) {
				return nil
			}
			return errBusy()
		}
		timer.Reset(left)
	}
}

// giveUp leaves the queue because of the call's end.
func (q *queue) giveUp(c *call, place *list.Element, mine chan struct{}) error {
	if q.withdraw(place, mine) {
		q.leave()
	}
	return c.cause()
}

// left is how long the present holder may still keep the queue from one who came at
// the given time: the clock starts again at each handover.
func (q *queue) left(came time.Time, timeout time.Duration) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.turn.After(came) {
		came = q.turn
	}
	return timeout - time.Since(came)
}

// withdraw gives a place in the queue up, and reports whether the turn had come
// meanwhile; the caller then has it.
func (q *queue) withdraw(place *list.Element, mine chan struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-mine:
		return true
	default:
		q.waiting.Remove(place)
		return false
	}
}

// leave hands the turn to the one who has waited longest.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := q.waiting.Front()
	if first == nil {
		q.held = false
		return
	}
	q.turn = time.Now()
	q.waiting.Remove(first).(chan struct{}) <- struct{}{}
}

// queues has the queue of each database that is open, by its key: the file's real
// path, or the name of a database in memory.
var queues = struct {
	sync.Mutex
	byKey map[string]*sharedQueue
}{byKey: map[string]*sharedQueue{}}

type sharedQueue struct {
	queue
	users int
}

// takeQueue returns the queue of a database. Each call needs one of dropQueue.
func takeQueue(key string) *queue {
	queues.Lock()
	defer queues.Unlock()
	shared := queues.byKey[key]
	if shared == nil {
		shared = &sharedQueue{}
		queues.byKey[key] = shared
	}
	shared.users++
	return &shared.queue
}

func dropQueue(key string) {
	queues.Lock()
	defer queues.Unlock()
	shared := queues.byKey[key]
	if shared.users--; shared.users == 0 {
		delete(queues.byKey, key)
	}
}
