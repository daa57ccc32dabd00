import { useEffect, useRef } from 'react';
import type { CSSProperties, RefObject } from 'react';
import { describeError } from '../../shared/contract/error-text';
import { AudioMeter } from './audio-meter';
import { PreviewPlayer, wantedPreviewWidth } from './preview-player';
import { Chip } from '../ui/status';
import { formatCodec } from '../ui/format';
import { useSlice, useStudio, useStudioValue } from '../studio-context';

export function Stage() {
  const program = useSlice('program');
  const scenes = useSlice('scenes');
  const isLive = useSlice('live').isLive;
  const isOnline = useStudioValue((state) => state.connection.state === 'open');
  const rateRef = useRef<HTMLSpanElement>(null);
  const scene = scenes.find(({ id }) => id === program.sceneId);
  return (
    <main aria-label="Program" className="column-stage flex min-w-0 flex-col">
      <div className="flex min-h-0 flex-1 gap-3 p-3 pb-2">
        <div className="stage-room flex-1">
          <div
            className="stage-picture"
            data-on-air={isLive || undefined}
            style={{ '--aspect': `${program.width / program.height}` } as CSSProperties}
          >
            <ProgramCanvas
              rateRef={rateRef}
              programWidth={program.width}
              isStale={!isOnline || program.state !== 'running'}
            />
            <StageMessage />
          </div>
        </div>
        <AudioMeter />
      </div>
      <footer className="flex h-8 shrink-0 items-center gap-3 px-3 pb-1 text-xs text-mute">
        <Chip tone={isLive ? 'air' : 'calm'}>PROGRAM</Chip>
        <span className="truncate text-sm font-medium text-text">{scene?.name ?? 'No scene'}</span>
        <span className="ml-auto truncate">
          {program.width}×{program.height} · {program.fps} fps · {formatCodec(program.codec)}
          {program.encoder && ` · ${program.encoder.profile}`}
        </span>
        <span ref={rateRef} hidden={!isOnline} className="shrink-0 tabular-nums" data-testid="preview-rate" />
      </footer>
    </main>
  );
}

interface ProgramCanvasProps {
  programWidth: number;
  isStale: boolean;
  /** where the measured rate is written, without a render */
  rateRef: RefObject<HTMLElement | null>;
}

function ProgramCanvas({ programWidth, isStale, rateRef }: ProgramCanvasProps) {
  const { client } = useStudio();
  const canvasRef = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) return;
    const player = new PreviewPlayer(canvas, {
      shown: (frameIndex) => {
        client.acknowledgePreview(frameIndex);
      },
      rate: ({ fps, latencyMs }) => {
        if (!rateRef.current) return;
        const latency = latencyMs === null ? '' : ` · ${latencyMs.toFixed(0)} ms`;
        rateRef.current.textContent = `preview ${fps.toFixed(0)} fps${latency}`;
      },
    });
    canvas.dataset.painter = player.kind;

    // A hidden tab costs the engine and the network nothing.
    let stopListening: (() => void) | null = null;
    const follow = (): void => {
      if (document.hidden) {
        stopListening?.();
        stopListening = null;
      } else {
        stopListening ??= client.on('preview', (frame) => {
          player.push(frame);
        });
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stopListening?.();
      player.dispose();
    };
  }, [client, rateRef]);

  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      if (canvas.clientWidth > 0)
        client.setPreviewWidth(wantedPreviewWidth(canvas.clientWidth, devicePixelRatio, programWidth));
    };
    ask();
    const observer = new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(ask, 200);
    });
    observer.observe(canvas);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [client, programWidth]);

  return (
    <canvas
      ref={canvasRef}
      role="img"
      aria-label="Program preview"
      data-testid="program-canvas"
      data-stale={isStale || undefined}
      width={320}
      height={180}
      className="stage-canvas"
    />
  );
}

/** Says over the picture why it stands still. */
function StageMessage() {
  const program = useSlice('program');
  const connection = useStudioValue((state) => state.connection.state);
  if (connection !== 'open' || program.state === 'running') return null;
  const text = program.error ? describeError(program.error) : null;
  const title = {
    starting: 'The program is starting…',
    restarting: 'The encoder is being restarted…',
    failed: 'The program stands still',
  }[program.state];
  return (
    <div role="status" className="absolute inset-0 grid place-items-center p-6 text-center">
      <div className="max-w-md rounded-lg bg-panel/90 px-5 py-4">
        <p className="text-lg font-semibold">{title}</p>
        {text && <p className="mt-1 text-sm text-soft">{text.sentence}</p>}
        {text && <p className="text-sm text-mute">{text.remedy}</p>}
      </div>
    </div>
  );
}
