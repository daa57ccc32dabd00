import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `probe` gives something other than undefined, null or false. The deadline is generous: it is there to end a broken test, not to
 * measure.
 * @throws Error that says what was waited for
 */
export async function waitFor<Value>(
  probe: () => Value | Promise<Value>,
  what: string | (() => string),
  options: number | { deadlineMs?: number; pollMs?: number } = {},
): Promise<NonNullable<Exclude<Value, false>>> {
  const { deadlineMs = 20_000, pollMs = 20 } =
    typeof options === 'number' ? { deadlineMs: options } : options;
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false)
      return value as NonNullable<Exclude<Value, false>>;
    if (Date.now() > end)
      throw new Error(`waited ${deadlineMs} ms for ${typeof what === 'string' ? what : what()}`);
    await delay(pollMs);
  }
}
