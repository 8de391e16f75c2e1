/*
 * npm run chaos:network [-- --only TEXT] [--rounds N] [--keep] [--require-all]: what the network does to one broker at a time, with real
 * processes: the cluster goes on meanwhile, is whole again afterwards, and the clients saw no anomaly.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hostOf } from './chaos_cluster.ts';
import type { NetworkLab } from './network_lab.ts';
import { runSession, type Session } from './session.ts';

interface Trouble {
  readonly name: string;
  begin(lab: NetworkLab, host: string, brokers: readonly string[]): Promise<void>;
}

const TROUBLES: readonly Trouble[] = [
  { name: 'a broker is cut off from all', begin: (lab, host) => lab.around(host, { cut: true }) },
  {
    name: 'a broker is cut off from the others, and not from clients',
    begin: (lab, host, brokers) => lab.around(host, { cut: true }, brokers),
  },
  { name: 'nothing gets out of a broker', begin: (lab, host) => oneWay(lab, host, { isOutward: true }) },
  { name: 'nothing gets to a broker', begin: (lab, host) => oneWay(lab, host, { isOutward: false }) },
  { name: 'all to and from a broker is late', begin: (lab, host) => lab.around(host, { delayMs: 50 }) },
  {
    name: 'a part of all to and from a broker is lost',
    begin: (lab, host) => lab.around(host, { loss: 0.1 }),
  },
];

/** What the clients may take to find other leaders, as their timeouts are; then there must be progress. */
const TO_ADAPT_MS = 8000;
const PROGRESS_MS = 5000;
const TO_CONVERGE_MS = 30_000;

async function oneWay(lab: NetworkLab, host: string, { isOutward }: { isOutward: boolean }): Promise<void> {
  for (const other of lab.hosts.filter(each => each !== host)) {
    await lab.link(isOutward ? host : other, isOutward ? other : host, { cut: true });
  }
}

async function until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!isTrue() && performance.now() < deadline) await sleep(100);
  return isTrue();
}

/** Makes the trouble for a broker. @returns what is wrong; undefined when nothing is */
async function live(
  { name, begin }: Trouble,
  id: number,
  { cluster, clients, progress }: Session,
): Promise<string | undefined> {
  const { lab, nodes } = cluster;
  if (!(await until(() => clients.isInSync, TO_CONVERGE_MS))) return 'the replicas were not in sync before';
  progress(`${name}: broker ${id}`);
  await begin(
    lab,
    hostOf(id),
    nodes.map(node => hostOf(node.id)),
  );
  await sleep(TO_ADAPT_MS);
  const before = clients.counts.acknowledged;
  const goesOn = await until(() => clients.counts.acknowledged > before + 10, PROGRESS_MS);
  await lab.heal();
  if (!goesOn)
    return `no more than ${clients.counts.acknowledged - before} records were acknowledged meanwhile`;
  if (!(await until(() => clients.isInSync, TO_CONVERGE_MS)))
    return `not all replicas were in sync ${TO_CONVERGE_MS} ms later`;
  return undefined;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    'require-all': { type: 'boolean', default: false },
  },
});
const chosen = TROUBLES.filter(({ name }) => name.includes(values.only));
const rounds = Number(values.rounds);
if (chosen.length === 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    `--only is a part of one of these, --rounds a number from 1:\n${TROUBLES.map(({ name }) => name).join('\n')}`,
  );
  process.exit(2);
}
await runSession(
  { seed: 1, brokers: 3, keep: values.keep, requireAll: values['require-all'] },
  async session => {
    const results = new Map<string, string | undefined>();
    for (let run = 0; run < rounds * chosen.length; run++) {
      const trouble = chosen[run % chosen.length]!;
      const round = Math.floor(run / chosen.length) + 1;
      const name = rounds === 1 ? trouble.name : `${trouble.name} (${round})`;
      results.set(name, await live(trouble, 1 + (run % session.cluster.nodes.length), session));
    }
    return results;
  },
);
