package main

import (
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var adminCases = map[string]Case{
	"create-topic":   createAndDescribe,
	"configs":        configs,
	"add-partitions": addPartitions,
	"delete-records": deleteRecords,
	"delete-topic":   deleteTopic,
}

func pointer(text string) *string { return &text }

func createAndDescribe(s Scenario) {
	topic := s.name("topic")
	configs := map[string]*string{"cleanup.policy": pointer("compact"), "segment.bytes": pointer("2097152")}
	withAdmin(s, func(admin *kadm.Client) {
		check(must(admin.ValidateCreateTopics(soon(), 5, 1, configs, topic)).Error())
		equal("validating creates nothing", must(admin.ListTopics(soon())).Has(topic), false)
		created := must(admin.CreateTopic(soon(), 5, 1, configs, topic))
		equal("partitions in the answer", created.NumPartitions, int32(5))
		segmentBytes := created.Configs["segment.bytes"]
		equal("a config in the answer", segmentBytes.MaybeValue(), "2097152")

		var metadata kadm.Metadata
		until("the topic is listed with its leaders", func() bool {
			metadata = must(admin.Metadata(soon(), topic))
			return metadata.Topics.Has(topic) && metadata.Topics[topic].Partitions.Numbers() != nil
		})
		equal("the id", metadata.Topics[topic].ID, created.ID)
		nodes := []int32{metadata.Controller}
		equal("the brokers", metadata.Brokers.NodeIDs(), nodes)
		equal("the number of partitions", len(metadata.Topics[topic].Partitions), 5)
		for _, partition := range metadata.Topics[topic].Partitions {
			what := fmt.Sprintf("partition %d", partition.Partition)
			equal(what+", leader", partition.Leader, metadata.Controller)
			equal(what+", replicas", partition.Replicas, nodes)
			equal(what+", in-sync replicas", partition.ISR, nodes)
		}
		becomes(admin, topic, "cleanup.policy", "compact", kmsg.ConfigSourceDynamicTopicConfig)
	})
}

func topicConfig(admin *kadm.Client, topic, name string) kadm.Config {
	described := must(must(admin.DescribeTopicConfigs(soon(), topic)).On(topic, nil))
	check(described.Err)
	for _, config := range described.Configs {
		if config.Key == name {
			return config
		}
	}
	panic("there is no config " + name)
}

// becomes waits: a change may be acknowledged a moment before it is seen.
func becomes(admin *kadm.Client, topic, name, value string, source kmsg.ConfigSource) {
	var config kadm.Config
	until(fmt.Sprintf("%s is %s by %v", name, value, source), func() bool {
		config = topicConfig(admin, topic, name)
		return config.MaybeValue() == value && config.Source == source
	}, func() any { return fmt.Sprint(config.MaybeValue(), " by ", config.Source) })
}

func configs(s Scenario) {
	topic := s.name("topic")
	createTopic(s, topic, 1)
	const onTopic, standard = kmsg.ConfigSourceDynamicTopicConfig, kmsg.ConfigSourceDefaultConfig
	withAdmin(s, func(admin *kadm.Client) {
		alter := func(op kadm.IncrementalOp, name, value string) error {
			change := []kadm.AlterConfig{{Op: op, Name: name, Value: &value}}
			return must(must(admin.AlterTopicConfigs(soon(), change, topic)).On(topic, nil)).Err
		}
		check(alter(kadm.SetConfig, "max.message.bytes", "20000"))
		becomes(admin, topic, "max.message.bytes", "20000", onTopic)
		becomes(admin, topic, "retention.ms", "-1", onTopic)
		check(alter(kadm.AppendConfig, "cleanup.policy", "compact"))
		becomes(admin, topic, "cleanup.policy", "delete,compact", onTopic)
		check(alter(kadm.SubtractConfig, "cleanup.policy", "delete"))
		becomes(admin, topic, "cleanup.policy", "compact", onTopic)
		check(alter(kadm.DeleteConfig, "max.message.bytes", ""))
		becomes(admin, topic, "max.message.bytes", "1048588", standard)
		refused(kerr.InvalidConfig, "an unknown config", alter(kadm.SetConfig, "no.such.config", "1"))
		refused(kerr.InvalidConfig, "a bad value", alter(kadm.SetConfig, "segment.bytes", "small"))

		// The older request replaces all: what is left out is back at its default.
		state := []kadm.AlterConfig{{Name: "max.message.bytes", Value: pointer("30000")}}
		check(must(must(admin.AlterTopicConfigsState(soon(), state, topic)).On(topic, nil)).Err)
		becomes(admin, topic, "retention.ms", "604800000", standard)

		node := must(admin.BrokerMetadata(soon())).Controller
		described := must(must(admin.DescribeBrokerConfigs(soon(), node)).On(strconv.Itoa(int(node)), nil))
		check(described.Err)
		for _, config := range described.Configs {
			if config.Key == "node.id" {
				equal("node.id", config.MaybeValue(), strconv.Itoa(int(node)))
			}
		}
	})
}

func addPartitions(s Scenario) {
	topic := s.name("topic")
	createTopic(s, topic, 2)
	withAdmin(s, func(admin *kadm.Client) {
		grow := func(name string, to int) error {
			return must(must(admin.UpdatePartitions(soon(), to, name)).On(name, nil)).Err
		}
		check(grow(topic, 5))
		leadersAnswer(admin, topic, 5)
		refused(kerr.InvalidPartitions, "fewer partitions", grow(topic, 3))
		refused(kerr.UnknownTopicOrPartition, "a topic that is not there", grow(s.name("missing"), 3))
	})
	produceAll(s, makeRows(topic, 10, 5))
	equal("records", len(readAll(s, topic)), 10)
}

func deleteRecords(s Scenario) {
	topic := s.name("topic")
	createTopic(s, topic, 2)
	produceAll(s, makeRows(topic, 40, 2))
	withAdmin(s, func(admin *kadm.Client) {
		remove := func(before ...int64) kadm.DeleteRecordsResponses {
			var offsets kadm.Offsets
			for partition, offset := range before {
				offsets.Add(kadm.Offset{Topic: topic, Partition: int32(partition), At: offset})
			}
			return must(admin.DeleteRecords(soon(), offsets))
		}
		deleted := remove(7, -1)
		check(deleted.Error())
		for partition, low := range []int64{7, 20} {
			got, _ := deleted.Lookup(topic, int32(partition))
			equal(fmt.Sprintf("the low watermark of partition %d", partition), got.LowWatermark, low)
		}
		begins := offsetsOf(must(admin.ListStartOffsets(soon(), topic)), topic)
		equal("the beginnings", begins, map[int32]int64{0: 7, 1: 20})
		refused(kerr.OffsetOutOfRange, "beyond the end", remove(21).Error())
	})
	left := readAll(s, topic)
	equal("what is left", len(left), 13)
	equal("its first offset", left[0].Offset, int64(7))
}

func deleteTopic(s Scenario) {
	topic := s.name("topic")
	createTopic(s, topic, 3)
	produceAll(s, makeRows(topic, 30, 3))
	withAdmin(s, func(admin *kadm.Client) {
		check(must(admin.DeleteTopic(soon(), topic)).Err)
		until("the topic is gone", func() bool { return !must(admin.ListTopics(soon())).Has(topic) })
		_, err := admin.DeleteTopic(soon(), topic)
		refused(kerr.UnknownTopicOrPartition, "once more", err)
	})
	// The name can be used again, and nothing of the old records is left.
	createTopic(s, topic, 1)
	equal("its end", endsOf(s, topic), map[int32]int64{0: 0})
}
