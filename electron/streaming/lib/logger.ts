import { pino, destination } from 'pino';
import type { Logger as PinoLogger } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'> & {
  child(bindings: Record<string, unknown>): Logger;
};

/** Logs to stderr, one JSON object a line: stdout belongs to the ready line and the summary. */
export function createLogger(level: string = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  const stderr = destination({ dest: 2, sync: true });
  // A terminal that went away (SIGHUP) must not turn the next log line into the end of the recording.
  stderr.on('error', () => undefined);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr);
}

export const silentLogger: Logger = pino({ level: 'silent' });
