// `npm run bench -- outputs`: what leaves the one encode, at 1080p60 with the reference scene, a recording running.
//   what one more destination costs the engine (1 against 7 more, in turns in one run)
//   how long pictures wait in the packet hub with all eight (p99, from the engine's own metric)
//   pressing “Go live” → accepted by the far end, and its first picture in: with the program's encoder, which runs, and with
//   a variant's (720p30), which is started for it
//   planned changes of bitrate and profile: frames lost, pause
// The far end is a plain node-media-server in a process of its own, which is not counted.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { bundledFont, root } from './places.mjs';
import { makeScene } from './reference-scene.mjs';
import { cpuMsOf, median } from './run.mjs';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const seconds = Math.max(2, Number(option('seconds', '15')));
const rounds = Math.max(1, Number(option('rounds', '5')));
const profile = option('profile', 'veryfast-2t');
const ffmpeg = process.env.FFMPEG_BIN ?? execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'studio-outputs-'));
const most = 8;
const limits = { destinationPercent: 1.5, hubMs: 10, goLiveMs: 500, coldMs: 2000, lostFrames: 0 };

/** ends what was started, in reverse */
const ends = [];

async function startFarEnd() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  const child = spawn(
    process.execPath,
    [join(root, 'test', 'bench', 'far-end.mjs'), String(port), join(folder, 'far-end')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  ends.push(() => child.kill('SIGKILL'));
  const said = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [what, key, us] = line.split(' ');
    said.push({ what, key, ms: Number(us) / 1000 });
  });
  return { url: `rtmp://127.0.0.1:${port}/live`, said };
}

async function startEngine() {
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ isFirstRunDone: true, profile, fps: 60 }));
  const child = spawn(
    process.execPath,
    [
      join(root, 'out', 'engine.js'),
      ...['--data-dir', data, '--http', '0', '--rtmp', '0', '--size', '1920x1080'],
      ...['--collection', join(folder, 'collection.json'), '--record', join(folder, 'take.mp4')],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, FFMPEG_BIN: ffmpeg, LOG_LEVEL: 'error' } },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  ends.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(new URL(String(line).split(' ')[1])));
    child.once('close', (code) => reject(new Error(`the engine ended with ${code} before it was ready`)));
  });
  const token = url.hash.replace('#token=', '');
  const call = async (command, input = {}) => {
    const answer = await fetch(new URL('/api/call', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ command, input }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${command}: ${JSON.stringify(body)}`);
    return body;
  };
  const snapshot = () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${url.host}/ws`, { origin: url.origin });
      socket.on('error', reject);
      socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', version: 1, token })));
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type !== 'welcome') return;
        socket.close();
        resolve(message.snapshot);
      });
    });
  const metrics = async () => (await fetch(new URL('/metrics', url))).text();
  return { pid: child.pid, call, snapshot, metrics };
}

async function until(what, isSo, limitMs = 15_000) {
  for (const end = performance.now() + limitMs; ; await delay(20)) {
    const found = await isSo();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
  }
}

/** upper bound (ms) → pictures that waited at most so long, all destinations together */
function hubWaits(text) {
  const found = new Map();
  for (const line of text.split('\n')) {
    const match = /^hub_packet_seconds_bucket\{le="([^"]+)",output="far \d"\} (\d+)/.exec(line);
    if (!match) continue;
    const boundMs = match[1] === '+Inf' ? Infinity : Number(match[1]) * 1000;
    found.set(boundMs, (found.get(boundMs) ?? 0) + Number(match[2]));
  }
  return found;
}

/** the bound that this share of the pictures between two readings stays within */
function percentile(before, after, share) {
  const counts = [...after].map(([boundMs, count]) => [boundMs, count - (before.get(boundMs) ?? 0)]);
  counts.sort(([one], [other]) => one - other);
  const total = counts.at(-1)?.[1] ?? 0;
  if (total === 0) throw new Error('no picture went through the hub');
  return { ms: counts.find(([, count]) => count >= share * total)[0], pictures: total };
}

const cpuPercent = async (pid) => {
  const [before, at] = [cpuMsOf(pid), performance.now()];
  await delay(seconds * 1000);
  return ((cpuMsOf(pid) - before) / (performance.now() - at)) * 100;
};

const nowMs = () => Number(process.hrtime.bigint() / 1000n) / 1000;

/** @returns milliseconds from now until the far end accepted the stream, and until its first picture was in */
async function goLive(engine, farEnd, id, key) {
  const from = farEnd.said.length;
  const startedMs = nowMs();
  await engine.call('destination.start', { id });
  const when = (what) =>
    until(`${key} ${what}`, () =>
      farEnd.said.slice(from).find((line) => line.what === what && line.key === key),
    );
  const [published, video] = [await when('publish'), await when('video')];
  return { publishedMs: published.ms - startedMs, videoMs: video.ms - startedMs };
}

/** with an encoder that is started for it */
async function goLiveCold(engine, farEnd) {
  const size = { name: '720p30', width: 1280, height: 720, maxFps: 30, bitrateKbps: 2500 };
  const { id: variantId } = await engine.call('variant.save', size);
  const far = { name: 'far variant', url: farEnd.url, key: 'variant', variantId, isEnabled: false };
  const { id } = await engine.call('destination.add', far);
  const isOff = async () => {
    const { variants } = await engine.snapshot();
    return variants.list.every(({ state }) => state === 'off');
  };
  const found = [];
  for (let round = 0; round < rounds; round += 1) {
    await until('no variant is encoded', isOff);
    found.push(await goLive(engine, farEnd, id, 'variant'));
    await engine.call('destination.stop', { id });
  }
  await until('no variant is encoded', isOff);
  return found.map(({ videoMs }) => videoMs);
}

