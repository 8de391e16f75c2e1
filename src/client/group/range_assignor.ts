import { asPartitionIndex } from '../../model/ids.ts';
import type { TopicPartition } from '../topic_partition.ts';
import { type Assignor, inOrder } from './assignor.ts';

/**
 * Kafka's `range`: of each topic every member gets a run of partitions, the first ones one more where it does not
 * come out even. So partitions of the same number go to the same member in all topics with as many.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  isCooperative: false,
  assign(members, partitionCounts) {
    const assignment = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
    for (const [topic, count] of partitionCounts) {
      const subscribed = inOrder(members.filter(({ subscription }) => subscription.topics.includes(topic)));
      let next = 0;
      subscribed.forEach(({ memberId }, index) => {
        const share = Math.floor(count / subscribed.length) + (index < count % subscribed.length ? 1 : 0);
        for (const end = next + share; next < end; next++) {
          assignment.get(memberId)!.push({ topic, partition: asPartitionIndex(next) });
        }
      });
    }
    return assignment;
  },
};
