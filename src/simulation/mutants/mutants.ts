/** A deliberate bug: a piece of a source file, and what stands in its place. */
export interface Mutant {
  readonly name: string;
  /** What is wrong with it. */
  readonly bug: string;
  /** Below `src/`. */
  readonly file: string;
  /** Is in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Where it shows; `mixed` without it. */
  readonly profile?: string;
}

/*
 * Each is one that somebody could write. They are put into the sources as these are loaded, by a hook of the runner
 * (scripts/mutants/): nothing of it is in the sources, so it costs nothing and can't be on in a node.
 */
export const MUTANTS: readonly Mutant[] = [
  // Replication.
  {
    name: 'ack-alone',
    bug: 'the leader acknowledges what it has itself, without its followers',
    file: 'replica/leadership.ts',
    find: 'if (this.#holdsBack(follower, moment)) committed = minOffset(committed, follower.endOffset);',
    replace: '',
  },
  {
    name: 'ack-before-sync',
    bug: 'the leader counts what is in the cache and not on its disk',
    file: 'replica/leadership.ts',
    find: 'let committed = log.durableOffset;',
    replace: 'let committed = log.endOffset;',
  },
  {
    name: 'follower-before-sync',
    bug: 'what was appended counts as durable before its sync',
    file: 'log/durability.ts',
    find: `    if (!config.writeCaching) {
      this.request();
    } else`,
    replace: `    if (!config.writeCaching) {
      this.#durableOffset = endOffset;
      this.request();
    } else`,
  },
  {
    name: 'shrink-at-once',
    bug: 'a follower that lags is not waited for, before the controller has taken it out',
    file: 'replica/leadership.ts',
    find: 'if (this.#state.isr.includes(follower.id)) return true;',
    replace: 'if (this.#state.isr.includes(follower.id) && this.#isCaughtUp(follower, moment)) return true;',
  },
  {
    name: 'expand-unseen',
    bug: 'a follower joins those in sync without having what is committed',
    file: 'replica/leadership.ts',
    find: 'follower.endOffset >= log.highWatermark &&',
    replace: '',
  },
  {
    name: 'fenced-joins',
    bug: 'the controller takes a broker into the in-sync replicas that is fenced, or about to stop',
    file: 'controller/isr_changes.ts',
    find: 'if (broker === undefined || broker.fenced || broker.inControlledShutdown) return false;',
    replace: 'if (broker === undefined) return false;',
    profile: 'rejoins',
  },
  {
    name: 'min-isr-ignored',
    bug: 'acks=all is taken with too few in sync',
    file: 'replica/leadership.ts',
    find: 'if (this.#state.isr.length < minIsr) return undefined;',
    replace: '',
  },
  {
    name: 'skip-truncation',
    bug: 'a follower does not cut what its leader does not have',
    file: 'replica/followed_partition.ts',
    find: 'return await this.partition.cut(this.role, log => log.truncateTo(minOffset(offset, log.endOffset)));',
    replace: 'void offset; return undefined;',
  },
  {
    name: 'epoch-ignored',
    bug: 'a leader does not look at the epoch of what a follower has',
    file: 'replica/fetch_operation.ts',
    find: 'const refused = checkLastFetched(want, log);',
    replace: 'const refused = undefined as ReturnType<typeof checkLastFetched>;',
  },
  {
    name: 'stale-epoch-served',
    bug: 'requests of another leader epoch are answered',
    file: 'replica/partition.ts',
    find: 'if (currentEpoch < 0 || this.#state === undefined || currentEpoch === this.leaderEpoch) return undefined;',
    replace: 'if (currentEpoch < 1e9 || this.#state === undefined) return undefined;',
    profile: 'moves',
  },
  {
    name: 'uncommitted-reads',
    bug: 'consumers see what is not committed',
    file: 'replica/fetch_operation.ts',
    find: 'return this.#bounds.isReadCommitted ? log.lastStableOffset : log.highWatermark;',
    replace: 'return log.endOffset;',
  },
  {
    name: 'epochs-forgotten',
    bug: 'a new leader does not note where its epoch begins',
    file: 'replica/partition.ts',
    find: 'this.#log!.beginLeaderEpoch(epoch);',
    replace: 'void epoch;',
  },
  // The log.
  {
    name: 'sync-skipped',
    bug: 'records are not synced',
    file: 'log/log_persistence.ts',
    find: 'for (const file of files) await file.sync();',
    replace: 'void files;',
  },
  {
    name: 'name-not-synced',
    bug: 'the directory of a new segment is not synced',
    file: 'log/log_persistence.ts',
    find: `    if (hasNames) {
      await this.#syncDirectory();`,
    replace: '    if (hasNames) {',
  },
  {
    name: 'torn-tail-kept',
    bug: 'a recovery does not look at checksums',
    file: 'log/recovery.ts',
    find: 'verify: !isTrusted,',
    replace: 'verify: false,',
  },
  {
    name: 'hole-kept',
    bug: 'a recovery keeps the segments behind one that was torn',
    file: 'log/recovery.ts',
    find: 'if (problem !== undefined && !isTrusted) return this.#cut(index, endPosition, problem);',
    replace:
      'if (problem !== undefined && !isTrusted && next === undefined) return this.#cut(index, endPosition, problem);',
    profile: 'torn',
  },
  {
    name: 'crash-taken-for-clean',
    bug: 'a log is not checked after a crash',
    file: 'log/directories/log_directory.ts',
    find: 'return this.#cleanShutdown !== undefined;',
    replace: 'return true;',
  },
  {
    name: 'producers-forgotten',
    bug: 'what producers sent is not remembered',
    file: 'log/producer_state.ts',
    find: '    entry.lastTimestamp = maxTimestamp;\n    if (batch.isTransactional',
    replace:
      '    entry.batches.length = 0;\n    entry.lastTimestamp = maxTimestamp;\n    if (batch.isTransactional',
  },
  {
    name: 'duplicates-written',
    bug: 'a batch that was sent again is written again',
    file: 'log/producer_state.ts',
    find: 'if (duplicate !== undefined) return duplicate;',
    replace: 'if (duplicate !== undefined) return undefined;',
  },
  {
    name: 'failed-sync-retried',
    bug: 'a failed sync is tried again, and then believed',
    file: 'log/durability.ts',
    find: 'this.#owner.fail(error);',
    replace: 'void error; this.#start();',
    profile: 'disks',
  },
  {
    name: 'stale-tail',
    bug: 'what was cut stays in memory, and is read there',
    file: 'log/log_truncation.ts',
    find: 'core.tail.truncateTo(offset);',
    replace: '',
  },
  // The quorum.
  {
    name: 'vote-forgotten',
    bug: 'the vote is not stored',
    file: 'raft/election_store.ts',
    find: 'await this.#write(stored);',
    replace: 'void this.#write; await Promise.resolve();',
  },
  {
    name: 'vote-twice',
    bug: 'a voter votes for everyone who asks',
    file: 'raft/quorum_state.ts',
    find: 'if (this.#votedKey !== undefined) return matchesReplica(this.#votedKey, candidate);',
    replace: 'if (this.#votedKey !== undefined) return true;',
    profile: 'elections',
  },
  {
    name: 'vote-for-shorter',
    bug: 'a voter votes for who has less than it has itself',
    file: 'raft/vote_requests.ts',
    find: 'const isLogUpToDate = compareOffsetAndEpoch(candidateEnd, log.end) >= 0;',
    replace: 'const isLogUpToDate = compareOffsetAndEpoch(candidateEnd, log.end) >= -1e9;',
  },
  {
    name: 'minority-commits',
    bug: 'one voter less than a majority commits metadata',
    file: 'raft/leader_state.ts',
    find: 'const held = ends[Math.floor(ends.length / 2)];',
    replace: 'const held = ends[Math.max(0, Math.floor(ends.length / 2) - 1)];',
  },
  {
    name: 'metadata-before-sync',
    bug: 'metadata counts as durable before its sync',
    file: 'raft/raft_log.ts',
    find: `  get durableEnd(): Offset {
    return this.#durableEnd;`,
    replace: `  get durableEnd(): Offset {
    return this.#log.endOffset;`,
  },
  {
    name: 'metadata-not-synced',
    bug: 'metadata is not synced',
    file: 'raft/raft_log.ts',
    find: 'const [failure, otherFailure] = await Promise.all([this.#log.sync(), this.#alsoSync()]);',
    replace: 'const [failure, otherFailure] = await Promise.all([undefined, this.#alsoSync()]);',
  },
  {
    name: 'old-epoch-commits',
    bug: 'records of an earlier epoch are committed by counting them (Raft, figure 8)',
    file: 'raft/leader_state.ts',
    find: 'if (held === undefined || held <= this.epochStartOffset) return false;',
    replace: 'if (held === undefined) return false;',
  },
  // The controller, and what brokers make of its decisions.
  {
    name: 'unclean-elections',
    bug: 'any replica that is up is elected',
    file: 'controller/partition_change.ts',
    find: "const any = election === 'unclean' ? replicas.find(canLead) : undefined;",
    replace: 'const any = replicas.find(canLead);',
  },
  {
    name: 'unclean-stays-eligible',
    bug: 'a broker that may have lost records stays in sync and eligible',
    file: 'controller/broker_registrations.ts',
    find: 'return request.previousBrokerEpoch === existing.epoch;',
    replace: 'return true;',
    profile: 'crashes',
  },
  {
    name: 'fenced-leads',
    bug: 'a broker that is fenced stays in sync',
    file: 'controller/partition_changer.ts',
    find: 'const isr = partition.isr.filter(replica => !this.#removed.has(replica) && !this.#unclean.has(replica));',
    replace: 'const isr = partition.isr;',
  },
  {
    name: 'eligible-beside-enough',
    bug: 'replicas stay eligible beside a leader that commits without them',
    file: 'controller/partition_change.ts',
    find: 'if (targetIsr.length >= input.minIsr) elr = [];',
    replace: '',
    profile: 'separate',
  },
  {
    name: 'old-metadata-acted-on',
    bug: 'a node that starts acts on every state of the metadata on its way',
    file: 'controller/metadata_publisher.ts',
    find: 'if (!isHighWatermarkHeard || highWatermark === undefined) return;',
    replace: 'if (highWatermark === undefined) return;',
    profile: 'moves',
  },
  {
    name: 'leads-unregistered',
    bug: 'a process leads what the metadata gave to the one before it',
    file: 'broker/metadata_applier.ts',
    find: 'if (!isLeader || this.#isRegistered) return partition;',
    replace: 'if (!isLeader || this.#options.nodeId >= 0) return partition;',
  },
  {
    name: 'producer-ids-again',
    bug: 'the controller gives the same producer ids to every broker',
    file: 'handlers/producer_ids.ts',
    find: 'this.#next = response.producerIdStart;',
    replace: 'this.#next = 0n;',
  },
  {
    name: 'fencing-forgotten',
    bug: 'a broker that is gone is never fenced',
    file: 'controller/broker_liveness.ts',
    find: 'return [...this.#sessions].filter(([, session]) => this.#isExpired(session)).map(([id]) => id);',
    replace: 'return [];',
  },
];
