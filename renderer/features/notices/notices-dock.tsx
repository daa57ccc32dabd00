import { Info, OctagonAlert, TriangleAlert, X } from 'lucide-react';
import { describeError } from '../../../shared/contract/error-text';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { IconButton } from '../../ui/button';
import { Dock } from '../../ui/dock';
import { formatClock } from '../../ui/format';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

type Notice = Snapshot['notices'][number];

const marks = {
  info: { Icon: Info, color: 'text-ice', word: 'Information' },
  warning: { Icon: TriangleAlert, color: 'text-warn', word: 'Warning' },
  error: { Icon: OctagonAlert, color: 'text-air', word: 'Error' },
} as const;

/** What the engine wants people to know; there only while there is something. The live region stays, so that it is heard. */
export function NoticesDock() {
  const notices = useSlice('notices');
  const newestFirst = [...notices].sort((one, other) => other.at - one.at);
  return (
    <div role="log" aria-label="Notices" aria-live="polite">
      {notices.length > 0 && (
        <Dock title="Notices" note={notices.length}>
          <ul className="flex max-h-64 flex-col gap-0.5 overflow-y-auto px-2">
            {newestFirst.map((notice) => (
              <NoticeRow key={notice.id} notice={notice} />
            ))}
          </ul>
        </Dock>
      )}
    </div>
  );
}

function NoticeRow({ notice }: { notice: Notice }) {
  const { dismissNotice } = useActions();
  const isOnline = useIsOnline();
  const { Icon, color, word } = marks[notice.severity];
  const { sentence, remedy } = describeError(notice.error);
  return (
    <li className="flex items-start gap-2.5 rounded-md bg-raised py-2 pr-1 pl-2.5">
      <Icon size={15} className={`mt-0.5 shrink-0 ${color}`} aria-label={word} role="img" />
      <div className="min-w-0 flex-1 text-xs leading-relaxed [overflow-wrap:anywhere]">
        <p className="text-sm text-text">{sentence}</p>
        <p className="text-soft">{remedy}</p>
        <time className="text-2xs text-mute" dateTime={new Date(notice.at).toISOString()}>
          {formatClock(notice.at)}
        </time>
      </div>
      <IconButton
        label="Dismiss notice"
        icon={<X size={14} />}
        isDisabled={!isOnline}
        onPress={() => dismissNotice(notice.id)}
      />
    </li>
  );
}
