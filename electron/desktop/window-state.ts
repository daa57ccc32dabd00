import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
const windowStateSchema = z.object({ bounds: boundsSchema, isMaximized: z.boolean() });

/** screen coordinates in device-independent pixels */
export type Bounds = z.infer<typeof boundsSchema>;
export type WindowState = z.infer<typeof windowStateSchema>;

export const minWindowSize = { width: 960, height: 600 };
const firstSize = { width: 1440, height: 900 };
/** this much of the title bar must be on a display to be able to drag the window back */
const gripPx = 80;

/** @returns undefined at the first start, or when the file is of no use */
export function readWindowState(path: string): WindowState | undefined {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Atomic: a crash in the middle leaves the old state. */
export function writeWindowState(path: string, state: WindowState): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(state)}\n`);
  renameSync(`${path}.new`, path);
}

/**
 * Where the window goes: where it was, unless that display is gone; then in the middle of the first one, shrunk to it.
 * @param workAreas the displays without their task bars, the primary one first
 */
export function placeWindow(saved: WindowState | undefined, workAreas: readonly Bounds[]): Bounds {
  const isReachable = (bounds: Bounds): boolean =>
    workAreas.some(
      (area) =>
        bounds.x + bounds.width >= area.x + gripPx &&
        bounds.x <= area.x + area.width - gripPx &&
        bounds.y >= area.y &&
        bounds.y <= area.y + area.height - gripPx,
    );
  if (saved && isReachable(saved.bounds)) return saved.bounds;
  const area = workAreas[0] ?? { x: 0, y: 0, ...firstSize };
  const wanted = saved?.bounds ?? firstSize;
  const width = Math.min(wanted.width, area.width);
  const height = Math.min(wanted.height, area.height);
  return {
    x: Math.round(area.x + (area.width - width) / 2),
    y: Math.round(area.y + (area.height - height) / 2),
    width,
    height,
  };
}
