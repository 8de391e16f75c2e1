package main

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	killPartitions = 3
	// How much is acknowledged and committed before the node is killed, and again afterwards.
	enough       = 3000
	killPatience = time.Minute
)

// load sends numbered values to each partition until it is stopped, many at a time.
type load struct {
	// By partition: how many values were acknowledged; they are 0, 1, 2, …
	acknowledged [killPartitions]atomic.Int64
	failure      atomic.Pointer[error]
	stopping     atomic.Bool
	done         chan struct{}
}

func startLoad(s Scenario) *load {
	l := &load{done: make(chan struct{})}
	// As many as are on their way at most.
	client := newClient(s, kgo.MaxBufferedRecords(300), kgo.ProducerLinger(0), kgo.RecordDeliveryTimeout(2*time.Minute))
	go func() {
		defer close(l.done)
		defer client.Close()
		for value := 0; !l.stopping.Load(); value++ {
			for partition := range killPartitions {
				record := &kgo.Record{Topic: s.name("topic"), Partition: int32(partition), Value: []byte(strconv.Itoa(value))}
				client.Produce(nil, record, func(_ *kgo.Record, err error) {
					if err != nil {
						l.failure.Store(&err)
						return
					}
					l.acknowledged[partition].Add(1)
				})
			}
		}
		if err := client.Flush(soon()); err != nil {
			l.failure.Store(&err)
		}
	}()
	return l
}

func (l *load) total() (total int64) {
	for partition := range l.acknowledged {
		total += l.acknowledged[partition].Load()
	}
	return total
}

func (l *load) stop() {
	l.stopping.Store(true)
	<-l.done
	if failure := l.failure.Load(); failure != nil {
		panic(*failure)
	}
}

// kill: the node dies while records are produced and consumed; all that it acknowledged is there, once and in order.
func kill(s Scenario) {
	topic := s.name("topic")
	createTopic(s, topic, killPartitions)
	ledger := newLedger(true)
	a, b := startMember(s, ledger, "a"), startMember(s, ledger, "b")
	l := startLoad(s)
	defer l.stopping.Store(true)
	reached := func(count int64) func() bool {
		return func() bool { return l.total() >= count && ledger.committedCount() >= count }
	}
	detail := func() any { return fmt.Sprintf("%d acknowledged, %v", l.total(), ledger.describe()) }
	until("records flow", reached(enough), detail)
	s.restartNode()
	before := max(l.total(), ledger.committedCount())
	untilFor(killPatience, "records flow again after the restart", reached(before+enough), detail)
	l.stop()

	ends := endsOf(s, topic)
	var total int64
	for _, end := range ends {
		total += end
	}
	untilFor(killPatience, "the group has committed everything", func() bool { return ledger.committedCount() == total }, detail)
	a.stop()
	b.stop()
	ledger.assertComplete(ends, false)

	for partition, records := range byPartition(readAll(s, topic)) {
		what := fmt.Sprintf("partition %d", partition)
		equal("how many are in "+what, int64(len(records)), l.acknowledged[partition].Load())
		for value, record := range records {
			equal(fmt.Sprintf("%s, offset %d", what, record.Offset), string(record.Value), strconv.Itoa(value))
		}
	}
}
