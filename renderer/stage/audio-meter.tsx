import { useEffect, useRef } from 'react';
import { useStudio } from '../studio-context';
import { animationPulse } from '../ui/animation-pulse';
import { meterFloorDb, meterPosition, nextReading, silentReading } from './meter-ballistics';
import type { MeterReading } from './meter-ballistics';

const marksDb = [0, -6, -12, -18, -24, -36, -48, -60];
const zones = [
  { fromDb: -120, toDb: -20, on: '#52d6a4', off: '#52d6a433' },
  { fromDb: -20, toDb: -9, on: '#f2b53c', off: '#f2b53c33' },
  { fromDb: -9, toDb: 0, on: '#f4503f', off: '#f4503f33' },
] as const;

function draw(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  readings: readonly MeterReading[],
) {
  context.clearRect(0, 0, width, height);
  const gap = Math.max(1, Math.round(width / 9));
  const barWidth = (width - gap * (readings.length - 1)) / readings.length;
  const yOf = (db: number): number => Math.round((1 - meterPosition(db)) * height);
  readings.forEach(({ levelDb, holdDb }, channel) => {
    const x = channel * (barWidth + gap);
    for (const { fromDb, toDb, on, off } of zones) {
      const top = yOf(toDb);
      const bottom = yOf(fromDb);
      const lit = Math.min(bottom, Math.max(top, yOf(levelDb)));
      context.fillStyle = off;
      context.fillRect(x, top, barWidth, lit - top);
      context.fillStyle = on;
      context.fillRect(x, lit, barWidth, bottom - lit);
    }
    if (holdDb > meterFloorDb) {
      // The canvas’ text colour, which stands out in either theme.
      context.fillStyle = getComputedStyle(context.canvas).color;
      context.fillRect(x, yOf(holdDb), barWidth, Math.max(1, Math.round(devicePixelRatio * 1.5)));
    }
  });
}

/** The master level. Drawn by itself, only while something moves; React is not involved in a tick. */
export function AudioMeter() {
  const { client } = useStudio();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const meterRef = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const canvas = canvasRef.current;
    const meter = meterRef.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !meter || !context) return;

    let readings: MeterReading[] = [silentReading, silentReading];
    let input: readonly number[] = [-120, -120];
    let inputAt = 0;
    let drawnAt = 0;
    let saidAt = 0;
    let giveUp: (() => void) | null = null;

    const step = (now: number): void => {
      giveUp = null;
      const elapsedMs = drawnAt === 0 ? 0 : Math.min(200, now - drawnAt);
      drawnAt = now;
      // Without news for half a second (connection lost, engine gone) the bars fall instead of standing.
      const isFresh = now - inputAt < 500;
      readings = readings.map((reading, channel) =>
        nextReading(reading, isFresh ? (input[channel] ?? -120) : -120, now, elapsedMs),
      );
      draw(context, canvas.width, canvas.height, readings);
      if (now - saidAt > 500) {
        saidAt = now;
        const loudest = Math.max(...readings.map(({ levelDb }) => levelDb), meterFloorDb);
        meter.setAttribute('aria-valuenow', loudest.toFixed(0));
        meter.setAttribute(
          'aria-valuetext',
          loudest <= meterFloorDb ? 'silent' : `${loudest.toFixed(0)} dB full scale`,
        );
      }
      if (readings.some(({ holdDb }) => holdDb > meterFloorDb)) giveUp = animationPulse.ride(step);
      else drawnAt = 0;
    };
    const wake = (): void => {
      giveUp ??= animationPulse.ride(step);
    };
    const observer = new ResizeObserver(() => {
      canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
      canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
      draw(context, canvas.width, canvas.height, readings);
    });
    observer.observe(canvas);

    let stopListening: (() => void) | null = null;
    const follow = (): void => {
      if (document.hidden) {
        stopListening?.();
        stopListening = null;
      } else {
        stopListening ??= client.on('meters', ({ peakDb }) => {
          input = peakDb;
          inputAt = performance.now();
          wake();
        });
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stopListening?.();
      observer.disconnect();
      giveUp?.();
    };
  }, [client]);

  return (
    <div className="flex w-11 shrink-0 gap-1.5 py-0.5">
      <div
        ref={meterRef}
        role="meter"
        aria-label="Master level"
        aria-valuemin={meterFloorDb}
        aria-valuemax={0}
        aria-valuenow={meterFloorDb}
        className="h-full w-4.5 shrink-0"
      >
        <canvas ref={canvasRef} className="block h-full w-full rounded-sm text-text" />
      </div>
      <div aria-hidden="true" className="relative h-full flex-1 text-2xs text-mute">
        {marksDb.map((db) => (
          <span
            key={db}
            className="absolute left-0 leading-none"
            style={{
              top: `${(1 - meterPosition(db)) * 100}%`,
              translate: db === 0 ? '0 0' : db === meterFloorDb ? '0 -100%' : '0 -50%',
            }}
          >
            {db === 0 ? '0' : `−${-db}`}
          </span>
        ))}
      </div>
    </div>
  );
}
