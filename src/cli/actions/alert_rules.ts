import type { AlertRules } from '../../console/api/alerts.ts';
import { failed } from '../../model/failure.ts';
import { askNodes, type HttpOptions, nodeUrls } from '../alert_api.ts';
import { table, text, titled } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

export const alertRules: Action<[], HttpOptions> = async (context, _args, options) => {
  const urls = nodeUrls(context, options);
  if (failed(urls)) return urls;
  const answers = await askNodes<AlertRules>(context, urls, '/api/v1/alerts/rules');
  if (failed(answers)) return answers;
  // All nodes have the same.
  const rules = answers[0]!;
  const builtIn = table(
    [
      { header: 'RULE', value: row => row.name },
      { header: 'SEVERITY', value: row => row.severity },
      { header: 'FOR', value: row => formatDuration(row.forMs), isRight: true },
      { header: 'THRESHOLD', value: row => row.threshold, isRight: true },
      { header: 'OF', value: row => row.scope },
      { header: 'SETTINGS', value: row => row.settings, isWide: true },
    ],
    rules.builtIn,
    { empty: 'None' },
  );
  const own = table(
    [
      { header: 'RULE', value: row => row.name },
      { header: 'SEVERITY', value: row => row.severity },
      { header: 'FOR', value: row => formatDuration(row.forMs), isRight: true },
      { header: 'EXPRESSION', value: row => row.expression },
    ],
    rules.own,
    { empty: 'None: alerts.rules.file names the file that they are in.' },
  );
  const problem = rules.ownProblem === null ? [] : [text(context.output.paint.bad(rules.ownProblem))];
  await context.output.show(rules, titled('Built in', builtIn), titled('Your own', own), ...problem);
  return undefined;
};

function formatDuration(ms: number): string {
  if (ms < 60_000 || ms % 60_000 !== 0) return `${ms / 1_000} s`;
  return `${ms / 60_000} min`;
}
