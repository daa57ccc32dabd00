import type { SourceContext } from './source';

const never = (): (() => void) => () => undefined;

/** What lies outside of the collection's own files: the studio attaches it. */
export type AttachedInputs = Pick<SourceContext, 'devices' | 'incoming' | 'browserFeeds'>;

/** For shows without devices, incoming streams and pages: what they would deliver is never there. */
export const nothingAttached: AttachedInputs = {
  devices: { find: () => null, onChanged: never, onListed: never },
  incoming: { urlOf: () => null, keyName: () => null, onChanged: never },
  browserFeeds: { attach: never },
};
