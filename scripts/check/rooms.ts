/** The rooms of src/, in the order of imports: a room may import those before it. */
export interface Room {
  readonly name: string;
  /** `pure`: reaches time, randomness, network and disk through the ports alone. */
  readonly kind: 'pure' | 'effects' | 'host';
  /** Packages and built-in modules that a pure room may use all the same: functions of their bytes alone. */
  readonly packages?: readonly string[];
}

export const ROOMS: readonly Room[] = [
  { name: 'model', kind: 'pure' },
  { name: 'settings', kind: 'pure', packages: ['dot-properties'] },
  { name: 'protocol', kind: 'pure' },
  { name: 'messages', kind: 'pure' },
  {
    name: 'records',
    kind: 'pure',
    // node:module loads the native modules, those of codecs when they are first used.
    packages: ['@node-rs/crc32', 'snappy', 'lz4-napi', 'node:zlib', 'node:module'],
  },
  { name: 'peers', kind: 'pure' },
  { name: 'client', kind: 'pure' },
  { name: 'log', kind: 'pure' },
  { name: 'raft', kind: 'pure' },
  { name: 'replica', kind: 'pure' },
  { name: 'coordinator', kind: 'pure' },
  { name: 'group', kind: 'pure' },
  { name: 'transaction', kind: 'pure' },
  { name: 'controller', kind: 'pure' },
  { name: 'handlers', kind: 'pure' },
  { name: 'broker', kind: 'pure' },
  // Rules of users' own are YAML; what goes to the next controller is deflated.
  { name: 'monitor', kind: 'pure', packages: ['yaml', 'node:zlib'] },
  { name: 'checker', kind: 'pure' },
  { name: 'io', kind: 'effects' },
  { name: 'simulation', kind: 'effects' },
  { name: 'cluster', kind: 'host' },
  { name: 'console', kind: 'host' },
  { name: 'cli', kind: 'host' },
];

/** What a pure room must not name: each is a way around the ports. */
export const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  'Date',
  'performance',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'crypto',
  'fetch',
  'console',
  'globalThis',
  'global',
  'require',
  'WebSocket',
  'EventSource',
  'Worker',
]);

/** Members that a pure room must not use, as `object.property`. */
export const IMPURE_MEMBERS: ReadonlySet<string> = new Set(['Math.random']);

/** No file may be longer; most should stay at a third of it. */
export const MAX_FILE_LINES = 800;
