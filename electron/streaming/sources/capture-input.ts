import { exactRate, formatRate, rateText } from '../../../shared/model/frame-rate';
import type { SourceSettingsOf } from '../../../shared/model/source';
import { StudioError } from '../lib/errors';
import { toI420 } from './capture-process';
import type { CapturePlan } from './capture-process';
import type { FoundDevice } from './source';

type ScreenSettings = Pick<SourceSettingsOf<'screen'>, 'region' | 'isCursorShown' | 'fps'>;
type CameraSettings = Pick<SourceSettingsOf<'camera'>, 'mode'>;

/** Nothing is looked at or waited for before the first picture: what comes is known. */
const atOnce = [
  '-fflags',
  'nobuffer',
  '-probesize',
  '32',
  '-analyzeduration',
  '0',
  '-thread_queue_size',
  '8',
];

const even = (value: number): number => Math.floor(value / 2) * 2;

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What of a device is captured: even sizes, within it. @throws StudioError when nothing is left */
function areaOf(device: FoundDevice, region: ScreenSettings['region']): Area | null {
  if (!device.size) return region && { ...region, width: even(region.width), height: even(region.height) };
  const { width, height } = device.size;
  const x = Math.min(region?.x ?? 0, width);
  const y = Math.min(region?.y ?? 0, height);
  const area = {
    ...{ x, y },
    width: even(Math.min(region?.width ?? width, width - x)),
    height: even(Math.min(region?.height ?? height, height - y)),
  };
  if (area.width >= 2 && area.height >= 2) return area;
  const reason = `the chosen region lies outside of it (it has ${width}×${height} pixels)`;
  throw new StudioError('device-failed', { name: device.name, reason }, { retryable: true });
}

/**
 * How a screen or a window is captured.
 * @param programFps pictures beyond the program's rate would be thrown away
 * @throws StudioError when the region lies outside of it
 */
export function screenPlan(device: FoundDevice, settings: ScreenSettings, programFps: number): CapturePlan {
  const { address, name } = device;
  const area = areaOf(device, settings.region);
  const fps = rateText(Math.min(exactRate(settings.fps), programFps));
  const cursor = settings.isCursorShown ? '1' : '0';
  const size = area && { width: area.width, height: area.height };
  const videoSize = size ? ['-video_size', `${size.width}x${size.height}`] : [];
  switch (address.system) {
    case 'x11grab':
      return {
        ...{ name, size, filter: toI420 },
        input: [
          ...atOnce,
          ...['-f', 'x11grab', '-framerate', fps, '-draw_mouse', cursor, ...videoSize],
          ...(address.windowId === null ? [] : ['-window_id', String(address.windowId)]),
          ...['-i', `${address.display}+${address.x + (area?.x ?? 0)},${address.y + (area?.y ?? 0)}`],
        ],
      };
    case 'gdigrab': {
      // Desktop Duplication is far cheaper than GDI, and knows whole screens only.
      if (address.canDuplicate) {
        const options = [`output_idx=${address.output}`, `framerate=${fps}`, `draw_mouse=${cursor}`];
        if (area)
          options.push(`video_size=${area.width}x${area.height}`, `offset_x=${area.x}`, `offset_y=${area.y}`);
        const graph = `ddagrab=${options.join(':')},hwdownload,format=bgra`;
        return { name, size, filter: toI420, input: [...atOnce, '-f', 'lavfi', '-i', graph] };
      }
      const offset =
        area && (address.title === null || settings.region)
          ? ['-offset_x', String(address.x + area.x), '-offset_y', String(address.y + area.y), ...videoSize]
          : [];
      return {
        // A window's size is its own affair unless a region was chosen.
        ...{ name, size: offset.length > 0 ? size : null, filter: toI420 },
        input: [
          ...atOnce,
          ...['-f', 'gdigrab', '-framerate', fps, '-draw_mouse', cursor, ...offset],
          ...['-i', address.title === null ? 'desktop' : `title=${address.title}`],
        ],
      };
    }
    case 'avfoundation': {
      const { region } = settings;
      const crop = region ? `crop=${even(region.width)}:${even(region.height)}:${region.x}:${region.y},` : '';
      return {
        ...{ name, size: null, filter: crop + toI420 },
        input: [
          ...atOnce,
          ...['-f', 'avfoundation', '-framerate', fps, '-capture_cursor', cursor, '-pixel_format', 'nv12'],
          ...['-i', address.input],
        ],
      };
    }
    default:
      throw notSo(device);
  }
}

/** The mode asked for when the device has it, else the best up to 1080p, else whatever it gives. */
function modeOf(
  device: FoundDevice,
  wanted: CameraSettings['mode'],
): { mode: CameraSettings['mode']; index: number } {
  const { modes } = device;
  const same = wanted
    ? modes.findIndex(
        ({ width, height, fps }) =>
          width === wanted.width && height === wanted.height && Math.abs(fps - wanted.fps) < 0.5,
      )
    : -1;
  if (same >= 0) return { mode: modes[same] ?? null, index: same };
  // A device that tells no modes may still know the one that was chosen.
  if (wanted && modes.length === 0) return { mode: wanted, index: -1 };
  const index = modes.findIndex(({ width, height }) => width <= 1920 && height <= 1080);
  return { mode: modes[index] ?? null, index };
}

/** How a camera is captured. The device has the last word on its size, so the pictures say it themselves. */
export function cameraPlan(device: FoundDevice, settings: CameraSettings, programFps: number): CapturePlan {
  const { address, name } = device;
  const { mode, index } = modeOf(device, settings.mode);
  const asked = mode
    ? ['-video_size', `${mode.width}x${mode.height}`, '-framerate', formatRate(mode.fps)]
    : [];
  // Faster than the program is of no use to it.
  const thinned = mode && mode.fps > programFps + 0.5 ? `fps=${rateText(programFps)},` : '';
  const common = { name, size: null, filter: thinned + toI420 };
  switch (address.system) {
    case 'v4l2': {
      const format = address.formats?.[index] ?? '';
      const formatArgs = format ? ['-input_format', format] : [];
      return { ...common, input: [...atOnce, '-f', 'v4l2', ...formatArgs, ...asked, '-i', address.input] };
    }
    case 'dshow': {
      const format = address.formats?.[index] ?? '';
      const [, codec] = /^vcodec:(.*)$/.exec(format) ?? [];
      const formatArgs = codec !== undefined ? ['-vcodec', codec] : format ? ['-pixel_format', format] : [];
      const buffer = ['-rtbufsize', '128M'];
      return {
        ...common,
        input: [...atOnce, '-f', 'dshow', ...buffer, ...formatArgs, ...asked, '-i', address.input],
      };
    }
    case 'avfoundation': {
      // It refuses to guess: without a rate it asks for 29.97, which few cameras have.
      const chosen = mode ? asked : ['-framerate', '30'];
      return { ...common, input: [...atOnce, '-f', 'avfoundation', ...chosen, '-i', address.input] };
    }
    default:
      throw notSo(device);
  }
}

const notSo = ({ name, address }: FoundDevice): StudioError =>
  new StudioError('capture-unsupported', { what: name, reason: `${address.system} gives no such pictures` });
