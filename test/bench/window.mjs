// `npm run bench -- --only window`: what the window costs, in software-rendered Chromium beside the engine on one machine.
// Idle: CPU of all of Chromium's processes while nobody touches a 960×540 window that shows the program 30 times a second.
// Dragging: pictures a second that the page draws while an item of a ten-item scene is dragged without a pause.
/* global document, MutationObserver, requestAnimationFrame */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { collectionPath, pictureScenes } from './picture-scenes.mjs';
import { bundledFont, root } from './places.mjs';
import { makeScene, text } from './reference-scene.mjs';
import { median, treeCpuMs } from './run.mjs';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const seconds = Math.max(2, Number(option('window-seconds', '10')));
const rounds = Number(option('rounds', '3'));
const ffmpeg = process.env.FFMPEG_BIN ?? execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'studio-window-'));

async function startEngine(collection) {
  writeFileSync(collectionPath(folder), JSON.stringify(collection));
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ isFirstRunDone: true }));
  const child = spawn(
    process.execPath,
    [
      join(root, 'out', 'engine.js'),
      ...['--data-dir', data, '--http', '0', '--rtmp', '0', '--collection', collectionPath(folder)],
      ...['--size', '1920x1080', '--fps', '30', '--profile', 'ultrafast-2t'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, FFMPEG_BIN: ffmpeg, LOG_LEVEL: 'error' } },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(String(line).split(' ')[1]));
    child.once('close', () => reject(new Error('the engine ended before it was ready')));
  });
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * A browser with one page, spoken to by nothing but `Runtime` and `Input`: whoever listens to the network as well is handed
 * every preview picture once more, and that would be measured.
 */
async function openPage(url, { width, height }) {
  const profile = mkdtempSync(join(folder, 'profile-'));
  const child = spawn(
    execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--mute-audio', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, `--window-size=${width},${height}`, url],
    ],
    { stdio: 'ignore' },
  );
  const gone = new Promise((resolve) => child.once('close', resolve));
  const portFile = join(profile, 'DevToolsActivePort');
  const until = async (what) => {
    for (const end = performance.now() + 30_000; ; await delay(50)) {
      const found = await what();
      if (found) return found;
      if (performance.now() > end) throw new Error('the page did not come');
    }
  };
  await until(() => existsSync(portFile));
  const port = readFileSync(portFile, 'utf8').split('\n')[0];
  const target = await until(async () => {
    const targets = await fetch(`http://127.0.0.1:${port}/json`).then((answer) => answer.json());
    return targets.find(({ type }) => type === 'page');
  });
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.once('open', resolve));
  const waiting = new Map();
  socket.on('message', (message) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let last = 0;
  const call = (method, params = {}) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  const evaluate = async (work) => {
    const answer = await call('Runtime.evaluate', { expression: `(${work})()`, returnByValue: true });
    return answer.result?.value;
  };
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await until(() => evaluate(() => document.querySelector('canvas[data-frame-index]') !== null));
  await delay(3000);
  return {
    pid: child.pid,
    evaluate,
    // Held with Ctrl nothing snaps: every move of the hand moves the item.
    mouse: (type, x, y) =>
      call('Input.dispatchMouseEvent', {
        type,
        x,
        y,
        button: 'left',
        buttons: 1,
        clickCount: 1,
        modifiers: 2,
      }),
    close: async () => {
      await call('Browser.close');
      await gone;
      socket.close();
    },
  };
}

async function idle(url) {
  const page = await openPage(url, { width: 960, height: 540 });
  await page.evaluate(() => {
    const canvas = document.querySelector('canvas[data-frame-index]');
    globalThis.paintedCount = 0;
    new MutationObserver(() => (globalThis.paintedCount += 1)).observe(canvas, {
      attributeFilter: ['data-frame-index'],
    });
  });
  const before = treeCpuMs(page.pid);
  const since = performance.now();
  await delay(seconds * 1000);
  const passedMs = performance.now() - since;
  const share = (treeCpuMs(page.pid) - before) / passedMs;
  const painted = await page.evaluate(() => globalThis.paintedCount);
  await page.close();
  return { percentOfCore: share * 100, previewFps: (painted * 1000) / passedMs };
}

