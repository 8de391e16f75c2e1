import type { FaultKind, Profile } from '../run/profiles.ts';
import type { SeededRandom } from '../seeded_random.ts';
import type { DiskFault, DiskOperation } from '../simulated_disk.ts';
import type { World } from '../world/world.ts';
import type { WorldNode } from '../world/world_node.ts';
import { BitFlips } from './bit_flips.ts';
import { mayLoseDisk } from './last_copy.ts';

export interface FaultInjectorOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly profile: Profile;
  /** Hosts of clients, which partitions may cut off too. */
  readonly clientHosts: readonly string[];
  /** Told before a node's disk is replaced. */
  readonly diskLost: (node: WorldNode) => void;
  /** Told when bits of a replica were flipped. */
  readonly diskDamaged: (node: WorldNode, topicId: string, index: number) => void;
  /** Lines of server.properties that a restart may bring. */
  readonly rollingProperties: (random: SeededRandom) => readonly string[];
}

/** A node that ended by itself is started again after up to so long. */
const RESTART_MS = 3_000;
const DOWN_MS = 8_000;
const PAUSE_MS = 6_000;
const NETWORK_MS = 10_000;
const DISK_MS = 5_000;
/** A node takes so long at most to end because of its disk. */
const DISK_AFTERMATH_MS = 30_000;
const MAX_JUMP_MS = 600_000;

/** Makes things go wrong in a world, by the seed: begins faults now and then, and ends each after a while. */
export class FaultInjector {
  readonly #options: FaultInjectorOptions;
  readonly #everyMs: number;
  readonly #weights: readonly (readonly [kind: FaultKind, weight: number])[];
  readonly #bitFlips: BitFlips;
  /** How often each fault happened. */
  readonly counts = new Map<FaultKind, number>();
  /** By node: until when what its disk did may end its process; Infinity while the disk is at fault. */
  readonly #diskFaults = new Map<number, number>();
  #leftBroken: ReadonlySet<WorldNode> = new Set();
  #isOver = false;

  constructor(options: FaultInjectorOptions) {
    this.#options = options;
    const ofBitFlips = options.random.fork();
    const { faultEveryMs, weights } = options.profile;
    this.#everyMs = this.#pick(faultEveryMs);
    this.#weights = Object.entries(this.#pick(weights)) as [FaultKind, number][];
    const withCrashes = this.#weights.some(([kind]) => kind === 'kill' || kind === 'power cut');
    this.#bitFlips = new BitFlips(options.world, ofBitFlips, { withCrashes });
  }

  start(): void {
    if (this.#weights.length > 0) this.#scheduleNext();
  }

  /** Nothing more goes wrong; what is wrong stays as it is. */
  stop(): void {
    this.#isOver = true;
  }

  /** Whether the node has a reason to end by itself. */
  hasDiskFault(node: WorldNode): boolean {
    return (this.#diskFaults.get(node.id) ?? 0) >= this.#options.world.time.nowMs;
  }

  /** A node ended by itself: somebody starts it again. */
  restartSoon(node: WorldNode): void {
    const { world, random } = this.#options;
    world.time.schedule(RESTART_MS * random.fraction(), () => {
      if (!this.#leftBroken.has(node)) node.start();
    });
  }

  /** Repairs these nodes and the network between all hosts; starts what is down, and leaves the others to themselves. */
  heal(nodes: readonly WorldNode[]): void {
    const { world } = this.#options;
    this.#leftBroken = new Set(world.nodes.filter(node => !nodes.includes(node)));
    world.network.heal();
    world.trace.note('world', 'heals', { nodes: nodes.map(({ id }) => id) });
    for (const node of nodes) {
      this.#mendDisk(node);
      node.resume();
      node.start();
    }
  }

  #scheduleNext(): void {
    this.#later(2 * this.#everyMs, () => {
      this.#begin(this.#draw());
      this.#scheduleNext();
    });
  }

  /** Does something within so long, unless faults are over by then. */
  #later(withinMs: number, act: () => void): void {
    const { world, random } = this.#options;
    world.time.schedule(withinMs * random.fraction(), () => {
      if (!this.#isOver) act();
    });
  }

