package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Member is one of a group that commits what it has processed after each poll, and enters all in the ledger.
type Member struct {
	name    string
	topic   string
	ledger  *Ledger
	client  *kgo.Client
	cancel  context.CancelFunc
	done    chan struct{}
	fenced  atomic.Bool
	mu      sync.Mutex
	pending map[int32]kgo.EpochOffset // what was processed and is not committed yet, of the partitions that are owned
}

func startMember(s Scenario, ledger *Ledger, name string, options ...kgo.Opt) *Member {
	ctx, cancel := context.WithCancel(context.Background())
	m := &Member{name: name, topic: s.name("topic"), ledger: ledger, cancel: cancel, done: make(chan struct{})}
	m.pending = map[int32]kgo.EpochOffset{}
	common := []kgo.Opt{
		kgo.ConsumerGroup(s.name("group")),
		kgo.ConsumeTopics(m.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		// A rebalance waits until what was polled is processed.
		kgo.BlockRebalanceOnPoll(),
		kgo.HeartbeatInterval(200 * time.Millisecond),
		kgo.SessionTimeout(10 * time.Second),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			ledger.gained(name, assigned[m.topic])
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			m.commit()
			m.forget(revoked[m.topic])
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			m.forget(lost[m.topic])
		}),
	}
	m.client = newClient(s, append(common, options...)...)
	go m.run(ctx)
	return m
}

func (m *Member) forget(partitions []int32) {
	m.mu.Lock()
	for _, partition := range partitions {
		delete(m.pending, partition)
	}
	m.mu.Unlock()
	m.ledger.lost(m.name, partitions)
}

// generation is the group's, as the member last joined it; each rebalance begins another.
func (m *Member) generation() int32 {
	_, generation := m.client.GroupMetadata()
	return generation
}

// stop leaves the group, unless the member is static.
func (m *Member) stop() {
	m.cancel()
	<-m.done
	m.client.CloseAllowingRebalance()
	m.ledger.left(m.name)
}

func (m *Member) run(ctx context.Context) {
	defer close(m.done)
	for ctx.Err() == nil && !m.fenced.Load() {
		fetches := m.client.PollFetches(ctx)
		fetches.EachError(func(_ string, _ int32, err error) {
			if errors.Is(err, kerr.FencedInstanceID) {
				m.fenced.Store(true)
			} else if ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, m.name, err)
			}
		})
		fetches.EachRecord(func(record *kgo.Record) {
			m.ledger.processed(m.name, record.Partition, record.Offset)
			m.mu.Lock()
			m.pending[record.Partition] = kgo.EpochOffset{Epoch: record.LeaderEpoch, Offset: record.Offset + 1}
			m.mu.Unlock()
		})
		m.commit()
		m.client.AllowRebalance()
	}
}

// commit leaves what could not be committed for the next time; what others are assigned before that is processed again.
func (m *Member) commit() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.pending) == 0 {
		return
	}
	var refusal error
	offsets := map[string]map[int32]kgo.EpochOffset{m.topic: m.pending}
	m.client.CommitOffsetsSync(soon(), offsets, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse, err error) {
		refusal = err
		if err != nil {
			return
		}
		for _, topic := range response.Topics {
			for _, partition := range topic.Partitions {
				if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
					refusal = err
				}
			}
		}
	})
	if refusal != nil {
		if errors.Is(refusal, kerr.FencedInstanceID) {
			m.fenced.Store(true)
		}
		fmt.Fprintln(os.Stderr, m.name, "could not commit:", refusal)
		return
	}
	for partition, offset := range m.pending {
		m.ledger.committed(partition, offset.Offset)
	}
	clear(m.pending)
}
