import { Gauge, Pencil, RotateCw, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { OutputState, OutputView } from '../../../shared/contract/snapshot';
import { Button, IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { ConfirmDialog } from '../../ui/dialog';
import { ErrorNote } from '../../ui/error-note';
import { fileName, formatBytes, formatCount, formatDuration, formatKbps, plural } from '../../ui/format';
import { StatusText } from '../../ui/status';
import { useActions, useIsOnline, useSecondsSince, useSlice, useStudioValue } from '../../studio-context';
import { CongestionBar } from './congestion-bar';
import { DestinationSwitch } from './destination-switch';

const EditDestinationDialog = lazy(() =>
  import('./destination-dialogs').then((module) => ({ default: module.EditDestinationDialog })),
);

const BandwidthDialog = lazy(() =>
  import('./bandwidth-dialog').then((module) => ({ default: module.BandwidthDialog })),
);

/** One egress with its true state; what can be done about it stands beside it. */
export function OutputRow({ output }: { output: OutputView }) {
  const { retryDestination, removeDestination } = useActions();
  const [isRemoving, setRemoving] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const [isMeasuring, setMeasuring] = useState(false);
  const isOnline = useIsOnline();
  const { status } = output;
  const isDestination = output.kind === 'destination';
  // One that fails can be mended while the others go on.
  const isSending = isDestination && (status.state === 'live' || status.state === 'stopping');
  return (
    <li
      aria-label={output.name}
      data-state={status.state}
      className="rounded-md py-1.5 pr-1 pl-1.5 hover:bg-raised"
    >
      <div className="flex h-6.5 items-center gap-1.5">
        {isDestination && <DestinationSwitch output={output} />}
        <span className="min-w-0 flex-1 truncate text-base font-medium" title={output.url}>
          {output.name}
        </span>
        <OutputStateText status={status} liveWord={output.kind === 'recording' ? 'Writing' : 'Live'} />
        {isDestination ? (
          <span className="flex items-center">
            <IconButton
              label={`Connection speed to ${output.name}`}
              icon={<Gauge size={14} />}
              isDisabled={!isOnline}
              onPress={() => {
                setMeasuring(true);
              }}
            />
            <IconButton
              label={isSending ? `Edit ${output.name} (not while live)` : `Edit ${output.name}`}
              icon={<Pencil size={14} />}
              isDisabled={!isOnline || isSending}
              onPress={() => {
                setEditing(true);
              }}
            />
            <IconButton
              label={`Remove ${output.name}`}
              icon={<Trash2 size={14} />}
              isDisabled={!isOnline}
              onPress={() => {
                setRemoving(true);
              }}
            />
          </span>
        ) : (
          <CopyButton label={`Copy address of ${output.name}`} text={output.url} isIcon />
        )}
      </div>
      <p className="truncate text-xs text-mute" title={output.url}>
        {output.kind === 'recording' ? fileName(output.url) : (nearestText(output) ?? output.url)}
        {isDestination && !output.hasKey && <span className="text-warn"> · no key</span>}
      </p>
      {isDestination && <Timing output={output} />}
      <OutputFigures output={output} />
      {isDestination && status.state === 'live' && (
        <CongestionBar name={output.name} congestion={output.congestion} />
      )}
      {(status.state === 'reconnecting' || status.state === 'failed') && (
        <div className="mt-1.5 mb-0.5 flex flex-col gap-1.5">
          <ErrorNote error={status.error} tone={status.state === 'failed' ? 'air' : 'warn'} />
          <div className="flex items-center gap-2.5">
            {isDestination && (
              <Button
                aria-label={`Retry now: ${output.name}`}
                isDisabled={!isOnline}
                onPress={() => retryDestination(output.id)}
              >
                <RotateCw size={13} aria-hidden="true" />
                Retry now
              </Button>
            )}
            {status.state === 'reconnecting' && (
              // Beside the countdown it would leave no room for the name.
              <span className="text-xs text-soft">Attempt {status.attempt} follows</span>
            )}
          </div>
        </div>
      )}
      {isMeasuring && (
        <Suspense>
          <BandwidthDialog
            output={output}
            isOpen
            onClose={() => {
              setMeasuring(false);
            }}
          />
        </Suspense>
      )}
      {isEditing && (
        <Suspense>
          <EditDestinationDialog
            output={output}
            isOpen
            onClose={() => {
              setEditing(false);
            }}
          />
        </Suspense>
      )}
      <ConfirmDialog
        title={`Remove ${output.name}?`}
        isOpen={isRemoving}
        confirmLabel="Remove destination"
        onConfirm={() => removeDestination(output.id)}
        onClose={() => {
          setRemoving(false);
        }}
      >
        Its address and key are forgotten{status.state === 'live' ? ', and its stream ends now' : ''}.
      </ConfirmDialog>
    </li>
  );
}

/** null: it goes to the address that it has */
function nearestText({ nearest }: OutputView): string | null {
  if (nearest === null) return null;
  const { name, connectMs } = nearest;
  if (name === null) return 'Nearest server, looked for when you go live';
  return `Nearest server: ${name}${connectMs === null ? '' : `, ${connectMs} ms`}`;
}

function OutputStateText({ status, liveWord }: { status: OutputState; liveWord: string }) {
  switch (status.state) {
    case 'idle':
      return <StatusText tone="calm">Idle</StatusText>;
    case 'waiting':
      return <HeldBack until={status.until} />;
    case 'connecting':
      return (
        <StatusText tone="warn" isBusy>
          Connecting{status.attempt > 1 ? ` (attempt ${status.attempt})` : '…'}
        </StatusText>
      );
    case 'live':
      return <LiveSince word={liveWord} since={status.since} />;
    case 'reconnecting':
      return <RetryCountdown retryAt={status.retryAt} />;
    case 'stopping':
      return (
        <StatusText tone="calm" isBusy>
          Stopping…
        </StatusText>
      );
    case 'failed':
      return <StatusText tone="air">Failed</StatusText>;
  }
}

function LiveSince({ word, since }: { word: string; since: number }) {
  const seconds = useSecondsSince(since);
  return (
    <StatusText tone="good">
      {word} {formatDuration(seconds * 1000)}
    </StatusText>
  );
}

function HeldBack({ until }: { until: number }) {
  const secondsLeft = Math.max(0, -useSecondsSince(until));
  return (
    <StatusText tone="ice" isBusy>
      Starts in {formatDuration(secondsLeft * 1000)}
    </StatusText>
  );
}

function RetryCountdown({ retryAt }: { retryAt: number }) {
  const secondsLeft = Math.max(0, -useSecondsSince(retryAt));
  return (
    <StatusText tone="warn" isBusy>
      {secondsLeft > 0 ? `Reconnecting in ${secondsLeft} s` : 'Reconnecting…'}
    </StatusText>
  );
}

/** What sets it apart from those that go out at once and together; nothing where nothing does. */
function Timing({ output }: { output: OutputView }) {
  const { name, isEnabled, delaySec, isAdaptive, variantId } = output;
  const lowered = useSlice('program').lowered;
  const variant = useSlice('variants').list.find(({ id }) => id === variantId);
  const parts = [
    variant ? `gets ${variant.name}` : variantId === null ? null : 'its variant is gone',
    delaySec > 0 ? `${formatDuration(delaySec * 1000)} after the program` : null,
    isEnabled ? null : 'not started by “Go live”',
    isAdaptive && delaySec === 0 && variantId === null ? 'bitrate follows its network' : null,
    lowered?.destination === name ? `lowered to ${formatKbps(lowered.kbps)}` : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return <p className="truncate text-xs text-soft first-letter:uppercase">{parts.join(' · ')}</p>;
}

function OutputFigures({ output }: { output: OutputView }) {
  const kbps = useStudioValue((state) => state.outputKbps[output.id] ?? null);
  if (output.bytes === 0 && output.reconnects === 0 && output.droppedFrames === 0) return null;
  const figures = [
    formatBytes(output.bytes),
    kbps !== null && output.status.state === 'live' ? formatKbps(kbps) : null,
    `${formatCount(output.droppedFrames)} dropped`,
    output.reconnects > 0 ? plural(output.reconnects, 'reconnect', 'reconnects') : null,
  ].filter((figure) => figure !== null);
  return <p className="truncate text-xs text-mute tabular-nums">{figures.join(' · ')}</p>;
}
