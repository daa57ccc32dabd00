import { describeError } from '../../../shared/contract/error-text';
import type { Snapshot } from '../../../shared/contract/snapshot';
import type { Tone } from '../../ui/status';
import type { Overload } from './overload';

export interface Health {
  tone: Tone;
  text: string;
  isBusy: boolean;
  /** what to do about it, where the text does not say */
  remedy?: string;
}

const overloads: Record<Exclude<Overload, null>, string> = {
  encoder: 'Overloaded: the encoder skips frames',
  compositor: 'Overloaded: the picture stutters',
};

/** One line on the engine: what is wrong comes before what is well. */
export function engineHealth(
  engine: Snapshot['engine'],
  program: Snapshot['program'],
  isOnline: boolean,
  overload: Overload = null,
): Health {
  if (!isOnline) return { tone: 'warn', text: 'Connection lost, reconnecting', isBusy: true };
  const reason = program.error ? describeError(program.error).sentence : null;
  if (program.state === 'failed')
    return { tone: 'air', text: reason ?? 'The program stands still', isBusy: false };
  if (program.state === 'restarting')
    return { tone: 'warn', text: reason ?? 'The encoder is being restarted', isBusy: true };
  if (!engine.ready) return { tone: 'warn', text: engine.notReadyReason ?? 'Starting', isBusy: true };
  if (reason) return { tone: 'warn', text: reason, isBusy: false };
  if (overload !== null) {
    const { remedy } = describeError({ code: 'encoder-behind', details: { behindMs: 0 } });
    return { tone: 'warn', text: overloads[overload], isBusy: false, remedy };
  }
  if (program.lowered) {
    const { kbps, destination } = program.lowered;
    const remedy = `The network${destination === null ? '' : ` to ${destination}`} carries no more; as set again once it does.`;
    return { tone: 'warn', text: `Bitrate lowered to ${kbps} kbit/s`, isBusy: false, remedy };
  }
  return { tone: 'good', text: 'Engine ready', isBusy: false };
}
