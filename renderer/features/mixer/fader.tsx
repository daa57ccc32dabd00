import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import {
  dbOfFaderPosition,
  faderCeilingDb,
  faderFloorDb,
  faderPositionOfDb,
} from '../../../shared/model/sound';
import { dbText, steppedDb } from './db-text';

interface FaderProps {
  label: string;
  /** what is set */
  faderDb: number;
  isDisabled: boolean;
  /** @param gesture one for each drag and each run of a key: one step of undo */
  onChange: (faderDb: number, gesture: string) => void;
}

const marksDb = [6, 0, -6, -12, -20, -30, -48];
/** with Shift a hand moves so much finer */
const fine = 0.2;
/** near 0 dB the fader rests there, this many dB on either side */
const detentDb = 0.25;

interface Grip {
  readonly pointerId: number;
  lastX: number;
  position: number;
  readonly gesture: string;
}

const roundDb = (db: number): number => (db <= faderFloorDb ? db : Math.round(db * 10) / 10);

/**
 * A fader with the cubic law: dragged anywhere from where it is (Shift: finely), stepped by arrow keys (0.5 dB) and
 * Page keys (3 dB), closed by Home, opened by End, back to 0 dB by a double click or the 0 key.
 */
export function Fader({ label, faderDb, isDisabled, onChange }: FaderProps) {
  const trackRef = useRef<HTMLDivElement>(null);
  const gripRef = useRef<Grip | null>(null);
  const keyGestureRef = useRef<string | null>(null);
  const [isHeld, setHeld] = useState(false);

  const take = (event: PointerEvent<HTMLDivElement>): void => {
    if (isDisabled || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    gripRef.current = {
      pointerId: event.pointerId,
      lastX: event.clientX,
      position: faderPositionOfDb(faderDb),
      gesture: crypto.randomUUID(),
    };
    setHeld(true);
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const grip = gripRef.current;
    const travelPx = trackRef.current?.clientWidth ?? 0;
    if (!grip || grip.pointerId !== event.pointerId || travelPx === 0) return;
    const share = ((event.clientX - grip.lastX) / travelPx) * (event.shiftKey ? fine : 1);
    grip.lastX = event.clientX;
    // Beyond the ends the hand's way back counts from there on.
    grip.position = Math.min(1, Math.max(0, grip.position + share));
    const db = roundDb(dbOfFaderPosition(grip.position));
    onChange(!event.shiftKey && Math.abs(db) <= detentDb ? 0 : db, grip.gesture);
  };
  const release = (event: PointerEvent<HTMLDivElement>): void => {
    if (gripRef.current?.pointerId !== event.pointerId) return;
    gripRef.current = null;
    setHeld(false);
  };
  const press = (event: KeyboardEvent): void => {
    const next = keyedDb(event.key, faderDb);
    if (next === null || isDisabled || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (next === faderDb) return;
    onChange(next, (keyGestureRef.current ??= crypto.randomUUID()));
  };
  const rest = (): void => {
    keyGestureRef.current = null;
  };

  const place = `${faderPositionOfDb(faderDb) * 100}%`;
  return (
    <div
      role="slider"
      tabIndex={isDisabled ? -1 : 0}
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuemin={faderFloorDb}
      aria-valuemax={faderCeilingDb}
      aria-valuenow={faderDb}
      aria-valuetext={dbText(faderDb)}
      aria-disabled={isDisabled}
      data-held={isHeld || undefined}
      className="fader"
      onPointerDown={take}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={release}
      onDoubleClick={() => {
        if (!isDisabled) onChange(0, crypto.randomUUID());
      }}
      onKeyDown={press}
      onKeyUp={rest}
      onBlur={rest}
    >
      <div ref={trackRef} className="fader-track">
        {marksDb.map((db) => (
          <span
            key={db}
            aria-hidden="true"
            className="fader-mark"
            data-zero={db === 0 || undefined}
            style={{ left: `${faderPositionOfDb(db) * 100}%` }}
          >
            {db > 0 ? `+${db}` : db === 0 ? '0' : `−${-db}`}
          </span>
        ))}
        <div className="fader-fill" style={{ width: place }} />
        <div className="fader-cap" style={{ left: place }} />
      </div>
    </div>
  );
}

/** Where a key moves it; null: this key does not. */
function keyedDb(key: string, faderDb: number): number | null {
  switch (key) {
    case 'ArrowUp':
    case 'ArrowRight':
      return steppedDb(faderDb, 1, 0.5);
    case 'ArrowDown':
    case 'ArrowLeft':
      return steppedDb(faderDb, -1, 0.5);
    case 'PageUp':
      return steppedDb(faderDb, 1, 3);
    case 'PageDown':
      return steppedDb(faderDb, -1, 3);
    case 'Home':
      return faderFloorDb;
    case 'End':
      return faderCeilingDb;
    case '0':
      return 0;
    default:
      return null;
  }
}
