/** Edges in the order of their beginnings: those of node `n` lead to `targets[starts[n]]` to `[starts[n + 1] - 1]`. */
interface Arranged {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

/** A directed graph over the numbers from 0 to `nodeCount` - 1; built from edges in any order, and fixed when first asked. */
export class Graph {
  readonly nodeCount: number;
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  #arranged: Arranged | undefined;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
  }

  add(from: number, to: number): void {
    this.#from.push(from);
    this.#to.push(to);
  }

  #arrange(): Arranged {
    if (this.#arranged !== undefined) return this.#arranged;
    const starts = new Int32Array(this.nodeCount + 1);
    for (const from of this.#from) starts[from + 1]!++;
    for (let node = 0; node < this.nodeCount; node++) starts[node + 1]! += starts[node]!;
    const next = starts.slice();
    const targets = new Int32Array(this.#to.length);
    for (const [edge, from] of this.#from.entries()) targets[next[from]!++] = this.#to[edge]!;
    this.#arranged = { starts, targets };
    return this.#arranged;
  }

  /** Sets of two nodes or more that can all be reached from each other (Tarjan's algorithm, without recursion). */
  cycles(): number[][] {
    const { starts, targets } = this.#arrange();
    const order = new Int32Array(this.nodeCount);
    const low = new Int32Array(this.nodeCount);
    const next = starts.slice(0, this.nodeCount);
    const isOpen = new Uint8Array(this.nodeCount);
    const open: number[] = [];
    const path: number[] = [];
    const found: number[][] = [];
    let count = 0;
    const enter = (node: number) => {
      order[node] = low[node] = ++count;
      isOpen[node] = 1;
      open.push(node);
      path.push(node);
    };
    const leave = (node: number) => {
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
      if (low[node] !== order[node]) return;
      const component = open.splice(open.lastIndexOf(node));
      for (const member of component) isOpen[member] = 0;
      if (component.length > 1) found.push(component);
    };
    for (let root = 0; root < this.nodeCount; root++) {
      if (order[root] !== 0) continue;
      enter(root);
      while (path.length > 0) {
        const node = path.at(-1)!;
        if (next[node]! === starts[node + 1]!) {
          leave(node);
          continue;
        }
        const target = targets[next[node]!++]!;
        if (order[target] === 0) enter(target);
        else if (isOpen[target] === 1) low[node] = Math.min(low[node]!, order[target]!);
      }
    }
    return found;
  }

  /** A shortest way from `start` back to itself inside of `members`, without `start` at its end. */
  shortestCycle(start: number, members: ReadonlySet<number>): number[] {
    const { starts, targets } = this.#arrange();
    const cameFrom = new Map<number, number>();
    const queue = [start];
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at]!;
      for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) {
        const target = targets[edge]!;
        if (target === start) {
          const way = [node];
          while (way[0] !== start) way.unshift(cameFrom.get(way[0]!)!);
          return way;
        }
        if (!members.has(target) || cameFrom.has(target)) continue;
        cameFrom.set(target, node);
        queue.push(target);
      }
    }
    return [];
  }
}
