import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const projectRoot = resolve(import.meta.dirname, '..', '..');

export interface Installation extends Disposable {
  /** a folder laid out as the project is, with the built launcher and shell and the small engine of test/fixtures */
  readonly root: string;
  readonly launcher: string;
  readonly main: string;
  /** an empty folder for the studio's data */
  readonly dataDir: string;
}

/** The built programs in a folder of their own, where another engine lies in the engine's place. */
export function makeInstallation(
  engine = join(projectRoot, 'test', 'fixtures', 'engine', 'engine.mjs'),
): Installation {
  const out = join(projectRoot, 'out');
  if (!existsSync(join(out, 'launcher.js'))) throw new Error('Nothing is built yet; run: npm run build');
  const root = mkdtempSync(join(tmpdir(), 'studio-installation-'));
  mkdirSync(join(root, 'out'));
  mkdirSync(join(root, 'data'));
  symlinkSync(join(projectRoot, 'resources'), join(root, 'resources'));
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  cpSync(join(projectRoot, 'package.json'), join(root, 'package.json'));
  for (const name of ['launcher.js', 'main.js', 'preload.cjs', 'chunks'])
    if (existsSync(join(out, name))) cpSync(join(out, name), join(root, 'out', name), { recursive: true });
  cpSync(engine, join(root, 'out', 'engine.js'));
  return {
    root,
    launcher: join(root, 'out', 'launcher.js'),
    main: join(root, 'out', 'main.js'),
    dataDir: join(root, 'data'),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
