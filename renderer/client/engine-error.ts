import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';

/** A command that failed, with what the wire said about it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(describeError(wire).sentence);
    this.wire = wire;
  }
}

export const connectionLost = (reason: string): EngineError =>
  new EngineError({ code: 'connection-lost', details: { reason } });

/** Whatever was thrown, as something that has a sentence and a remedy. */
export function toWireError(thrown: unknown): WireError {
  if (thrown instanceof EngineError) return thrown.wire;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', details: { reason } };
}
