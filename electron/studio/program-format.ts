import type { LanPreviewSettings } from '../../shared/contract/lan-preview';
import type { Settings } from '../../shared/contract/settings';
import type { VideoCodec } from '../streaming/interfaces/packet';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of the program is decided before it starts; a change of it is another program. */
export interface ProgramFormat {
  /** in which items are placed; even pixels */
  readonly canvas: Size;
  /** what is encoded; even pixels */
  readonly output: Size;
  readonly fps: number;
  readonly bitrateKbps: number;
  readonly codec: VideoCodec;
  /** a profile's name or `auto` */
  readonly profile: string;
}

/** What the command line says of it, and of who may watch; goes before the settings, for this run. */
export interface GivenFormat {
  /** canvas and output */
  readonly size?: Size;
  readonly fps?: number;
  readonly bitrateKbps?: number;
  readonly codec?: VideoCodec;
  readonly profile?: string;
  readonly lanPreview?: LanPreviewSettings;
}

export function programFormat(settings: Settings, given: GivenFormat): ProgramFormat {
  const canvas = given.size ?? settings.canvas;
  return {
    canvas,
    output: given.size ?? settings.output ?? canvas,
    fps: given.fps ?? settings.fps,
    bitrateKbps: given.bitrateKbps ?? settings.bitrateKbps,
    codec: given.codec ?? settings.codec,
    profile: given.profile ?? settings.profile,
  };
}

/** The settings that have no effect in this run. */
export const fixedBy = (given: GivenFormat): string[] => [
  ...(given.size ? ['canvas', 'output'] : []),
  ...(given.fps === undefined ? [] : ['fps']),
  ...(given.bitrateKbps === undefined ? [] : ['bitrateKbps']),
  ...(given.codec === undefined ? [] : ['codec']),
  ...(given.profile === undefined ? [] : ['profile']),
  ...(given.lanPreview === undefined ? [] : ['lanPreview']),
];

/** The settings as they are in effect: what the command line fixes stands in place of what was saved. */
export function settingsInEffect(settings: Settings, given: GivenFormat): Settings {
  const { canvas, output, ...others } = programFormat(settings, given);
  const lanPreview = given.lanPreview ?? settings.lanPreview;
  return { ...settings, ...others, lanPreview, ...(given.size && { canvas, output }) };
}
