import { isDeepStrictEqual } from 'node:util';
import { resolve } from 'node:path';
import { formatFor } from '../../shared/contract/codec';
import type { Settings, SettingsPatch } from '../../shared/contract/settings';
import type { Snapshot } from '../../shared/contract/snapshot';
import { StudioError } from '../streaming/lib/errors';
import { Turns } from '../streaming/lib/turns';
import type { ProfileChooser } from './profile-choice';
import { fixedBy, programFormat, settingsInEffect } from './program-format';
import type { GivenFormat, ProgramFormat } from './program-format';
import type { Notices } from './notices';
import type { WantedRecording } from './recording-desk';
import { checkRecordingFolder, checkRecordingName } from './recording-place';
import type { SettingsStore } from './settings-store';

export interface SettingsDeskOptions {
  readonly store: SettingsStore;
  /** what the command line fixes */
  readonly given: GivenFormat;
  readonly encoders: Pick<ProfileChooser, 'check' | 'checkCodec'>;
  readonly dataFolder: string;
  /** live or recording: the program must not be touched */
  readonly isOnAir: () => boolean;
  /** another encoder for the program that runs; resolves with false when that has to be measured before */
  readonly handOver: (format: ProgramFormat) => Promise<boolean>;
  /** resolves when another program runs */
  readonly changeProgram: (format: ProgramFormat) => Promise<void>;
  /** told after each change */
  readonly onChanged: () => void;
  readonly notices: Notices;
}

/** What a person sets, and what follows from it. One change at a time. */
export class SettingsDesk {
  readonly #options: SettingsDeskOptions;
  readonly #turns = new Turns();

  constructor(options: SettingsDeskOptions) {
    this.#options = options;
    const { store, notices } = options;
    store.onSaved = (error) => {
      if (error) notices.add(error.toWire(), 'error');
      else notices.clear('settings-unsaved');
    };
  }

  get settings(): Settings {
    return this.#options.store.settings;
  }

  /** where recordings go, absolute */
  get recordingFolder(): string {
    return resolve(this.#options.dataFolder, this.settings.recordingFolder ?? 'recordings');
  }

  /** where the next recording goes and how */
  get recordings(): WantedRecording {
    const { recordingName: name, recordingFormat, recordingSplit: split } = this.settings;
    const { codec } = programFormat(this.settings, this.#options.given);
    const format = formatFor(codec, recordingFormat);
    return { folder: this.recordingFolder, name, codec, format, split };
  }

  view(): Snapshot['settings'] {
    const { given } = this.#options;
    const { userProfiles: _, variants: _variants, ...shown } = settingsInEffect(this.settings, given);
    return {
      ...shown,
      fixed: fixedBy(given),
      recordingFolderNow: this.recordingFolder,
    };
  }

  /**
   * What is left out stays. Another canvas, output, frame rate or codec is another program; another bitrate or encoder is handed
   * over to, on air as well.
   * @throws StudioError `on-air`, `hand-over-failed`, `profile-unknown`, `codec-unavailable`, `folder-relative`, `folder-silent`, `folder-unwritable`,
   * `recording-name-invalid`, and what the new program fails with; then nothing has changed
   */
  update(patch: SettingsPatch): Promise<void> {
    return this.whileSettled(() => this.#update(patch));
  }

  /**
   * Does this when no change is under way, and no change begins before it is done: what goes on air must find a program
   * that stays. @throws what the work throws
   */
  whileSettled<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  async #update(patch: SettingsPatch): Promise<void> {
    const { store, given, encoders, isOnAir, onChanged } = this.#options;
    const before = programFormat(store.settings, given);
    const wanted = programFormat({ ...store.settings, ...withoutUndefined(patch) }, given);
    encoders.check(wanted.profile);
    encoders.checkCodec(wanted.codec);
    // Also where the command line fixes another one for this run: the next start would meet it.
    if (patch.profile !== undefined) encoders.check(patch.profile);
    const isOther = !isDeepStrictEqual(before, wanted);
    if (!isSamePicture(before, wanted) && isOnAir())
      throw new StudioError('on-air', { what: 'Changing the size, frame rate or codec' });
    if (patch.recordingName !== undefined) checkRecordingName(patch.recordingName);
    if (patch.recordingFolder != null) await checkRecordingFolder(patch.recordingFolder);
    try {
      // Kept when it runs: what does not run here must not be tried again by the next start.
      if (isOther) await this.#change(before, wanted);
      await store.update(patch);
    } finally {
      onChanged();
    }
  }

  async #change(before: ProgramFormat, wanted: ProgramFormat): Promise<void> {
    const { isOnAir, handOver, changeProgram } = this.#options;
    if (isSamePicture(before, wanted) && (await handOver(wanted))) return;
    // Measuring takes the processor for itself.
    if (isOnAir()) throw new StudioError('on-air', { what: 'Measuring which encoder is best' });
    await changeProgram(wanted);
  }
}

/** Only the encoder is another: what goes in, and what decoders are told, stays as it is. */
const isSamePicture = (one: ProgramFormat, other: ProgramFormat): boolean =>
  one.fps === other.fps &&
  one.codec === other.codec &&
  isDeepStrictEqual(one.canvas, other.canvas) &&
  isDeepStrictEqual(one.output, other.output);

const withoutUndefined = (patch: SettingsPatch): Partial<Settings> =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
