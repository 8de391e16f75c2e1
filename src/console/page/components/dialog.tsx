import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { problemOf } from '../state/api_client.ts';
import { Button } from './button.tsx';
import { Field, TextInput } from './form.tsx';
import { Note } from './states.tsx';

interface DialogProps {
  readonly title: string;
  readonly isWide?: boolean;
  /** Its last buttons; without them there is one that closes it. */
  readonly foot?: ComponentChildren;
  readonly children: ComponentChildren;
  onClose(): void;
}

/** A modal dialog: the browser keeps the focus inside, and gives it back to where it was. */
export function Dialog({ title, isWide, foot, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current!;
    const before = document.activeElement;
    dialog.showModal();
    // Where one begins to write, rather than the button that closes it.
    dialog.querySelector<HTMLElement>('.dialog-body :is(input, textarea, select)')?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide === true ? 'dialog wide' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
    >
      <div>
        <div class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <Button icon="close" label="Close" tone="quiet" onClick={onClose} />
        </div>
        <div class="dialog-body">{children}</div>
        {foot !== undefined && <div class="dialog-foot">{foot}</div>}
      </div>
    </dialog>
  );
}

interface FormDialogProps extends Omit<DialogProps, 'foot'> {
  /** What the button says: `Create`. */
  readonly verb: string;
  readonly tone?: 'primary' | 'danger primary';
  readonly isReady?: boolean;
  /** More buttons before the last. */
  readonly more?: ComponentChildren;
  /** Closes the dialog when it resolves; what it throws is shown in the dialog. */
  onSubmit(): Promise<void>;
}

/** A dialog that does one thing. */
export function FormDialog(props: FormDialogProps) {
  const { verb, tone, isReady, more, onSubmit, children, ...dialog } = props;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const formId = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isReady === false || isBusy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onSubmit();
      dialog.onClose();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  const foot = (
    <>
      {more}
      <Button onClick={dialog.onClose}>Cancel</Button>
      <Button
        type="submit"
        form={formId}
        tone={tone ?? 'primary'}
        isBusy={isBusy}
        isDisabled={isReady === false}
      >
        {verb}
      </Button>
    </>
  );
  return (
    <Dialog {...dialog} foot={foot}>
      <form id={formId} class="fields" onSubmit={event => void submit(event)} noValidate>
        {children}
        {problem !== undefined && <Note tone="bad">{problem}</Note>}
      </form>
    </Dialog>
  );
}

interface ConfirmDialogProps {
  readonly title: string;
  readonly verb: string;
  /** The name that has to be typed, for what can't be undone. */
  readonly typed?: string;
  readonly children: ComponentChildren;
  onConfirm(): Promise<void>;
  onClose(): void;
}

export function ConfirmDialog({ title, verb, typed, children, onConfirm, onClose }: ConfirmDialogProps) {
  const [text, setText] = useState('');
  return (
    <FormDialog
      title={title}
      verb={verb}
      tone="danger primary"
      isReady={typed === undefined || text === typed}
      onSubmit={onConfirm}
      onClose={onClose}
    >
      <div>{children}</div>
      {typed !== undefined && (
        <Field label={`Type ${typed} to confirm`}>
          {attributes => <TextInput {...attributes} value={text} onInput={setText} isMono />}
        </Field>
      )}
    </FormDialog>
  );
}
