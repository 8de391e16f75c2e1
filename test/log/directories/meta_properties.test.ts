import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkMetaProperties,
  formatMetaProperties,
  type MetaProperties,
  parseMetaProperties,
} from '../../../src/log/directories/meta_properties.ts';
import { Errors } from '../../../src/model/error_codes.ts';
import { asNodeId, asUuid } from '../../../src/model/ids.ts';
import { ok, refused } from '../../support/log_world.ts';

const KAFKAS = `#
#Mon Nov 23 04:27:04 UTC 2026
cluster.id=4L6g3nShT-eMCtK--X86sw
directory.id=sJjCfJrzQM6eB4oKcRb8XQ
node.id=1
version=1
`;
const META: MetaProperties = {
  version: 1,
  clusterId: '4L6g3nShT-eMCtK--X86sw',
  directoryId: asUuid('sJjCfJrzQM6eB4oKcRb8XQ'),
  nodeId: asNodeId(1),
};

test('meta.properties is read as Kafka writes it, and written so that it reads the same', () => {
  assert.deepEqual(parseMetaProperties(KAFKAS, 'x'), META);
  assert.deepEqual(parseMetaProperties(formatMetaProperties(META), 'x'), META);
  const fresh = { ...META, clusterId: undefined };
  assert.deepEqual(parseMetaProperties(formatMetaProperties(fresh), 'x'), fresh);
});

test('version 0 has broker.id, and may have nothing else', () => {
  const meta = ok(parseMetaProperties('broker.id = 3\ncluster.id: a b\n', 'x'));
  assert.deepEqual(meta, { version: 0, clusterId: 'a b', nodeId: 3, directoryId: undefined });
  assert.equal(formatMetaProperties(meta), 'cluster.id=a b\nbroker.id=3\nversion=0\n');
  const none = { version: 0, clusterId: undefined, nodeId: undefined, directoryId: undefined };
  assert.deepEqual(parseMetaProperties('', 'x'), none);
});

for (const [what, text, expected] of [
  ['another version', 'version=2\nnode.id=1', /its version is "2"/],
  ['no node id', 'version=1\ncluster.id=x', /it has no node.id/],
  ['a bad node id', 'version=1\nnode.id=-1', /its node.id is "-1"/],
  ['a large broker id', 'broker.id=2147483648', /its broker.id is "2147483648"/],
  ['a bad directory id', 'version=1\nnode.id=1\ndirectory.id=nonsense', /its directory.id is "nonsense"/],
  ['a reserved directory id', 'node.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ', /directory.id/],
  ['an empty cluster id', 'version=1\nnode.id=1\ncluster.id=', /its cluster.id is empty/],
] as const) {
  test(`meta.properties with ${what} is refused, with its path`, () => {
    const failure = refused(parseMetaProperties(text, '/data/meta.properties'));
    assert.equal(failure.code, Errors.INVALID_CONFIG);
    assert.match(failure.message, expected);
    assert.match(failure.message, /\/data\/meta\.properties/);
  });
}

test('directories of several nodes or clusters, or copies of one, are refused', () => {
  const at = (path: string, change: Partial<MetaProperties> = {}) => ({ path, meta: { ...META, ...change } });
  const other = asUuid('sJjCfJrzQM6eB4oKcRb8XA');
  const check = (...found: { path: string; meta: MetaProperties }[]) =>
    checkMetaProperties(asNodeId(1), found);
  assert.equal(check(at('/a'), at('/b', { directoryId: other, clusterId: undefined })), undefined);
  assert.match(refused(check(at('/a', { nodeId: asNodeId(2) }))).message, /\/a belongs to node 2.*node 1/);
  const cluster = refused(check(at('/a'), at('/b', { clusterId: 'x', directoryId: other })));
  assert.equal(cluster.code, Errors.INCONSISTENT_CLUSTER_ID);
  assert.match(cluster.message, /\/b belongs to cluster x, and \/a to cluster 4L6g3nShT-eMCtK--X86sw/);
  assert.match(refused(check(at('/a'), at('/b'))).message, /\/a and \/b both have the directory.id/);
});
