import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Broker } from '../../src/broker/broker.ts';
import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { NodeRandom } from '../../src/io/node_random.ts';
import { failed } from '../../src/model/failure.ts';
import type { Logger } from '../../src/model/ports.ts';
import { type Configuration, loadConfiguration } from '../../src/settings/configuration.ts';

const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => QUIET };

/** The ports of this machine, for a broker or a client in the test's own process. */
export const realPorts = {
  clock: new NodeClock(),
  random: new NodeRandom(),
  network: new NodeNetwork(QUIET),
  disk: new NodeDisk(),
  logger: QUIET,
};

/** A node in the test's own process, on real sockets and a real disk. */
export class RealBroker {
  readonly broker: Broker;
  readonly folder: string;

  private constructor(broker: Broker, folder: string) {
    this.broker = broker;
    this.folder = folder;
  }

  static async start(properties: readonly string[] = []): Promise<RealBroker> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-broker-'));
    const configuration = loadConfiguration({
      overrides: [
        'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
        'controller.listener.names=CONTROLLER',
        'process.roles=broker,controller',
        'node.id=1',
        'controller.quorum.voters=1@127.0.0.1:0',
        'group.initial.rebalance.delay.ms=0',
        'offsets.topic.num.partitions=2',
        `log.dirs=${folder.replaceAll('\\', '/')}`,
        ...properties,
      ],
      hostname: '127.0.0.1',
    });
    assert.ok(!Array.isArray(configuration), String(configuration));
    const broker = await Broker.start({
      configuration: configuration as Configuration,
      ports: realPorts,
      fatal: failure => assert.fail(failure.toString()),
    });
    if (failed(broker)) assert.fail(broker.toString());
    return new RealBroker(broker, folder);
  }

  get port(): number {
    return this.broker.listeners.find(({ name }) => name === 'PLAINTEXT')!.port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    await this.broker.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
