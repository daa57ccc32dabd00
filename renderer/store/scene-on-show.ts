import type { Snapshot } from '../../shared/contract/snapshot';

/** undefined: the collection has no such scene (any more) */
export const sceneOnShow = ({ scenes, program }: Snapshot): Snapshot['scenes'][number] | undefined =>
  scenes.find(({ id }) => id === program.sceneId);

export const nameOnShow = (snapshot: Snapshot): string | undefined => sceneOnShow(snapshot)?.name;
