import type { Setting, Table } from './setting.ts';
import type { Values } from './tables.ts';

/** Texts of settings by their names, as they were written: only those that were set. */
export type Properties = ReadonlyMap<string, string>;

/** What is wrong with the values of some settings, and what is allowed. */
export interface Problem {
  readonly keys: readonly string[];
  readonly text: string;
}

export interface ReadValues<T extends Table> {
  /** Of every setting of the table; the default where the text is not allowed. */
  readonly values: Values<T>;
  readonly problems: readonly Problem[];
}

/**
 * Reads the values of a table's settings.
 * @param derived defaults that follow from other settings, instead of the table's
 */
export function readValues<T extends Table>(
  table: T,
  properties: Properties,
  derived: Properties = new Map(),
): ReadValues<T> {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const setting of Object.values(table)) {
    const text = properties.get(setting.name);
    let value = text === undefined ? undefined : setting.parse(text);
    if (text !== undefined && value === undefined) {
      problems.push({ keys: [setting.name], text: notAllowed(setting, text) });
    }
    const defaultText = derived.get(setting.name) ?? setting.defaultText;
    if (value === undefined && defaultText !== null) value = setting.parse(defaultText);
    values[setting.name] = value;
  }
  return { values: values as Values<T>, problems };
}

/** Says that a text is not allowed, and what is. */
export function notAllowed(setting: Setting, text: string, name = setting.name): string {
  const value = setting.type === 'password' ? HIDDEN : cut(text);
  return `${name}=${value} is not allowed: it must be ${setting.allowed}`;
}

/** The value of a key that is no setting, as it may be shown. */
export function shownOfKey(key: string, text: string): string {
  return /password|passphrase|secret|credential|jaas|token|\.key$/i.test(key) ? HIDDEN : cut(text);
}

const HIDDEN = '[hidden]';
const MAX_SHOWN_CHARACTERS = 200;

/** A text that someone sent, as it may be repeated to them. */
export function cut(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}
