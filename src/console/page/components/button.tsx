import type { ComponentChildren } from 'preact';
import type { Role } from '../../api/session.ts';
import { useWhyNot } from '../state/session.ts';
import { toast } from '../state/toasts.ts';
import { Icon, type IconName } from './icons.tsx';

interface ButtonProps {
  readonly children?: ComponentChildren;
  /** What it says where it shows an icon alone. */
  readonly label?: string;
  readonly icon?: IconName;
  readonly tone?: 'primary' | 'danger' | 'quiet' | 'danger primary';
  readonly isSmall?: boolean;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly type?: 'button' | 'submit';
  readonly form?: string;
  readonly title?: string | undefined;
  onClick?(): void;
}

export function Button(props: ButtonProps) {
  const { children, label, icon, tone, isSmall, isBusy, isDisabled, type, form, title, onClick } = props;
  const isIconAlone = children === undefined;
  const classes = ['button', tone, isSmall === true && 'small', isIconAlone && 'icon'];
  return (
    <button
      type={type ?? 'button'}
      class={classes.filter(Boolean).join(' ')}
      aria-label={label}
      aria-busy={isBusy}
      disabled={isDisabled === true || isBusy === true}
      title={title ?? (isIconAlone ? label : undefined)}
      form={form}
      onClick={onClick}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface ActionProps extends Omit<ButtonProps, 'onClick'> {
  readonly needs: Role;
  onClick(): void;
}

/**
 * A button that changes something. Who may not press it can still reach it with the keyboard, and is told why: a
 * disabled button would hide that.
 */
export function Action({ needs, onClick, ...props }: ActionProps) {
  const reason = useWhyNot(needs);
  if (reason === undefined) return <Button {...props} onClick={onClick} />;
  const classes = [
    'button',
    props.tone,
    props.isSmall === true && 'small',
    props.children === undefined && 'icon',
  ];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(' ')}
      aria-disabled="true"
      aria-label={props.label}
      title={reason}
      onClick={() => toast('warn', reason)}
    >
      {props.icon !== undefined && <Icon name={props.icon} />}
      {props.children}
    </button>
  );
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly text: string; readonly icon?: IconName }[];
  onChoose(value: T): void;
}

/** One of a few, all of them seen. */
export function Segments<T extends string>({ label, value, choices, onChoose }: SegmentsProps<T>) {
  return (
    <fieldset class="segments" aria-label={label}>
      {choices.map(choice => (
        <button
          type="button"
          key={choice.value}
          aria-pressed={choice.value === value}
          aria-label={choice.icon === undefined ? undefined : choice.text}
          title={choice.icon === undefined ? undefined : choice.text}
          onClick={() => onChoose(choice.value)}
        >
          {choice.icon === undefined ? choice.text : <Icon name={choice.icon} />}
        </button>
      ))}
    </fieldset>
  );
}

/** A command to be typed in a terminal, with a button that copies it. */
export function Command({ text }: { text: string }) {
  return (
    <span class="command">
      <code>{text}</code>
      <CopyButton text={text} what="the command" />
    </span>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast('good', `Copied ${what}.`);
    } catch {
      toast('warn', `This browser lets no page copy here. Mark ${what} and copy it yourself: ${text}`);
    }
  };
  return <Button icon="copy" label={`Copy ${what}`} tone="quiet" isSmall onClick={() => void copy()} />;
}
