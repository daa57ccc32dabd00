import type { LucideIcon } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';

interface ChoiceListProps {
  label: string;
  choices: readonly { id: string; title: string; note?: string; Icon: LucideIcon }[];
  onChoose: (id: string) => unknown;
}

/** Things of which one is taken by pressing it. */
export function ChoiceList({ label, choices, onChoose }: ChoiceListProps) {
  return (
    <ul aria-label={label} className="flex max-h-80 flex-col gap-1 overflow-y-auto">
      {choices.map(({ id, title, note, Icon }) => (
        <li key={id}>
          <AriaButton
            className="source-card w-full"
            onPress={() => {
              onChoose(id);
            }}
          >
            <Icon size={16} aria-hidden="true" className="shrink-0 text-mute" />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-base font-medium">{title}</span>
              {note !== undefined && note !== '' && <span className="block text-xs text-mute">{note}</span>}
            </span>
          </AriaButton>
        </li>
      ))}
    </ul>
  );
}
