import { ESLint } from 'eslint';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import tseslint from 'typescript-eslint';
import { laws } from '../../scripts/lint/laws.mjs';

const root = resolve(import.meta.dirname, '..', '..');

/** The laws alone, without type information: fast, and files that do not exist can be judged. */
const linter = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    { ignores: ['electron/streaming/composition/kernels/'] },
    { files: ['**/*.{ts,tsx}'], languageOptions: { parser: tseslint.parser } },
    ...laws,
  ],
});

async function judge(path: string, code: string): Promise<string[]> {
  const [result] = await linter.lintText(code, { filePath: resolve(root, path) });
  return (result?.messages ?? []).map(({ message }) => message);
}

const importOf = (name: string): string => `import { x } from '${name}';\nx();\n`;

describe('each law bites, and says why', () => {
  const broken: [law: string, path: string, code: string, why: string][] = [
    [
      'a stage imports another',
      'electron/streaming/composition/x.ts',
      importOf('../output/encoder'),
      'stages never import one another',
    ],
    [
      'a stage imports another’s type',
      'electron/streaming/sources/x.ts',
      `import type { X } from '../rtmp/server';\nexport type Y = X;\n`,
      'stages never import one another',
    ],
    [
      'a stage re-exports another',
      'electron/streaming/audio/deep/x.ts',
      `export { x } from '../../output/x';\n`,
      'stages never import one another',
    ],
    [
      'a stage loads another on demand',
      'electron/streaming/rtmp/x.ts',
      `void import('../output/x');\n`,
      'stages never import one another',
    ],
    [
      'a stage names another’s type in place',
      'electron/streaming/output/x.ts',
      `export type X = import('../rtmp/x').X;\n`,
      'stages never import one another',
    ],
    ['a stage knows the studio', 'electron/streaming/output/x.ts', importOf('../../studio/x'), 'law 1'],
    ['lib knows a stage', 'electron/streaming/lib/x.ts', importOf('../output/x'), 'below every stage'],
    ['interfaces knows a stage', 'electron/streaming/interfaces/x.ts', importOf('../output/x'), 'no stage'],
    ['the engine imports electron', 'electron/engine.ts', importOf('electron'), 'plain Node'],
    ['a stage imports electron', 'electron/streaming/output/x.ts', importOf('electron'), 'law 1'],
    ['the studio imports electron', 'electron/studio/x.ts', importOf('electron'), "import 'electron'"],
    ['the launcher imports electron', 'electron/launcher/x.ts', importOf('electron/main'), 'law 2'],
    ['the launcher knows the studio', 'electron/launcher/x.ts', importOf('../studio/studio'), 'law 2'],
    ['the shell knows a stage', 'electron/desktop/x.ts', importOf('../streaming/output/x'), 'over HTTP only'],
    ['the preload uses Node', 'electron/preload.ts', importOf('node:fs'), 'sandboxed preload'],
    ['the renderer imports the engine', 'renderer/store/x.ts', importOf('../../electron/studio/x'), 'law 3'],
    ['the renderer uses Node', 'renderer/store/x.ts', importOf('fs'), 'law 3'],
    ['the renderer imports electron', 'renderer/x.tsx', importOf('electron'), 'law 3'],
    ['shared uses a package', 'shared/model/x.ts', importOf('ws'), 'zod only'],
    ['shared uses Node', 'shared/model/x.ts', importOf('node:path'), 'zod only'],
    ['shared imports the engine', 'shared/model/x.ts', importOf('../../electron/engine'), 'zod only'],
    ['media uses Node', 'electron/streaming/media/x.ts', importOf('node:crypto'), 'pure bytes'],
    ['media imports lib', 'electron/streaming/media/x.ts', importOf('../lib/errors'), 'pure bytes'],
    [
      'media imports values of interfaces',
      'electron/streaming/media/x.ts',
      importOf('../interfaces/packet'),
      'pure bytes',
    ],
    ['a file is too long', 'electron/studio/x.ts', 'void 0;\n'.repeat(401), '400'],
    ['an enum', 'shared/x.ts', 'export enum Color { Red }\n', 'No enums'],
    ['a default export', 'shared/x.ts', 'export default 1;\n', 'No default exports'],
    ['any', 'shared/x.ts', 'export const x: any = 1;\n', 'No any'],
    ['a namespace', 'shared/x.ts', 'export namespace X { export const a = 1; }\n', 'No namespaces'],
    ['a file name', 'electron/studio/frameTimes.ts', 'export const x = 1;\n', 'kebab-case'],
    ['a vague name', 'electron/studio/x.ts', 'export class SceneManager {}\n', 'says nothing'],
    ['a prefix', 'electron/studio/x.ts', 'export interface IScene { a: 1 }\n', 'carry no I'],
    [
      'a comment that switches a law off',
      'shared/x.ts',
      `/* eslint-disable */\nexport enum Color { Red }\n`,
      'No enums',
    ],
  ];
  it.each(broken)('%s', async (_law, path, code, why) => {
    expect((await judge(path, code)).join('\n')).toContain(why);
  });
});

describe('what the laws allow stays allowed', () => {
  const fine: [string, string, string][] = [
    ['a stage uses interfaces', 'electron/streaming/output/x.ts', importOf('../interfaces/packet')],
    [
      'a stage uses lib and media',
      'electron/streaming/rtmp/x.ts',
      importOf('../lib/child') + importOf('../media/amf0'),
    ],
    [
      'a stage uses Node and packages',
      'electron/streaming/sources/x.ts',
      importOf('node:fs') + importOf('sharp'),
    ],
    ['a stage uses itself', 'electron/streaming/composition/workers/x.ts', importOf('../frame-pool')],
    [
      'media takes the type of a packet',
      'electron/streaming/media/x.ts',
      `import type { Packet } from '../interfaces/packet';\nexport type X = Packet;\n`,
    ],
    ['the studio wires stages', 'electron/studio/x.ts', importOf('../streaming/output/encoder')],
    ['the shell uses electron', 'electron/main.ts', importOf('electron') + importOf('./desktop/window')],
    [
      'the renderer uses shared',
      'renderer/store/x.ts',
      importOf('../../shared/contract/events') + importOf('zustand'),
    ],
    ['shared uses zod', 'shared/contract/x.ts', importOf('zod') + importOf('../model/collection')],
    ['a name that merely begins with I', 'electron/studio/x.ts', 'export interface Item { a: 1 }\n'],
  ];
  it.each(fine)('%s', async (_name, path, code) => {
    expect(await judge(path, code)).toEqual([]);
  });
});

describe('the tree', () => {
  it('obeys', async () => {
    const results = await linter.lintFiles(['electron', 'renderer', 'shared', 'test']);
    const found = results.flatMap(({ filePath, messages }) =>
      messages.map(({ line, message }) => `${filePath.slice(root.length + 1)}:${line} ${message}`),
    );
    expect(found).toEqual([]);
    expect(results.length).toBeGreaterThan(50);
    // A few seconds alone; every file is parsed.
  }, 120_000);

  it('is linted with these very laws by npm run check', async () => {
    const config = (await new ESLint({ cwd: root }).calculateConfigForFile(
      resolve(root, 'electron/streaming/output/x.ts'),
    )) as { rules: Record<string, unknown[]> };
    for (const [name, rule] of Object.entries(laws[0]?.rules ?? {})) {
      const severity = config.rules[name]?.[0];
      expect([name, severity]).toEqual([name, 2]);
      expect(rule).toBeDefined();
    }
  });
});
