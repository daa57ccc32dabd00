import type { SourceContext } from './source';

const never = (): (() => void) => () => undefined;

/** For shows without devices, incoming streams and pages: what they would deliver is never there. */
export const nothingAttached: Pick<SourceContext, 'devices' | 'incoming' | 'browserFeeds'> = {
  devices: { find: () => null, onChanged: never },
  incoming: { urlOf: () => null, keyName: () => null, onChanged: never },
  browserFeeds: { attach: never },
};
