import { useState } from 'preact/hooks';
import type { Sort } from '../components/table.tsx';
import { useSettled } from './paged_list.ts';
import { replaceQuery, route } from './route.ts';

/** What of a list is wanted, and in which order. */
export interface ListChoice {
  /** As it is written. */
  readonly filter: string;
  /** As it is asked for; undefined where everything is wanted. */
  readonly settledFilter: string | undefined;
  readonly sort: Sort;
  setFilter(text: string): void;
  setSort(sort: Sort): void;
}

/** A choice that stands in the address of the page: it is there again behind a reload, and for whom it is sent to. */
export function useListChoice(): ListChoice {
  const { query } = route.value;
  const [filter, setFilter] = useState(query.get('filter') ?? '');
  const [sort, setSort] = useState<Sort>({
    key: query.get('sort') ?? 'name',
    order: query.get('order') === 'desc' ? 'desc' : 'asc',
  });
  const settled = useSettled(filter);
  return {
    filter,
    settledFilter: settled === '' ? undefined : settled,
    sort,
    setFilter(text) {
      setFilter(text);
      replaceQuery({ filter: text === '' ? undefined : text });
    },
    setSort(chosen) {
      setSort(chosen);
      replaceQuery({ sort: chosen.key, order: chosen.order });
    },
  };
}
