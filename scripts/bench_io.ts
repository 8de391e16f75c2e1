/*
 * npm run bench:io: what the sockets, the files, the start of the program and the simulated time cost. CPU seconds of
 * this process alone: the other end of a connection runs in a process of its own.
 */
import { fork, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { NodeDisk } from '../src/io/node_disk.ts';
import { NodeNetwork } from '../src/io/node_network.ts';
import type { Connection, ConnectionHandler, Logger } from '../src/model/ports.ts';
import { SimulatedClock } from '../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../src/simulation/simulated_time.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => QUIET };

interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

function startWatch(): () => Cost {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - startedMs) / 1e3 };
  };
}

function row(what: string, value: string): void {
  console.log(`| ${what.padEnd(58)} | ${value.padStart(24)} |`);
}

/** The cheapest of some runs: what is above it is other programs' doing. */
async function best(runs: number, run: () => Promise<Cost> | Cost): Promise<Cost> {
  const costs: Cost[] = [];
  for (let count = 0; count < runs; count++) costs.push(await run());
  return costs.reduce((left, right) => (right.cpuSeconds < left.cpuSeconds ? right : left));
}

/** The other end, in a process of its own: takes everything, or sends `total` bytes in writes of `chunkBytes`. */
function playPeer([role, port, chunkBytes, total]: readonly string[]): void {
  if (role === 'take') {
    const onread = { buffer: Buffer.alloc(MIB), callback: () => true };
    const socket = net.connect({ host: '127.0.0.1', port: Number(port), onread });
    socket.on('close', () => process.exit());
    return;
  }
  const chunk = Buffer.alloc(Number(chunkBytes), 'x');
  let left = Number(total);
  const socket = net.connect({ host: '127.0.0.1', port: Number(port) }, () => {
    const pump = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!socket.write(chunk)) {
          socket.once('drain', pump);
          return;
        }
      }
      socket.end();
    };
    pump();
  });
}

/** Serves one connection from a peer; `serve` says how, the cost is that until it is closed. */
async function serveOnce(
  peer: readonly string[],
  serve: (connection: Connection) => Pick<ConnectionHandler, 'data' | 'drained'>,
): Promise<Cost> {
  const network = new NodeNetwork(QUIET);
  return new Promise((resolve, reject) => {
    const accept = (connection: Connection): ConnectionHandler => {
      const watch = startWatch();
      return { ...serve(connection), closed: () => resolve(watch()) };
    };
    network.listen('127.0.0.1', 0, accept).then(listener => {
      const [role, ...rest] = peer;
      fork(import.meta.filename, ['peer', role!, String(listener.port), ...rest]).on('exit', () => {
        void listener.close();
      });
    }, reject);
  });
}

async function benchNetwork(): Promise<void> {
  for (const chunkBytes of [64 * 1024, MIB]) {
    const total = 2 * GIB;
    const { cpuSeconds } = await best(3, () =>
      serveOnce(['send', String(chunkBytes), String(total)], () => ({ data() {}, drained() {} })),
    );
    row(`receive writes of ${chunkBytes / 1024} KiB`, `${((cpuSeconds / total) * GIB).toFixed(2)} CPU s/GiB`);
  }
  const tiny = Array.from({ length: 300 }, (_, index) => Buffer.alloc(20 + (index % 100), 'x'));
  const shapes: [string, readonly Buffer[], number][] = [
    ['send chunks of 1 MiB', [Buffer.alloc(MIB, 'x')], 2 * GIB],
    ['send responses of 300 chunks of 20 to 119 bytes', tiny, GIB / 4],
  ];
  for (const [what, chunks, total] of shapes) {
    const { cpuSeconds } = await best(3, () =>
      serveOnce(['take'], connection => sender(connection, chunks, total)),
    );
    row(what, `${((cpuSeconds / total) * GIB).toFixed(2)} CPU s/GiB`);
  }
}

function sender(connection: Connection, chunks: readonly Buffer[], total: number) {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let left = total;
  const pump = (): void => {
    while (left > 0 && connection.unsentBytes < MIB) {
      connection.write(chunks);
      left -= size;
    }
    if (left <= 0) connection.close();
  };
  setImmediate(pump);
  return { data() {}, drained: pump };
}

async function benchDisk(folder: string): Promise<void> {
  const disk = new NodeDisk();
  const total = GIB;
  const batch = [Buffer.alloc(61, 'h'), Buffer.alloc(128 * 1024 - 61, 'x')];
  const name = `${folder}/segment`;
  const write = await best(3, () => {
    disk.remove(name);
    const file = disk.open(name, 'create');
    const watch = startWatch();
    for (let at = 0; at < total; at += 128 * 1024) file.write(at, batch);
    file.close();
    return watch();
  });
  row('write batches of 128 KiB', `${write.cpuSeconds.toFixed(2)} CPU s/GiB`);
  const file = disk.open(name, 'read');
  for (const length of [64 * 1024, MIB]) {
    const read = await best(3, async () => {
      const watch = startWatch();
      for (let at = 0; at < total; at += length) await file.read(at, length);
      return watch();
    });
    row(`read ${length / 1024} KiB from the cache`, `${read.cpuSeconds.toFixed(2)} CPU s/GiB`);
  }
  file.close();
  const watch = startWatch();
  disk.remove(name);
  row('remove 1 GiB: the event loop stands still for', `${(watch().wallSeconds * 1e3).toFixed(1)} ms`);
}

async function benchTime(): Promise<void> {
  const events = 1_000_000;
  const { cpuSeconds } = await best(3, async () => {
    const time = new SimulatedTime();
    const clock = new SimulatedClock(time);
    let delayMs = 0;
    const tick = (): void => {
      delayMs = (delayMs + 7) % 97;
      clock.startTimer(delayMs, tick);
    };
    for (let count = 0; count < 1_000; count++) tick();
    const watch = startWatch();
    await time.runUntil(() => time.executedCount >= events);
    return watch();
  });
  row('simulated time: a timer, started and run', `${((cpuSeconds / events) * 1e6).toFixed(2)} CPU µs`);
}

/** Says at its end what memory a program has; its peak would count what it inherited at its fork. */
const REPORT = 'data:text/javascript,process.on("exit",()=>console.error("rss",process.memoryUsage.rss()))';

/** Of the built program, as it is in dist/. */
function benchStart(): void {
  const programs: [string, readonly string[]][] = [
    ['start Node alone', ['--eval', '0']],
    ['start bin/odradek --version', ['bin/odradek', '--version']],
  ];
  for (const [what, args] of programs) {
    let bestMs = Infinity;
    for (let count = 0; count < 30; count++) {
      const startedMs = performance.now();
      spawnSync(process.execPath, args);
      bestMs = Math.min(bestMs, performance.now() - startedMs);
    }
    const { stderr } = spawnSync(process.execPath, ['--import', REPORT, ...args], { encoding: 'utf8' });
    const residentBytes = Number(/rss (\d+)/.exec(stderr)?.[1]);
    row(what, `${bestMs.toFixed(0)} ms, ${(residentBytes / MIB).toFixed(0)} MiB`);
  }
}

if (process.argv[2] === 'peer') playPeer(process.argv.slice(3));
else {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-bench-'));
  try {
    await benchNetwork();
    await benchDisk(folder);
    await benchTime();
    benchStart();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
