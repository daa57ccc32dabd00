import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { RestorePoint } from '../../shared/contract/show';
import type { Collection } from '../../shared/model/collection';
import type { Edit } from '../../shared/model/edit';
import type { Transition } from '../../shared/model/scene';
import { StudioError } from '../streaming/lib/errors';
import type { Playback } from '../streaming/sources/source';
import { newlyCaptured } from './captured-devices';
import type { FileStore, IncomingFile } from './file-store';
import type { Notices } from './notices';
import type { Program } from './program';
import { planArchive, writeArchive } from './show-archive';
import { ShowEditor } from './show-editor';
import type { ShowFile } from './show-file';
import { readArchive } from './show-import';
import type { StudioState } from './state';

export interface ShowDeskOptions {
  readonly collection: Collection;
  /** on program at the start */
  readonly sceneId: string;
  /** where it is saved */
  readonly file: ShowFile;
  /** what people gave to the studio */
  readonly files: FileStore;
  /** whoever composes and mixes it now */
  readonly program: () => Program;
  readonly state: StudioState;
  readonly notices: Notices;
}

export interface ExportedShow {
  readonly name: string;
  /** how many files go with it, and how large they are in all */
  readonly fileCount: number;
  readonly fileBytes: number;
  readonly content: Readable;
}

/** The show that is being made: edits go through here to the program, to what people see, and to its file. */
export class ShowDesk {
  readonly editor: ShowEditor;
  readonly #options: ShowDeskOptions;

  constructor(options: ShowDeskOptions) {
    this.#options = options;
    this.editor = new ShowEditor(options.collection, options.sceneId);
    options.file.onSaved = (at, error) => this.#tellSaved(at, error);
  }

  /** @throws StudioError `edit-invalid`, `scene-not-found`, `item-not-found`, `source-not-found`: nothing was changed */
  edit(edits: readonly Edit[], label: string, gesture?: string): Promise<void> {
    return this.#change(() => this.editor.edit(edits, label, gesture));
  }

  /** of the show and of the scene on program, as people call them */
  get names(): { readonly show: string; readonly scene: string } {
    const { collection, sceneId } = this.editor;
    return {
      show: collection.name,
      scene: collection.scenes.find(({ id }) => id === sceneId)?.name ?? '',
    };
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
    this.#options.file.save(this.editor.collection);
    this.tell();
    await this.#options.program().switchScene(sceneId, transition);
  }

  restorePoints(): Promise<RestorePoint[]> {
    return this.#options.file.points.list();
  }

  /** @throws StudioError `restore-point-unsaved` */
  async saveRestorePoint(label: string): Promise<void> {
    const { points } = this.#options.file;
    try {
      await points.add(this.editor.collection, label);
    } catch (cause) {
      const reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : '';
      throw new StudioError('restore-point-unsaved', { label, path: points.folder, reason }, { cause });
    }
  }

  /** One step of undo. @throws StudioError `restore-point-not-found` */
  async restore(id: string): Promise<void> {
    const { collection, label } = await this.#options.file.points.read(id);
    await this.replace(collection, `Go back to ${label ?? 'an earlier state'}`);
  }

  /** Another show in its place: one step of undo. */
  replace(collection: Collection, label: string): Promise<void> {
    return this.#change(() => this.editor.replace(collection, label));
  }

  /** @returns the path that a source takes. @throws StudioError as `FileStore.put` */
  async takeFile(file: IncomingFile): Promise<string> {
    return this.#pathOf(await this.#options.files.put(file));
  }

  /** The show with all its files as one archive. What is missing in it is told in a notice. */
  async exportShow(): Promise<ExportedShow> {
    const { collection } = this.editor;
    const { file, files: store } = this.#options;
    const plan = await planArchive(collection, dirname(file.path), dirname(store.folder));
    this.#tellMissing(collection.name, plan.missing);
    const files = [...plan.files.values()];
    return {
      name: collection.name,
      fileCount: files.length,
      fileBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      content: writeArchive(plan),
    };
  }

  /**
   * The archive becomes the show: one step of undo, and the show as it was a restore point.
   * @param mayCapture somebody agreed that it begins to capture devices which nothing captures yet
   * @throws StudioError `import-captures`, `import-refused`, as `FileStore.put`, `restore-point-unsaved`; nothing was
   * changed
   */
  async importShow(
    file: Omit<IncomingFile, 'name'>,
    mayCapture: boolean,
  ): Promise<{ name: string; missing: readonly string[] }> {
    const { files } = this.#options;
    const archive = await files.receive({ ...file, name: 'the show' });
    try {
      const read = await readArchive(
        archive.path,
        files,
        (place) => this.#pathOf(place),
        (show) => {
          if (!mayCapture) this.#askFor(show);
        },
      );
      const { collection, missing, repairs } = read;
      await this.saveRestorePoint(`Before the import of ${collection.name}`);
      await this.replace(collection, `Import ${collection.name}`);
      this.#tellMissing(collection.name, missing);
      this.#tellRepaired(collection.name, repairs);
      return { name: collection.name, missing };
    } finally {
      await archive.remove();
    }
  }

  /** @throws StudioError `source-not-found`, `nothing-to-play` */
  playbackOf(sourceId: string): Playback {
    return this.#options.program().show.playbackOf(sourceId);
  }

  /**
   * Bring what people see up to the show as it is now; before anybody looks, too: a window that comes back would end its
   * captures for want of their sources.
   */
  tell(): void {
    const { state, file, program } = this.#options;
    const { name, transition, scenes } = this.editor.collection;
    const { undoLabel, redoLabel, sceneId } = this.editor;
    // An item must find its source: sources first.
    state.set('sources', program().show.sourcesView());
    state.set('scenes', scenes);
    state.update('program', (present) => ({ ...present, sceneId }));
    state.update('show', (show) => ({ ...show, name, path: file.path, transition, undoLabel, redoLabel }));
  }

  /** Resolves when the change is on the canvas. */
  async #change(change: () => void): Promise<void> {
    const before = this.editor.collection;
    change();
    const { collection, sceneId } = this.editor;
    if (collection === before) return;
    this.#options.file.save(collection);
    const shown = this.#options.program().apply(collection, sceneId);
    this.tell();
    await shown;
  }

  /** Relative where the show lies beside the store, so that both can be moved together. */
  #pathOf(place: string): string {
    const { folder } = this.#options.files;
    const isBeside = dirname(folder) === dirname(this.#options.file.path);
    return isBeside ? `${basename(folder)}/${place}` : join(folder, place);
  }

  /** @throws StudioError `import-captures` */
  #askFor(show: Collection): void {
    const devices = newlyCaptured(show, this.editor.collection);
    if (devices.length > 0) throw new StudioError('import-captures', { name: show.name, devices });
  }

  #tellMissing(name: string, files: readonly string[]): void {
    if (files.length === 0) return;
    this.#options.notices.add({ code: 'show-incomplete', details: { name, files: [...files] } }, 'warning');
  }

  #tellRepaired(name: string, repairs: readonly string[]): void {
    if (repairs.length === 0) return;
    this.#options.notices.add({ code: 'show-repaired', details: { name, repairs: [...repairs] } }, 'warning');
  }

  #tellSaved(at: number, error: StudioError | null): void {
    const { state, notices } = this.#options;
    if (error) notices.add(error.toWire(), 'error');
    else if (state.snapshot.show.saveError) notices.clear('show-unsaved');
    state.update('show', (show) => ({
      ...show,
      savedAt: error ? show.savedAt : at,
      saveError: error?.toWire() ?? null,
    }));
  }
}
