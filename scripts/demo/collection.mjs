// The demo's scenes and sources.
/** @param {{ clip: object, strip: object }} places where the moving pictures lie */
export function demoCollection({ clip, strip }) {
  const text = (id, name, words, sizePx, weight, color, more = {}) => ({
    id,
    name,
    kind: 'text',
    text: words,
    font: 'Inter',
    sizePx,
    weight,
    color,
    ...more,
  });
  const sources = [
    { id: 'backdrop', name: 'Backdrop', kind: 'image', path: 'backdrop.jpg' },
    { id: 'starting-backdrop', name: 'Backdrop (starting)', kind: 'image', path: 'starting.jpg' },
    { id: 'clip', name: 'Moving picture', kind: 'media', path: 'aurora.mp4', loop: true },
    { id: 'strip', name: 'Sound bars', kind: 'media', path: 'bars.mp4', loop: true },
    { id: 'music', name: 'Music', kind: 'media', path: 'music.m4a', loop: true, sound: { faderDb: -2 } },
    text('brand', 'Brand', 'Stream Manager Studio', 38, 'bold', '#ffffff'),
    text('headline', 'Headline', 'Your show,\neverywhere\nat once.', 112, 'bold', '#ffffff'),
    text(
      'promise',
      'Promise',
      'One encode for every platform, and a\nrecording that nothing can kill.',
      34,
      'regular',
      '#b4bfe6',
    ),
    text('title', 'Lower third: title', 'This is the demo scene', 42, 'bold', '#ffffff'),
    text(
      'subtitle',
      'Lower third: subtitle',
      'Every part of it is yours to change. Press Go live when you are ready.',
      28,
      'regular',
      '#aab4dc',
    ),
    {
      id: 'clock',
      name: 'Clock',
      kind: 'clock',
      mode: 'clock',
      font: 'Inter',
      sizePx: 36,
      weight: 'bold',
      color: '#ffffff',
    },
    text('starting', 'Starting soon', 'Starting soon', 132, 'bold', '#ffffff', { align: 'center' }),
    text(
      'starting-note',
      'Starting soon: note',
      'Get comfortable. The show begins in',
      38,
      'regular',
      '#b4bfe6',
    ),
    {
      id: 'countdown',
      name: 'Countdown',
      kind: 'clock',
      mode: 'countdown',
      durationSec: 300,
      font: 'Inter',
      sizePx: 96,
      weight: 'bold',
      color: '#7dd3fc',
    },
    { id: 'sync', name: 'Sync test', kind: 'sync' },
  ];
  const item = (scene, sourceId, x, y, size = {}) => ({
    id: `${scene}-${sourceId}`,
    sourceId,
    x,
    y,
    ...size,
  });
  const collection = {
    version: 1,
    name: 'Demo',
    programSceneId: 'demo',
    sources,
    scenes: [
      {
        id: 'demo',
        name: 'Demo',
        items: [
          item('demo', 'backdrop', 0, 0, { width: 1920, height: 1080 }),
          item('demo', 'clip', clip.x, clip.y, { width: clip.width, height: clip.height }),
          item('demo', 'strip', strip.x, strip.y, { width: strip.width, height: strip.height }),
          item('demo', 'brand', 184, 85),
          item('demo', 'clock', 1642, 86),
          item('demo', 'headline', 96, 250),
          item('demo', 'promise', 98, 680),
          item('demo', 'title', 160, 872),
          item('demo', 'subtitle', 160, 930),
          item('demo', 'music', 0, 0),
        ],
      },
      {
        id: 'starting-soon',
        name: 'Starting soon',
        items: [
          item('starting', 'starting-backdrop', 0, 0, { width: 1920, height: 1080 }),
          item('starting', 'starting', 527, 380),
          item('starting', 'starting-note', 630, 560),
          item('starting', 'countdown', 823, 640),
          item('starting', 'music', 0, 0),
        ],
      },
      {
        id: 'sync-test',
        name: 'Sync test',
        items: [item('sync', 'sync', 0, 0, { width: 1920, height: 1080 })],
      },
    ],
  };
  return collection;
}
