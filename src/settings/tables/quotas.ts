/* Quotas. */

import { className, int, table } from '../setting.ts';
import { NO_PLUGINS } from './unused.ts';

export const QUOTA_SETTINGS = table({
  'quota.window.num': int(11, {
    atLeast: 1,
    importance: 'low',
    doc: "Samples from which a client's rate is computed.",
  }),
  'quota.window.size.seconds': int(1, {
    atLeast: 1,
    importance: 'low',
    doc: "Time that a sample of a client's rate covers.",
  }),
  'controller.quota.window.num': int(11, {
    atLeast: 1,
    importance: 'low',
    doc: "Samples from which a client's rate of changes to topics is computed.",
  }),
  'controller.quota.window.size.seconds': int(1, {
    atLeast: 1,
    importance: 'low',
    doc: "Time that a sample of a client's rate of changes to topics covers.",
  }),
  'replication.quota.window.num': int(11, {
    atLeast: 1,
    importance: 'low',
    doc: 'Samples from which the rate of throttled replication is computed.',
  }),
  'replication.quota.window.size.seconds': int(1, {
    atLeast: 1,
    importance: 'low',
    doc: 'Time that a sample of the rate of throttled replication covers.',
  }),
  'alter.log.dirs.replication.quota.window.num': int(11, {
    atLeast: 1,
    importance: 'low',
    doc: 'Samples from which the rate of moves between log directories is computed.',
  }),
  'alter.log.dirs.replication.quota.window.size.seconds': int(1, {
    atLeast: 1,
    importance: 'low',
    doc: 'Time that a sample of the rate of moves between log directories covers.',
  }),
  'client.quota.callback.class': className(null, {
    importance: 'low',
    unused: NO_PLUGINS,
    doc: 'Class that decides the quotas of clients.',
  }),
});
