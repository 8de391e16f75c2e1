package main

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

const producePartitions = 3

var produceCases = map[string]Case{
	"produce-none":   produceWith(120, true, compressed(kgo.NoCompression())),
	"produce-gzip":   produceWith(120, true, compressed(kgo.GzipCompression())),
	"produce-snappy": produceWith(120, true, compressed(kgo.SnappyCompression())),
	"produce-lz4":    produceWith(120, true, compressed(kgo.Lz4Compression())),
	"produce-zstd":   produceWith(120, true, compressed(kgo.ZstdCompression())),
	"acks-0":         produceWith(30, false, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite()),
	"acks-1":         produceWith(30, true, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()),
	"acks-all":       produceWith(30, true, kgo.RequiredAcks(kgo.AllISRAcks()), kgo.DisableIdempotentWrite()),
	// Small batches, so that several are in flight to each partition.
	"idempotent-producer": produceWith(3000, true, kgo.MaxBufferedRecords(60), kgo.ProducerLinger(0)),
}

func compressed(codec kgo.CompressionCodec) kgo.Opt { return kgo.ProducerBatchCompression(codec) }

// produceWith makes a case: records of every shape come back as they were sent, and the node says at which offsets
// they are, if it acknowledges at all.
func produceWith(many int, acknowledged bool, options ...kgo.Opt) Case {
	return func(s Scenario) {
		topic := s.name("topic")
		createTopic(s, topic, producePartitions)
		sent := makeRows(topic, many, producePartitions)
		produceAll(s, sent, options...)
		if acknowledged {
			for index, row := range sent {
				equal(fmt.Sprintf("the offset of row %d", index), row.Offset, int64(index/producePartitions))
			}
		}
		each := int64(many / producePartitions)
		until("the records are in", func() bool {
			ends := endsOf(s, topic)
			return ends[0] == each && ends[1] == each && ends[2] == each
		})
		assertSame(readAll(s, topic), makeRows(topic, many, producePartitions))
	}
}
