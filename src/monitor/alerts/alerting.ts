import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { Clock, Logger, Random, Timer } from '../../model/ports.ts';
import { randomUuid } from '../../model/uuid.ts';
import type { BrokerSettings } from '../../settings/broker_settings.ts';
import type { ClusterOffsets } from '../cluster_offsets.ts';
import type { MetricFamily } from '../metric.ts';
import { isActiveController, type NodeSource } from '../scrape_source.ts';
import type { Alert, Evaluation } from './alert.ts';
import { AlertPipeline } from './alert_pipeline.ts';
import { AlertStore } from './alert_store.ts';
import type { AlertTransport } from './alert_transport.ts';
import { clusterAlertView, nodeAlertView } from './alert_views.ts';
import { CLUSTER_RULES } from './cluster_rules.ts';
import { CommitTail } from './commit_tail.ts';
import { CommitWindows } from './commit_windows.ts';
import { NODE_RULES } from './node_rules.ts';
import { type Muted, mutedAlerts, type Notification } from './notifier.ts';
import { ResolvedAlerts } from './resolved_alerts.ts';
import { evaluate } from './rule.ts';
import { parseSilence, type Silence } from './silences.ts';
import type { SinkStatus } from './sink.ts';
import { Sinks } from './sinks.ts';
import { SpaceHistory } from './space_history.ts';
import { UserRuleEvaluator } from './user_rule_evaluator.ts';
import type { UserRule } from './user_rules.ts';
import type { UserRulesFile } from './user_rules_file.ts';

export interface AlertingOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transport: AlertTransport;
  readonly rulesFile: UserRulesFile;
  readonly offsets: ClusterOffsets;
  readonly source: () => NodeSource;
  /** The metrics of this node. */
  readonly families: () => Iterable<MetricFamily>;
}

/** An alert, and whether it is told. */
export interface ReportedAlert extends Alert {
  readonly muted: Muted | undefined;
  /** Whose rule it is: the cluster's, or this node's alone. */
  readonly scope: 'cluster' | 'node';
}

/** At most so much of the time goes to looking at rules: where one look takes long, the next comes later. */
const BUSY_FRACTION = 0.02;
/** Between two writes of what the next controller has to know. */
const SAVE_INTERVAL_MS = 5_000;
/** Without a controller every broker sees it: the next in the order of ids waits so much longer before it tells. */
const RANK_DELAY_MS = 15_000;
/** What only the active controller exports. */
const CLUSTER_METRICS =
  /^(kafka_brokers|kafka_broker_info|kafka_topic_|kafka_consumergroup_|kafka_controller_)/;

/**
 * The alerts of a node: those of the node itself, and while its controller is the active one, those of the cluster.
 *
 * What the cluster's alerts were goes from one controller to the next through the metadata ({@link AlertStore}):
 * since when each is there, and what was told. So the next one goes on where the last one was. What could not be told
 * before is told by the next; a message whose writer died right after sending it may come twice.
 *
 *     standby → active     the controller leads: it takes up what the last one knew
 *     active → standby     it does not any more
 */
export class Alerting {
  readonly #options: AlertingOptions;
  readonly #store: AlertStore;
  readonly #windows = new CommitWindows();
  readonly #tail: CommitTail;
  readonly #space = new SpaceHistory();
  readonly #userRules = new UserRuleEvaluator();
  #sinks: Sinks;
  readonly #node: AlertPipeline;
  #cluster: AlertPipeline | undefined;
  readonly #resolved = new ResolvedAlerts<ReportedAlert>();
  #timer: Timer | undefined;
  #isSaving = false;
  #savedMs = Number.NEGATIVE_INFINITY;
  /** What was saved last: nothing is written when nothing changed. */
  #saved = '';
  #tests = 0;
  #isStopped = false;

