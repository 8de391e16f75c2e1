import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import type { ControllerChannel } from '../../handlers/controller_channel.ts';
import { IncrementalAlterConfigs } from '../../messages/44_incremental_alter_configs.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { MAX_SILENCES } from '../../model/limits.ts';
import { ConfigResourceType } from '../../settings/config_resource.ts';
import { splitList } from '../../settings/setting.ts';
import type { Silence } from './silences.ts';
import {
  type AlertMemory,
  decodeMemory,
  decodeSilences,
  encodeMemory,
  encodeSilence,
} from './stored_state.ts';

export interface AlertStoreOptions {
  readonly image: () => MetadataImage;
  readonly channel: ControllerChannel;
}

const SILENCES = 'alerts.silences';
const STATE = 'alerts.state';
/** Of all brokers. */
const CLUSTER = { type: ConfigResourceType.BROKER, name: '' };
const TIMEOUT_MS = 10_000;
/** The list as a setting's value. */
const MAX_SILENCES_CHARACTERS = 32_000;

const Operation = { set: 0, append: 2, subtract: 3 } as const;

/**
 * What has to outlive a controller, as settings of the cluster: the metadata is there whenever there is an active
 * controller, when a topic may not be. Silences are elements of a list, which the controller adds and takes away one by
 * one, so that two who change them at the same time don't lose each other's.
 */
export class AlertStore {
  readonly #options: AlertStoreOptions;
  /** As last read, so that nothing is decoded twice. */
  #silences: { readonly text: string; readonly found: ReturnType<typeof decodeSilences> } = {
    text: '',
    found: [],
  };

  constructor(options: AlertStoreOptions) {
    this.#options = options;
  }

  get silences(): readonly Silence[] {
    return this.#found().map(({ silence }) => silence);
  }

  #found(): ReturnType<typeof decodeSilences> {
    const text = this.#value(SILENCES);
    if (text !== this.#silences.text) this.#silences = { text, found: decodeSilences(splitList(text)) };
    return this.#silences.found;
  }

  get memory(): AlertMemory | undefined {
    const text = this.#value(STATE);
    return text === '' ? undefined : decodeMemory(text);
  }

  #value(name: string): string {
    return this.#options.image().configs.of(CLUSTER).get(name) ?? '';
  }

  async addSilence(silence: Silence): Promise<Failure | undefined> {
    const element = encodeSilence(silence);
    const text = this.#value(SILENCES);
    if (this.#found().length >= MAX_SILENCES || text.length + element.length >= MAX_SILENCES_CHARACTERS) {
      return new Failure(
        Errors.POLICY_VIOLATION,
        `There are ${this.#found().length} silences already: end some before another is made`,
      );
    }
    return await this.#change(SILENCES, Operation.append, element);
  }

  /** @returns RESOURCE_NOT_FOUND when there is no such silence */
  async removeSilence(id: string): Promise<Failure | undefined> {
    const found = this.#found().find(({ silence }) => silence.id === id);
    if (found === undefined) return new Failure(Errors.RESOURCE_NOT_FOUND, `There is no silence ${id}`);
    return await this.#change(SILENCES, Operation.subtract, found.element);
  }

  async saveMemory(memory: AlertMemory): Promise<Failure | undefined> {
    const text = encodeMemory(memory);
    return text === this.#value(STATE) ? undefined : await this.#change(STATE, Operation.set, text);
  }

  async #change(name: string, configOperation: number, value: string): Promise<Failure | undefined> {
    const { channel } = this.#options;
    const request = {
      resources: [
        {
          resourceType: CLUSTER.type,
          resourceName: CLUSTER.name,
          configs: [{ name, configOperation, value }],
        },
      ],
      validateOnly: false,
    };
    const response = await channel.send(IncrementalAlterConfigs, request, TIMEOUT_MS);
    if (failed(response)) return response;
    const problem = response.responses.find(({ errorCode }) => errorCode !== Errors.NONE);
    if (problem === undefined) return undefined;
    return new Failure(
      problem.errorCode as Failure['code'],
      problem.errorMessage ?? `${name} was not changed`,
    );
  }
}