async function handOvers(engine, patches) {
  const found = [];
  for (const patch of patches) {
    const before = (await engine.snapshot()).program.handOvers.length;
    await engine.call('settings.update', { patch });
    const list = (await engine.snapshot()).program.handOvers;
    if (list.length === before && before < 20) throw new Error(`no hand-over for ${JSON.stringify(patch)}`);
    found.push({ patch, ...list.at(-1) });
  }
  return found;
}

try {
  console.error(`bench: ${cpus().length} × ${cpus()[0].model.trim()}, ${ffmpeg}, ${rounds} × ${seconds} s`);
  await makeScene(folder, ffmpeg, bundledFont);
  const farEnd = await startFarEnd();
  const engine = await startEngine();
  const keys = Array.from({ length: most }, (_, at) => `key-${at + 1}`);
  const ids = [];
  for (const [at, key] of keys.entries()) {
    const { id } = await engine.call('destination.add', { name: `far ${at + 1}`, url: farEnd.url, key });
    ids.push(id);
  }
  await delay(3000);

  const [first, ...others] = ids;
  const live = [];
  for (let round = 0; round < rounds; round += 1) {
    live.push(await goLive(engine, farEnd, first, keys[0]));
    if (round === rounds - 1) break;
    await engine.call('destination.stop', { id: first });
    await delay(500);
  }

  const cold = await goLiveCold(engine, farEnd);

  const allAre = (state) =>
    until(`seven are ${state}`, async () => {
      const { outputs } = await engine.snapshot();
      return others.every((id) => outputs.find((output) => output.id === id)?.status.state === state);
    });
  const costs = [];
  const shares = [];
  const waits = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await cpuPercent(engine.pid);
    for (const id of others) await engine.call('destination.start', { id });
    await allAre('live');
    // They begin with the GOP at hand, which is sent at once.
    await delay(3000);
    const before = hubWaits(await engine.metrics());
    const together = await cpuPercent(engine.pid);
    waits.push(percentile(before, hubWaits(await engine.metrics()), 0.99));
    for (const id of others) await engine.call('destination.stop', { id });
    await allAre('idle');
    costs.push((together - alone) / (most - 1));
    shares.push({ alone, together });
    console.error(
      `round ${round + 1}: engine ${alone.toFixed(1)} % of a core with 1, ${together.toFixed(1)} % with ${most}; hub p99 ≤ ${waits.at(-1).ms} ms of ${waits.at(-1).pictures}`,
    );
  }

  const changes = await handOvers(engine, [
    { bitrateKbps: 4000 },
    { bitrateKbps: 6000 },
    { profile: 'superfast-2t' },
    { profile },
  ]);
  const { outputs } = await engine.snapshot();
  const skipped = /^encoder_dropped_frames (\d+)/m.exec(await engine.metrics())?.[1];

  const warm = live.map(({ videoMs }) => videoMs);
  const lost = changes.reduce((sum, { lostFrames }) => sum + lostFrames, 0);
  const longest = Math.max(...changes.map(({ gapMs }) => gapMs));
  const table = [
    {
      what: 'one more destination, % of a core (median)',
      found: median(costs),
      limit: limits.destinationPercent,
      digits: 2,
      more: `engine alone ${median(shares.map(({ alone }) => alone)).toFixed(1)} % with one, ${median(shares.map(({ together }) => together)).toFixed(1)} % with ${most}`,
    },
    {
      what: `hub, p99 with ${most} destinations and a recording, ms (worst round)`,
      found: Math.max(...waits.map(({ ms }) => ms)),
      limit: limits.hubMs,
      digits: 1,
      more: `${waits.reduce((sum, { pictures }) => sum + pictures, 0)} pictures`,
    },
    {
      what: 'Go live → first picture accepted, ms (worst)',
      found: Math.max(...warm),
      limit: limits.goLiveMs,
      digits: 0,
      more: `median ${median(warm).toFixed(0)}; accepted after ${median(live.map(({ publishedMs }) => publishedMs)).toFixed(0)}`,
    },
    {
      what: 'the same with a variant, whose encoder is started for it, ms (worst)',
      found: Math.max(...cold),
      limit: limits.coldMs,
      digits: 0,
      more: `median ${median(cold).toFixed(0)}`,
    },
    {
      what: 'planned hand-overs, frames lost',
      found: lost,
      limit: limits.lostFrames,
      digits: 0,
      more: `${changes.length} changes, longest pause ${longest.toFixed(0)} ms`,
    },
  ];
  console.log('');
  for (const { what, found, limit, digits, more } of table)
    console.log(
      `${found <= limit ? 'holds' : 'FAILS'}  ${what}: ${found.toFixed(digits)} (limit ${limit}); ${more}`,
    );
  const dropped = outputs.reduce((sum, { droppedFrames }) => sum + droppedFrames, 0);
  console.log(`meanwhile ${skipped} frames skipped, ${dropped} dropped`);
  process.exitCode = table.every(({ found, limit }) => found <= limit) ? 0 : 1;
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
