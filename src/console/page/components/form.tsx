import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** What ties an input to its label, its hint and its problem. */
export interface FieldAttributes {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly isInvalid: boolean;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  children(attributes: FieldAttributes): ComponentChildren;
}

export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const problemId = `${id}-problem`;
  const describedBy = [hint !== undefined && hintId, problem !== undefined && problemId]
    .filter(Boolean)
    .join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        describedBy: describedBy === '' ? undefined : describedBy,
        isInvalid: problem !== undefined,
      })}
      {hint !== undefined && (
        <span class="hint" id={hintId}>
          {hint}
        </span>
      )}
      {problem !== undefined && (
        <span class="problem" id={problemId}>
          {problem}
        </span>
      )}
    </div>
  );
}

interface InputProps extends Partial<FieldAttributes> {
  readonly value: string;
  readonly label?: string;
  readonly placeholder?: string;
  readonly isMono?: boolean;
  readonly type?: 'text' | 'password' | 'search';
  /** Brings up the digits on a telephone. */
  readonly isNumber?: boolean;
  readonly autoComplete?: string;
  readonly width?: string;
  /** Focused by the key `/`. */
  readonly isFilter?: boolean;
  onInput(value: string): void;
}

export function TextInput(props: InputProps) {
  return (
    <input
      class={props.isMono === true ? 'input mono' : 'input'}
      id={props.id}
      type={(props.type ?? 'text') as 'text'}
      value={props.value}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      autocomplete={props.autoComplete ?? 'off'}
      spellcheck={false}
      data-filter={props.isFilter === true ? '' : undefined}
      inputMode={props.isNumber === true ? 'numeric' : undefined}
      style={props.width === undefined ? undefined : { width: props.width }}
      onInput={event => props.onInput(event.currentTarget.value)}
    />
  );
}

export function TextArea(props: Omit<InputProps, 'type' | 'isMono'> & { readonly rows?: number }) {
  return (
    <textarea
      class="input"
      id={props.id}
      rows={props.rows ?? 5}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      spellcheck={false}
      value={props.value}
      onInput={event => props.onInput(event.currentTarget.value)}
    />
  );
}

interface SelectProps extends Partial<FieldAttributes> {
  readonly value: string;
  readonly label?: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
  onChoose(value: string): void;
}

export function Select({ value, label, choices, id, describedBy, isInvalid, onChoose }: SelectProps) {
  return (
    <select
      class="input"
      id={id}
      value={value}
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={isInvalid}
      onChange={event => onChoose(event.currentTarget.value)}
    >
      {choices.map(([choice, text]) => (
        <option key={choice} value={choice} selected={choice === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface CheckProps {
  readonly label: string;
  readonly isChecked: boolean;
  onCheck(isChecked: boolean): void;
}

export function Check({ label, isChecked, onCheck }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={isChecked} onChange={event => onCheck(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
