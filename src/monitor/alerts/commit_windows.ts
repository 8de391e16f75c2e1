import { MAX_WATCHED_GROUP_PARTITIONS } from '../../model/limits.ts';
import type { ClusterOffsets } from '../cluster_offsets.ts';
import { type Commit, judgePartition, WINDOW_COMMITS } from './burrow.ts';
import type { JudgedPartition } from './cluster_rules.ts';

interface Window {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The last commits, in their order. */
  readonly commits: Commit[];
}

/** The last commits of every group, by partition. */
export class CommitWindows {
  readonly #windows = new Map<string, Window>();

  get size(): number {
    return this.#windows.size;
  }

  add(of: Omit<Window, 'commits'>, commit: Commit): void {
    const key = keyOf(of);
    let window = this.#windows.get(key);
    if (window === undefined) {
      if (this.#windows.size >= MAX_WATCHED_GROUP_PARTITIONS) return;
      window = { ...of, commits: [] };
      this.#windows.set(key, window);
    }
    window.commits.push(commit);
    if (window.commits.length > WINDOW_COMMITS) window.commits.shift();
  }

  /** The group's offset was deleted, or expired. */
  remove(of: Omit<Window, 'commits'>): void {
    this.#windows.delete(keyOf(of));
  }

  clear(): void {
    this.#windows.clear();
  }

  /** Judges all partitions whose end is known. */
  judge(
    offsets: ClusterOffsets,
    { nowMs, allowedLag }: { readonly nowMs: number; readonly allowedLag: bigint },
  ): JudgedPartition[] {
    const judged: JudgedPartition[] = [];
    for (const { group, topic, partition, commits } of this.#windows.values()) {
      const end = offsets.of(topic, partition)?.end;
      if (end === undefined) continue;
      const last = commits.at(-1)!.offset;
      const currentLag = end > last ? end - last : 0n;
      const verdict = judgePartition({ commits, currentLag, nowMs }, allowedLag);
      judged.push({ group, topic, partition, lag: currentLag, verdict });
    }
    return judged;
  }
}

function keyOf({ group, topic, partition }: Omit<Window, 'commits'>): string {
  return `${group}\0${topic}\0${partition}`;
}
