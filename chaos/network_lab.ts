/* Hosts of a network of their own on this machine: a namespace for each, and a switch between them that makes faults. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from '../conformance/runner/children.ts';

/** What happens to everything on its way in one direction. */
export interface LinkRule {
  readonly cut?: boolean;
  /** The part that is lost, 0 to 1. */
  readonly loss?: number;
  readonly delayMs?: number;
}

const PATIENCE_MS = 10_000;

/** Why there can be no such network on this machine; undefined when there can. */
export function networkLabProblem(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (spawnSync('ip', ['netns', 'list']).status !== 0) return 'the command ip has no netns here';
  if (spawnSync('python3', ['-V']).status !== 0) return 'the switch needs python3';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return 'there is no /dev/net/tun';
  }
  return undefined;
}

export class NetworkLab {
  readonly hosts: readonly string[];
  readonly #switch: ChildProcess;
  /** Those who wait for the switch to have done what it was told, in order. */
  readonly #waiting: (() => void)[] = [];
  readonly #prefix: string;

  private constructor(hosts: readonly string[], prefix: string, child: ChildProcess) {
    this.hosts = hosts;
    this.#prefix = prefix;
    this.#switch = child;
  }

  /** Makes the network: each host can reach each other by {@link address}. */
  static async open(hosts: readonly string[]): Promise<NetworkLab> {
    const prefix = `odradek-${process.pid}-`;
    const cards = hosts.map((host, index) => `${prefix}${host}=${addressOf(index)}`);
    const child = spawn('python3', [join(import.meta.dirname, 'switch.py'), ...cards], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lab = new NetworkLab(hosts, prefix, child);
    const ready = new Promise<void>((resolve, reject) => {
      lab.#waiting.push(resolve);
      child.once('error', reject);
      child.once('exit', code => reject(new Error(`The switch ended with ${code}`)));
    });
    createInterface({ input: child.stdout! }).on('line', () => lab.#waiting.shift()?.());
    await ready;
    return lab;
  }

  address(host: string): string {
    return addressOf(this.hosts.indexOf(host));
  }

  /** The command, as a process of the host. */
  on(host: string, { file, args, ...rest }: Command): Command {
    return { ...rest, file: 'ip', args: ['netns', 'exec', `${this.#prefix}${host}`, file, ...args] };
  }

  /** Sets what happens in one direction; `{}` for nothing. */
  async link(from: string, to: string, rule: LinkRule): Promise<void> {
    const done = new Promise<void>(resolve => this.#waiting.push(resolve));
    const line = { from: `${this.#prefix}${from}`, to: `${this.#prefix}${to}`, ...rule };
    this.#switch.stdin!.write(`${JSON.stringify(line)}\n`);
    await done;
  }

  /** The same in both directions. */
  async between(one: string, other: string, rule: LinkRule): Promise<void> {
    await Promise.all([this.link(one, other, rule), this.link(other, one, rule)]);
  }

  /** The same between a host and all others, or some. */
  async around(host: string, rule: LinkRule, others: readonly string[] = this.hosts): Promise<void> {
    await Promise.all(others.filter(other => other !== host).map(other => this.between(host, other, rule)));
  }

  /** All links as if nothing had been. */
  async heal(): Promise<void> {
    await Promise.all(this.hosts.map(host => this.around(host, {})));
  }

  /** Takes the network away; the processes in it must have ended. */
  async close(): Promise<void> {
    if (this.#switch.exitCode !== null) return;
    const ended = new Promise(resolve => this.#switch.once('exit', resolve));
    this.#switch.stdin!.end();
    const timer = setTimeout(() => this.#switch.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  }
}

const addressOf = (index: number): string => `10.213.77.${index + 1}`;
