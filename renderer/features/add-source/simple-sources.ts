import type { SourceCardId } from './source-cards';
import type { SourceDraft } from './new-source';

/** Sources that need no second question: made at once with what suits the canvas. */
export function simpleSource(
  id: SourceCardId,
  canvas: { width: number; height: number },
): { draft: SourceDraft; name: string } | null {
  const sizePx = Math.max(16, Math.round(canvas.height / 12));
  switch (id) {
    case 'text':
      return { name: 'Text', draft: { kind: 'text', text: 'Your text', sizePx, weight: 'bold' } };
    case 'clock':
      return { name: 'Clock', draft: { kind: 'clock', mode: 'clock', sizePx, weight: 'bold' } };
    case 'countdown':
      return {
        name: 'Countdown',
        draft: { kind: 'clock', mode: 'countdown', durationSec: 300, sizePx: sizePx * 2, weight: 'bold' },
      };
    case 'color':
      return {
        name: 'Colour',
        draft: { kind: 'color', color: '#1f3a5f', width: canvas.width, height: canvas.height },
      };
    default:
      return null;
  }
}
