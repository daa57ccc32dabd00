import { commands } from '../../shared/contract/commands';
import type { CommandName, CommandOutput } from '../../shared/contract/commands';
import type { WireError } from '../../shared/contract/errors';
import { connectionLost, EngineError } from './engine-error';

interface PendingCall {
  resolve(output: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

/** Calls that wait for their answer, each answered exactly once: result, failure, silence or a lost connection. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  readonly #timeoutMs: number;
  #lastId = 0;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Hands out the id to send, and the promise of a validated output. */
  open<Name extends CommandName>(command: Name): { id: number; output: Promise<CommandOutput<Name>> } {
    const id = ++this.#lastId;
    const output = new Promise<CommandOutput<Name>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(id);
        reject(connectionLost(`no answer to ${command} within ${this.#timeoutMs / 1000} s`));
      }, this.#timeoutMs);
      const accept = (value: unknown): void => {
        const parsed = commands[command].output.safeParse(value);
        if (parsed.success) resolve(parsed.data as CommandOutput<Name>);
        else
          reject(
            new EngineError({
              code: 'invalid-request',
              details: { reason: `the answer to ${command} has an unknown shape` },
            }),
          );
      };
      this.#calls.set(id, { resolve: accept, reject, timer });
    });
    return { id, output };
  }

  succeed(id: number, output: unknown): void {
    this.#take(id)?.resolve(output);
  }

  fail(id: number, error: WireError): void {
    this.#take(id)?.reject(new EngineError(error));
  }

  failAll(reason: string): void {
    for (const id of [...this.#calls.keys()]) this.#take(id)?.reject(connectionLost(reason));
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    if (!call) return undefined;
    clearTimeout(call.timer);
    this.#calls.delete(id);
    return call;
  }
}
