// Makes everything in resources/demo and resources/fallback.png: backdrops, two moving clips, music, the collection.
// The results are committed; run `node scripts/make-demo.mjs` after changing something here. Needs FFmpeg (FFMPEG_BIN).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoCollection } from './demo/collection.mjs';
import { composeMusic } from './demo/music.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const resources = join(root, 'resources');
const demo = join(resources, 'demo');
const scratch = mkdtempSync(join(tmpdir(), 'make-demo-'));
mkdirSync(demo, { recursive: true });

// SVG text goes through fontconfig, which must know our own Inter and nothing of this machine.
writeFileSync(
  join(scratch, 'fonts.conf'),
  `<fontconfig><dir>${join(resources, 'fonts')}</dir><cachedir>${scratch}</cachedir></fontconfig>`,
);
process.env.FONTCONFIG_FILE = join(scratch, 'fonts.conf');
const { default: sharp } = await import('sharp');

const tau = 2 * Math.PI;
const fps = 30;
const clipSec = 3;
const clip = { x: 1170, y: 300, width: 640, height: 360 };
const strip = { x: 1336, y: 892, width: 440, height: 60 };
/** the lower third is one flat colour, so that the strip's own ground melts into it */
const panel = [17, 22, 46];
const hex = (rgb) => `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

// ── Pictures ────────────────────────────────────────────────────────────────────────────────────────────────────────

const glow = (id, x, y, radius, color, opacity) => `
  <radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="${x}" cy="${y}" r="${radius}">
    <stop offset="0" stop-color="${color}" stop-opacity="${opacity}"/>
    <stop offset="0.35" stop-color="${color}" stop-opacity="${opacity * 0.45}"/>
    <stop offset="0.7" stop-color="${color}" stop-opacity="${opacity * 0.1}"/>
    <stop offset="1" stop-color="${color}" stop-opacity="0"/>
  </radialGradient>`;

/** Long thin curves that give the ground depth. */
function ribbons(width, height) {
  let paths = '';
  for (let line = 0; line < 26; line += 1) {
    const shift = line / 25;
    const y0 = height * (0.98 - shift * 0.5);
    const y1 = height * (0.3 + shift * 0.62);
    const y2 = height * (1.02 - shift * 0.9);
    const opacity = 0.03 + 0.1 * Math.sin(shift * Math.PI) ** 2;
    paths += `<path d="M${-0.05 * width},${y0} C${0.32 * width},${y1} ${0.55 * width},${y2 + height * 0.25} ${1.05 * width},${y2}" fill="none" stroke="url(#ribbon)" stroke-opacity="${opacity.toFixed(3)}" stroke-width="1.6"/>`;
  }
  return paths;
}

const logo = (x, y, size) => `
  <g transform="translate(${x} ${y}) scale(${size / 64})">
    <rect width="64" height="64" rx="18" fill="url(#brand)"/>
    <path d="M26 20.5 L46 32 L26 43.5 Z" fill="#ffffff"/>
    <path d="M17 22 V42" stroke="#ffffff" stroke-width="5" stroke-linecap="round" opacity="0.75"/>
  </g>`;

const ground = (width, height, content, glows) => `
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
  <defs>
    <linearGradient id="ground" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="#0b1029"/><stop offset="0.5" stop-color="#0a0d20"/><stop offset="1" stop-color="#120a26"/>
    </linearGradient>
    <linearGradient id="ribbon" x1="0" y1="0" x2="1" y2="0">
      <stop offset="0" stop-color="#38bdf8" stop-opacity="0"/><stop offset="0.35" stop-color="#38bdf8"/>
      <stop offset="0.7" stop-color="#a78bfa"/><stop offset="1" stop-color="#f472b6" stop-opacity="0.2"/>
    </linearGradient>
    <linearGradient id="brand" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="#22d3ee"/><stop offset="0.55" stop-color="#6366f1"/><stop offset="1" stop-color="#d946ef"/>
    </linearGradient>
    <linearGradient id="bar" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="#22d3ee"/><stop offset="0.6" stop-color="#6366f1"/><stop offset="1" stop-color="#d946ef"/>
    </linearGradient>
    <linearGradient id="edge" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="#7dd3fc" stop-opacity="0.75"/><stop offset="0.5" stop-color="#818cf8" stop-opacity="0.25"/>
      <stop offset="1" stop-color="#e879f9" stop-opacity="0.65"/>
    </linearGradient>
    <filter id="shadow" x="-20%" y="-20%" width="140%" height="150%"><feGaussianBlur stdDeviation="28"/></filter>
    ${glows.map(([x, y, radius, color, opacity], index) => glow(`glow${index}`, x, y, radius, color, opacity)).join('')}
  </defs>
  <rect width="${width}" height="${height}" fill="url(#ground)"/>
  ${glows.map((_, index) => `<rect width="${width}" height="${height}" fill="url(#glow${index})"/>`).join('')}
  ${ribbons(width, height)}
  ${content}
