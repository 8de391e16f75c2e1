package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What a node must not accept, and the error it says so by.
var refusalCases = map[string]Case{
	"refuse-large-message": refuseLargeMessage,
	"refuse-unknown-topic": refuseUnknownTopic,
	"refuse-bad-topics":    refuseBadTopics,
}

func refuseLargeMessage(s Scenario) {
	topic := s.name("topic")
	createTopic(s, topic, 1)
	client := newClient(s, kgo.ProducerBatchMaxBytes(10_000_000), kgo.ProducerBatchCompression(kgo.NoCompression()))
	defer client.Close()
	large := client.ProduceSync(soon(), &kgo.Record{Topic: topic, Value: noise(2 * 1024 * 1024)})
	refused(kerr.MessageTooLarge, "two megabytes", large.FirstErr())
	check(client.ProduceSync(soon(), &kgo.Record{Topic: topic, Value: noise(1_000_000)}).FirstErr())
	equal("the size", len(readAll(s, topic)[0].Value), 1_000_000)
}

func refuseUnknownTopic(s Scenario) {
	topic := s.name("missing")
	client := newClient(s, kgo.UnknownTopicRetries(1))
	defer client.Close()
	lost := client.ProduceSync(soon(), &kgo.Record{Topic: topic, Value: []byte("lost")})
	refused(kerr.UnknownTopicOrPartition, "produce", lost.FirstErr())

	consumer := newClient(s, from(topic, at(kgo.NewOffset().AtStart())), kgo.KeepRetryableFetchErrors())
	defer consumer.Close()
	var failure error
	until("an error of the fetch", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		consumer.PollFetches(ctx).EachError(func(_ string, _ int32, err error) {
			if ctx.Err() == nil {
				failure = err
			}
		})
		return failure != nil
	})
	refused(kerr.UnknownTopicOrPartition, "consume", failure)
	withAdmin(s, func(admin *kadm.Client) {
		equal("the topic was created", must(admin.ListTopics(soon())).Has(topic), false)
	})
}

func refuseBadTopics(s Scenario) {
	name := s.name("bad")
	withAdmin(s, func(admin *kadm.Client) {
		create := func(partitions int32, replicas int16, configs map[string]*string, topic string) error {
			_, err := admin.CreateTopic(soon(), partitions, replicas, configs, topic)
			return err
		}
		for _, bad := range []string{"bad/name", strings.Repeat("n", 250), "..", "", "sp ace"} {
			refused(kerr.InvalidTopicException, fmt.Sprintf("the name %q", bad), create(1, 1, nil, bad))
		}
		refused(kerr.InvalidReplicationFactor, "more replicas than nodes", create(1, 100, nil, name))
		refused(kerr.InvalidPartitions, "no partitions", create(0, 1, nil, name))
		for key, value := range map[string]string{"no.such.config": "1", "segment.bytes": "-5", "retention.ms": "soon"} {
			refused(kerr.InvalidConfig, key+"="+value, create(1, 1, map[string]*string{key: &value}, name))
		}
		check(create(1, 1, nil, name))
		refused(kerr.TopicAlreadyExists, "a topic that is there already", create(1, 1, nil, name))
	})
}
