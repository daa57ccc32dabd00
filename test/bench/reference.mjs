// npm run bench -- --only reference: the whole program beside bare FFmpeg, in one run on the same assets. Prints a table and writes JSON.
//   (a) bare FFmpeg encoding the exact frames and samples that (c) produced, same flags
//   (b) FFmpeg composing with overlay + drawtext, same flags
//   (c) this program, as fast as it goes; and in real time
// CPU counts every process. Compare ratios, not seconds: the machine may be shared.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { bundledFont as font, root } from './places.mjs';
import { makeScene, clipPlace, text, textPlace } from './reference-scene.mjs';
import { median, timed } from './run.mjs';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const seconds = Number(option('seconds', '60'));
const rounds = Number(option('rounds', '5'));
const output = option('json', join(root, 'out', 'bench.json'));
const ffmpeg = process.env.FFMPEG_BIN ?? execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(option('folder', tmpdir()), 'studio-bench-'));
const fps = 60;
const frames = Math.round(seconds * fps);

async function engine(extra, env = {}) {
  const run = await timed(
    process.execPath,
    [
      join(root, 'out', 'engine.js'),
      '--data-dir',
      join(folder, 'data'),
      '--http',
      '0',
      '--rtmp',
      '0',
      '--summary',
      join(folder, 'summary.json'),
      '--collection',
      join(folder, 'collection.json'),
      ...extra,
    ],
    { env: { FFMPEG_BIN: ffmpeg, LOG_LEVEL: 'warn', ...env } },
  );
  return { ...run, summary: JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) };
}

