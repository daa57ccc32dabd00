import { ChevronDown } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { usePart } from '../../studio-context';
import { savedText } from './saved-text';

const ShowPanel = lazy(() => import('./show-panel').then((module) => ({ default: module.ShowPanel })));

const titleOf = ({ show: { name, savedAt, saveError } }: Snapshot) => ({ name, savedAt, saveError });

/** The show's name and whether it is saved; behind it, all that concerns the show as a whole. */
export function ShowMenu() {
  const show = usePart(titleOf);
  const saved = savedText(show);
  return (
    <DialogTrigger>
      <AriaButton className="show-menu">
        <span className="min-w-0">
          <span className="block truncate text-sm leading-4 font-semibold">
            <span className="sr-only">Show: </span>
            {show.name}
          </span>
          <span
            className={`block truncate text-2xs leading-3.5 font-normal ${saved.isProblem ? 'text-warn' : 'text-mute'}`}
          >
            {saved.text}
          </span>
        </span>
        <ChevronDown size={14} aria-hidden="true" className="shrink-0 text-mute" />
      </AriaButton>
      <Popover placement="bottom start" offset={6} className="show-popover">
        <Dialog aria-label="Show" className="outline-none">
          <Suspense fallback={<p className="p-4 text-mute">…</p>}>
            <ShowPanel />
          </Suspense>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
