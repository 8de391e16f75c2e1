/* Transactions and idempotent producers. */

import { boolean, int, short, table } from '../setting.ts';
import { NO_TWO_PHASE } from './unused.ts';

export const TRANSACTION_SETTINGS = table({
  'transactional.id.expiration.ms': int(604_800_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Time after which a transactional id that was not used is forgotten.',
  }),
  'transaction.max.timeout.ms': int(900_000, {
    atLeast: 1,
    importance: 'high',
    doc: 'Longest transaction timeout that a producer may ask for.',
  }),
  'transaction.state.log.replication.factor': short(3, {
    atLeast: 1,
    importance: 'high',
    doc: 'Replicas of __transaction_state, at most: with fewer brokers at its creation it gets one on each, so that a single node works.',
  }),
  'transaction.state.log.num.partitions': int(50, {
    atLeast: 1,
    importance: 'high',
    doc: 'Partitions of __transaction_state; not to be changed once it exists.',
  }),
  'transaction.state.log.segment.bytes': int(104_857_600, {
    atLeast: 1,
    importance: 'high',
    doc: 'Size of the segments of __transaction_state.',
  }),
  'transaction.state.log.min.isr': int(2, {
    atLeast: 1,
    importance: 'high',
    doc: 'min.insync.replicas of __transaction_state; a topic with fewer replicas needs all of them.',
  }),
  'transaction.state.log.load.buffer.size': int(5_242_880, {
    atLeast: 1,
    importance: 'high',
    doc: 'Bytes that are read at once while a coordinator loads its partition.',
  }),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': int(10_000, {
    atLeast: 1,
    importance: 'low',
    doc: 'How often transactions that ran out of time are looked for and aborted.',
  }),
  'transaction.remove.expired.transaction.cleanup.interval.ms': int(3_600_000, {
    atLeast: 1,
    importance: 'low',
    doc: 'How often expired transactional ids are looked for.',
  }),
  'transaction.partition.verification.enable': boolean(true, {
    importance: 'low',
    update: 'cluster-wide',
    doc: 'Whether a partition checks with the coordinator that it belongs to the transaction before it takes the first records.',
  }),
  'transaction.two.phase.commit.enable': boolean(false, {
    importance: 'low',
    unused: NO_TWO_PHASE,
    doc: 'Whether producers may prepare transactions that never time out, for a coordinator outside.',
  }),
  'add.partitions.to.txn.retry.backoff.ms': int(20, {
    atLeast: 1,
    importance: 'high',
    doc: 'Pause before a partition is added to a transaction again while the coordinator is busy with the last one.',
  }),
  'add.partitions.to.txn.retry.backoff.max.ms': int(100, {
    atLeast: 0,
    importance: 'high',
    doc: 'Time for which adding a partition to a transaction is tried again before the producer is told to do so itself.',
  }),
  'producer.id.expiration.ms': int(86_400_000, {
    atLeast: 1,
    importance: 'low',
    update: 'cluster-wide',
    doc: 'Time after which a partition forgets a producer that sent nothing.',
  }),
  'producer.id.expiration.check.interval.ms': int(600_000, {
    atLeast: 1,
    importance: 'low',
    hidden: true,
    doc: 'How often producers that sent nothing for producer.id.expiration.ms are looked for.',
  }),
});
