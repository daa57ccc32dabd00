// The scenes of `npm run bench -- scenes`: each as a collection of ours and as the filter graph of FFmpeg that does the same.
import { join } from 'node:path';

const width = 1920;
const height = 1080;
const fps = 60;

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {object} collection
 * @property {string[]} inputs FFmpeg's inputs
 * @property {string} graph FFmpeg's filter graph, ending in [v]
 * @property {{ sceneId: string, durationMs: number }} [fade] switched to when the run has begun
 * @property {number} [seconds] where it is not the length of the others
 * @property {[what: 'composeMs' | 'engineMs', limit: number]} [limit] CPU a frame
 */

const scene = (id, items) => ({ id, name: id, items });
const collection = (sources, ...scenes) => ({ version: 1, name: 'Bench', sources, scenes });
const full = { x: 0, y: 0, width, height };
const still = (path) => ['-loop', '1', '-framerate', String(fps), '-i', path];
const loop = (path) => ['-stream_loop', '-1', '-i', path];

/** @returns {Case[]} */
export function pictureScenes({ image, clip, font, text }) {
  const picture = { id: 'image', name: 'Image', kind: 'image', path: image };
  const film = { id: 'clip', name: 'Clip', kind: 'media', path: clip, loop: true };
  const title = { id: 'text', name: 'Text', kind: 'text', text, sizePx: 72 };
  const blue = { id: 'blue', name: 'Blue', kind: 'color', color: '#20408080', width: 600, height: 200 };
  const words = `drawtext=fontfile=${font}:text='${text}':fontsize=72:fontcolor=white`;
  const films = [
    { id: 'c0', sourceId: 'clip', x: 101, y: 601, width: 641, height: 361 },
    { id: 'c1', sourceId: 'clip', x: 801, y: 601, width: 481, height: 271, rotation: 8 },
    { id: 'c2', sourceId: 'clip', x: 1380, y: 740, width: 480, height: 270 },
  ];
  const texts = [0, 1, 2].map((row) => ({ id: `t${row}`, sourceId: 'text', x: 96, y: 96 + row * 110 }));
  const fields = [0, 1].map((row) => ({ id: `b${row}`, sourceId: 'blue', x: 1200, y: 80 + row * 240 }));
  const turned = { id: 'turned', sourceId: 'text', x: 1100, y: 420, width: 500, height: 60, rotation: -12 };
  return [
    {
      name: 'still scene (image, text)',
      collection: collection(
        [picture, title],
        scene('s', [
          { id: 'i', sourceId: 'image', ...full },
          { id: 't', sourceId: 'text', x: 96, y: 96 },
        ]),
      ),
      inputs: still(image),
      graph: `[0:v]${words}:x=96:y=96,format=yuv420p[v]`,
      limit: ['composeMs', 0.3],
    },
    {
      name: 'one clip over an image',
      collection: collection(
        [picture, film],
        scene('s', [
          { id: 'i', sourceId: 'image', ...full },
          { id: 'c', sourceId: 'clip', x: 1380, y: 740, width: 480, height: 270 },
        ]),
      ),
      inputs: [...still(image), ...loop(clip)],
      graph: `[1:v]fps=${fps}[c];[0:v][c]overlay=1380:740,format=yuv420p[v]`,
    },
    {
      name: 'ten items (three clips, one turned)',
      collection: collection(
        [picture, film, title, blue],
        scene('s', [{ id: 'i', sourceId: 'image', ...full }, ...fields, ...films, ...texts, turned]),
      ),
      inputs: [...still(image), ...loop(clip)],
      graph: [
        `[1:v]fps=${fps},split=3[a][b][c]`,
        '[a]scale=641:361[a1]',
        '[b]scale=481:271,format=yuva420p,rotate=8*PI/180:c=none:ow=rotw(8*PI/180):oh=roth(8*PI/180)[b1]',
        '[0:v]drawbox=1200:80:600:200:0x204080@0.5:fill,drawbox=1200:320:600:200:0x204080@0.5:fill[f]',
        '[f][a1]overlay=101:601[g];[g][b1]overlay=780:560[h];[h][c]overlay=1380:740[k]',
        `color=c=black@0:s=900x110:r=${fps},format=yuva420p,${words}:x=0:y=10,scale=500:60,rotate=-12*PI/180:c=none:ow=rotw(12*PI/180):oh=roth(12*PI/180)[w]`,
        `[k]${words}:x=96:y=96,${words}:x=96:y=206,${words}:x=96:y=316[l];[l][w]overlay=1090:370,format=yuv420p[v]`,
      ].join(';'),
      limit: ['composeMs', 4],
    },
    {
      name: 'full-screen fade',
      collection: collection(
        [picture, { ...blue, id: 'other', color: '#806020', width, height }],
        scene('s', [{ id: 'i', sourceId: 'image', ...full }]),
        scene('other', [{ id: 'o', sourceId: 'other', ...full }]),
      ),
      inputs: [...still(image), '-f', 'lavfi', '-i', `color=0x806020:s=${width}x${height}:r=${fps}`],
      graph:
        '[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[a][b]xfade=transition=fade:duration=10:offset=0[v]',
      // Shorter than the fade: every frame that is counted is one of it.
      fade: { sceneId: 'other', durationMs: 10_000 },
      seconds: 9,
      limit: ['composeMs', 2],
    },
  ];
}

/** A whole screen of 1920×1080 at 30 frames a second. */
export const screenScene = (display) => ({
  name: 'x11grab, full screen at 30 fps',
  collection: collection(
    [{ id: 'x', name: 'Screen', kind: 'screen', device: { id: 'x11:screen', name: 'Screen' }, fps: 30 }],
    scene('s', [{ id: 'i', sourceId: 'x', ...full }]),
  ),
  inputs: ['-f', 'x11grab', '-framerate', '30', '-video_size', `${width}x${height}`, '-i', display],
  graph: `[0:v]fps=${fps},format=yuv420p[v]`,
});

/** A camera that a page captures. FFmpeg's part beside it: the same picture decoded from nothing, scaled the same. */
export const browserScene = () => ({
  name: "a page's camera, 1280×720",
  collection: collection(
    [
      {
        ...{ id: 'cam', name: 'Camera', kind: 'browser-capture', capture: 'camera', hasSound: false },
        sound: { faderDb: 0, isMuted: false, syncOffsetMs: 0 },
      },
    ],
    scene('s', [{ id: 'i', sourceId: 'cam', x: 320, y: 180, width: 1280, height: 720 }]),
  ),
  inputs: ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30'],
  graph: `[0:v]format=yuv420p,fps=${fps},pad=${width}:${height}:320:180[v]`,
});

export const collectionPath = (folder) => join(folder, 'case.json');
