import { deleteRecords } from '../../client/admin/records.ts';
import { partitionKey } from '../../client/topic_partition.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { ExitCode } from '../exit_codes.ts';
import { choosePartitions, findTopics } from '../find_topics.ts';
import { table, text } from '../output/blocks.ts';
import { formatCount } from '../output/units.ts';
import { parsePosition } from '../parse.ts';
import { findBounds, resolvePosition } from '../resolve_positions.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly before: string;
  readonly partition?: string;
  readonly execute?: boolean;
}

export const topicTrim: Action<[name: string], Options> = async (context, [name], options) => {
  const { before, execute = false, partition } = options;
  const position = parsePosition(before, Date.now());
  if (failed(position)) return position;
  const client = await context.connect();
  if (failed(client)) return client;
  const topics = await findTopics(client, [name]);
  if (failed(topics)) return topics;
  const chosen = choosePartitions(topics[0]!, partition);
  if (failed(chosen)) return chosen;
  const bounds = await findBounds(client, chosen);
  if (failed(bounds)) return bounds;
  const offsets = await resolvePosition(client, position, bounds);
  if (failed(offsets)) return offsets;
  const points = bounds.map((target, index) => ({ ...target, offset: offsets[index]! }));
  const due = points.filter(({ earliest, offset }) => offset > earliest);
  const results = execute ? await deleteRecords(client, due) : new Map();
  const rows = points.map(point => {
    const result: bigint | Failure | undefined = results.get(partitionKey(point));
    return {
      partition: point.partition,
      earliestBefore: point.earliest,
      earliestAfter: result === undefined || failed(result) ? point.offset : result,
      latest: point.latest,
      deletedOffsets: point.offset - point.earliest,
      error: result !== undefined && failed(result) ? result.toString() : null,
    };
  });
  const block = table(
    [
      { header: 'PARTITION', value: row => row.partition, isRight: true },
      { header: 'EARLIEST', value: row => row.earliestBefore, isRight: true },
      { header: execute ? 'EARLIEST NOW' : 'EARLIEST THEN', value: row => row.earliestAfter, isRight: true },
      { header: 'LATEST', value: row => row.latest, isRight: true },
      {
        header: execute ? 'DELETED' : 'TO DELETE',
        value: row => formatCount(row.deletedOffsets),
        isRight: true,
      },
      {
        header: 'ERROR',
        isOptional: true,
        value: (row, paint) => (row.error === null ? '' : paint.bad(row.error)),
      },
    ],
    rows,
    { empty: 'The topic has no partitions.' },
  );
  const blocks = execute ? [block] : [block, text('Nothing was deleted yet: --execute does it.')];
  await context.output.show({ topic: name, isDone: execute, partitions: rows }, ...blocks);
  return rows.some(({ error }) => error !== null) ? ExitCode.failed : undefined;
};
