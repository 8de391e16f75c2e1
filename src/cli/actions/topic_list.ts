import { failed } from '../../model/failure.ts';
import { NO_NODE } from '../../model/ids.ts';
import { allTopics } from '../find_topics.ts';
import { table } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

export const topicList: Action<[], { readonly internal?: boolean }> = async (context, _args, options) => {
  const client = await context.connect();
  if (failed(client)) return client;
  const topics = await allTopics(client);
  if (failed(topics)) return topics;
  const rows = topics
    .filter(({ isInternal }) => options.internal === true || !isInternal)
    .map(({ isInternal, name, partitions, topicId }) => ({
      name,
      topicId,
      partitions: partitions.length,
      replicationFactor: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
      underReplicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
      leaderless: partitions.filter(({ leader }) => leader === NO_NODE).length,
      isInternal,
    }));
  const block = table(
    [
      { header: 'NAME', value: row => row.name },
      { header: 'PARTITIONS', value: row => row.partitions, isRight: true },
      { header: 'REPLICAS', value: row => row.replicationFactor, isRight: true },
      {
        header: 'HEALTH',
        value: ({ leaderless, underReplicated }, paint) =>
          leaderless > 0
            ? paint.bad(`${leaderless} without a leader`)
            : underReplicated > 0
              ? paint.warning(`${underReplicated} under-replicated`)
              : paint.good('ok'),
      },
      { header: 'ID', value: row => row.topicId, isWide: true },
      { header: 'INTERNAL', value: row => (row.isInternal ? 'yes' : 'no'), isWide: true },
    ],
    rows,
    { empty: 'There are no topics. Make one: odradek topic create NAME' },
  );
  await context.output.show(rows, block);
  return undefined;
};
