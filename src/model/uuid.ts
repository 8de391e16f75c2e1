import { asUuid, type Uuid } from './ids.ts';
import type { Random } from './ports.ts';

/** All zero: "none" on the wire. */
export const ZERO_UUID: Uuid = asUuid('AAAAAAAAAAAAAAAAAAAAAA');
/** Kafka's name for a log directory that is not known yet (KIP-858, `DirectoryId.UNASSIGNED`). */
export const UNASSIGNED_DIRECTORY: Uuid = ZERO_UUID;
/** A directory that was lost (KIP-858, `DirectoryId.LOST`). */
export const LOST_DIRECTORY: Uuid = asUuid('AAAAAAAAAAAAAAAAAAAAAQ');
/** Stands for a replica of a broker older than KIP-858 (`DirectoryId.MIGRATING`). */
export const MIGRATING_DIRECTORY: Uuid = asUuid('AAAAAAAAAAAAAAAAAAAAAg');

const RESERVED_BELOW = 100;
const UUID_PATTERN = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** Whether `text` is the canonical base64url form of 16 bytes. */
export function isUuid(text: string): text is Uuid {
  return UUID_PATTERN.test(text);
}

/**
 * A random version 4 UUID. Never one of the reserved values (below 100), and never with a leading `-`, which
 * command lines take for a flag.
 */
export function randomUuid(random: Random): Uuid {
  for (;;) {
    const bytes = random.bytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('base64url');
    if (!text.startsWith('-')) return asUuid(text);
  }
}

/** Whether the id is one of those that Kafka keeps for itself and a topic or directory must not have. */
export function isReservedUuid(uuid: Uuid): boolean {
  const bytes = Buffer.from(uuid, 'base64url');
  return bytes.readBigUInt64BE(0) === 0n && bytes.readBigUInt64BE(8) < BigInt(RESERVED_BELOW);
}
