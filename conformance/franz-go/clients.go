package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func newClient(s Scenario, options ...kgo.Opt) *kgo.Client {
	common := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(s.bootstrap, ",")...),
		kgo.ClientID("conformance"),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.MetadataMinAge(50 * time.Millisecond),
	}
	return must(kgo.NewClient(append(common, options...)...))
}

func withAdmin(s Scenario, work func(admin *kadm.Client)) {
	client := newClient(s)
	defer client.Close()
	work(kadm.NewClient(client))
}

// createTopic makes a topic that keeps records whatever their timestamps say, and returns when each partition's
// leader answers.
func createTopic(s Scenario, topic string, partitions int) {
	withAdmin(s, func(admin *kadm.Client) {
		forever := "-1"
		configs := map[string]*string{"retention.ms": &forever}
		must(admin.CreateTopic(soon(), int32(partitions), -1, configs, topic))
		leadersAnswer(admin, topic, partitions)
	})
}

// leadersAnswer waits: metadata may name a leader a moment before it answers.
func leadersAnswer(admin *kadm.Client, topic string, partitions int) {
	var last error
	until(fmt.Sprintf("all %d partitions of %s answer", partitions, topic), func() bool {
		var offsets kadm.ListedOffsets
		if offsets, last = admin.ListEndOffsets(soon(), topic); last == nil {
			last = offsets.Error()
		}
		return last == nil && len(offsets[topic]) == partitions
	}, func() any { return last })
}

func offsetsOf(listed kadm.ListedOffsets, topic string) map[int32]int64 {
	check(listed.Error())
	offsets := map[int32]int64{}
	for partition, each := range listed[topic] {
		offsets[partition] = each.Offset
	}
	return offsets
}

func endsOf(s Scenario, topic string) (ends map[int32]int64) {
	withAdmin(s, func(admin *kadm.Client) { ends = offsetsOf(must(admin.ListEndOffsets(soon(), topic)), topic) })
	return ends
}

func produceAll(s Scenario, rows []*kgo.Record, options ...kgo.Opt) {
	client := newClient(s, options...)
	defer client.Close()
	check(client.ProduceSync(soon(), rows...).FirstErr())
}

// from says at which offset of the topic's partitions to begin.
func from(topic string, offsets map[int32]kgo.Offset) kgo.Opt {
	return kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: offsets})
}

// readUntil polls until the records are enough.
func readUntil(client *kgo.Client, what string, enough func(read []*kgo.Record) bool) (read []*kgo.Record) {
	until(what, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				panic(fmt.Errorf("fetch of %s-%d: %w", topic, partition, err))
			}
		})
		read = append(read, fetches.Records()...)
		return enough(read)
	}, func() any { return fmt.Sprintf("%d came", len(read)) })
	return read
}

func count(wanted int) func([]*kgo.Record) bool {
	return func(read []*kgo.Record) bool { return len(read) >= wanted }
}

// readAll reads all partitions from their beginnings to their present ends.
func readAll(s Scenario, topic string) []*kgo.Record {
	ends := endsOf(s, topic)
	begin := map[int32]kgo.Offset{}
	for partition := range ends {
		begin[partition] = kgo.NewOffset().AtStart()
	}
	var starts map[int32]int64
	withAdmin(s, func(admin *kadm.Client) { starts = offsetsOf(must(admin.ListStartOffsets(soon(), topic)), topic) })
	total := 0
	for partition, end := range ends {
		total += int(end - starts[partition])
	}
	client := newClient(s, from(topic, begin))
	defer client.Close()
	return readUntil(client, "all of "+topic, count(total))
}
