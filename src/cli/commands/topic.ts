import type { Command } from 'commander';
import { collect, runs, type Session, withConnection } from '../run_action.ts';
import { noun } from './noun.ts';

export function declareTopic(program: Command, session: Session): void {
  const topic = noun(program, 'topic', 'topics: what there is, make, change and empty them');
  runs(
    session,
    withConnection(topic.command('list'))
      .description('list the topics')
      .option('--internal', 'internal topics, too'),
    async () => (await import('../actions/topic_list.ts')).topicList,
  );
  runs(
    session,
    withConnection(topic.command('describe <name...>')).description(
      'show topics with their settings, their partitions, who leads them and who is in sync',
    ),
    async () => (await import('../actions/topic_describe.ts')).topicDescribe,
  );
  runs(
    session,
    withConnection(topic.command('create <name...>'))
      .description('create topics')
      .option('-p, --partitions <count>', "partitions; the cluster's default without it")
      .option('-r, --replicas <count>', "replicas of each; the cluster's default without it")
      .option('--assignment <ids,…>', 'brokers of each partition instead, as 1:2,2:3 (the leaders first)')
      .option('-c, --config <key=value>', 'a setting of the topic; may be repeated', collect, [])
      .option('--if-not-exists', 'no error for a topic that is there')
      .option('--dry-run', 'look whether it could be done'),
    async () => (await import('../actions/topic_create.ts')).topicCreate,
  );
  runs(
    session,
    withConnection(topic.command('delete <name...>'))
      .description('delete topics with all of their records')
      .option('--if-exists', 'no error for a topic that is not there'),
    async () => (await import('../actions/topic_delete.ts')).topicDelete,
  );
  runs(
    session,
    withConnection(topic.command('alter <name...>'))
      .description('change settings of topics')
      .option('-c, --config <key=value>', 'set a setting; may be repeated', collect, [])
      .option('-d, --unset <key>', 'back to the default; may be repeated', collect, [])
      .option('--dry-run', 'look whether it could be done'),
    async () => (await import('../actions/topic_alter.ts')).topicAlter,
  );
  runs(
    session,
    withConnection(topic.command('add-partitions <name>'))
      .description('add partitions; keys may go to others from then on')
      .option('-n, --add <count>', 'so many more')
      .option('--total <count>', 'so many afterwards')
      .option('--dry-run', 'look whether it could be done'),
    async () => (await import('../actions/topic_add_partitions.ts')).topicAddPartitions,
  );
  runs(
    session,
    withConnection(topic.command('trim <name>'))
      .description(
        'delete the records before an offset or a time; only shows what it would do without --execute',
      )
      .requiredOption('--before <position>', 'the first record that stays: an offset, @time, or end for none')
      .option('-p, --partition <numbers>', 'only these partitions, as 0,2-4')
      .option('--execute', 'do it'),
    async () => (await import('../actions/topic_trim.ts')).topicTrim,
  );
  runs(
    session,
    withConnection(topic.command('offsets <name>'))
      .description('show where the partitions begin and end')
      .option('--at <time>', 'and which offset they had at a time, as @2024-01-31T12:00:00Z or @-1h'),
    async () => (await import('../actions/topic_offsets.ts')).topicOffsets,
  );
}
