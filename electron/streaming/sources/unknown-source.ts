import type { SourceSettings, UnknownSource as UnknownSettings } from '../../../shared/model/source';
import type { Picture } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
import { BaseSource } from './source';
import type { SourceContext } from './source';

/** Stands in for a source that this version cannot show: its settings are kept, its items stay out of the picture. */
export class UnknownSource extends BaseSource<SourceSettings | UnknownSettings> {
  readonly #error: StudioError;

  constructor(settings: SourceSettings | UnknownSettings, context: SourceContext) {
    super(settings, context);
    this.#error = new StudioError('source-kind-unknown', { kind: settings.kind, name: settings.name });
    this.fail(this.#error);
  }

  override picture(): Promise<Picture> {
    return Promise.reject(this.#error);
  }

  protected override onStop(): Promise<void> {
    return Promise.resolve(); // it stays what it is: unknown
  }
}
