import mpegts from 'mpegts.js';

/** How one connection to the program ended: it closed or broke, or this browser cannot show what comes. */
export type PlayEnd = 'over' | 'unplayable';

export interface LivePlayerOptions {
  readonly video: HTMLVideoElement;
  readonly onPicture: () => void;
}

const path = 'live/program.flv';
/** how long a picture may stand still, and the first one may take */
const stillMs = 6000;
const firstMs = 12_000;

/** A viewer is behind by what a network may hiccup, and no more. */
const live = {
  ...{ liveSync: true, liveSyncTargetLatency: 1, liveSyncMaxLatency: 2.2, liveSyncPlaybackRate: 1.15 },
  ...{ lazyLoad: false, autoCleanupSourceBuffer: true, deferLoadAfterSourceOpen: false },
  ...{ autoCleanupMaxBackwardDuration: 20, autoCleanupMinBackwardDuration: 8 },
  /** smaller pieces are shown earlier */
  stashInitialSize: 64 * 1024,
};

mpegts.LoggingControl.enableAll = false;

/** MSE, with H.264 and AAC: without it there is nothing to be done here. */
export const canPlay = (): boolean => mpegts.getFeatureList().msePlayback;

/**
 * Plays the program in a video element, one connection at a time: HTTP-FLV where the browser reads a response while it
 * comes, else, or when that brings no picture (a proxy that collects it first), WebSocket-FLV.
 */
export class LivePlayer {
  readonly #options: LivePlayerOptions;
  #usesSocket = !mpegts.getFeatureList().networkStreamIO;

  constructor(options: LivePlayerOptions) {
    this.#options = options;
  }

  /** Resolves when the connection has ended. Never rejects. */
  play(): Promise<PlayEnd> {
    const { video, onPicture } = this.#options;
    const player = mpegts.createPlayer({ type: 'flv', isLive: true, url: this.#url() }, live);
    let hasPicture = false;
    const left = new AbortController();
    const { signal } = left;
    return new Promise<PlayEnd>((resolve) => {
      const end = (how: PlayEnd): void => {
        if (!hasPicture && how === 'over' && mpegts.getFeatureList().networkStreamIO)
          this.#usesSocket = !this.#usesSocket;
        resolve(how);
      };
      player.on(mpegts.Events.LOADING_COMPLETE, () => end('over'));
      player.on(mpegts.Events.ERROR, (_type: unknown, detail: unknown) => {
        const { MEDIA_CODEC_UNSUPPORTED, MEDIA_FORMAT_UNSUPPORTED } = mpegts.ErrorDetails;
        end(
          [MEDIA_CODEC_UNSUPPORTED, MEDIA_FORMAT_UNSUPPORTED].includes(String(detail))
            ? 'unplayable'
            : 'over',
        );
      });
      video.addEventListener(
        'timeupdate',
        () => {
          if (hasPicture || video.currentTime === 0) return;
          hasPicture = true;
          onPicture();
        },
        { signal },
      );
      watch(
        video,
        () => (hasPicture ? stillMs : firstMs),
        signal,
        () => end('over'),
      );
      player.attachMediaElement(video);
      player.load();
      // Refused: the browser wants a tap first, and the page offers one.
      video.play().catch(() => onPicture());
    }).finally(() => {
      left.abort();
      player.destroy();
    });
  }

  #url(): string {
    const url = new URL(path, location.href);
    if (this.#usesSocket) url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
  }
}

/** Says so when the picture stands still for too long while it should move, and is looked at. */
function watch(
  video: HTMLVideoElement,
  patienceMs: () => number,
  signal: AbortSignal,
  onStill: () => void,
): void {
  let last = -1;
  let sinceMs = performance.now();
  const timer = setInterval(() => {
    const isMoving = video.currentTime !== last;
    last = video.currentTime;
    if (isMoving || (video.paused && last > 0) || document.hidden) sinceMs = performance.now();
    else if (performance.now() - sinceMs > patienceMs()) onStill();
  }, 500);
  signal.addEventListener('abort', () => clearInterval(timer));
}
