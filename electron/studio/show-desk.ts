import type { Collection } from '../../shared/model/collection';
import type { Edit } from '../../shared/model/edit';
import type { Transition } from '../../shared/model/scene';
import type { Playback } from '../streaming/sources/source';
import type { Program } from './program';
import { ShowEditor } from './show-editor';
import type { StudioState } from './state';

export interface ShowDeskOptions {
  readonly collection: Collection;
  /** on program at the start */
  readonly sceneId: string;
  /** where the show lies */
  readonly path: string;
  /** whoever composes and mixes it now */
  readonly program: () => Program;
  readonly state: StudioState;
}

/** The show that is being made: edits go through here to the program and to what people see. */
export class ShowDesk {
  readonly editor: ShowEditor;
  readonly #options: ShowDeskOptions;

  constructor(options: ShowDeskOptions) {
    this.#options = options;
    this.editor = new ShowEditor(options.collection, options.sceneId);
  }

  /** @throws StudioError `edit-invalid`, `scene-not-found`, `item-not-found`, `source-not-found`: nothing was changed */
  edit(edits: readonly Edit[], label: string, gesture?: string): Promise<void> {
    return this.#change(() => this.editor.edit(edits, label, gesture));
  }

  undo(): Promise<void> {
    return this.#change(() => this.editor.undo());
  }

  redo(): Promise<void> {
    return this.#change(() => this.editor.redo());
  }

  /** @throws StudioError `scene-not-found` */
  async switchScene(sceneId: string, transition?: Transition): Promise<void> {
    this.editor.switchScene(sceneId);
    this.tell();
    await this.#options.program().switchScene(sceneId, transition);
  }

  /** @throws StudioError `source-not-found`, `nothing-to-play` */
  playbackOf(sourceId: string): Playback {
    return this.#options.program().show.playbackOf(sourceId);
  }

  /** Bring what people see up to the show as it is now. */
  tell(): void {
    const { state, path, program } = this.#options;
    const { name, transition, scenes } = this.editor.collection;
    const { undoLabel, redoLabel, sceneId } = this.editor;
    // An item must find its source: sources first.
    state.set('sources', program().show.sourcesView());
    state.set('scenes', scenes);
    state.update('program', (present) => ({ ...present, sceneId }));
    state.update('show', (show) => ({ ...show, name, path, transition, undoLabel, redoLabel }));
  }

  /** Resolves when the change is on the canvas. */
  async #change(change: () => void): Promise<void> {
    const before = this.editor.collection;
    change();
    const { collection, sceneId } = this.editor;
    if (collection === before) return;
    const shown = this.#options.program().apply(collection, sceneId);
    this.tell();
    await shown;
  }
}
