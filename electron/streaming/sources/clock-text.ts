import type { SourceSettingsOf } from '../../../shared/model/source';

const two = (value: number): string => String(value).padStart(2, '0');

/** `MM:SS`, with hours only when there are any */
function span(totalSec: number): string {
  const hours = Math.floor(totalSec / 3600);
  const rest = `${two(Math.floor(totalSec / 60) % 60)}:${two(totalSec % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** What a clock shows at `nowMs` (unix) and when that changes next; Infinity: never. */
export function clockText(
  settings: Pick<SourceSettingsOf<'clock'>, 'mode' | 'durationSec'>,
  startedMs: number,
  nowMs: number,
): { text: string; nextMs: number } {
  if (settings.mode === 'clock') {
    const local = new Date(nowMs);
    return {
      text: `${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`,
      nextMs: (Math.floor(nowMs / 1000) + 1) * 1000,
    };
  }
  const elapsedSec = Math.max(0, Math.floor((nowMs - startedMs) / 1000));
  const nextMs = startedMs + (elapsedSec + 1) * 1000;
  if (settings.mode === 'countup') return { text: span(elapsedSec), nextMs };
  const leftSec = Math.max(0, settings.durationSec - elapsedSec);
  return { text: span(leftSec), nextMs: leftSec === 0 ? Infinity : nextMs };
}
