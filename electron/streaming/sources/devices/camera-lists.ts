import type { Device } from '../../../../shared/contract/device';

export type CameraMode = Device['modes'][number];
/** A mode and how its pixels are asked for: FFmpeg's name of the format, '' when there is nothing to choose. */
export interface FormattedMode extends CameraMode {
  readonly format: string;
}

/** V4L2's four characters → FFmpeg's `-input_format`. What is missing here FFmpeg cannot decode. */
const fourCcFormats: Readonly<Record<string, string>> = {
  YUYV: 'yuyv422',
  UYVY: 'uyvy422',
  YV16: 'yuv422p',
  YU12: 'yuv420p',
  NV12: 'nv12',
  RGB3: 'rgb24',
  BGR3: 'bgr24',
  MJPG: 'mjpeg',
  JPEG: 'mjpeg',
  H264: 'h264',
};
/** the less a format costs to bring to I420 the better; compressed by the camera comes last at the same size and rate */
const formatRank = [
  'yuv420p',
  'nv12',
  'yuyv422',
  'uyvy422',
  'yuv422p',
  'rgb24',
  'bgr24',
  'mjpeg',
  'h264',
  '',
];

/** The largest first, then the fastest; of each size and rate the cheapest format. */
export function bestFirst(modes: readonly FormattedMode[]): FormattedMode[] {
  const rank = ({ format }: FormattedMode): number => {
    const index = formatRank.indexOf(format);
    return index < 0 ? formatRank.length : index;
  };
  const sorted = modes
    .filter(({ width, height, fps }) => width >= 2 && height >= 2 && fps >= 1)
    .map((mode) => ({ ...mode, fps: Math.round(mode.fps * 100) / 100 }))
    .sort((a, b) => b.width * b.height - a.width * a.height || b.fps - a.fps || rank(a) - rank(b));
  const seen = new Set<string>();
  return sorted.filter(({ width, height, fps }) => {
    const key = `${width}×${height}@${fps}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** What `v4l2-ctl --list-formats-ext` prints. */
export function v4l2CtlModes(text: string): FormattedMode[] {
  const modes: FormattedMode[] = [];
  let format: string | undefined;
  let size: { width: number; height: number } | undefined;
  for (const line of text.split('\n')) {
    const [, fourCc] = /^\s*\[\d+\]: '(.{4})'/.exec(line) ?? [];
    if (fourCc !== undefined) {
      [format, size] = [fourCcFormats[fourCc], undefined];
      continue;
    }
    const [, width, height] = /^\s*Size: Discrete (\d+)x(\d+)/.exec(line) ?? [];
    if (width !== undefined) size = { width: Number(width), height: Number(height) };
    const [, fps] = /^\s*Interval: Discrete .*\(([\d.]+) fps\)/.exec(line) ?? [];
    if (fps !== undefined && format !== undefined && size) modes.push({ ...size, fps: Number(fps), format });
  }
  return modes;
}

/** What FFmpeg's `-f v4l2 -list_formats all` writes to stderr. It tells no rates: 30 is what nearly every camera does. */
export function v4l2FfmpegModes(lines: readonly string[]): FormattedMode[] {
  return lines.flatMap((line) => {
    const [, format, sizes] = /\] (?:Raw|Compressed)\s*:\s*(\S+)\s*:[^:]*:\s*(.*)$/.exec(line) ?? [];
    if (format === undefined || format === 'Unsupported') return [];
    return [...(sizes ?? '').matchAll(/\b(\d+)x(\d+)\b/g)].map(([, width, height]) => ({
      ...{ width: Number(width), height: Number(height), fps: 30, format },
    }));
  });
}

export interface ListedDevice {
  readonly kind: 'video' | 'audio';
  readonly name: string;
  /** stable, and what `-i` takes; null: only the name is known */
  readonly alternative: string | null;
}

/** What FFmpeg's `-list_devices true -f dshow -i dummy` writes to stderr: before 5.0 in two sections, since then with `(video)`. */
export function dshowDevices(lines: readonly string[]): ListedDevice[] {
  const devices: ListedDevice[] = [];
  let section: 'video' | 'audio' | null = null;
  for (const line of lines) {
    if (/DirectShow video devices/.test(line)) section = 'video';
    else if (/DirectShow audio devices/.test(line)) section = 'audio';
    const [, alternative] = /\]\s+Alternative name "(.*)"$/.exec(line) ?? [];
    const last = devices.at(-1);
    if (alternative !== undefined && last) {
      devices[devices.length - 1] = { ...last, alternative };
      continue;
    }
    const [, name, kinds] = /\]\s+"(.*)"(?: \(([a-z, ]+)\))?$/.exec(line) ?? [];
    const kind =
      kinds === undefined
        ? section
        : kinds.includes('video')
          ? 'video'
          : kinds.includes('audio')
            ? 'audio'
            : null;
    if (name !== undefined && kind) devices.push({ kind, name, alternative: null });
  }
  return devices;
}

/** What FFmpeg's `-list_options true -f dshow -i video=…` writes to stderr. */
export function dshowModes(lines: readonly string[]): FormattedMode[] {
  return lines.flatMap((line) => {
    const [, key, value] = /\]\s+(pixel_format|vcodec)=(\S+)/.exec(line) ?? [];
    const [, width, height, fps] = /\smax s=(\d+)x(\d+) fps=([\d.]+)/.exec(line) ?? [];
    if (value === undefined || width === undefined) return [];
    // A codec and a pixel format are asked for by different options.
    const format = key === 'vcodec' ? `vcodec:${value}` : value;
    return [{ width: Number(width), height: Number(height), fps: Number(fps), format }];
  });
}

export interface AvfoundationDevice {
  readonly kind: 'camera' | 'screen' | 'microphone';
  readonly index: number;
  readonly name: string;
}

/** What FFmpeg's `-f avfoundation -list_devices true -i ""` writes to stderr. */
export function avfoundationDevices(lines: readonly string[]): AvfoundationDevice[] {
  let section: 'video' | 'audio' | null = null;
  return lines.flatMap((line): AvfoundationDevice[] => {
    if (/AVFoundation video devices/.test(line)) section = 'video';
    else if (/AVFoundation audio devices/.test(line)) section = 'audio';
    const [, index, name] = /\]\s+\[(\d+)\]\s+(.+)$/.exec(line) ?? [];
    if (name === undefined || section === null) return [];
    const kind = section === 'audio' ? 'microphone' : /^Capture screen \d+$/.test(name) ? 'screen' : 'camera';
    return [{ kind, index: Number(index), name: name.trim() }];
  });
}
