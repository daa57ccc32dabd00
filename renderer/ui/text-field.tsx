import type { ReactNode } from 'react';
import { FieldError, Input, Label, Text, TextField as AriaTextField } from 'react-aria-components';
import type { TextFieldProps as AriaTextFieldProps } from 'react-aria-components';
import { classNames } from './class-names';

interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'children'> {
  label: string;
  placeholder?: string;
  description?: ReactNode;
  isLabelHidden?: boolean;
  isMono?: boolean;
}

export function TextField({
  label,
  placeholder,
  description,
  isLabelHidden = false,
  isMono = false,
  ...props
}: TextFieldProps) {
  return (
    <AriaTextField {...props} className="flex min-w-0 flex-1 flex-col gap-1">
      <Label className={isLabelHidden ? 'sr-only' : 'text-xs font-medium text-soft'}>{label}</Label>
      <Input
        {...(placeholder !== undefined && { placeholder })}
        // Password savers must not offer to keep stream keys.
        data-1p-ignore="true"
        data-lpignore="true"
        spellCheck={false}
        className={classNames('field', isMono && 'font-mono')}
      />
      {description !== undefined && (
        <Text slot="description" className="text-xs text-mute">
          {description}
        </Text>
      )}
      <FieldError className="text-xs text-air-soft" />
    </AriaTextField>
  );
}
