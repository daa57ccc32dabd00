import { z } from 'zod';

/** `<dataDir>/engine.json`, mode 0600, there while an engine runs: how a second start finds the first. */
export const engineFileName = 'engine.json';
export const engineFileSchema = z.object({
  pid: z.number().int().positive(),
  /** with the token in its fragment */
  uiUrl: z.string().regex(/^https?:\/\//),
  /** null while the ingest is degraded */
  rtmpUrl: z.string().nullable(),
  /** unix ms, or an ISO date */
  startedAt: z.union([z.number(), z.string()]),
});
export type EngineFile = z.infer<typeof engineFileSchema>;

/** The answer of `GET /healthz`: 200 when ready, 503 with the reason when not. */
export const healthSchema = z.discriminatedUnion('ready', [
  z.object({ ready: z.literal(true) }),
  z.object({ ready: z.literal(false), reason: z.string() }),
]);

export interface ReadyLine {
  uiUrl: string;
  rtmpUrl: string | null;
}

/**
 * The one line an engine prints on stdout when it is ready:
 * `ready http://127.0.0.1:7780/#token=… rtmp://127.0.0.1:1935/live`, with `-` for an ingest that is not there.
 */
export const formatReadyLine = ({ uiUrl, rtmpUrl }: ReadyLine): string => `ready ${uiUrl} ${rtmpUrl ?? '-'}`;

/** @returns null for any other line */
export function parseReadyLine(line: string): ReadyLine | null {
  const match = /^ready (https?:\/\/\S+) (rtmp:\/\/\S+|-)$/.exec(line.trim());
  if (!match?.[1]) return null;
  return { uiUrl: match[1], rtmpUrl: match[2] === '-' ? null : (match[2] ?? null) };
}

/**
 * What an engine prints last on stdout when it has ended as it should, and the system must end its process by a signal: a
 * thread of it hangs in a disk. Its exit code stands here instead.
 */
export const formatEndedLine = (exitCode: number): string => `ended ${exitCode}`;

/** @returns null for any other line */
export function parseEndedLine(line: string): number | null {
  const match = /^ended (\d{1,3})$/.exec(line.trim());
  return match ? Number(match[1]) : null;
}

/** Exit code of the engine for a mistake that a person can mend: trying again changes nothing. */
export const userErrorExit = 2;
/** … for a disk without room for its start: that may pass by itself. */
export const fullDiskExit = 75;