  #draw(): FaultKind {
    const weights = this.#weights;
    let rest = this.#options.random.fraction() * weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of weights) {
      rest -= weight;
      if (rest < 0) return kind;
    }
    return weights[0]![0];
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#options.random.below(from.length)]!;
  }

  #begin(kind: FaultKind): void {
    const node = this.#pick(this.#options.world.nodes);
    if (!this.#inflict(kind, node)) return;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  #note(what: string, fields: Readonly<Record<string, unknown>> = {}): true {
    this.#options.world.trace.note('world', what, fields);
    return true;
  }

  /** @returns whether it happened */
  #inflict(kind: FaultKind, node: WorldNode): boolean {
    switch (kind) {
      case 'kill':
      case 'power cut':
        return this.#takeDown(kind, node);
      case 'blackout':
        return this.#blackOut();
      case 'pause':
        return this.#pause(node);
      case 'restart':
        return this.#restart(node);
      case 'partition':
        return this.#partition();
      case 'one-way partition':
        return this.#partitionOneWay(node);
      case 'loss':
      case 'slow links':
        return this.#degrade(kind);
      case 'resets':
        return this.#reset(node);
      case 'stalled connections':
        return this.#stall(node);
      case 'controllers cut off':
        return this.#cutControllersOff();
      case 'clock jump':
        return this.#jump(node);
      case 'slow disk':
      case 'disk errors':
      case 'failed syncs':
        return this.#faultDisk(kind, node);
      case 'full disk':
        return this.#fillDisk(node);
      case 'empty disk':
        return this.#loseDisk(node);
      case 'bit flips':
        return this.#flipBits(node);
    }
  }

  #takeDown(kind: 'kill' | 'power cut', node: WorldNode): boolean {
    if (!node.isUp) return false;
    this.#note(kind, { node: node.id });
    if (kind === 'kill') node.kill();
    else node.powerOff();
    this.#later(DOWN_MS, () => node.start());
    return true;
  }

  #blackOut(): boolean {
    const { world } = this.#options;
    this.#note('blackout');
    for (const node of world.nodes) {
      node.powerOff();
      this.#later(DOWN_MS, () => node.start());
    }
    return true;
  }

  #pause(node: WorldNode): boolean {
    const { process } = node;
    if (process === undefined || node.isPaused) return false;
    this.#note('pause', { node: node.id });
    node.pause();
    this.#later(PAUSE_MS, () => process.clock.resume());
    return true;
  }

  #restart(node: WorldNode): boolean {
    if (!node.isServing || node.isStopping) return false;
    const { world, random, rollingProperties } = this.#options;
    const properties = rollingProperties(random);
    this.#note('restart', { node: node.id, properties });
    void node.stop().then(() => {
      world.setProperties(node.id, properties);
      this.restartSoon(node);
    });
    return true;
  }

  #partition(): boolean {
    const { world, random, clientHosts } = this.#options;
    const hosts = [...world.nodes.map(({ name }) => name), ...clientHosts];
    const left = hosts.filter(() => random.chance(0.5));
    const right = hosts.filter(host => !left.includes(host));
    if (left.length === 0 || right.length === 0) return false;
    this.#note('partition', { left, right });
    world.network.partition(left, right);
    this.#later(NETWORK_MS, () => this.#unblock(left, right));
    return true;
  }

  #unblock(left: readonly string[], right: readonly string[]): void {
    const { network } = this.#options.world;
    this.#note('partition ends', { left, right });
    for (const one of left) {
      for (const other of right) {
        network.link(one, other).isBlocked = false;
        network.link(other, one).isBlocked = false;
      }
    }
  }

  #partitionOneWay(node: WorldNode): boolean {
    const { world, random } = this.#options;
    const others = world.nodes.filter(other => other !== node && random.chance(0.7)).map(({ name }) => name);
    if (others.length === 0) return false;
    const isDeaf = random.chance(0.5);
    this.#note('one-way partition', { node: node.id, [isDeaf ? 'deafTo' : 'unheardBy']: others });
    if (isDeaf) world.network.block(others, [node.name]);
    else world.network.block([node.name], others);
    this.#later(NETWORK_MS, () => this.#unblock([node.name], others));
    return true;
  }

  #degrade(kind: 'loss' | 'slow links'): boolean {
    const { world, random, clientHosts } = this.#options;
    const hosts = [...world.nodes.map(({ name }) => name), ...clientHosts];
    const host = this.#pick(hosts);
    const links = hosts
      .filter(other => other !== host)
      .flatMap(other => [world.network.link(host, other), world.network.link(other, host)]);
    const before = links.map(({ quality }) => quality);
    const change =
      kind === 'loss'
        ? { loss: 0.3 * random.fraction() }
        : {
            latencyMs: 200 * random.fraction(),
            jitterMs: 100 * random.fraction(),
            bytesPerMs: 10 + 1_000 * random.fraction(),
          };
    this.#note(kind, { host, ...change });
    for (const link of links) link.quality = { ...link.quality, ...change };
    this.#later(NETWORK_MS, () => {
      this.#note(`${kind} ends`, { host });
      for (const [index, link] of links.entries()) link.quality = before[index]!;
    });
    return true;
  }

  #reset(node: WorldNode): boolean {
    const { process } = node;
    if (process === undefined) return false;
    this.#note('resets', { node: node.id });
    process.sockets.resetConnections();
    return true;
  }

  #stall(node: WorldNode): boolean {
    const { process } = node;
    if (process === undefined) return false;
    const { world, random } = this.#options;
    const forMs = NETWORK_MS * random.fraction();
    this.#note('stalled connections', { node: node.id, forMs });
    process.sockets.stallConnections(world.time.nowMs + forMs, () => random.chance(0.5));
    return true;
  }

  #cutControllersOff(): boolean {
    const { world } = this.#options;
    const controllers = world.controllers.map(({ name }) => name);
    const brokers = world.nodes.map(({ name }) => name).filter(name => !controllers.includes(name));
    if (brokers.length === 0) return false;
    this.#note('controllers cut off', { brokers });
    world.network.partition(controllers, brokers);
    this.#later(NETWORK_MS, () => this.#unblock(controllers, brokers));
    return true;
  }

  #jump(node: WorldNode): boolean {
    const byMs = Math.round((this.#options.random.fraction() - 0.5) * 2 * MAX_JUMP_MS);
    this.#note('clock jump', { node: node.id, byMs });
    node.jumpWall(byMs);
    return true;
  }

  #faultDisk(kind: 'slow disk' | 'disk errors' | 'failed syncs', node: WorldNode): boolean {
    const { random } = this.#options;
    if (!node.isUp || this.#diskFaults.get(node.id) === Infinity) return false;
    const own = random.fork();
    const probability = own.fraction() ** 2;
    this.#note(kind, { node: node.id, probability });
    if (kind !== 'slow disk') this.#diskFaults.set(node.id, Infinity);
    node.disk.faults = operation => faultOf(kind, operation, () => own.chance(probability), own);
    this.#later(DISK_MS, () => this.#mendDisk(node));
    return true;
  }

  #fillDisk(node: WorldNode): boolean {
    if (!node.isUp || this.#diskFaults.get(node.id) === Infinity) return false;
    this.#note('full disk', { node: node.id });
    this.#diskFaults.set(node.id, Infinity);
    node.disk.capacityBytes = node.disk.usedBytes + this.#options.random.below(100_000);
    this.#later(DISK_MS, () => this.#mendDisk(node));
    return true;
  }

  #mendDisk(node: WorldNode): void {
    const isAtFault = this.#diskFaults.get(node.id) === Infinity;
    if (node.disk.faults !== undefined || isAtFault) this.#note('disk mended', { node: node.id });
    node.disk.faults = undefined;
    node.disk.capacityBytes = node.disk.initialCapacityBytes;
    // What the disk did to the present process may still end it.
    if (isAtFault) this.#diskFaults.set(node.id, this.#options.world.time.nowMs + DISK_AFTERMATH_MS);
  }

  #flipBits(node: WorldNode): boolean {
    const flipped = this.#bitFlips.flip(node);
    if (flipped === undefined) return false;
    this.#options.diskDamaged(node, flipped.topicId, flipped.index);
    return this.#note('bit flips', { node: node.id, path: flipped.path, position: flipped.position });
  }

  /** Nodes on whose disks a bit that was flipped is not as it was, nor gone with its file. */
  get damagedNodes(): ReadonlySet<WorldNode> {
    return this.#bitFlips.damagedNodes;
  }

  #loseDisk(node: WorldNode): boolean {
    const { world, diskLost } = this.#options;
    // Another disk is damaged, and this one may have the only whole copy of that.
    if ([...this.damagedNodes].some(damaged => damaged !== node)) return false;
    if (!mayLoseDisk(world, node)) return false;
    this.#note('empty disk', { node: node.id });
    diskLost(node);
    node.wipe();
    this.#later(DOWN_MS, () => node.start());
    return true;
  }
}

function faultOf(
  kind: 'slow disk' | 'disk errors' | 'failed syncs',
  operation: DiskOperation,
  happens: () => boolean,
  random: SeededRandom,
): DiskFault | undefined {
  const isSync = operation.kind === 'sync' || operation.kind === 'sync-directory';
  switch (kind) {
    case 'slow disk':
      return isSync || operation.kind === 'read' ? { delayMs: 300 * random.fraction() } : undefined;
    case 'failed syncs':
      return isSync && happens() ? { code: 'EIO' } : undefined;
    case 'disk errors': {
      const mayFail =
        operation.kind === 'read' || operation.kind === 'write' || operation.kind === 'truncate';
      return mayFail && happens() ? { code: 'EIO' } : undefined;
    }
  }
}
