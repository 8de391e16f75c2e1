import type { NodeId } from '../model/ids.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';
import type { ActiveController } from './active_controller.ts';
import { fenceBrokers } from './broker_lifecycle.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, severally } from './decision.ts';
import { balanceLeaders, type ElectionRound, electUncleanLeaders } from './leader_elections.ts';
import { metadataRecord } from './metadata_record.ts';
import { SelfHealing } from './self_healing.ts';

/** The longest time between two looks at the sessions: that is how exactly it is known that this process did not run. */
const MAX_SESSION_CHECK_MS = 100;
/** A look that is later than this means that the process did not run; less is a busy event loop. */
const PAUSE_MS = 100;
/** Pause between two rounds of elections that the controller holds by itself. */
const ELECTION_PAUSE_MS = 1000;

/** What the active controller does by itself, from the beginning to the end of one leadership. */
export class ControllerTasks {
  readonly #active: ActiveController;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By task: the next run of each. */
  readonly #timers = new Map<string, Timer>();
  #idleOffset: bigint;
  readonly #healing: SelfHealing;

  constructor(active: ActiveController, clock: Clock, logger: Logger) {
    this.#active = active;
    this.#clock = clock;
    this.#logger = logger;
    this.#idleOffset = active.lastProposedOffset;
    this.#healing = new SelfHealing(clock);
    this.#scheduleSessionCheck();
    this.#scheduleBalancing();
    this.#scheduleUncleanElections();
    this.#scheduleSignOfLife();
    this.#scheduleHealing();
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** Looks soon for partitions whose topics allow an unclean election now. */
  electUncleanSoon(): void {
    this.#schedule('unclean elections', 0, () => this.#electUnclean());
  }

  /** Others lead what the brokers led. */
  fence(ids: readonly NodeId[], why: string): void {
    const { brokers } = this.#active.image.cluster;
    const gone = new Set(ids.filter(id => brokers.get(id)?.fenced === false));
    for (const id of ids) this.#active.liveness.end(id);
    if (gone.size === 0) return;
    this.#logger.warn('fencing brokers', { brokers: [...gone], why });
    this.#run(context => severally(undefined, fenceBrokers(context, gone)));
  }

  #run(make: Parameters<ActiveController['decide']>[0]): void {
    // Who asked is nobody: what comes of it is in the log.
    void this.#active.decide(make);
  }

  #schedule(task: string, delayMs: number, run: () => void): void {
    this.#timers.get(task)?.cancel();
    this.#timers.set(task, this.#clock.startTimer(delayMs, run));
  }

  /** Looks again when the first session is over, and before that to see whether the process runs. */
  #scheduleSessionCheck(): void {
    const untilExpiryMs = Math.max(0, this.#active.liveness.untilExpiryMs()) + 1;
    const delayMs = Math.min(untilExpiryMs, MAX_SESSION_CHECK_MS);
    const dueMs = this.#clock.monotonicMs() + delayMs;
    this.#schedule('sessions', delayMs, () => this.#checkSessions(dueMs));
  }

  #checkSessions(dueMs: number): void {
    const lateMs = this.#clock.monotonicMs() - dueMs;
    // The process was stopped, or had no CPU: heartbeats lie unread, and no broker is to blame.
    if (lateMs > PAUSE_MS) this.#active.liveness.forgive(lateMs);
    const expired = this.#active.liveness.expired();
    if (expired.length > 0) this.fence(expired, 'no heartbeat for a whole session');
    this.#scheduleSessionCheck();
  }

  #scheduleBalancing(): void {
    const { leaderImbalanceCheckIntervalSeconds } = this.#active.settings;
    this.#schedule('balancing', leaderImbalanceCheckIntervalSeconds * 1000, () => this.#balance());
  }

  #balance(): void {
    const isOn = this.#active.settings.autoLeaderRebalanceEnable;
    const hasMore = isOn && this.#elect('partitions go back to their preferred leaders', balanceLeaders);
    if (hasMore) this.#schedule('balancing', ELECTION_PAUSE_MS, () => this.#balance());
    else this.#scheduleBalancing();
  }

  #scheduleUncleanElections(): void {
    const { uncleanLeaderElectionIntervalMs } = this.#active.settings;
    this.#schedule('unclean elections', uncleanLeaderElectionIntervalMs, () => this.#electUnclean());
  }

  #electUnclean(): void {
    const hasMore = this.#elect('unclean elections: records may be lost', electUncleanLeaders);
    if (hasMore) this.#schedule('unclean elections', ELECTION_PAUSE_MS, () => this.#electUnclean());
    else this.#scheduleUncleanElections();
  }

  /** @returns whether there is more to elect */
  #elect(what: string, round: (context: ControllerContext) => ElectionRound): boolean {
    let elected: ElectionRound = { records: [], hasMore: false };
    this.#run(context => {
      elected = round(context);
      return severally(undefined, elected.records);
    });
    if (elected.records.length > 0) this.#logger.info(what, { partitions: elected.records.length });
    return elected.hasMore;
  }

  #scheduleHealing(): void {
    this.#schedule('healing', this.#active.settings.selfHealingIntervalMs, () => {
      let actions: readonly string[] = [];
      this.#run(context => {
        const round = this.#healing.round(context);
        actions = round.actions;
        return severally(undefined, round.records);
      });
      for (const action of actions) this.#logger.warn('replicas move by themselves', { action });
      this.#scheduleHealing();
    });
  }

  /** An idle log gets a record now and then: so that its readers know that they are up to date (KIP-835). */
  #scheduleSignOfLife(): void {
    const { metadataMaxIdleIntervalMs } = this.#active.settings;
    if (metadataMaxIdleIntervalMs <= 0) return;
    this.#schedule('sign of life', metadataMaxIdleIntervalMs, () => {
      if (this.#active.lastProposedOffset === this.#idleOffset) {
        this.#run(() => atomically(undefined, [metadataRecord('NoOpRecord', 0, {})]));
      }
      this.#idleOffset = this.#active.lastProposedOffset;
      this.#scheduleSignOfLife();
    });
  }
}
