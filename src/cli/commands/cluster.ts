import type { Command } from 'commander';
import { collect, runs, type Session, withConnection } from '../run_action.ts';
import { noun } from './noun.ts';

export function declareCluster(program: Command, session: Session): void {
  const cluster = noun(program, 'cluster', 'the cluster: how it is, its quorum, leaders and replicas');
  runs(
    session,
    withConnection(cluster.command('info')).description('show the cluster, its brokers and its features'),
    async () => (await import('../actions/cluster_info.ts')).clusterInfo,
  );
  runs(
    session,
    withConnection(cluster.command('health'))
      .description('say whether all is well and what is not; exits with 10 when it is not')
      .option('-w, --watch', 'go on, and show it when it changes')
      .option('-e, --exit-when-healthy', 'with --watch: end when all is well'),
    async () => (await import('../actions/cluster_health.ts')).clusterHealth,
  );
  runs(
    session,
    withConnection(cluster.command('quorum')).description(
      'show the quorum of the controllers: its leader, and how far each replica is',
    ),
    async () => (await import('../actions/cluster_quorum.ts')).clusterQuorum,
  );
  runs(
    session,
    withConnection(cluster.command('elect'))
      .description('make the preferred replicas leaders')
      .option('-t, --topic <topic[:partitions]>', 'only these; all without it; may be repeated', collect, [])
      .option(
        '--unclean',
        'make any that is alive leader where none in sync is: what only the others had is lost',
      ),
    async () => (await import('../actions/cluster_elect.ts')).clusterElect,
  );
  runs(
    session,
    withConnection(cluster.command('reassign'))
      .description('move replicas to other brokers; only shows what it would do without --execute')
      .option('-t, --topic <topic[:partitions]>', 'the partitions; may be repeated', collect, [])
      .option('--brokers <ids>', 'the brokers that they shall be on, as 1,2,3')
      .option('-r, --replicas <count>', 'how many replicas each shall have; as many as before without it')
      .option('--plan <file>', "a plan in the JSON of Kafka's kafka-reassign-partitions instead")
      .option('--list', 'show the moves that are under way')
      .option('--cancel', 'give up the moves of these partitions, or of all')
      .option('--wait', 'wait until the moves are done')
      .option('--execute', 'do it'),
    async () => (await import('../actions/cluster_reassign.ts')).clusterReassign,
  );
}
