import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The one owner of where files lie. A bundled module may land in `out/`, `out/chunks/` or stay a source file
 * (tests), so the root is found by walking up to the folder that holds both package.json and resources/.
 */
function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!(existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'resources')))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('The installation is incomplete: no folder above holds package.json and resources/');
    folder = parent;
  }
  return folder;
}

const root = findRoot();

export const paths = {
  root,
  resources: join(root, 'resources'),
  renderer: join(root, 'out', 'renderer'),
  engine: join(root, 'out', 'engine.js'),
  launcher: join(root, 'out', 'launcher.js'),
  rtmpServer: join(root, 'out', 'rtmp-server.js'),
  lanPreview: join(root, 'out', 'lan-preview.js'),
  compositorWorker: join(root, 'out', 'compositor-worker.js'),
  tileWorker: join(root, 'out', 'tile-worker.js'),
  kernels: join(root, 'out', 'kernels.wasm'),
  demoCollection: join(root, 'resources', 'demo', 'collection.json'),
  fonts: join(root, 'resources', 'fonts'),
} as const;