try {
  const scene = await makeScene(folder, ffmpeg, font);
  const capture = join(folder, 'capture');
  mkdirSync(capture);
  console.error(
    `bench: ${cpus().length} × ${cpus()[0].model.trim()}, ${ffmpeg}, ${seconds} s of 1080p60, ${rounds} rounds`,
  );
  const flags = [
    '--size',
    '1920x1080',
    '--fps',
    String(fps),
    '--bitrate',
    '6000',
    '--profile',
    'veryfast-2t',
  ];
  await engine([...flags, '--clock', 'max', '--duration', String(seconds)], {
    FFMPEG_BIN: join(root, 'test', 'bench', 'capture-ffmpeg.sh'),
    BENCH_FFMPEG: ffmpeg,
    BENCH_CAPTURE: capture,
  });
  const args = (name) =>
    readFileSync(join(capture, `${name}.args`), 'utf8')
      .split('\0')
      .slice(0, -1);
  const video = args('video');
  const audio = args('audio');
  const videoInput = video.slice(0, video.indexOf('pipe:0') + 1);
  // Everything between the input and the output is how it is encoded; (b) must encode just so.
  const videoFlags = video.slice(video.indexOf('pipe:0') + 1, -1);
  const map = videoFlags.indexOf('-map');
  const withoutMap = videoFlags.toSpliced(map, 2);
  const audioInput = audio.slice(0, audio.indexOf('pipe:0')).filter((word) => word !== '-i');
  const bareArgs = [
    ...videoInput.map((word) => (word === 'pipe:0' ? join(capture, 'video.mkv') : word)),
    ...videoFlags,
    join(folder, 'a.flv'),
  ];
  const bareAudio = [
    ...audioInput,
    '-i',
    join(capture, 'audio.pcm'),
    ...audio.slice(audio.indexOf('pipe:0') + 1, -1),
    join(folder, 'a.aac'),
  ];
  const overlayArgs = [
    '-v',
    'error',
    '-y',
    '-nostdin',
    '-loop',
    '1',
    '-framerate',
    String(fps),
    '-i',
    scene.image,
    '-stream_loop',
    '-1',
    '-i',
    scene.clip,
    '-filter_complex',
    `[1:v]scale=${clipPlace.width}:${clipPlace.height},fps=${fps}[clip];[0:v][clip]overlay=${clipPlace.x}:${clipPlace.y}:shortest=0,drawtext=fontfile=${font}:text='${text}':fontsize=${textPlace.sizePx}:fontcolor=white:x=${textPlace.x}:y=${textPlace.y},format=yuv420p[v]`,
    '-map',
    '[v]',
    '-frames:v',
    String(frames),
    ...withoutMap,
    join(folder, 'b.flv'),
  ];
  const measured = { a: [], b: [], c: [] };
  for (let round = 0; round < rounds; round += 1) {
    const bare = await timed(ffmpeg, ['-y', ...bareArgs]);
    const sound = await timed(ffmpeg, ['-y', ...bareAudio]);
    measured.a.push({
      cpu: (bare.cpuMs + sound.cpuMs) / frames,
      fps: (frames * 1000) / bare.wallMs,
      stolenMs: bare.stolenMs,
    });
    const whole = await engine([...flags, '--clock', 'max', '--duration', String(seconds)]);
    measured.c.push({
      cpu: whole.cpuMs / frames,
      steady: whole.summary.cpuMsPerFrame,
      fps: whole.summary.encoderFps,
      stolenMs: whole.stolenMs,
      frames: whole.summary.frames,
    });
    const overlay = await timed(ffmpeg, overlayArgs);
    measured.b.push({
      cpu: (overlay.cpuMs + sound.cpuMs) / frames,
      fps: (frames * 1000) / overlay.wallMs,
      stolenMs: overlay.stolenMs,
    });
    console.error(
      `round ${round + 1}: CPU ms/frame a ${measured.a.at(-1).cpu.toFixed(2)}, b ${measured.b.at(-1).cpu.toFixed(2)}, c ${measured.c.at(-1).cpu.toFixed(2)}`,
    );
  }
  /** round by round: what disturbs the machine disturbs both */
  const over = (left, right) => {
    const ratios = measured[left].map((run, round) => run.cpu / measured[right][round].cpu);
    return { median: median(ratios), worst: Math.max(...ratios) };
  };
  const realTime = async (name, extra) => {
    const runs = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const run = await engine([...extra, '--duration', String(seconds)]);
      runs.push({
        lagged: run.summary.frames.lagged,
        skipped: run.summary.frames.skipped,
        stolenMs: run.stolenMs,
        cpu: run.summary.cpuMsPerFrame,
        latencyMs: run.summary.latencyMs,
        rssMb: run.summary.rssMb,
      });
      console.error(
        `${name}, attempt ${attempt + 1}: lagged ${runs.at(-1).lagged}, skipped ${runs.at(-1).skipped}, stolen ${run.stolenMs} ms`,
      );
      if (run.summary.frames.lagged + run.summary.frames.skipped === 0) break;
    }
    return runs.sort((left, right) => left.lagged + left.skipped - right.lagged - right.skipped)[0];
  };
  const real60 = await realTime('real time 1080p60 veryfast-2t', flags);
  const real30 = await realTime('real time 1080p30 reference-2t', [
    '--size',
    '1920x1080',
    '--fps',
    '30',
    '--bitrate',
    '6000',
    '--profile',
    'reference-2t',
  ]);
  const result = {
    machine: { cpu: cpus()[0].model.trim(), cores: cpus().length, node: process.version },
    seconds,
    rounds,
    capturedBytes: statSync(join(capture, 'video.mkv')).size,
    measured,
    ratios: { cOverA: over('c', 'a'), cOverB: over('c', 'b') },
    real60,
    real30,
  };
  writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  const cell = (value) => value.toFixed(2).padStart(9);
  console.log('                                  CPU ms/frame      fps');
  for (const [row, name] of [
    ['a', 'bare FFmpeg, same frames'],
    ['b', 'FFmpeg overlay + drawtext'],
    ['c', 'this program, whole'],
  ]) {
    console.log(
      `(${row}) ${name.padEnd(29)}${cell(median(measured[row].map(({ cpu }) => cpu)))}${cell(median(measured[row].map((run) => run.fps)))}`,
    );
  }
  const told = (ratio) => `${ratio.median.toFixed(3)}, worst of ${rounds} rounds ${ratio.worst.toFixed(3)}`;
  const checks = [
    ['CPU c ≤ 1.20 × a', result.ratios.cOverA.median <= 1.2, told(result.ratios.cOverA)],
    ['CPU c < b', result.ratios.cOverB.median < 1, told(result.ratios.cOverB)],
    [
      'real time 1080p60: 0 lagged, 0 skipped',
      real60.lagged + real60.skipped === 0,
      `${real60.lagged} lagged, ${real60.skipped} skipped, ${real60.stolenMs} ms stolen`,
    ],
    [
      'reference-2t 1080p30: 0 lagged, 0 skipped',
      real30.lagged + real30.skipped === 0,
      `${real30.lagged} lagged, ${real30.skipped} skipped, ${real30.stolenMs} ms stolen`,
    ],
  ];
  for (const [name, holds, figure] of checks) console.log(`${holds ? 'holds' : 'FAILS'}  ${name}: ${figure}`);
  console.log(`JSON: ${output}`);
  process.exitCode = checks.every(([, holds]) => holds) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
