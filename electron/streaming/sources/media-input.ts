/** In pixels; the same as of pictures. A decoded one takes up to 8 bytes a pixel, and decoders hold several. */
export const mostPixels = 100_000_000;

/** Larger pictures are not decoded, whatever says that they come: in front of `-i`. */
export const pictureLimitArgs: readonly string[] = ['-max_pixels', String(mostPixels)];

/**
 * What is itself what it shows. Playlists and lists of parts (hls, dash, concat, sdp, imf, numbered pictures …) would have
 * FFmpeg open files and addresses that whoever made the list chose, of any name and ending: a show from elsewhere could
 * put them on air. Names that a build does not know do no harm.
 */
const containers = [
  ...['mov', 'matroska', 'avi', 'mpegts', 'mpegtsraw', 'mpeg', 'mpegvideo', 'flv', 'live_flv', 'kux', 'ogg'],
  ...['asf', 'asf_o', 'mxf', 'gxf', 'lxf', 'nut', 'dv', 'rm', 'wtv', 'ivf', 'yuv4mpegpipe', 'bink', 'smk'],
  ...[
    'h261',
    'h263',
    'h264',
    'hevc',
    'vvc',
    'av1',
    'obu',
    'm4v',
    'mjpeg',
    'vc1',
    'vc1test',
    'dirac',
    'cavsvideo',
  ],
  ...[
    'wav',
    'w64',
    'aiff',
    'caf',
    'au',
    'voc',
    'iff',
    'mp3',
    'aac',
    'loas',
    'ac3',
    'eac3',
    'dts',
    'dtshd',
    'mlp',
  ],
  ...[
    'truehd',
    'flac',
    'tta',
    'wv',
    'ape',
    'mpc',
    'mpc8',
    'tak',
    'dsf',
    'oma',
    'amr',
    'amrnb',
    'amrwb',
    'xwma',
  ],
  ...[
    'gif',
    'apng',
    'png_pipe',
    'jpeg_pipe',
    'webp_pipe',
    'bmp_pipe',
    'tiff_pipe',
    'jpegxl_pipe',
    'jpegxl_anim',
  ],
];

/** How FFmpeg is to open a media file that anybody may have made: in front of `-i`. */
export const mediaInputArgs: readonly string[] = [
  ...['-protocol_whitelist', 'file,crypto,data'],
  ...['-format_whitelist', containers.join(',')],
  ...pictureLimitArgs,
];

/** What FFmpeg says of a file that `mediaInputArgs` keep it from opening: its format; null: that was not the matter. */
export const refusedFormat = (lines: readonly string[]): string | null =>
  /^\[(\S+) @ [^\]]*\].*Format not on whitelist/m.exec(lines.join('\n'))?.[1] ?? null;

/** The size of a picture that was too large for `pictureLimitArgs`; null: none was. */
export function refusedSize(lines: readonly string[]): { width: number; height: number } | null {
  const [, width, height] =
    /Picture size (\d+)x(\d+) exceeds specified max pixel count/.exec(lines.join('\n')) ?? [];
  return width === undefined ? null : { width: Number(width), height: Number(height) };
}
