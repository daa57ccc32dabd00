import { z } from 'zod';

/** pino's level of a warning; everything below is for the log only */
const warnLevel = 40;
const errorLevel = 50;

const logObject = z.object({ level: z.union([z.number(), z.string()]), msg: z.string().default('') });

export interface ReadableLine {
  /** 'plain' is a sentence of its own, not an entry of the log */
  readonly severity: 'plain' | 'info' | 'warning' | 'error';
  readonly text: string;
}

/**
 * A line of the engine's stderr for human eyes: pino's JSON becomes its message, plain text stays as it is.
 * @returns undefined for an empty line
 */
export function readableLine(line: string): ReadableLine | undefined {
  if (!line.trim()) return undefined;
  if (!line.startsWith('{')) return { severity: 'plain', text: line };
  try {
    const { level, msg } = logObject.parse(JSON.parse(line));
    const severity = Number(level) >= errorLevel ? 'error' : Number(level) >= warnLevel ? 'warning' : 'info';
    return { severity, text: msg };
  } catch {
    return { severity: 'plain', text: line };
  }
}

/** What of the engine's log belongs on a newcomer's terminal: plain sentences, warnings and errors. */
export function terminalLine(line: string): string | undefined {
  const readable = readableLine(line);
  if (!readable || readable.severity === 'info') return undefined;
  return readable.severity === 'plain' ? readable.text : `${readable.severity}: ${readable.text}`;
}
