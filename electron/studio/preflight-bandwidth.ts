import { safeShare } from '../../shared/contract/link';
import type { BandwidthResult } from '../../shared/contract/link';
import type { PreflightCheck } from '../../shared/contract/preflight';

/** What a test of one destination's connection found, not long ago. */
export interface TestedConnection {
  readonly destinationId: string;
  readonly medianKbps: number;
  /** false: it carries at least as much */
  readonly isLimited: boolean;
  readonly ageMs: number;
}

interface TestedFacts {
  /** those that go live together, on other computers */
  readonly destinations: readonly {
    readonly id: string;
    readonly name: string;
    /** of the variant that it gets; null or left out: the program */
    readonly video?: { readonly videoKbps: number } | null;
  }[];
  readonly program: { readonly videoKbps: number; readonly audioKbps: number };
  readonly tested: readonly TestedConnection[];
}

/** older ones are of another evening, and perhaps of another network */
const mostAgeMs = 24 * 3600 * 1000;

export const testedConnections = (
  results: readonly BandwidthResult[],
  destinations: readonly { readonly id: string }[],
  now: number,
): TestedConnection[] =>
  results
    .filter(({ destinationId }) => destinations.some(({ id }) => id === destinationId))
    .map(({ destinationId, medianKbps, isLimited, at }) => {
      return { destinationId, medianKbps, isLimited, ageMs: Math.max(0, now - at) };
    })
    .filter(({ ageMs }) => ageMs <= mostAgeMs);

/** Whether what is sent fits through the connections that were tested (pure): each by itself, then all together. */
export function bandwidthChecks({ destinations, program, tested }: TestedFacts): PreflightCheck[] {
  const needed = destinations.map(({ id, name, video }) => {
    return { id, name, kbps: (video ?? program).videoKbps + program.audioKbps };
  });
  const among = needed.flatMap(({ id, name, kbps }) => {
    const test = tested.find(({ destinationId }) => destinationId === id);
    return test ? [{ ...test, name, neededKbps: kbps }] : [];
  });
  // Each way was found to carry so much; all of them begin in one cable.
  const widest = among.toSorted((one, other) => other.medianKbps - one.medianKbps)[0];
  return [
    ...among.map((test) => checkOf(test, test.neededKbps)),
    ...(widest && destinations.length > 1
      ? [checkOf({ ...widest, name: 'All destinations together' }, sum(needed.map(({ kbps }) => kbps)))]
      : []),
  ];
}

function checkOf(
  { name, medianKbps, isLimited, ageMs }: TestedConnection & { readonly name: string },
  neededKbps: number,
): PreflightCheck {
  const carried = `${isLimited ? '' : 'at least '}${mbit(medianKbps)} Mbit/s`;
  const finding = `${name}: ${carried} went through when it was tested ${agoText(ageMs)}; ${mbit(neededKbps)} are needed.`;
  const about = { subject: 'upload', about: name, finding } as const;
  const mostKbps = Math.floor(medianKbps * safeShare);
  // Of a connection that carried all it was given, the end is not known.
  const isEnough = neededKbps <= (isLimited ? mostKbps : medianKbps);
  if (isEnough) return { ...about, result: 'ok', error: null };
  const details = { name, neededKbps, measuredKbps: medianKbps, mostKbps };
  return { ...about, result: 'warning', error: { code: 'bandwidth-too-small', details } };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mbit = (kbps: number): string => (kbps / 1000).toFixed(1);

function agoText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago`;
  const hours = Math.round(minutes / 60);
  return `${hours} ${hours === 1 ? 'hour' : 'hours'} ago`;
}
