/*
 * npm run check-history -- [--subscribes] [--single-sends] [--retries-blindly] [--json] FILE…: looks for anomalies in histories
 * (docs/history.md). Ends with 0 when there are none, 1 when there are, 2 when a file is no history.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type CheckReport, checkHistory } from '../src/checker/check_history.ts';
import { describeReport } from '../src/checker/describe_report.ts';
import { History } from '../src/checker/history.ts';
import { parseEvent } from '../src/checker/history_format.ts';

async function readHistory(path: string): Promise<History | string> {
  const history = new History();
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      number++;
      if (line.trim() === '') continue;
      const event = parseEvent(line);
      const problem = typeof event === 'string' ? event : history.add(event);
      if (problem !== undefined) return `${path}:${number}: ${problem}`;
    }
  } catch (error) {
    return `${path} can't be read: ${(error as Error).message}`;
  }
  return history;
}

function toJson(path: string, report: CheckReport): string {
  return JSON.stringify({
    file: path,
    ...report,
    counts: Object.fromEntries(report.counts),
    toleratedCounts: Object.fromEntries(report.toleratedCounts),
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    subscribes: { type: 'boolean', default: false },
    'retries-blindly': { type: 'boolean', default: false },
    'single-sends': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
if (positionals.length === 0) {
  console.error('Give the history to check: npm run check-history -- FILE');
  process.exit(2);
}
for (const path of positionals) {
  const history = await readHistory(path);
  const report =
    typeof history === 'string'
      ? history
      : checkHistory(history, {
          subscribes: values.subscribes,
          singleSends: values['single-sends'],
          retriesBlindly: values['retries-blindly'],
        });
  if (typeof report === 'string') {
    console.error(report);
    process.exit(2);
  }
  console.log(values.json ? toJson(path, report) : `${path}: ${describeReport(report)}`);
  if (!report.isValid) process.exitCode = 1;
}
