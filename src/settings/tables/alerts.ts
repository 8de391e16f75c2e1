/*
 * Alerts: when each of the rules that are built in fires, and who is told.
 *
 * Each rule has `alert.NAME.severity` and `alert.NAME.for.ms`, and `alert.NAME.threshold` where it compares with one.
 */

import { httpUrls, mailAddresses } from '../parsers.ts';
import {
  boolean,
  custom,
  double,
  type Entry,
  int,
  list,
  long,
  oneOf,
  password,
  string,
  table,
} from '../setting.ts';

export const SEVERITIES = ['critical', 'warning', 'info', 'off'] as const;
/** `off`: the rule is not looked at. */
export type SeveritySetting = (typeof SEVERITIES)[number];

interface RuleFacts {
  readonly severity: SeveritySetting;
  readonly forMs: number;
  /** Follows "that": `a partition has no leader`. */
  readonly when: string;
  readonly threshold?: number;
  readonly thresholdDoc?: string;
  /** Of the threshold. */
  readonly atMost?: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const GIB = 1_073_741_824;

const RULES = {
  'offline.partitions': {
    severity: 'critical',
    forMs: 10 * SECOND_MS,
    when: 'a partition has no leader',
  },
  'no.active.controller': {
    severity: 'critical',
    forMs: 10 * SECOND_MS,
    when: 'nobody leads the quorum',
  },
  'under.min.isr': {
    severity: 'critical',
    forMs: MINUTE_MS,
    when: 'a partition has fewer in-sync replicas than min.insync.replicas',
  },
  'under.replicated.partitions': {
    severity: 'critical',
    forMs: 5 * MINUTE_MS,
    when: 'a partition misses in-sync replicas',
  },
  'unclean.leader.election': {
    severity: 'critical',
    forMs: 0,
    when: 'a leader was elected that may lack records',
  },
  'broker.down': {
    severity: 'critical',
    forMs: MINUTE_MS,
    when: 'a registered broker is fenced',
  },
  'brokers.down': {
    severity: 'critical',
    forMs: 10 * SECOND_MS,
    when: 'no broker is left',
  },
  'offline.log.directory': {
    severity: 'critical',
    forMs: 0,
    when: 'a log directory failed',
  },
  'running.out.of.space': {
    severity: 'warning',
    forMs: MINUTE_MS,
    when: 'little of a log directory is free',
    threshold: 0.15,
    atMost: 1,
    thresholdDoc: 'Fraction of a log directory below which it is running out of space.',
  },
  'out.of.space': {
    severity: 'critical',
    forMs: 0,
    when: 'almost nothing of a log directory is free',
    threshold: GIB,
    thresholdDoc: 'Free bytes of a log directory below which it is out of space.',
  },
  'out.of.space.soon': {
    severity: 'warning',
    forMs: 5 * MINUTE_MS,
    when: 'a log directory will be full within half an hour',
    threshold: GIB,
    thresholdDoc: 'Free bytes that a log directory must still have half an hour from now.',
  },
  'isr.churn': {
    severity: 'warning',
    forMs: 5 * MINUTE_MS,
    when: 'in-sync replicas come and go',
  },
  'preferred.replica.imbalance': {
    severity: 'warning',
    forMs: 30 * MINUTE_MS,
    when: 'partitions are not led by their preferred replicas',
    threshold: 0,
    thresholdDoc: 'Partitions that may be led by another than their preferred replica.',
  },
  'request.handler.idle': {
    severity: 'warning',
    forMs: MINUTE_MS,
    when: 'a node is hardly ever idle',
    threshold: 0.3,
    atMost: 1,
    thresholdDoc: 'Fraction of the last minute in which a node must have been idle.',
  },
  'request.latency': {
    severity: 'warning',
    forMs: 5 * MINUTE_MS,
    when: 'produce or fetch requests are slow',
    threshold: 100,
    thresholdDoc: 'Milliseconds that 95 % of produce and of fetch requests must stay below.',
  },
  'certificate.expires': {
    severity: 'warning',
    forMs: 0,
    when: 'a certificate expires soon',
    threshold: 30,
    thresholdDoc: 'Days that a certificate must still be valid.',
  },
  'certificate.expires.very.soon': {
    severity: 'critical',
    forMs: 0,
    when: 'a certificate expires very soon',
    threshold: 5,
    thresholdDoc: 'Days that a certificate must still be valid at the very least.',
  },
  'consumer.group.stopped': {
    severity: 'warning',
    forMs: MINUTE_MS,
    when: 'a group no longer commits while there are records for it',
  },
  'consumer.group.stalled': {
    severity: 'warning',
    forMs: MINUTE_MS,
    when: 'a group commits the same offset again and again while there are records for it',
  },
  'consumer.group.rewound': {
    severity: 'warning',
    forMs: 0,
    when: "a group's offset went back",
  },
  'consumer.group.lagging': {
    severity: 'warning',
    forMs: MINUTE_MS,
    when: 'the lag of a group never fell over ten commits',
    threshold: 0,
    thresholdDoc: 'Records that a group may be behind in a partition without being looked at.',
  },
  'quorum.voter.lagging': {
    severity: 'warning',
    forMs: MINUTE_MS,
    when: 'a voter of the quorum is behind',
    threshold: 10 * SECOND_MS,
    thresholdDoc: 'Milliseconds that a voter may be behind the leader of the quorum.',
  },
  'controller.elections': {
    severity: 'warning',
    forMs: 0,
    when: 'the quorum changes its leader often',
    threshold: 3,
    thresholdDoc: 'Changes of the leader of the quorum in ten minutes that are not too many.',
  },
  'alert.sink.failing': {
    severity: 'warning',
    forMs: 5 * MINUTE_MS,
    when: 'alerts can not be sent to where they should go',
  },
} as const satisfies Record<string, RuleFacts>;

/** As in the keys: `offline.partitions`. */
export type AlertRuleName = keyof typeof RULES;
type Compared = {
  [Name in AlertRuleName]: (typeof RULES)[Name] extends { threshold: number } ? Name : never;
}[AlertRuleName];

type RuleSettings = {
  readonly [Name in AlertRuleName as `alert.${Name}.severity`]: Entry<SeveritySetting, true>;
} & { readonly [Name in AlertRuleName as `alert.${Name}.for.ms`]: Entry<number, true> } & {
  readonly [Name in Compared as `alert.${Name}.threshold`]: Entry<number, true>;
};

/** Thresholds from this on are whole: bytes. */
const SMALLEST_WHOLE = 1_000_000;
const OF_RULE = { importance: 'low', ours: true, update: 'cluster-wide' } as const;

function number(defaultValue: number, facts: Parameters<typeof double>[1]) {
  if (defaultValue >= SMALLEST_WHOLE) return long(defaultValue, facts);
  return double(Number.isInteger(defaultValue) ? defaultValue.toFixed(1) : defaultValue, facts);
}

function ruleSettings(): RuleSettings {
  const settings: Record<string, unknown> = {};
  for (const [name, facts] of Object.entries(RULES) as [string, RuleFacts][]) {
    const { severity, forMs, when, threshold, thresholdDoc = '', atMost } = facts;
    settings[`alert.${name}.severity`] = oneOf(SEVERITIES, severity, {
      ...OF_RULE,
      doc: `How serious it is that ${when}; off for no alert.`,
    });
    settings[`alert.${name}.for.ms`] = long(forMs, {
      ...OF_RULE,
      atLeast: 0,
      doc: `How long it must be so that ${when} before the alert fires.`,
    });
    if (threshold === undefined) continue;
    settings[`alert.${name}.threshold`] = number(threshold, {
      ...OF_RULE,
      atLeast: 0,
      ...(atMost !== undefined && { atMost }),
      doc: thresholdDoc,
    });
  }
  return settings as RuleSettings;
}

const OURS = { importance: 'medium', ours: true } as const;

export const ALERT_SETTINGS = table({
  'alerts.interval.ms': int(2000, {
    ...OURS,
    atLeast: 100,
    doc: 'Time between two looks at all rules.',
  }),
  'alerts.rules.file': string(null, {
    ...OURS,
    doc: 'File with rules of your own, in YAML; read again when it changes.',
  }),
  'alerts.group.wait.ms': int(10_000, {
    ...OURS,
    atLeast: 0,
    doc: 'Time that the first alert of a rule waits for others, so that they are told together.',
  }),
  'alerts.group.interval.ms': int(60_000, {
    ...OURS,
    atLeast: 1000,
    doc: 'Least time between two messages about one rule.',
  }),
  'alerts.repeat.interval.ms': long(14_400_000, {
    ...OURS,
    atLeast: 1000,
    doc: 'Time after which it is told again what still fires.',
  }),
  'alerts.external.url': string(null, {
    ...OURS,
    doc: 'Where people find this cluster: the console. Messages link to it.',
  }),
  'alerts.log.enable': boolean(true, {
    ...OURS,
    doc: 'Whether alerts are written to the log.',
  }),
  'alerts.webhook.urls': custom('list', '', httpUrls, {
    ...OURS,
    doc: "Addresses that get each message by POST, in the form of Alertmanager's webhooks.",
  }),
  'alerts.alertmanager.urls': custom('list', '', httpUrls, {
    ...OURS,
    doc: 'Alertmanagers that get all alerts, whatever they make of them: http://host:9093.',
  }),
  'alerts.slack.url': password({ ...OURS, doc: 'Incoming webhook of Slack.' }),
  'alerts.pagerduty.routing.key': password({ ...OURS, doc: "Integration key of PagerDuty's Events API v2." }),
  'alerts.pagerduty.url': string('https://events.pagerduty.com/v2/enqueue', {
    ...OURS,
    doc: "Address of PagerDuty's Events API v2.",
  }),
  'alerts.smtp.url': password({
    ...OURS,
    doc: 'Mail server that messages are sent by: smtp://user:password@host:587, or smtps://.',
  }),
  'alerts.smtp.from': string('odradek@localhost', { ...OURS, doc: 'Sender of mails.' }),
  'alerts.smtp.to': custom('list', '', mailAddresses, { ...OURS, doc: 'Receivers of mails.' }),
  'alerts.silences': list('', {
    ...OURS,
    update: 'cluster-wide',
    hidden: true,
    doc: 'The silences that are in force; written by the nodes.',
  }),
  'alerts.state': string('', {
    ...OURS,
    update: 'cluster-wide',
    hidden: true,
    doc: 'What the active controller knows of alerts, for the next one; written by the nodes.',
  }),
  ...ruleSettings(),
});
