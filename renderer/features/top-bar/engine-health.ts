import { describeError } from '../../../shared/contract/error-text';
import type { Snapshot } from '../../../shared/contract/snapshot';
import type { Tone } from '../../ui/status';

export interface Health {
  tone: Tone;
  text: string;
  isBusy: boolean;
}

/** One line on the engine: what is wrong comes before what is well. */
export function engineHealth(
  engine: Snapshot['engine'],
  program: Snapshot['program'],
  isOnline: boolean,
): Health {
  if (!isOnline) return { tone: 'warn', text: 'Connection lost, reconnecting', isBusy: true };
  const reason = program.error ? describeError(program.error).sentence : null;
  if (program.state === 'failed')
    return { tone: 'air', text: reason ?? 'The program stands still', isBusy: false };
  if (program.state === 'restarting')
    return { tone: 'warn', text: reason ?? 'The encoder is being restarted', isBusy: true };
  if (!engine.ready) return { tone: 'warn', text: engine.notReadyReason ?? 'Starting', isBusy: true };
  if (reason) return { tone: 'warn', text: reason, isBusy: false };
  return { tone: 'good', text: 'Engine ready', isBusy: false };
}
