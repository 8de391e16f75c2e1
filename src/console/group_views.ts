import type { ReportedAlert } from '../monitor/alerts/alerting.ts';
import type { ClusterOffsets, GroupView } from '../monitor/cluster_offsets.ts';
import type { Group, GroupStatus } from './api/groups.ts';

/** What is wrong with groups, by `group`, and `group topic partition`. */
export type GroupStatuses = ReadonlyMap<string, GroupStatus>;

const STATUSES: Readonly<Record<string, GroupStatus>> = {
  ConsumerGroupStopped: 'stop',
  ConsumerGroupStalled: 'stall',
  ConsumerGroupRewound: 'rewind',
  ConsumerGroupLagging: 'warn',
};
const SEVERITY: readonly GroupStatus[] = ['ok', 'unknown', 'warn', 'rewind', 'stall', 'stop'];

/** Burrow's verdicts, by the alerts about groups: those that are pending tell it as well. */
export function groupStatuses(alerts: readonly ReportedAlert[]): GroupStatuses {
  const statuses = new Map<string, GroupStatus>();
  for (const { labels, state } of alerts) {
    const status = STATUSES[labels['alertname'] ?? ''];
    if (status === undefined || state === 'resolved') continue;
    const { consumergroup, partition, topic } = labels;
    for (const key of [`${consumergroup}`, `${consumergroup} ${topic} ${partition}`]) {
      const known = statuses.get(key) ?? 'ok';
      if (SEVERITY.indexOf(status) > SEVERITY.indexOf(known)) statuses.set(key, status);
    }
  }
  return statuses;
}

export function groupView(view: GroupView, offsets: ClusterOffsets, statuses: GroupStatuses): Group {
  let lag = 0n;
  for (const each of offsets.lagOf(view)) lag += each.lag ?? 0n;
  const { id, members, state, type } = view;
  return {
    id,
    type,
    state,
    members,
    topics: [...view.offsets.keys()].sort(),
    lag: String(lag),
    status: statuses.get(id) ?? 'ok',
  };
}
