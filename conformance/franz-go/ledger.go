package main

import (
	"fmt"
	"sync"
)

// Ledger is what the members of a group did, together. It holds the promise that a group makes: a partition has one
// owner at a time, every record is processed, and none again once its commit was acknowledged.
type Ledger struct {
	// Members can be declared dead, and not know it for a while, in which they work on what is not theirs any more.
	looseOwners bool

	mu sync.Mutex
	// By partition and offset: how often it was processed.
	times map[int32]map[int64]int
	// By partition: the next offset, as of the last acknowledged commit. It never falls.
	next  map[int32]int64
	owned map[string]map[int32]bool
	// By member: how many records it processed since it last gained or lost partitions.
	busy map[string]int
	// By member: how many partitions it had to give up.
	given      map[string]int
	violations []string
}

func newLedger(looseOwners bool) *Ledger {
	return &Ledger{
		looseOwners: looseOwners,
		times:       map[int32]map[int64]int{},
		next:        map[int32]int64{},
		owned:       map[string]map[int32]bool{},
		busy:        map[string]int{},
		given:       map[string]int{},
	}
}

func (l *Ledger) gained(member string, partitions []int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, partition := range partitions {
		for other, owned := range l.owned {
			if owned[partition] && other != member && !l.looseOwners {
				l.violate("%s was assigned partition %d while %s owned it", member, partition, other)
			}
		}
		if l.owned[member] == nil {
			l.owned[member] = map[int32]bool{}
		}
		l.owned[member][partition] = true
	}
	l.busy[member] = 0
}

func (l *Ledger) lost(member string, partitions []int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, partition := range partitions {
		if l.owned[member][partition] {
			delete(l.owned[member], partition)
			l.given[member]++
		}
	}
	l.busy[member] = 0
}

func (l *Ledger) left(member string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.owned, member)
}

func (l *Ledger) processed(member string, partition int32, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.times[partition] == nil {
		l.times[partition] = map[int64]int{}
	}
	l.times[partition][offset]++
	if offset < l.next[partition] {
		l.violate("%s processed offset %d of partition %d although %d was committed", member, offset, partition, l.next[partition])
	}
	if !l.owned[member][partition] && !l.looseOwners {
		l.violate("%s processed offset %d of partition %d, which it does not own", member, offset, partition)
	}
	l.busy[member]++
}

// committed says that the node acknowledged that the group goes on at this offset.
func (l *Ledger) committed(partition int32, next int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next[partition] = max(next, l.next[partition])
}

func (l *Ledger) committedCount() (total int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, next := range l.next {
		total += next
	}
	return total
}

func (l *Ledger) givenUpBy(members ...string) (total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, member := range members {
		total += l.given[member]
	}
	return total
}

func (l *Ledger) ownedBy(member string) map[int32]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	owned := map[int32]bool{}
	for partition := range l.owned[member] {
		owned[partition] = true
	}
	return owned
}

// isShared tells whether these members and no others own all partitions between them, at least so many each, and all
// have worked since.
func (l *Ledger) isShared(members []string, partitions, minimumEach int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	total, owners := 0, 0
	for _, owned := range l.owned {
		if len(owned) > 0 {
			owners++
		}
	}
	for _, member := range members {
		if len(l.owned[member]) < minimumEach || l.busy[member] == 0 {
			return false
		}
		total += len(l.owned[member])
	}
	return owners == len(members) && total == partitions
}

func (l *Ledger) describe() any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("owned %v, committed %v, wrong %v", l.owned, l.next, l.violations)
}

func (l *Ledger) violate(format string, args ...any) {
	if len(l.violations) < 5 {
		l.violations = append(l.violations, fmt.Sprintf(format, args...))
	}
}

// assertComplete fails unless no promise was broken, and of every partition each offset up to its end was processed.
func (l *Ledger) assertComplete(ends map[int32]int64, exactlyOnce bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	equal("how much the group did wrong", l.violations, []string(nil))
	for partition, end := range ends {
		for offset := range end {
			times := l.times[partition][offset]
			if times == 0 || (exactlyOnce && times > 1) {
				panic(fmt.Sprintf("offset %d of partition %d was processed %d times", offset, partition, times))
			}
		}
		equal(fmt.Sprintf("offsets of partition %d", partition), len(l.times[partition]), int(end))
	}
}
