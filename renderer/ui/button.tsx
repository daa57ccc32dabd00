import { useRef, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { Button as AriaButton, ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import type { ButtonProps as AriaButtonProps } from 'react-aria-components';
import { classNames } from './class-names';

type Look = 'main' | 'plain' | 'ghost' | 'air' | 'stop';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'onPress' | 'children'> {
  look?: Look;
  isLarge?: boolean;
  children: ReactNode;
  /** while its promise is pending the button shows so and cannot be pressed again */
  onPress?: () => unknown;
}

/**
 * One press at a time: a slow engine must not turn an impatient double click into two commands. (React Aria's own
 * `isPending` announces the button by reference, which leads nowhere once the press has closed the dialog around it.)
 */
function usePending(action: (() => unknown) | undefined): [boolean, () => void] {
  const [isPending, setPending] = useState(false);
  const isRunningRef = useRef(false);
  const press = (): void => {
    if (isRunningRef.current) return;
    const outcome = action?.();
    if (!(outcome instanceof Promise)) return;
    isRunningRef.current = true;
    setPending(true);
    void outcome.finally(() => {
      isRunningRef.current = false;
      setPending(false);
    });
  };
  return [isPending, press];
}

export function Button({ look = 'plain', isLarge = false, onPress, ...props }: ButtonProps) {
  const [isPending, press] = usePending(onPress);
  return (
    <AriaButton
      {...props}
      data-busy={isPending || undefined}
      onPress={press}
      className={classNames('control', `control-${look}`, isLarge && 'control-large')}
    />
  );
}

export function Hint({ text, children }: { text: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={400}>
      {children}
      <Tooltip
        offset={6}
        className="max-w-72 rounded-md bg-lift px-2 py-1 text-xs text-text shadow-pop select-none"
      >
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'onPress' | 'children'> {
  /** the accessible name, also shown as a tooltip */
  label: string;
  icon: ReactNode;
  onPress?: () => unknown;
}

export function IconButton({ label, icon, onPress, ...props }: IconButtonProps) {
  const [isPending, press] = usePending(onPress);
  return (
    <Hint text={label}>
      <AriaButton
        {...props}
        aria-label={label}
        data-busy={isPending || undefined}
        onPress={press}
        className="control control-ghost control-icon shrink-0"
      >
        {icon}
      </AriaButton>
    </Hint>
  );
}

interface IconToggleProps {
  label: string;
  isSelected: boolean;
  isDisabled?: boolean;
  icon: ReactNode;
  onChange: (isSelected: boolean) => void;
}

export function IconToggle({ label, icon, isDisabled = false, ...props }: IconToggleProps) {
  return (
    <Hint text={label}>
      <ToggleButton
        {...props}
        isDisabled={isDisabled}
        aria-label={label}
        className={classNames(
          'control control-ghost control-icon shrink-0',
          props.isSelected ? 'text-soft' : 'text-mute',
        )}
      >
        {icon}
      </ToggleButton>
    </Hint>
  );
}
