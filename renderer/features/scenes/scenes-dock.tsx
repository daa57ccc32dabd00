import '../../ui/order-list.css';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { freeName } from '../../editor/clipboard';
import { movesBetween } from '../../editor/order-plan';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { useEditor } from '../../editor/use-editor';
import { useActions, useIsOnline, usePart, useSlice } from '../../studio-context';
import { IconButton } from '../../ui/button';
import { Dock, EmptyNote } from '../../ui/dock';
import { OrderList, rowIdOf } from '../../ui/order-list';
import { SceneRow } from './scene-row';
import { TransitionChoice } from './transition-choice';
import { useSceneEdits } from './use-scene-edits';

const namedScenes = ({ scenes }: Snapshot) => scenes.map(({ id, name }) => ({ id, name }));
const programScene = ({ program }: Snapshot) => program.sceneId;

/** The scenes of the show: a click puts one on program. */
export function ScenesDock() {
  const { switchScene } = useActions();
  const editor = useEditor();
  const isOnline = useIsOnline();
  const scenes = usePart(namedScenes);
  const sceneId = usePart(programScene);
  const isLive = useSlice('live').isLive;
  const [renamingId, setRenamingId] = useState<string | null>(null);
  const edits = useSceneEdits();

  const add = async (): Promise<void> => {
    const id = editor.newId();
    const name = freeName(`Scene ${scenes.length + 1}`, new Set(scenes.map((scene) => scene.name)));
    if (!(await edits.add({ id, name, items: [] }))) return;
    setRenamingId(id);
    // Viewers are not shown an empty scene because one was made.
    if (!isLive) await switchScene(id);
  };
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const id = (event.target as Element).getAttribute('role') === 'row' ? rowIdOf(event.target) : null;
    const scene = scenes.find((each) => each.id === id);
    if (!scene || !isOnline) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === 'F2') setRenamingId(scene.id);
    else if (event.key === 'Delete') void edits.remove(scene);
    else if (isCommand && event.key.toLowerCase() === 'd') void edits.duplicate(scene);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Dock
      title="Scenes"
      note={scenes.length}
      action={<IconButton label="Add scene" icon={<Plus size={16} />} isDisabled={!isOnline} onPress={add} />}
    >
      {scenes.length === 0 && <EmptyNote>This collection has no scene.</EmptyNote>}
      <div onKeyDownCapture={press}>
        <OrderList
          label="Scenes"
          isChoice
          rows={scenes}
          selectedIds={[sceneId]}
          isDisabled={!isOnline}
          nameOf={(scene) => scene.name}
          renamingId={renamingId}
          onSelect={([id]) => {
            if (id !== undefined && id !== sceneId) void switchScene(id);
          }}
          onReorder={(order) => {
            const moves = movesBetween(
              scenes.map(({ id }) => id),
              order,
            );
            editor.apply({
              edits: moves.map(({ id, index }) => ({ type: 'scene.move', sceneId: id, index })),
              label: 'Reorder scenes',
            });
          }}
          onOpen={setRenamingId}
        >
          {(scene, isProgram) => (
            <SceneRow
              scene={scene}
              isFirst={scene.id === scenes[0]?.id}
              isLast={scene.id === scenes.at(-1)?.id}
              isProgram={isProgram}
              isLive={isLive}
              isRenaming={renamingId === scene.id}
              onRename={() => setRenamingId(scene.id)}
              // By then it may be another's turn.
              onRenamed={() => setRenamingId((now) => (now === scene.id ? null : now))}
            />
          )}
        </OrderList>
      </div>
      <TransitionChoice />
    </Dock>
  );
}
