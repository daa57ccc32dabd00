import type { EventPayload } from '../../shared/contract/events';
import type { ProgramSound } from '../streaming/interfaces/audio-input';
import type { FfmpegBuild } from '../streaming/interfaces/ffmpeg';
import type { PreviewPicture } from '../streaming/interfaces/frame';
import type { Logger } from '../streaming/lib/logger';
import type { DataFolder } from './data-folder';
import type { Destination } from './destinations-file';
import type { EngineOptions } from './options';
import type { ProfileChoice, ProfileChooser } from './profile-choice';
import type { ProgramFormat } from './program-format';
import type { SettledKey } from './secret-key';
import type { SettingsStore } from './settings-store';
import type { OpenedShow, ShowFile } from './show-file';

export interface StudioOptions {
  readonly engine: EngineOptions;
  readonly dataFolder: DataFolder;
  readonly ffmpeg: FfmpegBuild;
  readonly show: OpenedShow;
  readonly showFile: ShowFile;
  readonly destinations: readonly Destination[];
  /** of the saved stream keys, and where it lies */
  readonly secret: SettledKey;
  readonly settings: SettingsStore;
  readonly format: ProgramFormat;
  readonly profile: ProfileChoice;
  /** for another format than the one at the start; may measure for some seconds */
  readonly encoders: ProfileChooser;
  /** names of the destinations that were on when the engine before this one was cut off; undefined: none was */
  readonly wasOn: readonly string[] | undefined;
  /** where this engine serves the program as HTTP-FLV */
  readonly programUrl: string;
  /** of viewers in the local network, for this run */
  readonly lanPassword: string | undefined;
  readonly logger: Logger;
}

/** What leaves the studio towards the windows. */
export interface StudioAudience {
  stats(stats: EventPayload<'stats'>): void;
  meters(meters: EventPayload<'meters'>): void;
  preview(picture: PreviewPicture): void;
  sound(block: ProgramSound): void;
}
