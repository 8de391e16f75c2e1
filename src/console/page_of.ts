import type { ListQuery, Page } from './api/common.ts';
import type { RequestFields } from './request_fields.ts';

const MAX_ROWS = 1_000;
const MAX_OFFSET = 10_000_000;

export interface ListRequest extends Required<Omit<ListQuery, 'filter'>> {
  /** In lower case; empty for all. */
  readonly filter: string;
}

export function listRequest(fields: RequestFields): ListRequest {
  return {
    offset: fields.optionalWhole('offset', { least: 0, most: MAX_OFFSET }) ?? 0,
    limit: fields.optionalWhole('limit', { least: 1, most: MAX_ROWS }) ?? 100,
    order: fields.word('order', ['asc', 'desc'], 'asc'),
    filter: (fields.optionalText('filter', 300) ?? '').toLowerCase(),
  };
}

/** Of `rows`, all that the filter leaves: sorted by `key`, those alike by name, and cut to what was asked for. */
export function pageOf<T>(
  rows: readonly T[],
  { limit, offset, order }: ListRequest,
  { key, name }: { readonly key: (row: T) => string | number | bigint; readonly name: (row: T) => string },
): Page<T> {
  const sign = order === 'asc' ? 1 : -1;
  const sorted = rows
    .map(row => ({ row, key: key(row), name: name(row) }))
    .sort((left, right) => sign * compare(left.key, right.key) || compare(left.name, right.name));
  return { items: sorted.slice(offset, offset + limit).map(({ row }) => row), total: rows.length, offset };
}

function compare<T extends string | number | bigint>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
