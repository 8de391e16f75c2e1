package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// firstTimestamp is 2023-11-14: old enough that a node which puts its own time in place of the client's is found out.
var firstTimestamp = time.UnixMilli(1_700_000_000_000)

// makeRows makes records of every shape, the same in each run: without key, tombstones, empty values, headers that
// repeat a name or are empty or null, and one value of 200 KB that does not compress.
func makeRows(topic string, count, partitions int) []*kgo.Record {
	rows := make([]*kgo.Record, count)
	for index := range rows {
		rows[index] = &kgo.Record{
			Topic:     topic,
			Partition: int32(index % partitions),
			Value:     makeValue(index),
			Headers:   makeHeaders(index),
			Timestamp: firstTimestamp.Add(time.Duration(index) * time.Second),
		}
		if index%5 != 4 {
			rows[index].Key = fmt.Appendf(nil, "key-%d", index)
		}
	}
	return rows
}

func makeValue(index int) []byte {
	switch {
	case index == 50:
		return noise(200_000)
	case index%7 == 6:
		return nil
	case index%11 == 10:
		return []byte{}
	}
	return []byte(strings.Repeat(fmt.Sprintf("value-%d ", index), 1+index%13))
}

func makeHeaders(index int) []kgo.RecordHeader {
	if index%3 != 0 {
		return nil
	}
	return []kgo.RecordHeader{
		{Key: "trace", Value: fmt.Appendf(nil, "trace-%d", index)},
		{Key: "trace", Value: []byte("again")},
		{Key: "empty", Value: []byte{}},
		{Key: "null", Value: nil},
		{Key: "bytes", Value: []byte{0, 255, 128, byte(index)}},
	}
}

// noise makes bytes that don't compress, by a linear congruential generator.
func noise(size int) []byte {
	out := make([]byte, size)
	state := uint32(1)
	for index := range out {
		state = state*1_103_515_245 + 12_345
		out[index] = byte(state >> 24)
	}
	return out
}

// assertSame fails unless every partition holds exactly the rows sent to it, in that order, at offsets without a gap
// from zero.
func assertSame(read, sent []*kgo.Record) {
	equal("how many records came", len(read), len(sent))
	got, want := byPartition(read), byPartition(sent)
	for partition, rows := range want {
		equal(fmt.Sprintf("records in partition %d", partition), len(got[partition]), len(rows))
		for index, row := range rows {
			assertSameRow(got[partition][index], row, index)
		}
	}
}

func byPartition(rows []*kgo.Record) map[int32][]*kgo.Record {
	out := map[int32][]*kgo.Record{}
	for _, row := range rows {
		out[row.Partition] = append(out[row.Partition], row)
	}
	return out
}

func assertSameRow(got, want *kgo.Record, index int) {
	what := fmt.Sprintf("record %d of partition %d", index, want.Partition)
	equal(what+", offset", got.Offset, int64(index))
	equal(what+", timestamp", got.Timestamp.UnixMilli(), want.Timestamp.UnixMilli())
	equal(what+", timestamp's type", got.Attrs.TimestampType(), int8(0))
	equal(what+", same key", sameBytes(got.Key, want.Key), true)
	equal(what+", same value", sameBytes(got.Value, want.Value), true)
	equal(what+", headers", len(got.Headers), len(want.Headers))
	for at, header := range want.Headers {
		equal(what+", header's name", got.Headers[at].Key, header.Key)
		equal(what+", same header "+header.Key, sameBytes(got.Headers[at].Value, header.Value), true)
	}
}

// sameBytes tells null and empty apart.
func sameBytes(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }
