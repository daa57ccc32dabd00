import { useEffect, useId, useMemo } from 'react';
import { isSoundOnly, soundOf } from '../../../shared/model/source';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { usePart, useStudio } from '../../studio-context';
import { sceneOnShow } from '../../store/scene-on-show';
import { ListenToggle } from './listen-toggle';
import { MasterStrip } from './master-strip';
import { MeterBoard } from './meter-board';
import { MixerStrip } from './mixer-strip';

/** What is heard everywhere stays in its place when scenes change. */
function heardSources(snapshot: Snapshot) {
  const items = sceneOnShow(snapshot)?.items ?? [];
  const shown = new Set(items.filter(({ visible }) => visible).map(({ sourceId }) => sourceId));
  return snapshot.sources
    .flatMap((source) => {
      const saved = soundOf(source.settings);
      const isHeard = isSoundOnly(source.settings) || shown.has(source.id);
      return saved && isHeard ? [{ source, saved }] : [];
    })
    .sort((a, b) => Number(isSoundOnly(b.source.settings)) - Number(isSoundOnly(a.source.settings)));
}

/** What is heard now, a strip each: what has no picture in every scene, the rest while its scene shows it. */
export function MixerDock() {
  const { client } = useStudio();
  const strips = usePart(heardSources);
  const titleId = useId();
  const board = useMemo(() => new MeterBoard(client), [client]);
  useEffect(() => board.run(), [board]);
  return (
    <section aria-labelledby={titleId} className="mixer-dock">
      <header className="mixer-header">
        <h2 id={titleId} className="text-sm font-semibold tracking-[0.01em] text-text">
          Mixer
        </h2>
        <span className="ml-auto flex min-w-0 items-center gap-2">
          <ListenToggle />
        </span>
      </header>
      <div className="mixer-body">
        {strips.length === 0 ? (
          <p className="mixer-empty">
            Nothing sounds in this scene. Add a microphone, desktop sound or a media file.
          </p>
        ) : (
          <ul className="mixer-strips" aria-label="Sources">
            {strips.map(({ source, saved }) => (
              <MixerStrip key={source.id} board={board} source={source} saved={saved} />
            ))}
          </ul>
        )}
        <MasterStrip board={board} />
      </div>
    </section>
  );
}
