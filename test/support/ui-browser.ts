import { chromium } from 'playwright-core';
import type { Browser, ConsoleMessage, Page } from 'playwright-core';
import {
  readSyncCounter,
  syncCounterBits,
  syncLayout,
} from '../../electron/streaming/interfaces/sync-pattern';
import { programPath } from './requires';

/** A camera, a microphone and a screen that Chromium plays itself, and no questions asked about them. */
export const fakeDevices = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/**
 * Chromium's own, where the window hands the stream of a running track to a worker: of the frames that come by way of the
 * window before the stream is wholly over there, one in forty is left to the garbage collector (measured with Chromium 156
 * and no more than a track, a worker and `postMessage`). It says so of windows only, and the window holds no frame of such
 * a capture itself; the worker's are counted by engine-capture.
 */
export const isFrameOfTransfer = (message: ConsoleMessage): boolean =>
  message.worker() === null && message.text().startsWith('A VideoFrame was garbage collected');

interface BrowserOptions {
  /** an X server on which it opens real windows; without one it has none */
  readonly screen?: { readonly env: NodeJS.ProcessEnv };
  /** its pages sound; where nobody needs it, they are muted */
  readonly hasSound?: boolean;
}

/** @param moreArgs of its devices, pickers and permissions: whoever gives some gets the whole browser, which alone has them */
export const launchBrowser = (
  moreArgs: readonly string[] = [],
  { screen, hasSound = false }: BrowserOptions = {},
): Promise<Browser> =>
  chromium.launch({
    executablePath: programPath(screen || moreArgs.length > 0 ? 'chromium' : 'windowlessChromium'),
    ...(screen && { headless: false, env: definedOnly(screen.env) }),
    ...(hasSound && { ignoreDefaultArgs: ['--mute-audio'] }),
    args: [
      '--no-sandbox',
      // The page is composed by the processor; only WebGL goes through the software renderer.
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // WebGL without a graphics card.
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      ...moreArgs,
    ],
  });

const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

export interface UiPage {
  page: Page;
  /** console errors, uncaught exceptions and breaches of the content security policy; tests expect none */
  problems: string[];
  close(): Promise<void>;
}

interface UiPageOptions {
  width?: number;
  height?: number;
  scale?: number;
  /** the page takes the emulated WebGL of test machines for a real one */
  hasGraphicsCard?: boolean;
  /** camera and microphone are allowed */
  mayCapture?: boolean;
  /** what the browser says of itself, and no page can help */
  isNoise?: (message: ConsoleMessage) => boolean;
}

/** A page in a browser profile of its own. */
export async function openUi(
  browser: Browser,
  url: string,
  {
    width = 1280,
    height = 720,
    scale = 1,
    hasGraphicsCard = false,
    mayCapture = false,
    isNoise = () => false,
  }: UiPageOptions = {},
): Promise<UiPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    permissions: ['clipboard-read', 'clipboard-write', ...(mayCapture ? ['camera', 'microphone'] : [])],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    const isConnectionLoss = /WebSocket connection to .* failed/.test(message.text());
    if (
      ['error', 'warning'].includes(message.type()) &&
      !isConnectionLoss &&
      !isNoise(message) &&
      !/GPU stall|swiftshader|GL Driver/i.test(message.text())
    )
      problems.push(`${message.type()}: ${message.text()}`);
  });
  if (hasGraphicsCard) await page.addInitScript(nameGraphicsCard);
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}

/**
 * One tab for all tests of a file, each with a peer and so an origin of its own. A page in a process that is there and has
 * compiled the scripts comes in half the time. Not for tests that change the tab itself: what an init script has added
 * stays.
 */
export class UiTab {
  readonly #ui: UiPage;
  readonly #size: { width: number; height: number };

  private constructor(ui: UiPage, size: { width: number; height: number }) {
    this.#ui = ui;
    this.#size = size;
  }

  static async open(browser: Browser, { width = 1280, height = 720 } = {}): Promise<UiTab> {
    return new UiTab(await openUi(browser, 'about:blank', { width, height }), { width, height });
  }

  async show(url: string): Promise<UiPage> {
    const { page, problems } = this.#ui;
    problems.length = 0;
    await page.setViewportSize(this.#size);
    await page.goto(url);
    return { page, problems, close: () => this.#leave() };
  }

  async #leave(): Promise<void> {
    const { page } = this.#ui;
    // A port may come again, and with it the origin.
    await page.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await page.goto('about:blank');
    // Where a new tab has it.
    await page.mouse.move(0, 0);
  }
}

function nameGraphicsCard(): void {
  const prototype = WebGLRenderingContext.prototype;
  const read = Object.getOwnPropertyDescriptor(prototype, 'getParameter')?.value as (
    this: WebGLRenderingContext,
    name: number,
  ) => unknown;
  const unmaskedRenderer = 0x9246;
  prototype.getParameter = function (name: number) {
    return name === unmaskedRenderer ? 'A graphics card' : read.call(this, name);
  };
}

/** `now`: whatever is there; `painted`: the moment a new frame has come onto the canvas */
type CanvasMoment = 'now' | 'painted';

interface CanvasReading {
  /** what the page says is on the canvas */
  frameIndex: number;
  /** unix ms at which the canvas was as read */
  atUnixMs: number;
  /** unix ms at which its pixels were at hand: drawn in truth, not only asked for */
  readUnixMs: number;
}

/**
 * Colours on the program canvas, with the frame that they belong to.
 * @param points fractions of the picture's width and height
 */
export function readCanvas(
  page: Page,
  points: readonly { x: number; y: number }[],
  moment: CanvasMoment = 'now',
): Promise<CanvasReading & { colors: number[][] }> {
  return page.getByTestId('program-canvas').evaluate(
    async (element, { wanted, isAfterPaint }) => {
      const canvas = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext('2d', { willReadFrequently: true });
      if (!context) throw new Error('no 2d context');
      if (isAfterPaint)
        await new Promise<void>((resolve) => {
          const observer = new MutationObserver(() => {
            observer.disconnect();
            resolve();
          });
          observer.observe(canvas, { attributeFilter: ['data-frame-index'] });
        });
      const unixMs = (): number => performance.timeOrigin + performance.now();
      const frameIndex = Number(canvas.dataset['frameIndex']);
      const atUnixMs = unixMs();
      context.drawImage(canvas, 0, 0, copy.width, copy.height);
      const colors = wanted.map(({ x, y }) => [
        ...context
          .getImageData(Math.floor(x * copy.width), Math.floor(y * copy.height), 1, 1)
          .data.slice(0, 3),
      ]);
      return { frameIndex, atUnixMs, readUnixMs: unixMs(), colors };
    },
    { wanted: points, isAfterPaint: moment === 'painted' },
  );
}

/** The sync pattern's counter as it is on the canvas; null when it cannot be read. */
export async function readCanvasCounter(
  page: Page,
  moment: CanvasMoment = 'now',
): Promise<CanvasReading & { counter: number | null }> {
  const [width, height] = [1920, 1080];
  const layout = syncLayout(width, height);
  const { colors, ...reading } = await readCanvas(
    page,
    Array.from({ length: syncCounterBits }, (_, bit) => {
      const cell = layout.cell(bit);
      return { x: (cell.x + cell.width / 2) / width, y: (cell.y + cell.height / 2) / height };
    }),
    moment,
  );
  return { ...reading, counter: readSyncCounter(colors.map(([, green]) => green ?? -1)) };
}
