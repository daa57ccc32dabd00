import { isDeepStrictEqual } from 'node:util';
import { applyEdits, EditError } from '../../shared/model/apply-edit';
import type { Collection } from '../../shared/model/collection';
import type { Edit } from '../../shared/model/edit';
import { StudioError } from '../streaming/lib/errors';
import { ShowHistory } from './show-history';

/** The show as people edit it: the collection with the scene on program, and the way back. No I/O. */
export class ShowEditor {
  readonly #history = new ShowHistory();
  #collection: Collection;

  /** @param sceneId one of the collection's */
  constructor(collection: Collection, sceneId: string) {
    this.#collection = { ...collection, programSceneId: sceneId };
  }

  /** As it is saved: with the scene on program. */
  get collection(): Collection {
    return this.#collection;
  }

  get sceneId(): string {
    return programOf(this.#collection);
  }

  get undoLabel(): string | null {
    return this.#history.undoLabel;
  }

  get redoLabel(): string | null {
    return this.#history.redoLabel;
  }

  /**
   * All of these edits or none, as one step of undo. What changes nothing is no step.
   * @throws StudioError `edit-invalid`, `scene-not-found`, `item-not-found`, `source-not-found`
   */
  edit(edits: readonly Edit[], label: string, gesture?: string): void {
    try {
      this.#do(applyEdits(this.#collection, edits), label, gesture);
    } catch (error) {
      throw error instanceof EditError ? typed(error) : error;
    }
  }

  /** Another show in its place, as one step of undo. */
  replace(collection: Collection, label: string): void {
    this.#do(collection, label);
  }

  /** No step of undo: it is what the audience sees, not what the show is. @throws StudioError `scene-not-found` */
  switchScene(sceneId: string): void {
    if (!hasScene(this.#collection, sceneId)) throw new StudioError('scene-not-found', { scene: sceneId });
    if (sceneId !== this.sceneId) this.#collection = { ...this.#collection, programSceneId: sceneId };
  }

  /** Without anything to take back nothing happens. */
  undo(): void {
    const step = this.#history.undo();
    if (step) this.#goTo(step.before, step.after);
  }

  /** Without anything to do again nothing happens. */
  redo(): void {
    const step = this.#history.redo();
    if (step) this.#goTo(step.after, step.before);
  }

  #do(next: Collection, label: string, gesture?: string): void {
    const before = this.#collection;
    const after = withProgram(next, sceneNear(before, next, next.programSceneId ?? this.sceneId));
    if (isDeepStrictEqual(before, after)) return;
    this.#history.add({ label, before, after }, gesture);
    this.#collection = after;
  }

  /** Who has switched since the step keeps what is on program; else that is as it was on the other side of the step. */
  #goTo(target: Collection, from: Collection): void {
    const hasSwitched = this.sceneId !== programOf(from);
    const wanted = hasSwitched ? this.sceneId : programOf(target);
    this.#collection = withProgram(target, sceneNear(this.#collection, target, wanted));
  }
}

const hasScene = ({ scenes }: Collection, sceneId: string): boolean =>
  scenes.some(({ id }) => id === sceneId);

/** Always one that is there: whoever draws it ends where there is none. */
function programOf(collection: Collection): string {
  const { programSceneId, scenes } = collection;
  const isThere = programSceneId !== undefined && hasScene(collection, programSceneId);
  return isThere ? programSceneId : (scenes[0]?.id ?? '');
}

const withProgram = (collection: Collection, programSceneId: string): Collection =>
  collection.programSceneId === programSceneId ? collection : { ...collection, programSceneId };

/** The scene itself if it is there, else the nearest of its former neighbours that is: those that followed it first. */
function sceneNear(before: Collection, after: Collection, sceneId: string): string {
  const ids = before.scenes.map(({ id }) => id);
  const at = ids.indexOf(sceneId);
  const candidates = [sceneId, ...ids.slice(at + 1), ...ids.slice(0, Math.max(0, at)).reverse()];
  return candidates.find((id) => hasScene(after, id)) ?? programOf(after);
}

function typed(error: EditError): StudioError {
  const { missing, message } = error;
  if (missing?.kind === 'scene') return new StudioError('scene-not-found', { scene: missing.id });
  if (missing?.kind === 'item') return new StudioError('item-not-found', { itemId: missing.id });
  if (missing?.kind === 'source') return new StudioError('source-not-found', { sourceId: missing.id });
  return new StudioError('edit-invalid', { reason: message });
}
