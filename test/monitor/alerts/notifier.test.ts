import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Alert, type AlertState, fingerprintOf } from '../../../src/monitor/alerts/alert.ts';
import { mutedAlerts, Notifier } from '../../../src/monitor/alerts/notifier.ts';
import type { Silence } from '../../../src/monitor/alerts/silences.ts';

const SETTINGS = { groupWaitMs: 10, groupIntervalMs: 60, repeatIntervalMs: 1000 };

function alert(
  alertname: string,
  labels: Record<string, string> = {},
  more: { readonly state?: AlertState; readonly causes?: readonly number[] } = {},
): Alert {
  const all = { ...labels, alertname, severity: 'critical' };
  const state = more.state ?? 'firing';
  return {
    fingerprint: fingerprintOf(all),
    labels: all,
    annotations: { summary: `${alertname}.`, command: 'odradek x' },
    state,
    sinceMs: 0,
    foundMs: 0,
    resolvedMs: state === 'resolved' ? 1 : undefined,
    value: 1,
    causes: more.causes ?? [],
  };
}

const silence = (alertname: string, startsMs: number, endsMs: number): Silence => ({
  id: 's',
  matchers: [{ name: 'alertname', value: alertname, isRegex: false, isEqual: true }],
  startsMs,
  endsMs,
  createdBy: 'me',
  comment: 'known',
});

/** At which time there are which alerts, and what is told: names of topics and their states. */
type Step = readonly [atMs: number, alerts: readonly Alert[], told: readonly string[] | undefined];

const a = (state: AlertState = 'firing') => alert('Rule', { topic: 'a' }, { state });
const b = (state: AlertState = 'firing') => alert('Rule', { topic: 'b' }, { state });

const TABLE: readonly {
  readonly what: string;
  readonly silences?: readonly Silence[];
  readonly steps: readonly Step[];
}[] = [
  {
    what: 'the first alert waits for others, and they are told together',
    steps: [
      [0, [a()], undefined],
      [9, [a(), b()], undefined],
      [10, [a(), b()], ['a firing', 'b firing']],
      [11, [a(), b()], undefined],
    ],
  },
  {
    what: 'what is pending is not told',
    steps: [
      [0, [a('pending')], undefined],
      [100, [a('pending')], undefined],
    ],
  },
  {
    what: 'what resolves before it was told is never told',
    steps: [
      [0, [a()], undefined],
      [5, [a('resolved')], undefined],
      [100, [a('resolved')], undefined],
    ],
  },
  {
    what: 'news wait for the interval',
    steps: [
      [0, [a()], undefined],
      [10, [a()], ['a firing']],
      [30, [a(), b()], undefined],
      [70, [a(), b()], ['a firing', 'b firing']],
    ],
  },
  {
    what: 'what has resolved is told once',
    steps: [
      [0, [a(), b()], undefined],
      [10, [a(), b()], ['a firing', 'b firing']],
      [70, [a(), b('resolved')], ['a firing', 'b resolved']],
      [130, [a(), b('resolved')], undefined],
      [200, [a('resolved'), b('resolved')], ['a resolved']],
      [300, [a('resolved'), b('resolved')], undefined],
    ],
  },
  {
    what: 'what still fires is told again after a while',
    steps: [
      [0, [a()], undefined],
      [10, [a()], ['a firing']],
      [1009, [a()], undefined],
      [1010, [a()], ['a firing']],
      [2010, [a()], ['a firing']],
    ],
  },
  {
    what: 'what is silenced is told when the silence has ended',
    silences: [silence('Rule', 0, 500)],
    steps: [
      [0, [a()], undefined],
      [499, [a()], undefined],
      [500, [a()], undefined],
      [510, [a()], ['a firing']],
    ],
  },
  {
    what: 'what is silenced after it was told is not told as resolved',
    silences: [silence('Rule', 20, 5000)],
    steps: [
      [0, [a()], undefined],
      [10, [a()], ['a firing']],
      [80, [a()], undefined],
      [2000, [a('resolved')], undefined],
    ],
  },
  {
    what: 'an alert that came back is told again',
    steps: [
      [0, [a()], undefined],
      [10, [a()], ['a firing']],
      [70, [a('resolved')], ['a resolved']],
      [80, [a()], undefined],
      [90, [a()], ['a firing']],
    ],
  },
];

