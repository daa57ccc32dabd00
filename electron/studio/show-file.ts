import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Collection } from '../../shared/model/collection';
import { exampleCollection, parseCollection } from '../streaming/collection';
import type { LoadedCollection } from '../streaming/collection';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { replaceFile } from '../streaming/lib/replace-file';
import type { DataFolder } from './data-folder';
import { RestorePoints } from './restore-points';

export interface ShowFileOptions {
  readonly path: string;
  /** of the data folder, not a file that somebody named */
  readonly isOwn: boolean;
  readonly points: RestorePoints;
  readonly logger: Logger;
  readonly write?: (path: string, content: string) => Promise<void>;
  /** unix milliseconds */
  readonly now?: () => number;
  /** between a change and its saving; what comes meanwhile is saved with it. 500 unless given */
  readonly delayMs?: number;
  /** between two attempts when it failed. 2000 unless given */
  readonly retryMs?: number;
}

/** between the name of a file that could not be read and when it was put aside */
const asideMark = '.broken-';

export interface OpenedShow extends LoadedCollection {
  /** why it is not what lies in the file; null: it is */
  readonly error: StudioError | null;
  /** the example stands in for a file that was asked for */
  readonly isStandIn: boolean;
}

/** A show's file: read at the start, saved by itself after each change, earlier states kept beside it. */
export class ShowFile extends BaseComponent {
  readonly path: string;
  readonly points: RestorePoints;
  /** told of each saving; `error` null: it is saved */
  onSaved: (at: number, error: StudioError | null) => void = () => undefined;
  readonly #options: ShowFileOptions;
  readonly #now: () => number;
  #saved: { readonly text: string; readonly collection: Collection; readonly at: number } | null = null;
  #wanted: Collection | null = null;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** what lies there could not be read, or not as it is: it is not to be written over */
  #mustPutAside = false;

  constructor(options: ShowFileOptions) {
    super();
    this.#options = options;
    this.path = options.path;
    this.points = options.points;
    this.#now = options.now ?? Date.now;
  }

  /** The show that somebody named, else the one of the data folder. Nothing is written before the first change. */
  static of(folder: DataFolder, collectionPath: string | undefined, logger: Logger): ShowFile {
    const path = collectionPath ?? folder.file('show.json');
    const digest = createHash('sha256').update(path).digest('hex').slice(0, 12);
    const key = collectionPath === undefined ? 'show' : `${basename(path, extname(path))}-${digest}`;
    const points = new RestorePoints(join(folder.file('restore-points'), key));
    return new ShowFile({ path, isOwn: collectionPath === undefined, points, logger });
  }

