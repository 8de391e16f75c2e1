import type { ListChoice } from '../state/list_choice.ts';
import { TextInput } from './form.tsx';

/** Filters a list of things by their names. */
export function NameFilter({ things, choice }: { things: string; choice: ListChoice }) {
  return (
    <div class="grow">
      <TextInput
        type="search"
        label={`Filter ${things} by name`}
        placeholder="Filter by name ( / )"
        isFilter
        value={choice.filter}
        onInput={choice.setFilter}
      />
    </div>
  );
}
