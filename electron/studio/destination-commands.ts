import type { CommandHandlers } from '../../shared/contract/commands';
import type { WireError } from '../../shared/contract/errors';
import { StudioError, toWireError } from '../streaming/lib/errors';
import { Turns } from '../streaming/lib/turns';
import { probePublish } from '../streaming/rtmp/publish-probe';
import { parseRtmpUrl } from '../streaming/rtmp/rtmp-url';
import type { DestinationStore } from './destination-store';
import type { Destination } from './destinations-file';
import type { Egress } from './egress';

/** of those that are kept, but for what puts one on air */
type DestinationCommands = Pick<
  CommandHandlers,
  `destination.${'add' | 'update' | 'revealKey' | 'test' | 'remove' | 'retryNow'}`
>;

export interface DestinationCommandTargets {
  readonly egress: Egress;
  readonly saved: DestinationStore;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
  /** PEM of further certificate authorities; the system's (and NODE_EXTRA_CA_CERTS) count anyway */
  readonly certificateAuthority?: string;
}

/**
 * Those of the command line come first: one of the same name replaces the saved one for this run.
 * @returns what is wrong with single ones, which costs the others nothing
 * @throws StudioError for one of the command line
 */
export function addDestinations(
  egress: Egress,
  given: readonly Destination[],
  saved: DestinationStore,
): WireError[] {
  for (const destination of given) egress.addDestination(destination);
  const names = new Set(given.map(({ name }) => name));
  const { destinations, error } = saved.load();
  const errors = error ? [error.toWire()] : [];
  for (const { id, ...destination } of destinations) {
    if (names.has(destination.name)) continue;
    try {
      egress.addKept(destination, id);
    } catch (reason) {
      errors.push(toWireError(reason));
    }
  }
  return errors;
}

/** The destinations that a person keeps: on the air's list and on disk in one step, or not at all. */
export function destinationCommands(targets: DestinationCommandTargets): DestinationCommands {
  const { egress, saved, stopping, certificateAuthority } = targets;
  /** servers that have refused a key since the start: an acceptance of theirs means something */
  const strict = new Set<string>();
  /** what changes list and disk: a destination that is still being written is neither changed nor removed */
  const turns = new Turns();

  return {
    'destination.add': (destination) =>
      turns.take(async () => {
        const id = egress.addDestination(destination);
        try {
          await saved.put({ id, ...destination });
        } catch (error) {
          // Half done is worse than not: a retry would find the name taken.
          await egress.removeDestination(id);
          throw error;
        }
        return { id };
      }),
    'destination.update': ({ id, ...patch }) =>
      turns.take(async () => {
        const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
        const destination = egress.changedDestination(id, given);
        // One that a file of the command line names stays that file's.
        if (saved.has(id)) await saved.put({ id, ...destination });
        egress.replaceDestination(id, destination);
        return {};
      }),
    'destination.revealKey': ({ id }) => ({ key: egress.destination(id).key }),
    'destination.test': async (input) => {
      const destination = 'id' in input ? egress.destination(input.id) : input;
      const { url, key, login } = destination;
      const isSilenceConsent = input.takesVp9 ?? destination.takesVp9;
      // A second publisher with the same key would throw the first one out, also one that was typed.
      const running = egress.publisherTo({ url, key });
      if (running !== null) throw new StudioError('on-air', { what: `Testing ${running}` });
      const { tcUrl } = parseRtmpUrl(url);
      try {
        const result = await probePublish(
          {
            url,
            key,
            login: login ?? null,
            // What it is asked to take is what it would get.
            videoCodec: egress.videoCodec ?? 'h264',
            isSilenceConsent,
            ...(certificateAuthority !== undefined && { certificateAuthority }),
          },
          stopping,
        );
        return { ...result, isKeyChecked: strict.has(tcUrl) };
      } catch (error) {
        if (error instanceof StudioError && error.code === 'destination-key-refused') strict.add(tcUrl);
        throw error;
      }
    },
    'destination.remove': ({ id }) =>
      turns.take(async () => {
        await saved.remove(id);
        await egress.removeDestination(id);
        return {};
      }),
    'destination.retryNow': ({ id }) => {
      egress.retryNow(id);
      return {};
    },
  };
}
