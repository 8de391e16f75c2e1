import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly (readonly [key: string, title: string])[];
  readonly shown: string;
  readonly children: ComponentChildren;
  onShow(key: string): void;
}

/** Tabs as the keyboard expects them: one stop of Tab, and arrows between them. */
export function Tabs({ label, tabs, shown, children, onShow }: TabsProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = tabs.findIndex(([key]) => key === shown);
  const go = (to: number) => {
    const next = (to + tabs.length) % tabs.length;
    onShow(tabs[next]![0]);
    (list.current!.children[next] as HTMLElement).focus();
  };
  const steps: Readonly<Record<string, () => void>> = {
    ArrowRight: () => go(at + 1),
    ArrowLeft: () => go(at - 1),
    Home: () => go(0),
    End: () => go(tabs.length - 1),
  };
  return (
    <>
      <div
        class="tabs"
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={event => {
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          step();
        }}
      >
        {tabs.map(([key, title]) => (
          <button
            type="button"
            role="tab"
            class="tab"
            key={key}
            id={`${id}-${key}`}
            aria-selected={key === shown}
            aria-controls={`${id}-panel`}
            tabIndex={key === shown ? 0 : -1}
            onClick={() => onShow(key)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>
        {children}
      </div>
    </>
  );
}
