import os from 'node:os';
import type { Silence } from '../../console/api/alerts.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { askNode, askNodes, type HttpOptions, nodeUrls } from '../alert_api.ts';
import type { CommandContext } from '../command_context.ts';
import { Misuse } from '../exit_codes.ts';
import { table } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

interface Options extends HttpOptions {
  readonly match: readonly string[];
  readonly for?: string;
  readonly comment?: string;
  readonly by?: string;
  readonly remove?: string;
}

type Matcher = Silence['matchers'][number];

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const alertSilence: Action<[], Options> = async (context, _args, options) => {
  const { match, remove } = options;
  const urls = nodeUrls(context, options);
  if (failed(urls)) return urls;
  if (remove !== undefined) {
    if (match.length > 0) return new Misuse('Either --match or --remove');
    const removed = await firstToTake(urls, url =>
      askNode<undefined>(url, `/api/v1/silences/${encodeURIComponent(remove)}`, { method: 'DELETE' }),
    );
    if (failed(removed)) return removed;
    await show(context, []);
    return undefined;
  }
  if (match.length === 0) {
    if (options.for !== undefined || options.comment !== undefined)
      return new Misuse('Say which alerts: --match alertname=BrokerDown');
    const answers = await askNodes<{ silences: Silence[] }>(context, urls, '/api/v1/silences');
    if (failed(answers)) return answers;
    const all = new Map(answers.flatMap(({ silences }) => silences).map(silence => [silence.id, silence]));
    await show(context, [...all.values()]);
    return undefined;
  }
  const body = parseSilence(options);
  if (failed(body)) return body;
  const silence = await firstToTake(urls, url =>
    askNode<Silence>(url, '/api/v1/silences', { method: 'POST', body }),
  );
  if (failed(silence)) return silence;
  await show(context, [silence]);
  return undefined;
};

/** Silences are the cluster's: one node that takes the change is enough. */
async function firstToTake<T>(
  urls: readonly URL[],
  ask: (url: URL) => Promise<T | Failure>,
): Promise<T | Failure> {
  let last: T | Failure | undefined;
  for (const url of urls) {
    last = await ask(url);
    if (!failed(last)) return last;
  }
  return last as Failure;
}

function parseSilence({ by, comment, for: duration, match }: Options): object | Misuse {
  if (duration === undefined || comment === undefined)
    return new Misuse('Say how long (--for 2h) and why (--comment)');
  const length = /^(\d+)(s|m|h|d)$/.exec(duration);
  if (length === null) return new Misuse(`--for is "${duration}": write it as 30m, 2h or 1d`);
  const matchers: Matcher[] = [];
  for (const text of match) {
    const parts = /^([A-Za-z_][\w]*)(=~|!~|!=|=)(.*)$/.exec(text);
    if (parts === null)
      return new Misuse(`--match is "${text}": write it as alertname=BrokerDown or topic=~"orders.*"`);
    const [, name, operator, value] = parts as unknown as [string, string, string, string];
    matchers.push({ name, value, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') });
  }
  const endsAt = new Date(Date.now() + Number(length[1]) * UNIT_MS[length[2]!]!).toISOString();
  return { matchers, endsAt, comment, createdBy: by ?? os.userInfo().username };
}

async function show({ output }: CommandContext, silences: readonly Silence[]): Promise<void> {
  const block = table(
    [
      { header: 'ID', value: row => row.id },
      { header: 'WHICH', value: row => row.matchers.map(matcherText).join(' ') },
      { header: 'UNTIL', value: row => row.endsAt },
      { header: 'BY', value: row => row.createdBy },
      { header: 'COMMENT', value: row => row.comment },
    ],
    silences,
    { empty: 'There is no such silence now.' },
  );
  await output.show(silences, block);
}

function matcherText({ isEqual, isRegex, name, value }: Matcher): string {
  return `${name}${isEqual ? (isRegex ? '=~' : '=') : isRegex ? '!~' : '!='}${value}`;
}
