/** A working FFmpeg: where it came from and what it can do. Flags follow from this, never from its version number. */
export interface FfmpegBuild {
  readonly path: string;
  readonly origin: 'FFMPEG_BIN' | 'setting' | 'ffmpeg-static' | 'PATH' | '@ffmpeg-installer/ffmpeg';
  /** as it names itself, e.g. `5.1.6-0+deb12u1` or `N-47683-g0e8eb07980-static` */
  readonly version: string;
  /** names of all compiled-in encoders */
  readonly encoders: readonly string[];
  /** `-fps_mode passthrough` (≥ 5.1) instead of `-vsync 0` */
  readonly hasFpsMode: boolean;
}
