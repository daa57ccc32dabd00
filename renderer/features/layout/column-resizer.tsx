import { useRef } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import { columnLimitsPx } from './layout-store';
import { layoutStore, useLayout } from './use-layout';

const stepPx = 16;

/** The line between a column and the stage: dragged, moved by arrow keys, double clicked back to what suits the window. */
export function ColumnResizer({ side }: { side: 'left' | 'right' }) {
  const name = side === 'left' ? 'leftPx' : 'rightPx';
  const [leastPx, mostPx] = columnLimitsPx[side];
  const widthPx = useLayout()[name];
  const dragRef = useRef<{ x: number; widthPx: number } | null>(null);
  const direction = side === 'left' ? 1 : -1;

  const shownWidthPx = (): number =>
    widthPx ?? document.querySelector(`.column-${side}`)?.getBoundingClientRect().width ?? leastPx;
  const resize = (wantedPx: number): void => {
    layoutStore.change({ [name]: Math.round(Math.min(mostPx, Math.max(leastPx, wantedPx))) });
  };
  const begin = (event: PointerEvent<HTMLElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    dragRef.current = { x: event.clientX, widthPx: shownWidthPx() };
  };
  const move = (event: PointerEvent<HTMLElement>): void => {
    const drag = dragRef.current;
    if (drag) resize(drag.widthPx + direction * (event.clientX - drag.x));
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    // With these they are hotkeys.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: -stepPx, ArrowRight: stepPx }[event.key];
    if (event.key === 'Home') resize(leastPx);
    else if (event.key === 'End') resize(mostPx);
    else if (step !== undefined) resize(shownWidthPx() + direction * step);
    else return;
    event.preventDefault();
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of the ${side} column`}
      aria-valuemin={leastPx}
      aria-valuemax={mostPx}
      aria-valuenow={widthPx ?? leastPx}
      aria-valuetext={widthPx === null ? 'automatic' : `${widthPx} pixels`}
      tabIndex={0}
      className={`column-resizer column-resizer-${side}`}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={() => {
        dragRef.current = null;
      }}
      onLostPointerCapture={() => {
        dragRef.current = null;
      }}
      onDoubleClick={() => {
        layoutStore.change({ [name]: null });
      }}
      onKeyDown={press}
    />
  );
}
