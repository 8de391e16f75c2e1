import type { Outcome } from '../../client/admin/answers.ts';
import { alterConfigs, type ConfigChange } from '../../client/admin/configs.ts';
import { failed } from '../../model/failure.ts';
import { Misuse } from '../exit_codes.ts';
import { parsePairs } from '../parse.ts';
import type { Action } from '../run_action.ts';
import { reportOutcomes } from './report_outcomes.ts';

interface Options {
  readonly config: readonly string[];
  readonly unset: readonly string[];
  readonly dryRun?: boolean;
}

export const topicAlter: Action<[names: string[]], Options> = async (context, [names], options) => {
  const { config, dryRun = false, unset } = options;
  const pairs = parsePairs(config, '-c');
  if (failed(pairs)) return pairs;
  const changes: ConfigChange[] = [
    ...Object.entries(pairs).map(([key, value]) => ({ key, value, operation: 'set' as const })),
    ...unset.map(key => ({ key, value: null, operation: 'unset' as const })),
  ];
  if (changes.length === 0)
    return new Misuse('Nothing to change: -c key=value sets a setting, -d key unsets one');
  const client = await context.connect();
  if (failed(client)) return client;
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const failure = await alterConfigs(client, { type: 'topic', name }, changes, { validateOnly: dryRun });
    outcomes.push({ name, failure });
  }
  return await reportOutcomes(context, outcomes, {
    noun: 'topic',
    done: dryRun ? 'can be changed' : 'changed',
  });
};
