import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMetadataRecord, metadataRecord } from '../../src/controller/metadata_record.ts';
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../src/messages/57_update_features.ts';
import { ControllerRegistrationRequest } from '../../src/messages/70_controller_registration.ts';
import { UnregisterControllerRequest } from '../../src/messages/94_unregister_controller.ts';
import { ERROR_NAMES, Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { answered, Harness, incarnationOf, request } from './harness.ts';

const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;

type Update = readonly [feature: string, level: number, type?: number];

async function update(harness: Harness, updates: readonly Update[], validateOnly = false): Promise<string> {
  const featureUpdates = updates.map(([feature, maxVersionLevel, upgradeType = UPGRADE]) => ({
    feature,
    maxVersionLevel,
    allowDowngrade: false,
    upgradeType,
  }));
  const input = request(UpdateFeaturesRequest, { featureUpdates, validateOnly }, 2);
  const answer = await harness.controller.updateFeatures(input, 2);
  if (answer instanceof Failure) return `${ERROR_NAMES.get(answer.code)}: ${answer.message}`;
  answered(UpdateFeaturesResponse, answer);
  return 'NONE';
}

test('what becomes of changes of features', async () => {
  const table: readonly (readonly [readonly Update[], RegExp])[] = [
    [[['group.version', 1]], /^NONE/],
    [[['metadata.version', 30]], /^NONE/],
    [[['metadata.version', 31]], /^NONE/],
    [[['metadata.version', 33]], /^NONE/],
    [[['metadata.version', 34]], /^INVALID_UPDATE_VERSION.*supports 7 to 33/],
    [[['metadata.version', 6, SAFE_DOWNGRADE]], /^INVALID_UPDATE_VERSION/],
    [[['metadata.version', 29]], /^INVALID_UPDATE_VERSION.*does not say that it means a downgrade/],
    [[['metadata.version', 29, SAFE_DOWNGRADE]], /^INVALID_UPDATE_VERSION.*could lose metadata/],
    [[['metadata.version', 29, 3]], /^INVALID_UPDATE_VERSION/],
    [[['metadata.version', 31, SAFE_DOWNGRADE]], /^INVALID_UPDATE_VERSION.*says that it means a downgrade/],
    [[['transaction.version', 0, SAFE_DOWNGRADE]], /^NONE/],
    [[['transaction.version', 3]], /^INVALID_UPDATE_VERSION/],
    [[['transaction.version', -1, SAFE_DOWNGRADE]], /^INVALID_UPDATE_VERSION/],
    [[['nope', 1]], /^INVALID_UPDATE_VERSION.*controller 1 does not support it/],
    [[['kraft.version', 1]], /^NONE/],
    [[['kraft.version', 0, SAFE_DOWNGRADE]], /^INVALID_UPDATE_VERSION.*can not be changed/],
    [[['kraft.version', 2]], /^INVALID_UPDATE_VERSION.*supports 0 to 1/],
    [[['group.version', 1, 0]], /^INVALID_UPDATE_VERSION.*no upgrade type 0/],
    [[['group.version', 1, 9]], /^INVALID_UPDATE_VERSION/],
    [
      [
        ['group.version', 1],
        ['group.version', 0, SAFE_DOWNGRADE],
      ],
      /^INVALID_REQUEST/,
    ],
    [
      [
        ['transaction.version', 1, SAFE_DOWNGRADE],
        ['nope', 1],
      ],
      /^INVALID_UPDATE_VERSION/,
    ],
  ];
  const harness = await new Harness().lead();
  await harness.start([1]);
  const before = harness.quorum.log.length;
  for (const [updates, expected] of table) assert.match(await update(harness, updates, true), expected);
  assert.equal(harness.quorum.log.length, before);
});

test('a feature goes no further than its weakest node', async () => {
  const harness = await new Harness({ voterIds: [1, 2] }).lead();
  assert.match(await update(harness, [['metadata.version', 31]]), /controller 2 has not registered/);
  const features = [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 }];
  const register = {
    controllerId: 2,
    incarnationId: incarnationOf(2),
    zkMigrationReady: false,
    listeners: [{ name: 'CONTROLLER', host: 'test', port: 1, securityProtocol: 0 }],
    features,
  };
  await harness.controller.registerController(request(ControllerRegistrationRequest, register));
  assert.match(await update(harness, [['metadata.version', 31]]), /controller 2 supports 7 to 30/);
  const ofBroker = harness.registration(5);
  await harness.register(5);
  assert.equal(ofBroker.brokerId, 5);
  assert.match(await update(harness, [['share.version', 1]]), /controller 2 does not support it/);
});

test('levels are set together, and at 4.4 a controller can be forgotten', async () => {
  const harness = await new Harness().lead();
  const updates: Update[] = [
    ['metadata.version', 33],
    ['transaction.version', 1, SAFE_DOWNGRADE],
  ];
  assert.equal(await update(harness, updates), 'NONE');
  assert.deepEqual(
    [harness.image.metadataVersion, harness.image.features.levelOf('transaction.version')],
    [33, 1],
  );
  const codes: unknown[] = [];
  for (const controllerId of [7, 1, 3]) {
    for (const id of [1, 3]) {
      const register = {
        controllerId: id,
        incarnationId: incarnationOf(id),
        zkMigrationReady: false,
        listeners: [{ name: 'CONTROLLER', host: 'test', port: 1, securityProtocol: 0 }],
        features: [],
      };
      await harness.controller.registerController(request(ControllerRegistrationRequest, register));
    }
    const answer = await harness.controller.unregisterController(
      request(UnregisterControllerRequest, { controllerId }),
    );
    codes.push(answer instanceof Failure ? answer.code : 'done');
  }
  assert.deepEqual(codes, [Errors.UNKNOWN_CONTROLLER_ID, Errors.INVALID_REQUEST, 'done']);
  assert.deepEqual([...harness.image.cluster.controllers.keys()], [1]);
});

test('eligible leader replicas that are switched on need one min.insync.replicas for all', async () => {
  const formatted = [metadataRecord('FeatureLevelRecord', 0, { name: 'metadata.version', featureLevel: 30 })];
  const harness = await new Harness({ formatted, settings: ['min.insync.replicas=2'] }).lead();
  await harness.start([1]);
  const perBroker = { resourceType: 4, resourceName: '1', name: 'min.insync.replicas', value: '3' };
  harness.quorum.elect(2);
  harness.quorum.receive([encodeMetadataRecord(metadataRecord('ConfigRecord', 0, perBroker))]);
  await harness.lead();
  assert.equal(await update(harness, [['eligible.leader.replicas.version', 1]]), 'NONE');
  const configs = (name: string) => [...harness.image.configs.of({ type: 4, name })];
  assert.deepEqual(configs(''), [['min.insync.replicas', '2']]);
  assert.deepEqual(configs('1'), []);
});

test('an older request gets a result for each feature', async () => {
  const harness = await new Harness().lead();
  const featureUpdates = [{ feature: 'transaction.version', maxVersionLevel: 1, allowDowngrade: true }];
  const older = request(UpdateFeaturesRequest, { featureUpdates }, 0);
  const answer = await harness.controller.updateFeatures(older, 0);
  assert.ok(!(answer instanceof Failure));
  assert.deepEqual(answer.results, [{ feature: 'transaction.version', errorCode: 0, errorMessage: null }]);
});
