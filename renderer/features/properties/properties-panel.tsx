import { MousePointerClick } from 'lucide-react';
import { useSelection, useSlice } from '../../studio-context';
import { ItemSection } from './item-section';
import { SourceSection } from './source-section';

/** What is selected and all that can be changed about it. Fields are keyed by it, so that no typed text changes hands. */
export function PropertiesPanel() {
  const itemIds = useSelection((selection) => selection.itemIds);
  const sourceId = useSelection((selection) => selection.sourceId);
  const scenes = useSlice('scenes');
  const sources = useSlice('sources');
  const { sceneId } = useSlice('program');
  const scene = scenes.find(({ id }) => id === sceneId);
  const items = (scene?.items ?? []).filter(({ id }) => itemIds.includes(id));
  const [item] = items;
  const chosenId = items.length === 1 ? item?.sourceId : sourceId;
  const source = sources.find(({ id }) => id === chosenId);
  if (items.length === 0 && !source) return <NothingSelected />;
  return (
    <section aria-label="Properties">
      {items.length > 1 && (
        <p className="border-b border-line px-3.5 py-2.5 text-base font-medium">
          {items.length} items selected
        </p>
      )}
      {source && <SourceSection key={source.id} source={source} />}
      {items.length > 0 && (
        <ItemSection key={items.map(({ id }) => id).join(' ')} items={items} sources={sources} />
      )}
    </section>
  );
}

function NothingSelected() {
  return (
    <div className="flex flex-col items-center gap-2 px-8 py-12 text-center">
      <MousePointerClick size={22} aria-hidden="true" className="text-mute" />
      <p className="text-base font-medium text-soft">Nothing is selected</p>
      <p className="text-sm text-mute">
        Click something in the picture or in the list of sources; all that can be changed about it stands
        here.
      </p>
    </div>
  );
}
