import type { ActiveStream } from '../../../shared/contract/snapshot';
import { formatCodec, formatDuration, formatHost, formatKbps, plural } from '../../ui/format';
import { StatusText } from '../../ui/status';
import { useSecondsSince, useSlice, useStudioValue } from '../../studio-context';

export function ActiveStreams() {
  const all = useSlice('streams');
  // The program's own feed is no guest.
  const streams = all.filter(({ name }) => name !== 'program');
  if (streams.length === 0) return null;
  return (
    <div className="mx-3.5 mt-2 border-t border-line pt-2">
      <h3 className="mb-1 text-xs font-semibold text-soft">Incoming now</h3>
      <ul aria-label="Active streams" className="flex flex-col gap-1.5">
        {streams.map((stream) => (
          <StreamRow key={`${stream.app}/${stream.name}`} stream={stream} />
        ))}
      </ul>
    </div>
  );
}

function StreamRow({ stream }: { stream: ActiveStream }) {
  const seconds = useSecondsSince(stream.since);
  const kbps = useStudioValue((state) => state.streamKbps[stream.name] ?? null);
  const codecs = [stream.codecs.video, stream.codecs.audio]
    .filter((codec) => codec !== null)
    .map(formatCodec)
    .join(' + ');
  return (
    <li aria-label={stream.name}>
      <div className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate text-base">{stream.name}</span>
        <StatusText tone="good">{formatDuration(seconds * 1000)}</StatusText>
      </div>
      <p className="text-xs text-mute">
        {kbps === null ? 'measuring…' : formatKbps(kbps)}
        {codecs && ` · ${codecs}`} · {plural(stream.players, 'player', 'players')} · from{' '}
        {formatHost(stream.publisher)}
      </p>
    </li>
  );
}
