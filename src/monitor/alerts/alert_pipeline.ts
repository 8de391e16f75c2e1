import type { Alert, Evaluation } from './alert.ts';
import { AlertEngine } from './alert_engine.ts';
import { mutedAlerts, Notifier, type NotifierSettings } from './notifier.ts';
import type { Silence } from './silences.ts';
import type { Sinks } from './sinks.ts';
import type { AlertMemory } from './stored_state.ts';

export interface PipelineOptions {
  /** Whose alerts these are, for the sinks. */
  readonly source: string;
  readonly sinks: () => Sinks;
}

/** From what rules found to what is told, for the rules of one scope. */
export class AlertPipeline {
  readonly #options: PipelineOptions;
  readonly #engine = new AlertEngine();
  readonly #notifier = new Notifier();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  get alerts(): readonly Alert[] {
    return this.#engine.alerts;
  }

  /** What the next controller has to know. What a sink has not taken yet is left out, so that it tells it. */
  get memory(): AlertMemory {
    const sinks = this.#options.sinks();
    return {
      alerts: this.#engine.alerts,
      told: this.#notifier.told.filter(({ key }) => !sinks.isWaitingFor(key)),
    };
  }

  restore({ alerts, told }: AlertMemory): void {
    this.#engine.restore(alerts);
    this.#notifier.restore(told);
  }

  /** @param nowMs wall clock */
  step(
    nowMs: number,
    evaluations: readonly Evaluation[],
    { silences, settings }: { readonly silences: readonly Silence[]; readonly settings: NotifierSettings },
  ): void {
    const { source } = this.#options;
    const sinks = this.#options.sinks();
    this.#engine.step(nowMs, evaluations);
    const { alerts } = this.#engine;
    for (const notification of this.#notifier.due(nowMs, alerts, { silences, settings }))
      sinks.notify(notification);
    const muted = mutedAlerts(alerts, silences, nowMs);
    const told = alerts.filter(each => each.state !== 'pending' && !muted.has(each.fingerprint));
    sinks.tellAlertmanagers(source, told);
  }
}