  /**
   * Reads it; blocks: for the start, when nothing runs yet. A file that cannot be read costs nothing: our own is put
   * aside at once, one that somebody named before it is first written over. The newest good state is opened instead, and
   * without one the example. That goes for a file that is gone, too: it was put aside, and nothing saved since.
   */
  open(): OpenedShow {
    const baseFolder = dirname(this.path);
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      this.#mustPutAside = !isMissing;
      const isKnown = !isMissing || this.points.newest() !== null || this.#lastAside() !== null;
      if (isKnown) return this.#recovered(isMissing ? 'it is not there' : reasonOf(error), baseFolder);
      const isFirstStart = this.#options.isOwn;
      const details = { path: this.path, reason: 'it does not exist' };
      return {
        ...{ collection: exampleCollection(), baseFolder, isStandIn: !isFirstStart },
        error: isFirstStart ? null : new StudioError('collection-unreadable', details),
      };
    }
    try {
      const { collection, repairs } = parseCollection(JSON.parse(text));
      this.#saved = { text, collection, at: this.#now() };
      if (repairs.length === 0) return { collection, baseFolder, error: null, isStandIn: false };
      // Whoever wrote it by hand may have meant something else.
      this.#mustPutAside = true;
      const error = new StudioError('show-repaired', { name: collection.name, repairs: [...repairs] });
      this.#options.logger.warn({ err: error }, 'the show was repaired');
      return { collection, baseFolder, error, isStandIn: false };
    } catch (error) {
      this.#mustPutAside = true;
      return this.#recovered(reasonOf(error), baseFolder);
    }
  }

  /** Soon, and once for all that changes until then. */
  save(collection: Collection): void {
    this.#wanted = collection;
    this.#plan(this.#options.delayMs ?? 500);
  }

  /** What was not saved yet is saved now. Never rejects: a failure is told of, and tried again as ever. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#saveWanted());
    return this.#writing;
  }

  protected onStart(): Promise<void> {
    return Promise.resolve();
  }

  /** What was not saved yet is saved now. Where that cannot be, it becomes a restore point. */
  protected async onStop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    const collection = this.#wanted;
    if (!collection || (await this.#write(collection))) return;
    try {
      await this.points.keep(collection, this.#now());
    } catch (error) {
      this.#options.logger.error({ err: error, path: this.path }, 'the last changes could not be saved');
    }
  }

  #recovered(reason: string, baseFolder: string): OpenedShow {
    const { path } = this;
    const version = this.points.newest();
    const keptAs = this.#mustPutAside ? this.#putAsideNow() : this.#lastAside();
    const error =
      version || keptAs
        ? new StudioError('show-recovered', { path, reason, keptAs, versionAt: version?.at ?? null })
        : new StudioError('collection-unreadable', { path, reason });
    this.#options.logger.error({ err: error }, 'the show could not be read');
    const collection = version?.collection ?? exampleCollection();
    return { collection, baseFolder, error, isStandIn: version === null };
  }

  #putAsideNow(): string | null {
    if (!this.#options.isOwn) return null;
    const aside = this.#asideName();
    try {
      renameSync(this.path, aside);
      this.#mustPutAside = false;
      return aside;
    } catch {
      return null; // Tried again before it is written over.
    }
  }

  async #putAside(): Promise<void> {
    try {
      await rename(this.path, this.#asideName());
    } catch (error) {
      // Somebody took it away meanwhile: nothing of it is written over.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  #asideName(): string {
    return `${this.path}${asideMark}${this.#now()}`;
  }

  /** what was put aside last; null: nothing */
  #lastAside(): string | null {
    const folder = dirname(this.path);
    const start = `${basename(this.path)}${asideMark}`;
    const timeOf = (name: string): number =>
      name.startsWith(start) ? Number(name.slice(start.length)) : NaN;
    let names: string[];
    try {
      names = readdirSync(folder).filter((name) => timeOf(name) > 0);
    } catch {
      return null; // No folder, nothing in it.
    }
    const [last] = names.sort((one, other) => timeOf(other) - timeOf(one));
    return last === undefined ? null : join(folder, last);
  }

  #plan(delayMs: number): void {
    if (this.lifetime.aborted) return;
    this.#timer ??= setTimeout(() => void this.flush(), delayMs);
  }

  async #saveWanted(): Promise<void> {
    const collection = this.#wanted;
    this.#wanted = null;
    if (!collection || (await this.#write(collection))) return;
    this.#wanted ??= collection;
    this.#plan(this.#options.retryMs ?? 2000);
  }

  /** @returns whether it is saved now; never rejects */
  async #write(collection: Collection): Promise<boolean> {
    const text = `${JSON.stringify(collection, null, 2)}\n`;
    const before = this.#saved;
    if (text === before?.text) {
      this.onSaved(before.at, null);
      return true;
    }
    try {
      if (this.#mustPutAside) await this.#putAside();
      this.#mustPutAside = false;
      await (this.#options.write ?? replaceFile)(this.path, text);
    } catch (cause) {
      const details = { path: this.path, reason: reasonOf(cause) };
      const error = new StudioError('show-unsaved', details, { cause, retryable: true });
      this.#options.logger.error({ err: error }, 'the show could not be saved');
      this.onSaved(this.#now(), error);
      return false;
    }
    this.#saved = { text, collection, at: this.#now() };
    this.onSaved(this.#saved.at, null);
    if (before) await this.#keep(before);
    return true;
  }

  async #keep(before: { collection: Collection; at: number }): Promise<void> {
    try {
      await this.points.keep(before.collection, before.at);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'an earlier state of the show could not be kept');
    }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
