import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string): string => resolve(root, path);
const present = (inputs: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(inputs).filter(([, path]) => existsSync(path)));

/** Every entry of the plain-Node side. The names are the file names in `out/`; `electron/streaming/lib/paths.ts` owns them. */
const nodeEntries = present({
  main: at('electron/main.ts'),
  launcher: at('electron/launcher/index.ts'),
  engine: at('electron/engine.ts'),
  'rtmp-server': at('electron/streaming/rtmp/process.ts'),
  'lan-preview': at('electron/streaming/lan-preview/process.ts'),
  'compositor-worker': at('electron/streaming/composition/workers/compositor.ts'),
  'tile-worker': at('electron/streaming/composition/workers/tile.ts'),
  'streaming/index': at('electron/streaming/index.ts'),
});

const hasPreload = existsSync(at('electron/preload.ts'));
const hasRenderer = existsSync(at('renderer/index.html'));

export default defineConfig({
  main: {
    build: {
      outDir: 'out',
      emptyOutDir: false,
      // electron-vite would pick Electron's Node 24; the engine also runs on Node 20.19.
      target: 'node20.19',
      rolldownOptions: {
        input: nodeEntries,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  ...(hasPreload && {
    preload: {
      build: {
        outDir: 'out',
        emptyOutDir: false,
        target: 'node20.19',
        rolldownOptions: {
          input: { preload: at('electron/preload.ts') },
          // A sandboxed preload must be one CommonJS file.
          output: { format: 'cjs' as const, entryFileNames: '[name].cjs' },
        },
      },
    },
  }),
  ...(hasRenderer && {
    renderer: {
      root: at('renderer'),
      plugins: [react(), tailwindcss()],
      build: {
        outDir: at('out/renderer'),
        emptyOutDir: true,
        // electron-vite leaves it out; the window is also loaded over networks.
        minify: true,
        // One page, loaded once from the same machine: splitting it would only add round trips.
        chunkSizeWarningLimit: 800,
        target: 'es2022',
        rolldownOptions: { input: { index: at('renderer/index.html'), viewer: at('renderer/viewer.html') } },
      },
    },
  }),
});
