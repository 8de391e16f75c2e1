/* Compaction. */

import { boolean, double, int, long, MAX_LONG, table } from '../setting.ts';
import { NO_CLEANER_SWITCH, NO_LOAD_FACTOR, NO_THREADS } from './unused.ts';

export const CLEANER_SETTINGS = table({
  'log.cleaner.enable': boolean(true, {
    importance: 'medium',
    unused: NO_CLEANER_SWITCH,
    doc: 'Whether logs are compacted at all.',
  }),
  'log.cleaner.threads': int(1, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_THREADS,
    doc: 'Threads that compact logs.',
  }),
  'log.cleaner.io.max.bytes.per.second': double('1.7976931348623157E308', {
    atLeast: 1,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Bytes a second that compaction reads and writes, over all logs.',
  }),
  'log.cleaner.dedupe.buffer.size': long(134_217_728, {
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Memory for the keys of a log while it is compacted.',
  }),
  'log.cleaner.io.buffer.size': int(524_288, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Memory for the records that compaction reads and writes.',
  }),
  'log.cleaner.io.buffer.load.factor': double(0.9, {
    importance: 'medium',
    update: 'cluster-wide',
    unused: NO_LOAD_FACTOR,
    doc: 'How full the table of keys may become while a log is compacted.',
  }),
  'log.cleaner.backoff.ms': long(15_000, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Pause when there is nothing to compact.',
  }),
  'log.cleaner.min.cleanable.ratio': double(0.5, {
    atLeast: 0,
    atMost: 1,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Part of a log that must be uncompacted before it is compacted again.',
  }),
  'log.cleaner.delete.retention.ms': long(86_400_000, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'How long a tombstone stays after its log was compacted.',
  }),
  'log.cleaner.min.compaction.lag.ms': long(0, {
    atLeast: 0,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Age below which a record is not compacted.',
  }),
  'log.cleaner.max.compaction.lag.ms': long(MAX_LONG, {
    atLeast: 1,
    importance: 'medium',
    update: 'cluster-wide',
    doc: 'Age above which a record must become compacted.',
  }),
});
