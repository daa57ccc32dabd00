import { closeSync, readFileSync } from 'node:fs';
import { StudioError } from '../streaming/lib/errors';
import type { RtmpLogin } from '../streaming/rtmp/adobe-auth';

/** A saved target: where to stream, and the key (a secret: never in argv, log or snapshot). */
export interface Destination {
  readonly name: string;
  readonly url: string;
  readonly key: string;
  /** of `services.ts`; null: custom */
  readonly serviceId: string | null;
  /** a person knows that its server takes VP9, though it does not say so */
  readonly takesVp9?: boolean | undefined;
  /** “Go live” takes it along */
  readonly isEnabled: boolean;
  /** how long after the program it goes out, whole seconds; 0: at once */
  readonly delaySec: number;
  /** the program's bitrate follows its network */
  readonly isAdaptive: boolean;
  /** which of the studio's quality variants it gets; null: the program itself */
  readonly variantId: string | null;
  /** to whichever server of its service is nearest, as encrypted as `url`, which counts where none is known */
  readonly isNearest: boolean;
  /** for a server that asks for more than a key */
  readonly login?: RtmpLogin | undefined;
}

/**
 * One destination a line, `NAME URL KEY`, blank lines and `#` comments left out.
 * @throws StudioError `destinations-unreadable` naming the line, never its key
 */
export function parseDestinations(text: string, path: string): Destination[] {
  const unreadable = (line: number, reason: string): StudioError =>
    new StudioError('destinations-unreadable', { path, line, reason });
  const names = new Set<string>();
  const destinations: Destination[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const words = line.split(/\s+/);
    const [name, url, key] = words;
    if (words.length !== 3 || name === undefined || url === undefined || key === undefined) {
      throw unreadable(index + 1, `expected three words, found ${words.length}`);
    }
    if (!/^rtmps?:\/\/[^/\s]+\/\S+/.test(url))
      throw unreadable(index + 1, 'the URL is not of the form rtmp://host[:port]/app');
    if (names.has(name)) throw unreadable(index + 1, `the name ${name} is used twice`);
    names.add(name);
    destinations.push({
      ...{ name, url, key, serviceId: null, isEnabled: true },
      ...{ delaySec: 0, isAdaptive: false, variantId: null, isNearest: false },
    });
  }
  return destinations;
}

/**
 * @param source a file, `-` for standard input, or `fd:N` for an open descriptor, which is closed after it: the launcher
 * hands its own standard input on that way
 * @throws StudioError `destinations-unreadable`, with line 0 when there is nothing to read
 */
export function readDestinations(source: string): Destination[] {
  const descriptor = /^fd:(\d+)$/.exec(source)?.[1];
  const path = source === '-' || descriptor !== undefined ? '(standard input)' : source;
  try {
    return parseDestinations(
      descriptor === undefined
        ? readFileSync(source === '-' ? 0 : source, 'utf8')
        : drain(Number(descriptor)),
      path,
    );
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const reason =
      error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
    throw new StudioError('destinations-unreadable', { path, line: 0, reason }, { cause: error });
  }
}

function drain(descriptor: number): string {
  try {
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
