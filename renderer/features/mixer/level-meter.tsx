import { useEffect, useRef } from 'react';
import { meterFloorDb } from '../../stage/meter-ballistics';
import { programMeterId } from './meter-board';
import type { MeterBoard } from './meter-board';

interface LevelMeterProps {
  board: MeterBoard;
  /** a source's id, or `programMeterId` */
  id: string;
  label: string;
}

/** The two are measured at different places, and mended at different places. */
const programLamp = 'Lights when the sum of all reaches full scale: the limiter holds it down';
const inputLamp =
  'Lights when the source comes at full scale, before its fader: turn it down where it comes from';

/** Peak and RMS of one input, with a lamp for full scale; the board draws it. */
export function LevelMeter({ board, id, label }: LevelMeterProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const meterRef = useRef<HTMLDivElement>(null);
  const lampRef = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const [canvas, meter] = [canvasRef.current, meterRef.current];
    return canvas && meter ? board.attach(id, { canvas, meter, lamp: lampRef.current }) : undefined;
  }, [board, id]);
  return (
    <div
      ref={meterRef}
      role="meter"
      aria-label={label}
      aria-valuemin={meterFloorDb}
      aria-valuemax={0}
      aria-valuenow={meterFloorDb}
      className="mixer-meter"
    >
      <canvas ref={canvasRef} className="h-full w-full min-w-0 flex-1 rounded-sm text-text" />
      <span ref={lampRef} className="clip-lamp" title={id === programMeterId ? programLamp : inputLamp} />
    </div>
  );
}