const shown = (alerts: readonly Alert[]) => alerts.map(({ labels, state }) => `${labels['topic']} ${state}`);

for (const { what, silences = [], steps } of TABLE) {
  test(what, () => {
    const notifier = new Notifier();
    for (const [atMs, alerts, told] of steps) {
      const due = notifier.due(atMs, alerts, { silences, settings: SETTINGS });
      assert.deepEqual(due.length === 0 ? undefined : shown(due[0]!.alerts), told, `at ${atMs} ms`);
      assert.ok(due.length <= 1);
    }
  });
}

test('another notifier tells nothing twice, and leaves nothing out', () => {
  const first = new Notifier();
  const options = { silences: [], settings: SETTINGS };
  first.due(0, [a()], options);
  assert.equal(first.due(10, [a()], options).length, 1);
  const second = new Notifier();
  second.restore(first.told);
  assert.equal(second.due(20, [a()], options).length, 0);
  assert.deepEqual(shown(second.due(80, [a('resolved'), b()], options)[0]!.alerts), [
    'b firing',
    'a resolved',
  ]);
});

test('rules are told apart', () => {
  const notifier = new Notifier();
  const options = { silences: [], settings: { ...SETTINGS, groupWaitMs: 0 } };
  const due = notifier.due(0, [a(), alert('Other')], options);
  assert.deepEqual(
    due.map(({ groupLabels }) => groupLabels['alertname']),
    ['Rule', 'Other'],
  );
});

const MUTED: readonly {
  readonly what: string;
  readonly alerts: readonly Alert[];
  readonly muted: readonly string[];
}[] = [
  {
    what: 'a dead broker does not page for each of its partitions',
    alerts: [
      alert('BrokerDown', { broker: '3' }),
      alert('UnderReplicatedPartitions', { topic: 'a' }, { causes: [3] }),
      alert('UnderMinIsr', { topic: 'a' }, { causes: [3] }),
    ],
    muted: ['UnderReplicatedPartitions inhibited', 'UnderMinIsr inhibited'],
  },
  {
    what: 'a partition that misses another replica too is told',
    alerts: [
      alert('BrokerDown', { broker: '3' }),
      alert('UnderReplicatedPartitions', { topic: 'a' }, { causes: [3, 2] }),
    ],
    muted: [],
  },
  {
    what: 'a broker that is not down for long enough explains nothing yet',
    alerts: [
      alert('BrokerDown', { broker: '3' }, { state: 'pending' }),
      alert('UnderReplicatedPartitions', { topic: 'a' }, { causes: [3] }),
    ],
    muted: [],
  },
  {
    what: 'a partition that nobody can read is told all the same',
    alerts: [alert('BrokerDown', { broker: '3' }), alert('OfflinePartitions', { topic: 'a' })],
    muted: [],
  },
  {
    what: 'with all brokers down nothing else is news',
    alerts: [
      alert('BrokersDown'),
      alert('BrokerDown', { broker: '3' }),
      alert('OfflinePartitions', { topic: 'a' }),
    ],
    muted: ['BrokerDown inhibited', 'OfflinePartitions inhibited'],
  },
];

for (const { what, alerts, muted } of MUTED) {
  test(what, () => {
    const found = mutedAlerts(alerts, [], 0);
    const named = alerts.flatMap(({ fingerprint, labels }) => {
      const why = found.get(fingerprint);
      return why === undefined ? [] : [`${labels['alertname']} ${why}`];
    });
    assert.deepEqual(named, muted);
  });
}
