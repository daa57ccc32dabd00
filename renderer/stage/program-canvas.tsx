import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import { useStudio } from '../studio-context';
import { PreviewPlayer, wantedPreviewWidth } from './preview-player';

interface ProgramCanvasProps {
  programWidth: number;
  isStale: boolean;
  /** where the measured rate is written, without a render */
  rateRef: RefObject<HTMLElement | null>;
}

export function ProgramCanvas({ programWidth, isStale, rateRef }: ProgramCanvasProps) {
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
