package main

import (
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const positionCount = 100

var positionCases = map[string]Case{
	"seek-by-time":        seekByTime,
	"seek-to-ends":        seekToEnds,
	"pause-resume":        pauseAndResume,
	"offset-out-of-range": offsetOutOfRange,
}

// fill makes a topic of one partition, whose record at offset n has the timestamp of n seconds after the first.
func fill(s Scenario, suffix string) string {
	topic := s.name(suffix)
	createTopic(s, topic, 1)
	produceAll(s, makeRows(topic, positionCount, 1))
	return topic
}

func at(offset kgo.Offset) map[int32]kgo.Offset { return map[int32]kgo.Offset{0: offset} }

func seekByTime(s Scenario) {
	topic := fill(s, "topic")
	offsetAt := func(after time.Duration) (found kadm.ListedOffset) {
		withAdmin(s, func(admin *kadm.Client) {
			listed := must(admin.ListOffsetsAfterMilli(soon(), firstTimestamp.Add(after).UnixMilli(), topic))
			check(listed.Error())
			found, _ = listed.Lookup(topic, 0)
		})
		return found
	}
	equal("before the first record", offsetAt(-time.Millisecond).Offset, int64(0))
	equal("a record's own time", offsetAt(50*time.Second).Offset, int64(50))
	equal("between two records", offsetAt(50*time.Second+time.Millisecond).Offset, int64(51))
	equal("after the last record: the end", offsetAt(positionCount*time.Second).Offset, int64(positionCount))

	half := firstTimestamp.Add(70*time.Second + 500*time.Millisecond)
	client := newClient(s, from(topic, at(kgo.NewOffset().AfterMilli(half.UnixMilli()))))
	defer client.Close()
	rest := readUntil(client, "the rest", count(positionCount-71))
	equal("how many follow", len(rest), positionCount-71)
	equal("the first of them", rest[0].Timestamp.UnixMilli(), firstTimestamp.Add(71*time.Second).UnixMilli())
}

func seekToEnds(s Scenario) {
	topic := fill(s, "topic")
	client := newClient(s, from(topic, at(kgo.NewOffset().AtStart())))
	defer client.Close()
	all := readUntil(client, "all", count(positionCount))
	equal("the first offset", all[0].Offset, int64(0))

	seek := func(offset int64) {
		client.SetOffsets(map[string]map[int32]kgo.EpochOffset{topic: {0: {Epoch: -1, Offset: offset}}})
	}
	seek(40)
	some := readUntil(client, "some again", count(positionCount-40))
	equal("the offset sought", some[0].Offset, int64(40))
	seek(positionCount)
	produceAll(s, []*kgo.Record{{Topic: topic, Value: []byte("last")}})
	last := readUntil(client, "what follows the end", count(1))
	equal("its offset", last[0].Offset, int64(positionCount))
}

func pauseAndResume(s Scenario) {
	paused, other := fill(s, "paused"), fill(s, "other")
	client := newClient(s, kgo.ConsumeTopics(paused, other))
	defer client.Close()
	readUntil(client, "all", count(2*positionCount))
	client.PauseFetchTopics(paused)
	produceAll(s, []*kgo.Record{{Topic: paused, Value: []byte("late")}})
	produceAll(s, []*kgo.Record{{Topic: other, Value: []byte("other")}})
	during := readUntil(client, "the other topic", count(1))
	equal("how many are read while paused", len(during), 1)
	equal("which topic is read while paused", during[0].Topic, other)
	client.ResumeFetchTopics(paused)
	late := readUntil(client, "what was paused", count(1))
	equal("what was paused", string(late[0].Value), "late")
}

// offsetOutOfRange: an offset beyond the end is an error, or sends the consumer where it is told to begin.
func offsetOutOfRange(s Scenario) {
	topic := fill(s, "topic")
	beyond := from(topic, at(kgo.NewOffset().At(1000)))
	strict := newClient(s, beyond, kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	defer strict.Close()
	var failure error
	until("an error", func() bool {
		fetches := strict.PollFetches(soon())
		fetches.EachError(func(_ string, _ int32, err error) { failure = err })
		return failure != nil
	})
	refused(kerr.OffsetOutOfRange, "reading beyond the end", failure)

	lenient := newClient(s, beyond, kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer lenient.Close()
	read := readUntil(lenient, "records from the beginning", count(positionCount))
	equal("the first offset", read[0].Offset, int64(0))
}
