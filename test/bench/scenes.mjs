// `npm run bench -- --only scenes`: what single things cost, each beside FFmpeg's filter graph doing the same.
// Ours runs in real time with the cheapest encoder; counted is the engine (with its compositor) and its sources, not the
// encoder. Limits are on the mean of what the compositor needs for a frame, and on frames that came late or not at all.
// FFmpeg composes the same number of frames into nothing, as fast as it goes. CPU a frame, median of the rounds. In the
// row of a page's camera “sources” is all of Chromium: it captures, and shows the program in its page meanwhile.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { browserScene, collectionPath, pictureScenes, screenScene } from './picture-scenes.mjs';
import { root, bundledFont } from './places.mjs';
import { makeScene, text } from './reference-scene.mjs';
import { cpuMsOf, median, timed, treeCpuMs } from './run.mjs';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const seconds = Math.max(4, Number(option('scene-seconds', '12')));
const rounds = Number(option('rounds', '3'));
const ffmpeg = process.env.FFMPEG_BIN ?? execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'studio-scenes-'));
const fps = 60;

const has = (program) => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/**
 * Runs the engine on a case.
 * @param whileRunning called with its page's address when it is ready; what it gives goes before what was counted
 */
async function ours({ collection, fade, seconds: length = seconds }, env = {}, whileRunning = undefined) {
  writeFileSync(collectionPath(folder), JSON.stringify(collection));
  const summary = join(folder, 'summary.json');
  const data = join(folder, 'data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data);
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ isFirstRunDone: true }));
  const child = spawn(
    process.execPath,
    [
      join(root, 'out', 'engine.js'),
      ...['--data-dir', data, '--http', '0', '--rtmp', '0', '--summary', summary],
      ...['--collection', collectionPath(folder), '--size', '1920x1080', '--fps', String(fps)],
      ...['--profile', 'ultrafast-2t', '--duration', String(whileRunning ? 120 : length)],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FFMPEG_BIN: ffmpeg, LOG_LEVEL: 'error', ...env },
    },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await new Promise((resolve) =>
    child.stdout.once('data', (line) => resolve(new URL(String(line).split(' ')[1]))),
  );
  if (fade) {
    const transition = { kind: 'fade', durationMs: fade.durationMs };
    await fetch(new URL('/api/call', url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${url.hash.replace('#token=', '')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ command: 'scene.switch', input: { sceneId: fade.sceneId, transition } }),
    }).then(async (answer) => {
      if (!answer.ok) throw new Error(`the scene could not be switched: ${await answer.text()}`);
    });
  }
  const own = whileRunning && (await whileRunning(url.href, child));
  if (own) child.kill('SIGTERM');
  await ended;
  const { latencyMs, cpuMsPerFrame, frames: counted } = JSON.parse(readFileSync(summary, 'utf8'));
  return {
    composeMs: latencyMs.compose.mean ?? 0,
    composeP99Ms: latencyMs.compose.p99 ?? 0,
    engineMs: cpuMsPerFrame.engine,
    sourcesMs: cpuMsPerFrame.sources,
    lagged: counted.lagged,
    skipped: counted.skipped,
    ticks: counted.ticks,
    ...own,
  };
}

async function theirs({ inputs, graph, seconds: length = seconds }, env = {}) {
  const frames = length * fps;
  const args = ['-v', 'error', '-nostdin', ...inputs, '-filter_complex', graph, '-map', '[v]'];
  // A capture comes in real time: as many frames as ours had.
  const run = await timed(ffmpeg, [...args, '-frames:v', String(frames), '-f', 'null', '-'], { env });
  return run.cpuMs / frames;
}

async function compare(one, env, whileRunning) {
  const our = [];
  const their = [];
  for (let round = 0; round < rounds; round += 1) {
    our.push(await ours(one, env, whileRunning));
    their.push(await theirs(one, env));
  }
  const middle = (key) => median(our.map((run) => run[key]));
  return {
    name: one.name,
    composeMs: middle('composeMs'),
    composeP99Ms: middle('composeP99Ms'),
    engineMs: middle('engineMs'),
    sourcesMs: middle('sourcesMs'),
    ffmpegMs: median(their),
    lagged: middle('lagged'),
    skipped: middle('skipped'),
    latePercent: median(our.map((run) => ((run.lagged + run.skipped) / run.ticks) * 100)),
    limit: one.limit,
  };
}

