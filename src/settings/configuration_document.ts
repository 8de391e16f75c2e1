import type { Setting, Table } from './setting.ts';
import { entryOf } from './setting.ts';
import { describedSynonyms, GROUP_DEFAULTS, TOPIC_DEFAULTS } from './synonyms.ts';
import { BROKER_SETTINGS, CLIENT_METRICS_SETTINGS, GROUP_SETTINGS, TOPIC_SETTINGS } from './tables.ts';

interface Chapter {
  readonly title: string;
  readonly introduction: string;
  readonly table: Table;
  /** The broker's setting that gives a setting its default. */
  readonly brokerDefault: (name: string) => string | undefined;
  /** Whether settings differ in how they may change. */
  readonly hasUpdateModes: boolean;
}

const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Brokers and controllers',
    introduction:
      'In server.properties, in environment variables, with `--override`; what may change at run time also by ' +
      '`kafka-configs` or `odradek config set`, for one broker or for all.',
    table: BROKER_SETTINGS,
    brokerDefault: () => undefined,
    hasUpdateModes: true,
  },
  {
    title: 'Topics',
    introduction: "Set when a topic is created, and changed at any time. What is not set is the broker's.",
    table: TOPIC_SETTINGS,
    brokerDefault: name => entryOf<string>(TOPIC_DEFAULTS, name),
    hasUpdateModes: false,
  },
  {
    title: 'Groups',
    introduction: "Changed at any time. What is not set is the broker's.",
    table: GROUP_SETTINGS,
    brokerDefault: name => entryOf<string>(GROUP_DEFAULTS, name),
    hasUpdateModes: false,
  },
  {
    title: 'Subscriptions to client metrics',
    introduction: 'Kept for the cluster.',
    table: CLIENT_METRICS_SETTINGS,
    brokerDefault: () => undefined,
    hasUpdateModes: false,
  },
];

const UPDATES = {
  'read-only': 'at the start',
  'per-broker': 'at run time, for one broker',
  'cluster-wide': 'at run time, for one broker or for all',
} as const;

const HEAD = `# Settings

Every setting there is, made from the tables of \`src/settings/tables/\` by \`npm run docs:configuration\`.

Where one is set several times, the last of these counts: the default, server.properties, the environment
(\`KAFKA_LOG_RETENTION_HOURS\`), \`--override key=value\`, and of those that change at run time the value for all brokers,
then that for one. Settings in several units (\`log.retention.ms\`, \`.minutes\`, \`.hours\`) count in this order. A setting
of one listener begins with \`listener.name.<name in lower case>.\`.

**Ours** are those that Kafka does not have. All others have Kafka's names, types, defaults and ranges, but for
\`process.roles\`, \`node.id\`, \`listeners\`, \`controller.listener.names\` and \`log.dir\` (a single node starts with nothing
configured), and \`broker.heartbeat.interval.ms\` and \`broker.session.timeout.ms\` (the dead are noticed sooner).
`;

/** All settings as a page of Markdown: those that have an effect first, then those that are only accepted. */
export function configurationDocument(): string {
  return [HEAD, ...CHAPTERS.map(chapterText)].join('\n');
}

function chapterText(chapter: Chapter): string {
  const all = Object.values(chapter.table).sort((left, right) => (left.name < right.name ? -1 : 1));
  const inForce = all.filter(setting => setting.unused === undefined);
  const unused = all.filter(setting => setting.unused !== undefined);
  const parts = [
    `## ${chapter.title}`,
    chapter.introduction,
    ...inForce.map(each => settingText(each, chapter)),
  ];
  if (unused.length > 0) parts.push(unusedText(chapter, unused));
  return `${parts.join('\n\n')}\n`;
}

function settingText(setting: Setting, { brokerDefault, hasUpdateModes }: Chapter): string {
  const { name, type, allowed, update, ours, doc } = setting;
  const from = brokerDefault(name);
  const facts = [
    `${type}: ${escaped(allowed)}`,
    from === undefined ? `default: ${shownDefault(setting)}` : `default: that of \`${from}\``,
  ];
  const synonyms = describedSynonyms(name).filter(other => other !== name);
  if (synonyms.length > 0) facts.push(`also as ${synonyms.map(other => `\`${other}\``).join(', ')}`);
  if (hasUpdateModes) facts.push(`set ${UPDATES[update]}`);
  return `### ${name}${ours ? ' (ours)' : ''}\n\n${escaped(doc)}\n\n${facts.map(fact => `- ${fact}`).join('\n')}`;
}

function shownDefault({ defaultText, type }: Setting): string {
  if (defaultText === null) return 'none';
  return defaultText === '' ? `an empty ${type === 'list' ? 'list' : 'text'}` : `\`${defaultText}\``;
}

function unusedText({ title }: Chapter, unused: readonly Setting[]): string {
  const byReason = new Map<string, string[]>();
  for (const { name, unused: why } of unused) {
    const names = byReason.get(why!);
    if (names === undefined) byReason.set(why!, [name]);
    else names.push(name);
  }
  const lines = Array.from(
    byReason,
    ([why, names]) => `- ${escaped(why)}: ${names.map(each => `\`${each}\``).join(', ')}`,
  );
  return `### ${title}: accepted, and without effect\n\n${lines.join('\n')}`;
}

/** What Markdown would take for a tag. */
function escaped(text: string): string {
  return text.replaceAll('<', '&lt;');
}
