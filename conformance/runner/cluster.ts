import { join } from 'node:path';
import { type Engine, freePlaces, Node, type NodeUnderTest } from './node.ts';

/** Several nodes, as one: each kill takes the next of them. */
export class Cluster implements NodeUnderTest {
  readonly #nodes: readonly Node[];
  #kills = 0;

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  static async start(engine: Engine, folder: string, count: number): Promise<Cluster> {
    const places = await freePlaces(count);
    const starting = places.map((_, at) =>
      Node.start(engine, join(folder, String(at + 1)), { id: at + 1, nodes: places }),
    );
    return new Cluster(await Promise.all(starting));
  }

  get bootstrap(): string {
    return this.#nodes.map(node => node.bootstrap).join(',');
  }

  set onDeath(onDeath: ((what: string) => void) | undefined) {
    for (const node of this.#nodes) node.onDeath = onDeath;
  }

  async ensureRunning(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.ensureRunning()));
  }

  async killAndRestart(): Promise<void> {
    await this.#nodes[this.#kills++ % this.#nodes.length]!.killAndRestart();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.stop()));
  }
}
