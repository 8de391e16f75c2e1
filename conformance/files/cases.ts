/*
 * What nodes write, read by others: Kafka's DumpLogSegments on every file of a node, and the same directory under Kafka
 * and under the node, one after the other. The cases start nodes of their own.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaEngine, odradekEngine } from '../engines.ts';
import { type Engine, Node } from '../runner/node.ts';
import type { Case, Scenario } from '../support/program.ts';
import { dumpEverything } from './dump.ts';
import { checkWork, doWork, type Work } from './work.ts';

const kafka = (): Engine => kafkaEngine(process.env['CONFORMANCE_CLASS_PATH']!);

/** Kafka on a directory that is somebody's already: it is not formatted. */
function kafkaAsItIs(): Engine {
  const { name, command, isReady } = kafka();
  return { name, command, isReady };
}

/** A directory, and the nodes that have it one after the other. */
class Place {
  readonly #scenario: Scenario;
  readonly folder = mkdtempSync(join(tmpdir(), 'odradek-conformance-files-'));
  readonly works: Work[] = [];
  #nodes = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** Runs a node: what the nodes before it left must be there, then work is added. */
  async live(engine: Engine, more: (node: Node, scenario: Scenario) => Promise<void> = async () => {}) {
    this.#nodes++;
    const node = await Node.start(engine, this.folder);
    try {
      const scenario = { ...this.#scenario, bootstrap: node.bootstrap };
      const name = (suffix: string) => this.#scenario.name(`${this.#nodes}-${suffix}`);
      const own: Scenario = { ...scenario, name };
      for (const work of this.works) await checkWork(own, work);
      this.works.push(await doWork(own));
      await more(node, own);
    } finally {
      await node.stop();
    }
  }

  get data(): string {
    return join(this.folder, 'data');
  }
}

const inPlace =
  (run: (place: Place) => Promise<void>): Case =>
  async scenario => {
    const place = new Place(scenario);
    await run(place);
    // Kept when it failed: the files are the evidence.
    rmSync(place.folder, { recursive: true });
  };

export const cases: Readonly<Record<string, Case>> = {
  'dump-every-file': inPlace(async place => {
    await place.live(odradekEngine(), async (node, scenario) => {
      await node.killAndRestart();
      place.works.push(await doWork({ ...scenario, name: suffix => scenario.name(`again-${suffix}`) }));
    });
    const dumped = await dumpEverything(place.data);
    for (const { topic, ends } of place.works) {
      for (const [partition, end] of ends) {
        assert.equal(dumped.nextOffsets.get(`${topic}-${partition}`), end, `${topic}-${partition}`);
      }
    }
    assert.ok(dumped.metadataRecords.has('TOPIC_RECORD') && dumped.metadataRecords.has('PARTITION_RECORD'));
  }),

  'open-what-kafka-left': inPlace(async place => {
    await place.live(kafka());
    await place.live(odradekEngine());
    await dumpEverything(place.data);
    await place.live(kafkaAsItIs());
    await place.live(odradekEngine());
  }),

  'kafka-opens-what-is-left': inPlace(async place => {
    await place.live(odradekEngine());
    await place.live(kafkaAsItIs());
    await place.live(odradekEngine());
  }),

  'open-what-kafka-left-killed': inPlace(async place => {
    await place.live(kafka(), node => node.kill());
    await place.live(odradekEngine(), node => node.kill());
    await place.live(kafkaAsItIs());
  }),
};
