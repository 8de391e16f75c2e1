import { failed } from '../../model/failure.ts';
import { findTopics } from '../find_topics.ts';
import { table } from '../output/blocks.ts';
import { formatTime } from '../output/units.ts';
import { parseTime } from '../parse.ts';
import { findBounds, offsetsAt } from '../resolve_positions.ts';
import type { Action } from '../run_action.ts';

export const topicOffsets: Action<[name: string], { readonly at?: string }> = async (
  context,
  [name],
  { at },
) => {
  const time = at === undefined ? undefined : parseTime(at, Date.now());
  if (failed(time)) return time;
  const client = await context.connect();
  if (failed(client)) return client;
  const topics = await findTopics(client, [name]);
  if (failed(topics)) return topics;
  const partitions = topics[0]!.partitions.map(({ partition }) => ({ topic: name, partition }));
  const bounds = await findBounds(client, partitions);
  if (failed(bounds)) return bounds;
  const found = time === undefined ? undefined : await offsetsAt(client, partitions, time);
  if (failed(found)) return found;
  const rows = bounds.map(({ earliest, latest, partition }, index) => ({
    partition,
    earliest,
    latest,
    count: latest - earliest,
    ...(found !== undefined && { atTime: found[index]! < 0n ? null : found[index]! }),
  }));
  const block = table(
    [
      { header: 'PARTITION', value: row => row.partition, isRight: true },
      { header: 'EARLIEST', value: row => row.earliest, isRight: true },
      { header: 'LATEST', value: row => row.latest, isRight: true },
      { header: 'OFFSETS', value: row => row.count, isRight: true },
      ...(time === undefined
        ? []
        : [
            {
              header: `AT ${formatTime(time)}`,
              value: (row: { atTime?: bigint | null }) => row.atTime,
              isRight: true,
            },
          ]),
    ],
    rows,
    { empty: 'The topic has no partitions.' },
  );
  await context.output.show(rows, block);
  return undefined;
};
