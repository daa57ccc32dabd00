import { useEffect, useRef } from 'react';
import { meterPosition } from '../../stage/meter-ballistics';
import { LevelMeter } from './level-meter';
import { programMeterId } from './meter-board';
import type { MeterBoard } from './meter-board';

/** fewer than beside the picture: they stand side by side in a narrow strip */
const marksDb = [0, -6, -12, -24, -36, -48, -60];
/** what the limiter holds back lights its row for so long after */
const limiterHoldMs = 600;

/** The program as it leaves: its level, and whether the limiter is at work. Written to directly, 20 times a second. */
export function MasterStrip({ board }: { board: MeterBoard }) {
  const limiterRef = useRef<HTMLOutputElement>(null);
  useEffect(() => {
    let deepestDb = 0;
    let heldUntil = 0;
    return board.onLimiter((limiterDb) => {
      const now = performance.now();
      if (limiterDb <= deepestDb || now > heldUntil) {
        deepestDb = limiterDb;
        heldUntil = now + limiterHoldMs;
      }
      const output = limiterRef.current;
      if (!output) return;
      const isAtWork = deepestDb <= -0.1;
      const text = isAtWork ? `limiter −${(-deepestDb).toFixed(1)}` : 'limiter';
      if (output.textContent !== text) output.textContent = text;
      output.toggleAttribute('data-at-work', isAtWork);
    });
  }, [board]);
  return (
    <section aria-label="Program" className="mixer-strip master-strip">
      <div className="strip-head">
        <h3 className="strip-name text-text">Program</h3>
        <output ref={limiterRef} className="limiter-state" title="Holds the sum of all below full scale">
          limiter
        </output>
      </div>
      <LevelMeter board={board} id={programMeterId} label="Level of the program" />
      <div aria-hidden="true" className="master-scale">
        {marksDb.map((db) => (
          <span key={db} style={{ left: `${meterPosition(db) * 100}%` }}>
            {db === 0 ? '0' : `−${-db}`}
          </span>
        ))}
      </div>
    </section>
  );
}
