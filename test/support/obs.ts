import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from './requires';
import { XServer } from './x-server';

const ini = (sections: Record<string, Record<string, string | number | boolean>>): string =>
  Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key}=${value}\n`);
      return `[${name}]\n${lines.join('')}`;
    })
    .join('');

/** What OBS finds where it keeps its settings: one scene, one thing all over it, one place to publish to. */
function writeSettings(
  home: string,
  publishTo: { url: string; key: string },
  size: { w: number; h: number },
  clip: string | null,
) {
  const root = join(home, 'obs-studio');
  const profile = join(root, 'basic', 'profiles', 'Test');
  const scenes = join(root, 'basic', 'scenes');
  for (const folder of [profile, scenes]) mkdirSync(folder, { recursive: true });
  const chosen = {
    Profile: 'Test',
    ProfileDir: 'Test',
    SceneCollection: 'Test',
    SceneCollectionFile: 'Test',
  };
  writeFileSync(
    join(root, 'global.ini'),
    ini({
      // No wizard, no news.
      General: { FirstRun: true, InfoIncrement: 1000, LastVersion: 2 ** 31 - 1, EnableAutoUpdates: false },
      Basic: chosen,
      OBSWebSocket: { FirstLoad: false, ServerEnabled: false },
    }),
  );
  writeFileSync(
    join(profile, 'basic.ini'),
    ini({
      General: { Name: 'Test' },
      Video: {
        ...{ BaseCX: size.w, BaseCY: size.h, OutputCX: size.w, OutputCY: size.h },
        ...{ FPSType: 0, FPSCommon: 30 },
      },
      Output: { Mode: 'Simple' },
      SimpleOutput: { VBitrate: 500, ABitrate: 128, StreamEncoder: 'x264', Preset: 'ultrafast' },
    }),
  );
  writeFileSync(
    join(profile, 'service.json'),
    JSON.stringify({ type: 'rtmp_custom', settings: { server: publishTo.url, key: publishTo.key } }),
  );
  const source = (id: string, name: string, settings: object) => ({
    ...{ id, versioned_id: id, name, settings },
    ...{ enabled: true, mixers: 255 },
  });
  const shown =
    clip === null
      ? // OBS counts a colour's bytes from red.
        source('color_source_v3', 'Shown', { color: 0xff0000ff, width: size.w, height: size.h })
      : source('ffmpeg_source', 'Shown', { local_file: clip, is_local_file: true, looping: true });
  const items = [
    { name: 'Shown', id: 1, visible: true, align: 5, pos: { x: 0, y: 0 }, scale: { x: 1, y: 1 } },
  ];
  const scene = source('scene', 'Scene', { id_counter: 1, custom_size: false, items });
  writeFileSync(
    join(scenes, 'Test.json'),
    JSON.stringify({
      ...{ name: 'Test', current_scene: 'Scene', current_program_scene: 'Scene' },
      ...{ scene_order: [{ name: 'Scene' }], sources: [shown, scene] },
      ...{ current_transition: 'Cut', transitions: [], quick_transitions: [], groups: [] },
    }),
  );
}

/** OBS on an X server of its own, drawing in software, that publishes from its start on. */
export class Obs implements AsyncDisposable {
  readonly #stop: () => Promise<void>;

  private constructor(stop: () => Promise<void>) {
    this.#stop = stop;
  }

  /** @param clip a file that it plays over and over, of that size; without one all is red */
  static async publish(
    to: { url: string; key: string },
    size: { w: number; h: number },
    clip: string | null = null,
  ): Promise<Obs> {
    const home = mkdtempSync(join(tmpdir(), 'obs-'));
    writeSettings(home, to, size, clip);
    const x = await XServer.start();
    const child = spawn(
      programPath('obs'),
      [
        ...['--multi', '--startstreaming', '--minimize-to-tray', '--profile', 'Test', '--collection', 'Test'],
        ...['--disable-updater', '--disable-missing-files-check'],
      ],
      {
        stdio: 'ignore',
        env: {
          ...{ PATH: process.env['PATH'], LANG: 'C.UTF-8', DISPLAY: x.display, QT_QPA_PLATFORM: 'xcb' },
          ...{ HOME: home, XDG_CONFIG_HOME: home, XDG_RUNTIME_DIR: home, LIBGL_ALWAYS_SOFTWARE: '1' },
          // It asks its makers for news of services: nobody answers there.
          ...{ http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' },
        },
      },
    );
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return new Obs(async () => {
      child.kill('SIGKILL');
      await exited;
      await x.stop();
      rmSync(home, { recursive: true, force: true });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}
