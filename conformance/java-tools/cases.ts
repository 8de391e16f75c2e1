import type { Case } from '../support/program.ts';
import { clusterCases } from './cluster.ts';
import { configCases } from './configs.ts';
import { consoleCases } from './consoles.ts';
import { groupCases } from './groups.ts';
import { loadCases } from './load.ts';
import { recordCases } from './records.ts';
import { RunningTool } from './tools.ts';
import { topicCases } from './topics.ts';

const all: Readonly<Record<string, Case>> = {
  ...clusterCases,
  ...topicCases,
  ...configCases,
  ...consoleCases,
  ...recordCases,
  ...groupCases,
  ...loadCases,
};

const endingTools =
  (run: Case): Case =>
  scenario =>
    run(scenario).finally(() => RunningTool.endAll());

/** Every case of Kafka's command line tools, in the order in which they run. */
export const cases = Object.fromEntries(Object.entries(all).map(([name, run]) => [name, endingTools(run)]));
