import assert from 'node:assert/strict';
import {
  allEnd,
  feedDuring,
  PARTITIONS,
  ROUND,
  rebalanceCase,
  resumeCase,
  settled,
} from '../support/group_cases.ts';
import { killCase } from '../support/kill_case.ts';
import { Ledger } from '../support/ledger.ts';
import type { Case } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { refused, withAdmin } from './client.ts';
import { driver, StreamMember } from './driver.ts';

/** The admin client sees a group with its members, empty, and deleted; while it has members it can't be deleted. */
const administer: Case = async scenario => {
  const [topic, group] = [scenario.name('topic'), scenario.name('group')];
  await driver.createTopic(scenario, topic, PARTITIONS);
  await driver.withSender(scenario, topic, send => send(ROUND));
  const ledger = new Ledger();
  const member = await driver.startMember(scenario, { group, topic, name: 'member', ledger });
  await until('the round is committed', () => ledger.committedCount === PARTITIONS);
  await withAdmin(scenario, async admin => {
    const listed = (await admin.listGroups()).get(group);
    assert.deepEqual(
      [listed?.state, listed?.protocolType, listed?.groupType],
      ['Stable', 'consumer', 'classic'],
    );
    const describe = async () => (await admin.describeGroups({ groups: [group] })).get(group)!;
    const busy = await describe();
    const [only, ...others] = busy.members.values();
    assert.deepEqual([busy.state, busy.protocol, others.length], ['Stable', 'roundrobin', 0]);
    assert.equal(only!.clientId, 'conformance');
    assert.deepEqual(only!.assignments!.get(topic)!.partitions.sort(), [0, 1, 2, 3, 4, 5]);
    await refused('NON_EMPTY_GROUP', 'a group with members', admin.deleteGroups({ groups: [group] }));
    await member.stop();
    await until('the group is empty', async () => (await describe()).state === 'Empty');

    const partitionOffsets = [{ partition: 0, offset: 0n }];
    await admin.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] });
    assert.deepEqual(await driver.committedOffsets(scenario, group, topic), new Map([...allEnd(1), [0, 0]]));
    await admin.deleteConsumerGroupOffsets({
      groupId: group,
      topics: [{ name: topic, partitionIndexes: [0] }],
    });
    assert.deepEqual([...(await driver.committedOffsets(scenario, group, topic)).keys()], [1, 2, 3, 4, 5]);
    await admin.deleteGroups({ groups: [group] });
    assert.equal((await driver.committedOffsets(scenario, group, topic)).size, 0);
    await refused('GROUP_ID_NOT_FOUND', 'once more', admin.deleteGroups({ groups: [group] }));
  });
};

/** A static member's place is taken by another of the same name: the other members notice nothing. */
const staticMembers: Case = async scenario => {
  const [topic, group] = [scenario.name('topic'), scenario.name('group')];
  await driver.createTopic(scenario, topic, PARTITIONS);
  const ledger = new Ledger({ looseOwners: true });
  const start = (name: string, instanceId: string) =>
    new StreamMember(scenario, { group, topic, name, ledger, instanceId });
  const one = start('one', 'one');
  const first = start('first', 'two');
  await feedDuring(driver, scenario, topic, () => settled(ledger, ['one', 'first'], 3));
  const changes = ledger.changes('one');
  const owned = ledger.owned('first');
  first.silence();
  const second = start('second', 'two');
  await feedDuring(driver, scenario, topic, () => settled(ledger, ['one', 'second'], 3));
  assert.deepEqual(ledger.owned('second'), owned, 'the second owns what the first owned');
  assert.equal(ledger.changes('one'), changes, 'how often the other was assigned something');
  await withAdmin(scenario, async admin => {
    const { members } = (await admin.describeGroups({ groups: [group] })).get(group)!;
    assert.deepEqual([...members.values()].map(({ groupInstanceId }) => groupInstanceId).sort(), [
      'one',
      'two',
    ]);
  });
  for (const member of [first, second, one]) await member.stop();
};

export const groupCases: Record<string, Case> = {
  'group-rebalance': rebalanceCase(driver),
  'group-resume': resumeCase(driver),
  'group-static': staticMembers,
  'group-admin': administer,
  'kill-9': killCase(driver, { idempotent: true }),
};
