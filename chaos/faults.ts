/* What goes wrong: each fault begins, holds for a while, and is mended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../src/simulation/seeded_random.ts';
import { type ChaosCluster, hostOf } from './chaos_cluster.ts';
import type { NodeProcess } from './node_process.ts';

export interface FaultWorld {
  readonly cluster: ChaosCluster;
  readonly random: SeededRandom;
  readonly topic: string;
  /** Whether all replicas are in sync, as a client saw it a moment ago. */
  readonly isInSync: () => boolean;
  /** A node that should have come back did not. */
  readonly problem: (text: string) => void;
}

export interface Fault {
  readonly name: string;
  /** How often it is chosen beside the others. */
  readonly weight: number;
  /** How many processes it kills with SIGKILL. */
  readonly kills: number;
  /** Lets it happen; resolves when it is mended. @returns what happened, in words; undefined when it could not */
  run(world: FaultWorld): Promise<string | undefined>;
}

const below = (random: SeededRandom, limit: number): number => Math.floor(random.fraction() * limit);
const between = (random: SeededRandom, low: number, high: number): number =>
  low + random.fraction() * (high - low);

function chosen<T>(random: SeededRandom, list: readonly T[], count: number): T[] {
  const rest = [...list];
  return Array.from(
    { length: Math.min(count, rest.length) },
    () => rest.splice(below(random, rest.length), 1)[0]!,
  );
}

const names = (nodes: readonly NodeProcess[]) => nodes.map(({ id }) => `node ${id}`).join(' and ');

/** Starts nodes again. One that can't come back while others are away may come back later. */
function startAgain(nodes: readonly NodeProcess[], { problem }: FaultWorld): void {
  for (const node of nodes) node.start().catch((error: Error) => problem(error.message));
}

/** Ends nodes in a row and starts them again after a while. */
function killing(name: string, weight: number, count: (world: FaultWorld) => number, kills: number): Fault {
  return {
    name,
    weight,
    kills,
    async run(world) {
      const { random, cluster } = world;
      const nodes = chosen(random, cluster.nodes, count(world));
      await Promise.all(nodes.map(node => node.end('SIGKILL')));
      const downMs = random.fraction() < 0.3 ? 0 : between(random, 0, 4000);
      await sleep(downMs);
      startAgain(nodes, world);
      return `SIGKILL of ${names(nodes)}, down for ${Math.round(downMs)} ms`;
    },
  };
}

const stopping: Fault = {
  name: 'stop',
  weight: 2,
  kills: 0,
  async run(world) {
    const nodes = chosen(world.random, world.cluster.nodes, 1);
    await Promise.all(nodes.map(node => node.end('SIGTERM')));
    startAgain(nodes, world);
    return `SIGTERM of ${names(nodes)}`;
  },
};

const hanging: Fault = {
  name: 'hang',
  weight: 2,
  kills: 0,
  async run({ random, cluster }) {
    const nodes = chosen(random, cluster.nodes, 1);
    const hungMs = between(random, 500, 6000);
    for (const node of nodes) node.hang();
    await sleep(hungMs);
    for (const node of nodes) node.resume();
    return `SIGSTOP of ${names(nodes)} for ${Math.round(hungMs)} ms`;
  },
};

/** A fault of the network around one broker. */
function network(
  name: string,
  weight: number,
  make: (world: FaultWorld, host: string) => Promise<string>,
): Fault {
  return {
    name,
    weight,
    kills: 0,
    async run(world) {
      const { random, cluster } = world;
      const [node] = chosen(random, cluster.nodes, 1);
      const forMs = between(random, 1000, 6000);
      const what = await make(world, hostOf(node!.id));
      await sleep(forMs);
      await cluster.lab.heal();
      return `${what} for ${Math.round(forMs)} ms`;
    },
  };
}

const brokersOf = ({ cluster }: FaultWorld) => cluster.nodes.map(({ id }) => hostOf(id));

const isolation = network('isolate', 1, async ({ cluster: { lab } }, host) => {
  await lab.around(host, { cut: true });
  return `${host} cut off from all`;
});

const followersCut = network('cut-followers', 2, async (world, host) => {
  await world.cluster.lab.around(host, { cut: true }, brokersOf(world));
  return `${host} cut off from the other brokers, but not from clients`;
});

const oneWay = network('one-way', 2, async ({ cluster: { lab }, random }, host) => {
  const isOutward = random.fraction() < 0.5;
  for (const other of lab.hosts.filter(each => each !== host)) {
    await lab.link(isOutward ? host : other, isOutward ? other : host, { cut: true });
  }
  return isOutward ? `nothing gets out of ${host}` : `nothing gets to ${host}`;
});

const loss = network('loss', 1, async ({ cluster: { lab }, random }, host) => {
  const part = between(random, 0.05, 0.3);
  await lab.around(host, { loss: part });
  return `${Math.round(part * 100)} % of what ${host} sends and gets is lost`;
});

const delay = network('delay', 1, async ({ cluster: { lab }, random }, host) => {
  const delayMs = Math.round(between(random, 5, 100));
  await lab.around(host, { delayMs });
  return `all to and from ${host} is ${delayMs} ms late`;
});

const fullDisk: Fault = {
  name: 'full-disk',
  weight: 1,
  kills: 1,
  async run(world) {
    const { cluster, random } = world;
    const node = cluster.nodeOnSmallDisk;
    if (node === undefined || !node.isRunning) return undefined;
    const surprises = node.surprises.length;
    cluster.fillDisk();
    await sleep(between(random, 1000, 4000));
    cluster.emptyDisk();
    // A node whose only disk has failed ends: nobody else's fault.
    await node.end('SIGKILL');
    node.surprises.splice(surprises);
    startAgain([node], world);
    return `the disk of node ${node.id} was full`;
  },
};

/** Only while all others have everything, and then none of them may be away: what is cut was acknowledged. */
const tornTail: Fault = {
  name: 'torn-tail',
  weight: 1,
  kills: 1,
  async run(world) {
    const { cluster, random, topic } = world;
    if (!world.isInSync()) return undefined;
    const [node] = chosen(random, cluster.nodes, 1);
    await node!.end('SIGKILL');
    const torn = cluster.tearTails(node!.id, { topic, choose: limit => below(random, limit) });
    await node!.start().catch((error: Error) => world.problem(error.message));
    const deadline = performance.now() + 30_000;
    while (!world.isInSync() && performance.now() < deadline) await sleep(100);
    if (!world.isInSync())
      world.problem(`node ${node!.id} did not come back into sync after its logs were cut`);
    return `node ${node!.id} killed, and its logs cut: ${torn.join(', ') || 'none'}`;
  },
};

export const FAULTS: readonly Fault[] = [
  killing('kill', 7, () => 1, 1),
  killing('kill-two', 2, () => 2, 2),
  killing('kill-all', 1, ({ cluster }) => cluster.nodes.length, 3),
  stopping,
  hanging,
  isolation,
  followersCut,
  oneWay,
  loss,
  delay,
  fullDisk,
  tornTail,
];

/** One of the faults, by their weights. */
export function chooseFault(random: SeededRandom, faults: readonly Fault[] = FAULTS): Fault {
  let at = random.fraction() * faults.reduce((sum, { weight }) => sum + weight, 0);
  for (const fault of faults) {
    at -= fault.weight;
    if (at < 0) return fault;
  }
  return faults.at(-1)!;
}