  constructor(options: AlertingOptions) {
    const { clock, logger, transport, source, offsets } = options;
    this.#options = options;
    const { parts } = source();
    this.#store = new AlertStore({ image: () => source().parts.metadata.image, channel: parts.channel });
    this.#tail = new CommitTail({
      peers: parts.peers,
      clock,
      image: () => source().parts.metadata.image,
      listenerName: () => this.#settings.interBrokerListenerName,
      offsets,
      windows: this.#windows,
    });
    this.#sinks = new Sinks({
      settings: this.#settings,
      transport,
      clock,
      logger,
      clusterId: () => source().parts.clusterId,
    });
    this.#node = new AlertPipeline({ source: `node ${parts.nodeId}`, sinks: () => this.#sinks });
  }

  get #settings(): BrokerSettings {
    return this.#options.source().parts.node.current;
  }

  start(): void {
    this.#schedule(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#sinks.close();
  }

  #schedule(tookMs: number): void {
    if (this.#isStopped) return;
    const delayMs = Math.max(this.#settings.alertsIntervalMs, tookMs / BUSY_FRACTION);
    this.#timer = this.#options.clock.startTimer(delayMs, () => {
      const { clock } = this.#options;
      const startedMs = clock.monotonicMs();
      this.#look();
      this.#schedule(clock.monotonicMs() - startedMs);
    });
  }

  /** Reads what groups committed since; for the poll of the active controller. */
  async readCommits(): Promise<void> {
    await this.#tail.run();
  }

  #look(): void {
    const source = this.#options.source();
    const rules = this.#options.rulesFile.current(this.#settings.alertsRulesFile);
    const isActive = isActiveController(source);
    const mine = isActive
      ? rules
      : rules.filter(({ expression }) => !CLUSTER_METRICS.test(expression.metric));
    const users = this.#userEvaluations(mine, source);
    this.#step(this.#node, [...this.#nodeEvaluations(source), ...users.node]);
    if (isActive) this.#lookAtCluster(source, users.cluster);
    else if (this.#cluster !== undefined) {
      this.#cluster = undefined;
      this.#tail.reset();
    }
    this.#resolved.note(this.alerts);
  }

  #step(pipeline: AlertPipeline, evaluations: readonly Evaluation[]): void {
    const settings = {
      groupWaitMs: this.#settings.alertsGroupWaitMs,
      groupIntervalMs: this.#settings.alertsGroupIntervalMs,
      repeatIntervalMs: this.#settings.alertsRepeatIntervalMs,
    };
    const { silences } = this.#store;
    pipeline.step(this.#options.clock.nowMs(), evaluations, { silences, settings });
  }

  #nodeEvaluations(source: NodeSource): Evaluation[] {
    const sinks = this.#sinks.statuses.map(({ name, failure }) => ({ name, failure }));
    const view = nodeAlertView(source, { space: this.#space, sinks, certificates: [] });
    return evaluate(NODE_RULES, view, this.#settings).map(evaluation =>
      evaluation.name === 'NoActiveController'
        ? { ...evaluation, forMs: evaluation.forMs + rankOf(source) * RANK_DELAY_MS }
        : evaluation,
    );
  }

  #userEvaluations(rules: readonly UserRule[], source: NodeSource) {
    const { families, clock } = this.#options;
    const all = this.#userRules.evaluate(rules, rules.length === 0 ? [] : families(), clock.monotonicMs());
    const isCluster = (index: number) => CLUSTER_METRICS.test(rules[index]!.expression.metric);
    const broker = String(source.parts.nodeId);
    return {
      cluster: all.filter((_, index) => isCluster(index)),
      node: all
        .filter((_, index) => !isCluster(index))
        .map(each => ({ ...each, labels: { ...each.labels, broker } })),
    };
  }

  #lookAtCluster(source: NodeSource, users: readonly Evaluation[]): void {
    if (this.#cluster === undefined) {
      this.#cluster = new AlertPipeline({ source: 'cluster', sinks: () => this.#sinks });
      const memory = this.#store.memory;
      if (memory !== undefined) this.#cluster.restore(memory);
      this.#tail.reset();
      this.#saved = '';
    }
    const { offsets } = this.#options;
    const view = clusterAlertView(source, { offsets, tail: this.#tail, windows: this.#windows });
    this.#step(this.#cluster, [...evaluate(CLUSTER_RULES, view, this.#settings), ...users]);
    void this.#save(this.#cluster);
    void this.#dropOldSilences();
  }

  /** Keeps what the next controller has to know, when it changed. */
  async #save(cluster: AlertPipeline): Promise<void> {
    const { clock, logger } = this.#options;
    const { alerts, told } = cluster.memory;
    const changed = JSON.stringify([
      alerts.map(({ fingerprint, state, sinceMs }) => [fingerprint, state, sinceMs]),
      told,
    ]);
    const nowMs = clock.monotonicMs();
    if (changed === this.#saved || this.#isSaving || nowMs - this.#savedMs < SAVE_INTERVAL_MS) return;
    // A cluster without alerts has nothing to write.
    if (alerts.length === 0 && told.length === 0 && this.#store.memory === undefined) return;
    this.#isSaving = true;
    this.#savedMs = nowMs;
    const failure = await this.#store.saveMemory({ alerts, told });
    this.#isSaving = false;
    if (failure === undefined) this.#saved = changed;
    else
      logger.warn('The state of alerts could not be kept for the next controller', {
        error: failure.message,
      });
  }

  async #dropOldSilences(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const old = this.#store.silences.find(({ endsMs }) => endsMs + OLD_SILENCES_KEPT_MS < nowMs);
    if (old !== undefined) await this.#store.removeSilence(old.id);
  }

  /** Of this node, and of the cluster: at the active controller as they are, elsewhere as it last kept them. */
  get alerts(): readonly ReportedAlert[] {
    const nowMs = this.#options.clock.nowMs();
    const { silences } = this.#store;
    const reported = (alerts: readonly Alert[], scope: ReportedAlert['scope']): ReportedAlert[] => {
      const muted = mutedAlerts(alerts, silences, nowMs);
      return alerts.map(alert => ({ ...alert, scope, muted: muted.get(alert.fingerprint) }));
    };
    const cluster = this.#cluster?.alerts ?? this.#store.memory?.alerts ?? [];
    return [...reported(cluster, 'cluster'), ...reported(this.#node.alerts, 'node')];
  }

  /** Those that this node saw resolve, the newest first. */
  get resolved(): readonly ReportedAlert[] {
    return this.#resolved.alerts;
  }

  get silences(): readonly Silence[] {
    return this.#store.silences;
  }

  get sinks(): readonly SinkStatus[] {
    return this.#sinks.statuses;
  }

  get userRules(): readonly UserRule[] {
    return this.#options.rulesFile.current(this.#settings.alertsRulesFile);
  }

  /** What is wrong with the file of rules as it is now; the rules in force are those before. */
  get userRulesProblem(): string | undefined {
    return this.#options.rulesFile.problem;
  }

  /** @param body as Alertmanager's API v2 takes it */
  async addSilence(body: unknown): Promise<Silence | Failure> {
    const request = parseSilence(body, this.#options.clock.nowMs());
    if (failed(request)) return request;
    const silence = { id: randomUuid(this.#options.random), ...request };
    return (await this.#store.addSilence(silence)) ?? silence;
  }

  async removeSilence(id: string): Promise<Failure | undefined> {
    return await this.#store.removeSilence(id);
  }

  /** Sends an alert that says it is a test to every sink. @returns a failure when there is none */
  test(): readonly SinkStatus[] | Failure {
    const { statuses } = this.#sinks;
    if (statuses.length === 0 && !this.#settings.alertsLogEnable) {
      return new Failure(
        Errors.INVALID_REQUEST,
        'There is nobody to tell: set alerts.webhook.urls, alerts.alertmanager.urls or another of alerts.*',
      );
    }
    const nowMs = this.#options.clock.nowMs();
    this.#tests++;
    const { nodeId } = this.#options.source().parts;
    const alert: Alert = {
      fingerprint: this.#tests.toString(16).padStart(16, '0'),
      labels: { alertname: 'Test', severity: 'info', broker: String(nodeId) },
      annotations: {
        summary: `This is a test of the alerts of node ${nodeId}: nothing is wrong.`,
        command: 'odradek alert list',
      },
      state: 'firing',
      sinceMs: nowMs,
      foundMs: nowMs,
      resolvedMs: undefined,
      value: 1,
      causes: [],
    };
    const notification: Notification = {
      groupKey: `{}:{alertname="Test", test="${this.#tests}"}`,
      groupLabels: { alertname: 'Test', severity: 'info' },
      alerts: [alert],
    };
    this.#sinks.notify(notification);
    this.#sinks.tellAlertmanagers(`test ${this.#tests}`, [alert]);
    return statuses;
  }
}

/** How long a silence that has ended is still shown. */
const OLD_SILENCES_KEPT_MS = 3_600_000;

/** How many brokers that may be alive come before this node. */
function rankOf({ parts }: NodeSource): number {
  const brokers = [...parts.metadata.image.cluster.brokers.values()];
  return brokers.filter(({ id, fenced }) => !fenced && id < parts.nodeId).length;
}
