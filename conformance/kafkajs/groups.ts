import assert from 'node:assert/strict';
import { allEnd, PARTITIONS, ROUND, rebalanceCase, resumeCase } from '../support/group_cases.ts';
import { killCase } from '../support/kill_case.ts';
import { Ledger } from '../support/ledger.ts';
import type { Case } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { refused, withAdmin } from './client.ts';
import { driver } from './driver.ts';

/** The admin client sees a group with its members, empty, and deleted; while it has members it can't be deleted. */
const administer: Case = async scenario => {
  const [topic, group] = [scenario.name('topic'), scenario.name('group')];
  await driver.createTopic(scenario, topic, PARTITIONS);
  await driver.withSender(scenario, topic, send => send(ROUND));
  const ledger = new Ledger();
  const member = await driver.startMember(scenario, { group, topic, name: 'member', ledger });
  await until('the round is committed', () => ledger.committedCount === PARTITIONS);
  await withAdmin(scenario, async admin => {
    const { groups } = await admin.listGroups();
    assert.deepEqual(
      groups.filter(({ groupId }) => groupId === group),
      [{ groupId: group, protocolType: 'consumer' }],
    );
    const describe = async () => (await admin.describeGroups([group])).groups[0]!;
    const busy = await describe();
    assert.deepEqual(
      [busy.state, busy.protocolType, busy.protocol, busy.members.length, busy.members[0]?.clientId],
      ['Stable', 'consumer', 'RoundRobinAssigner', 1, 'conformance'],
    );
    await refused('NON_EMPTY_GROUP', 'a group with members', admin.deleteGroups([group]));
    await member.stop();
    await until('the group is empty', async () => (await describe()).state === 'Empty');
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '0' }] });
    assert.deepEqual(await driver.committedOffsets(scenario, group, topic), new Map([...allEnd(1), [0, 0]]));
    await admin.deleteGroups([group]);
    assert.equal((await describe()).state, 'Dead');
    assert.deepEqual(await driver.committedOffsets(scenario, group, topic), allEnd(-1));
  });
};

export const groupCases: Record<string, Case> = {
  'group-rebalance': rebalanceCase(driver),
  'group-resume': resumeCase(driver),
  'group-admin': administer,
  'kill-9': killCase(driver, { idempotent: true }),
};