/** Drags the clip down on the right round and round, a move of the hand every 8 ms. */
async function dragging(url) {
  const page = await openPage(url, { width: 1280, height: 720 });
  const picture = await page.evaluate(() => {
    const { x, y, width } = document.querySelector('.stage-picture').getBoundingClientRect();
    return { x, y, width };
  });
  const scale = picture.width / 1920;
  const start = { x: picture.x + 1620 * scale, y: picture.y + 875 * scale };
  await page.mouse('mouseMoved', start.x, start.y);
  await page.mouse('mousePressed', start.x, start.y);
  await page.evaluate(() => {
    const record = { times: [], moved: 0 };
    globalThis.dragRecord = record;
    let last = '';
    const look = (time) => {
      record.times.push(time);
      const now = document.querySelector('[data-testid="editor-frame"]')?.innerHTML ?? '';
      if (now !== last) record.moved += 1;
      last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const end = performance.now() + seconds * 1000;
  for (let step = 0; performance.now() < end; step += 1) {
    const angle = step / 30;
    const sentAt = performance.now();
    await page.mouse('mouseMoved', start.x - 60 + 60 * Math.cos(angle), start.y - 40 + 40 * Math.sin(angle));
    await delay(Math.max(0, 8 - (performance.now() - sentAt)));
  }
  const { times, moved } = await page.evaluate(() => globalThis.dragRecord);
  await page.mouse('mouseReleased', start.x, start.y);
  await page.close();
  const gaps = times
    .slice(1)
    .map((time, at) => time - times[at])
    .sort((one, other) => one - other);
  const passedMs = times.at(-1) - times[0];
  return {
    fps: (gaps.length * 1000) / passedMs,
    movedFps: (moved * 1000) / passedMs,
    p50Ms: median(gaps),
    p99Ms: gaps[Math.floor(gaps.length * 0.99)],
  };
}

try {
  const { image, clip } = await makeScene(folder, ffmpeg, bundledFont);
  const ten = pictureScenes({ image, clip, font: bundledFont, text }).find(({ name }) =>
    name.startsWith('ten'),
  );
  const engine = await startEngine(ten.collection);
  const idles = [];
  const drags = [];
  for (let round = 0; round < rounds; round += 1) {
    idles.push(await idle(engine.url));
    drags.push(await dragging(engine.url));
  }
  await engine.stop();
  const of = (runs, key) => median(runs.map((run) => run[key]));
  console.log(
    `\nidle window 960×540: ${of(idles, 'percentOfCore').toFixed(1)} % of a core, preview ${of(idles, 'previewFps').toFixed(1)} fps`,
  );
  console.log(
    `dragging, 1280×720: ${of(drags, 'fps').toFixed(1)} pictures a second, ${of(drags, 'movedFps').toFixed(1)} of them with the item elsewhere; gaps p50 ${of(drags, 'p50Ms').toFixed(1)} ms, p99 ${of(drags, 'p99Ms').toFixed(1)} ms`,
  );
  writeFileSync(
    join(root, 'out', 'bench-window.json'),
    `${JSON.stringify({ seconds, idles, drags }, null, 2)}\n`,
  );
  const limits = [
    ['idle window ≤ 25 % of a core', of(idles, 'percentOfCore') <= 25],
    ['idle window: the program 30 times a second', of(idles, 'previewFps') >= 28],
    ['dragging: half the pictures come after 1/60 s', of(drags, 'p50Ms') < 17],
    ['dragging: at most one in a hundred comes a picture late', of(drags, 'p99Ms') <= 34],
    ['dragging: the item moves 55 times a second', of(drags, 'movedFps') >= 55],
  ];
  for (const [what, holds] of limits) console.log(`${holds ? 'holds' : 'FAILS'}  ${what}`);
  if (limits.some(([, holds]) => !holds)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