</svg>`;

const label = (x, y, text, size, color, extra = '') =>
  `<text x="${x}" y="${y}" font-family="Inter" font-size="${size}" fill="${color}" ${extra}>${text}</text>`;

/** A JPEG of 8 bits bands in wide dark gradients; a little noise before it is coded hides the steps. */
async function savePicture(svg, path, encode) {
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let seed = 1;
  for (let at = 0; at < data.length; at += 3) {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    const noise = ((seed >>> 24) / 255 - 0.5) * 2.2;
    for (let channel = 0; channel < 3; channel += 1)
      data[at + channel] = Math.max(0, Math.min(255, Math.round(data[at + channel] + noise)));
  }
  await encode(sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })).toFile(path);
}
const jpeg = (image) => image.jpeg({ quality: 94, chromaSubsampling: '4:4:4', mozjpeg: true });

async function makePictures() {
  const frame = { x: clip.x - 14, y: clip.y - 14, width: clip.width + 28, height: clip.height + 28 };
  const lower = { x: 96, y: 848, width: 1728, height: 150 };
  const card = `
    <rect x="${frame.x}" y="${frame.y + 26}" width="${frame.width}" height="${frame.height}" rx="26" fill="#000" opacity="0.75" filter="url(#shadow)"/>
    <rect x="${frame.x}" y="${frame.y}" width="${frame.width}" height="${frame.height}" rx="24" fill="#171d3d" fill-opacity="0.92"/>
    <rect x="${frame.x + 0.75}" y="${frame.y + 0.75}" width="${frame.width - 1.5}" height="${frame.height - 1.5}" rx="23" fill="none" stroke="url(#edge)" stroke-width="1.5"/>
    <circle cx="${frame.x + 14}" cy="${frame.y + frame.height + 38}" r="6" fill="#f43f5e"/>
    ${label(frame.x + 32, frame.y + frame.height + 46, 'Moving picture · 640 × 360 · 30 fps', 24, '#9aa6d1')}`;
  const third = `
    <rect x="${lower.x}" y="${lower.y + 22}" width="${lower.width}" height="${lower.height}" rx="28" fill="#000" opacity="0.6" filter="url(#shadow)"/>
    <rect x="${lower.x}" y="${lower.y}" width="${lower.width}" height="${lower.height}" rx="24" fill="${hex(panel)}"/>
    <rect x="${lower.x + 0.75}" y="${lower.y + 0.75}" width="${lower.width - 1.5}" height="${lower.height - 1.5}" rx="23" fill="none" stroke="url(#edge)" stroke-opacity="0.55" stroke-width="1.5"/>
    <rect x="${lower.x + 30}" y="${lower.y + 36}" width="8" height="${lower.height - 72}" rx="4" fill="url(#bar)"/>`;
  const clockPill = `
    <rect x="1586" y="72" width="238" height="72" rx="36" fill="#171d3d" fill-opacity="0.85"/>
    <rect x="1586.75" y="72.75" width="236.5" height="70.5" rx="35.25" fill="none" stroke="url(#edge)" stroke-opacity="0.6" stroke-width="1.5"/>
    <circle cx="1622" cy="108" r="7" fill="#34d399"/>`;
  const lights = [
    [1500, 420, 900, '#4f46e5', 0.55],
    [260, 120, 760, '#0891b2', 0.34],
    [1780, 980, 700, '#c026d3', 0.3],
    [420, 1000, 620, '#1d4ed8', 0.26],
  ];
  await savePicture(
    ground(1920, 1080, logo(96, 76, 64) + clockPill + card + third, lights),
    join(demo, 'backdrop.jpg'),
    jpeg,
  );
  const centred = [
    [960, 520, 980, '#4f46e5', 0.5],
    [420, 200, 700, '#0891b2', 0.3],
    [1560, 960, 760, '#c026d3', 0.32],
  ];
  await savePicture(ground(1920, 1080, logo(912, 236, 96), centred), join(demo, 'starting.jpg'), jpeg);
  const slate = `${logo(592, 214, 96)}
    ${label(640, 404, 'Back in a moment', 64, '#ffffff', 'font-weight="bold" text-anchor="middle"')}
    ${label(640, 456, 'The picture returns by itself.', 28, '#9aa6d1', 'text-anchor="middle"')}`;
  const slateLights = centred.map(([x, y, radius, color, opacity]) => [
    x / 1.5,
    y / 1.5,
    radius / 1.5,
    color,
    opacity,
  ]);
  const plain = sharp(Buffer.from(ground(1280, 720, slate, slateLights)));
  await plain
    .removeAlpha()
    .png({ compressionLevel: 9, palette: false })
    .toFile(join(resources, 'fallback.png'));
}

// ── Moving clips ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Curves of light over a dark ground; every term repeats after the clip, so that it loops without a seam. */
function drawAurora(target, phase) {
  const { width, height } = clip;
  const curves = [
    { color: [34, 211, 238], base: 0.36, a: 0.13, f: 1.1, s: 1, b: 0.06, g: 2.7, r: -1, glow: 0.055, p: 0.0 },
    { color: [99, 102, 241], base: 0.5, a: 0.17, f: 0.8, s: -1, b: 0.05, g: 2.1, r: 2, glow: 0.085, p: 1.7 },
    { color: [217, 70, 239], base: 0.63, a: 0.12, f: 1.3, s: 1, b: 0.07, g: 1.9, r: -2, glow: 0.06, p: 3.9 },
    { color: [56, 189, 248], base: 0.78, a: 0.07, f: 1.6, s: -1, b: 0.03, g: 3.3, r: 1, glow: 0.03, p: 5.1 },
  ];
  for (let x = 0; x < width; x += 1) {
    const u = x / width;
    const lines = curves.map((curve) => ({
      ...curve,
      y:
        curve.base +
        curve.a * Math.sin(tau * (curve.f * u) + curve.p + curve.s * phase) +
        curve.b * Math.sin(tau * (curve.g * u) + curve.p * 2 + curve.r * phase),
      light: 0.65 + 0.35 * Math.sin(tau * u * 0.7 + curve.p + phase * curve.s),
    }));
    for (let y = 0; y < height; y += 1) {
      const v = y / height;
      let red = 9 + 10 * v + 8 * u;
      let green = 12 + 4 * (1 - v);
      let blue = 32 + 16 * v;
      for (const { y: at, glow: wide, light, color } of lines) {
        const distance = (v - at) / wide;
        const below = distance > 0 ? 0.55 : 1.4;
        const soft = Math.exp(-distance * distance * below) * 0.5 * light;
        const core = Math.exp(-((v - at) ** 2) * 26000) * 0.9 * light;
        red += color[0] * soft + 255 * core;
        green += color[1] * soft + 255 * core;
        blue += color[2] * soft + 255 * core;
      }
      const vignette = 1 - 0.35 * ((u - 0.5) ** 2 + (v - 0.5) ** 2) * 2;
      const place = (y * width + x) * 3;
      const shade = (value) => 255 * (1 - Math.exp((-value * vignette) / 190));
      target[place] = shade(red);
      target[place + 1] = shade(green);
      target[place + 2] = shade(blue);
    }
  }
}

/** Bars that dance on the panel's colour. */
function drawBars(target, phase) {
  const { width, height } = strip;
  const count = 40;
  const step = width / count;
  const stops = [
    [34, 211, 238],
    [99, 102, 241],
    [217, 70, 239],
  ];
  for (let x = 0; x < width; x += 1) {
    const bar = Math.floor(x / step);
    const inBar = x - bar * step;
    const wave =
      0.5 +
      0.28 * Math.sin(bar * 0.55 + phase * 2) +
      0.16 * Math.sin(bar * 1.27 - phase * 3 + 1) +
      0.12 * Math.sin(bar * 2.9 + phase * 5 + 2);
    const envelope = 0.35 + 0.65 * Math.sin((Math.PI * (bar + 0.5)) / count);
    const half = Math.max(2, (height / 2 - 2) * Math.max(0.06, Math.min(1, wave)) * envelope);
    const place = (bar / (count - 1)) * 2;
    const [from, to] = place < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
    const mix = place - Math.floor(Math.min(place, 1.999));
    for (let y = 0; y < height; y += 1) {
      const dx = Math.abs(inBar - 3) - 3;
      const dy = Math.abs(y + 0.5 - height / 2) - half;
      const cover = Math.max(0, Math.min(1, 0.5 - Math.max(dx, dy)));
      for (let channel = 0; channel < 3; channel += 1) {
        const color = from[channel] + (to[channel] - from[channel]) * mix;
        target[(y * width + x) * 3 + channel] = panel[channel] + (color - panel[channel]) * cover;
      }
    }
  }
}

async function runFfmpeg(args, feed) {
  const child = spawn(process.env.FFMPEG_BIN ?? 'ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const closed = once(child, 'close');
  for (const bytes of feed()) if (!child.stdin.write(bytes)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = await closed;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

async function makeClip(path, { width, height }, draw, crf) {
  const frames = fps * clipSec;
  function* feed() {
    for (let frame = 0; frame < frames; frame += 1) {
      const target = Buffer.alloc(width * height * 3);
      draw(target, (tau * frame) / frames);
      yield target;
    }
  }
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${width}x${height}`,
    '-r',
    String(fps),
    '-i',
    'pipe:0',
  ];
  const colors =
    'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p';
  const tags = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  const coder = [
    '-c:v',
    'libx264',
    '-preset',
    'veryslow',
    '-tune',
    'animation',
    '-crf',
    String(crf),
    '-g',
    String(frames),
  ];
  await runFfmpeg([...input, '-vf', colors, ...coder, ...tags, '-movflags', '+faststart', path], feed);
}

// ── Music ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function makeMusic() {
  const samples = composeMusic();
  const input = ['-f', 'f32le', '-ar', '48000', '-ac', '2', '-i', 'pipe:0'];
  await runFfmpeg(
    [...input, '-c:a', 'aac', '-b:a', '160k', '-movflags', '+faststart', join(demo, 'music.m4a')],
    () => [samples],
  );
}

const parts = process.argv.slice(2);
const wants = (part) => parts.length === 0 || parts.includes(part);
try {
  if (wants('pictures')) await makePictures();
  if (wants('clips')) {
    await makeClip(join(demo, 'aurora.mp4'), clip, drawAurora, 20);
    await makeClip(join(demo, 'bars.mp4'), strip, drawBars, 17);
  }
  if (wants('music')) await makeMusic();
  if (wants('collection')) {
    const collection = demoCollection({ clip, strip });
    writeFileSync(join(demo, 'collection.json'), `${JSON.stringify(collection, null, 2)}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
