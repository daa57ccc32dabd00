import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';
import { classNames } from './class-names';

/** What went wrong and what to do about it, in the words that the log and the command line use too. */
export function ErrorNote({ error, tone = 'warn' }: { error: WireError; tone?: 'warn' | 'air' }) {
  const { sentence, remedy } = describeError(error);
  return (
    <div
      className={classNames(
        'border-l-2 pl-2 text-xs leading-relaxed [overflow-wrap:anywhere]',
        tone === 'air' ? 'border-air' : 'border-warn',
      )}
    >
      <p className="text-text">{sentence}</p>
      <p className="text-mute">{remedy}</p>
    </div>
  );
}