async function onScreen(task) {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise((resolve, reject) => {
    server.stdio[3].once('data', (line) => resolve(String(line).trim()));
    server.once('exit', () => reject(new Error('Xvfb ended')));
  });
  const display = `:${number}`;
  const count = 'i=0; while :; do i=$((i+1)); echo line $i of something that moves; sleep 0.02; done';
  const busy = spawn('xterm', ['-geometry', '120x40+200+150', '-e', 'sh', '-c', count], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: display },
  });
  try {
    return await task(display);
  } finally {
    busy.kill();
    server.kill();
  }
}

/** A page that captures Chromium's fake camera for the source of the browser's case. */
async function withPage(task) {
  const { chromium } = await import('playwright-core');
  const server = await chromium.launchServer({
    executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    ],
  });
  const browser = await chromium.connect(server.wsEndpoint());
  const cpuMs = (engine) => ({ engine: cpuMsOf(engine.pid), browser: treeCpuMs(server.process().pid) });
  try {
    return await task(async (url, engine) => {
      const page = await browser.newPage({ permissions: ['camera'] });
      await page.goto(url);
      await page.getByRole('row', { name: /^Camera/ }).click();
      await page.getByRole('button', { name: 'Start capture' }).click();
      await page.getByText('Captured in this window').waitFor();
      // Only while it captures: the start of the browser is not what is measured.
      const before = cpuMs(engine);
      const sinceMs = performance.now();
      await delay(seconds * 1000);
      const passed = ((performance.now() - sinceMs) * fps) / 1000;
      const after = cpuMs(engine);
      await page.close();
      return {
        engineMs: (after.engine - before.engine) / passed,
        sourcesMs: (after.browser - before.browser) / passed,
      };
    });
  } finally {
    await server.close();
  }
}

try {
  const { image, clip } = await makeScene(folder, ffmpeg, bundledFont);
  const rows = [];
  for (const one of pictureScenes({ image, clip, font: bundledFont, text })) rows.push(await compare(one));
  // What needs another program may fail for that program's reasons: the other figures are kept.
  const attempt = async (name, programs, task) => {
    try {
      const missing = programs.filter((program) => !has(program));
      if (missing.length > 0)
        throw new Error(`it needs ${missing.join(' and ')}; install them with: npm run setup:system`);
      rows.push(await task());
    } catch (error) {
      console.error(`left out: ${name}: ${error.message}`);
      process.exitCode = 1;
    }
  };
  await attempt('x11grab', ['Xvfb', 'xterm'], () =>
    onScreen((display) => compare(screenScene(display), { DISPLAY: display })),
  );
  await attempt("a page's camera", ['chromium'], () =>
    withPage((capture) => compare(browserScene(), {}, capture)),
  );
  const cell = (value) => value.toFixed(2).padStart(9);
  console.log(`\n${''.padEnd(38)}  compose      p99   engine  sources   FFmpeg   (CPU ms a frame, 1080p60)`);
  for (const row of rows)
    console.log(
      `${row.name.padEnd(38)}${cell(row.composeMs)}${cell(row.composeP99Ms)}${cell(row.engineMs)}${cell(row.sourcesMs)}${cell(row.ffmpegMs)}   lagged ${row.lagged}, skipped ${row.skipped}`,
    );
  let isGood = true;
  for (const { name, limit, ...row } of rows) {
    if (!limit) continue;
    for (const [what, most] of [limit, ['latePercent', 1]]) {
      const holds = row[what] <= most;
      isGood &&= holds;
      console.log(`${holds ? 'holds' : 'FAILS'}  ${name}: ${what} ≤ ${most}: ${row[what].toFixed(2)}`);
    }
  }
  writeFileSync(
    join(root, 'out', 'bench-scenes.json'),
    `${JSON.stringify({ seconds, rounds, rows }, null, 2)}\n`,
  );
  if (!isGood) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
