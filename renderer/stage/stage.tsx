import './stage.css';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { describeError } from '../../shared/contract/error-text';
import { formatRate } from '../../shared/model/frame-rate';
import { useEditor, useEditorState } from '../editor/use-editor';
import { nameOnShow } from '../store/scene-on-show';
import { usePart, useSlice, useStudioValue } from '../studio-context';
import { formatCodec } from '../ui/format';
import { Chip } from '../ui/status';
import { AudioMeter } from './audio-meter';
import { CanvasEditor } from './canvas-editor';
import { ProgramCanvas } from './program-canvas';
import { UndoButtons, ZoomButtons } from './stage-tools';

export function Stage() {
  const program = useSlice('program');
  const name = usePart(nameOnShow);
  const isLive = useSlice('live').isLive;
  const isOnline = useStudioValue((state) => state.connection.state === 'open');
  const rateRef = useRef<HTMLSpanElement>(null);
  return (
    <main aria-label="Program" className="column-stage flex min-w-0 flex-col">
      <div className="flex min-h-0 flex-1 gap-1 pr-3">
        <div className="stage-room flex-1">
          <StagePicture isLive={isLive}>
            <ProgramCanvas
              rateRef={rateRef}
              programWidth={program.width}
              isStale={!isOnline || program.state !== 'running'}
            />
          </StagePicture>
          <CanvasEditor />
          <StageMessage />
        </div>
        <div className="flex py-3.5">
          <AudioMeter />
        </div>
      </div>
      <footer className="flex h-9 shrink-0 items-center gap-2.5 px-3 pb-1 text-xs text-mute">
        <Chip tone={isLive ? 'air' : 'calm'}>PROGRAM</Chip>
        <span className="min-w-12 truncate text-sm font-medium text-text">{name ?? 'No scene'}</span>
        <span className="ml-auto min-w-0 truncate">
          {program.width}×{program.height} · {formatRate(program.fps)} fps · {formatCodec(program.codec)}
          {program.encoder && ` · ${program.encoder.profile}`}
        </span>
        <span ref={rateRef} hidden={!isOnline} className="shrink-0 tabular-nums" data-testid="preview-rate" />
        <span className="flex shrink-0 items-center gap-2">
          <UndoButtons />
          <ZoomButtons />
        </span>
      </footer>
    </main>
  );
}

/** The canvas where the editor's view has it. */
function StagePicture({ isLive, children }: { isLive: boolean; children: ReactNode }) {
  const editor = useEditor();
  useEditorState((state) => state.room);
  useEditorState((state) => state.zoom);
  useSlice('program');
  const { view, canvas } = editor;
  return (
    <div
      className="stage-picture"
      data-on-air={isLive || undefined}
      style={{
        left: view.x,
        top: view.y,
        width: canvas.width * view.scale,
        height: canvas.height * view.scale,
      }}
    >
      {children}
    </div>
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
    <div
      role="status"
      className="pointer-events-none absolute inset-0 grid place-items-center p-6 text-center"
    >
      <div className="max-w-md rounded-lg bg-panel/90 px-5 py-4">
        <p className="text-lg font-semibold">{title}</p>
        {text && <p className="mt-1 text-sm text-soft">{text.sentence}</p>}
        {text && <p className="text-sm text-mute">{text.remedy}</p>}
      </div>
    </div>
  );
}
