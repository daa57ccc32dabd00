// @ts-check
// Who may import whom: the architecture as a table. `house/imports` enforces it; ARCHITECTURE.md tells the story.

/**
 * @typedef {object} Zone
 * @property {string} name what messages call it
 * @property {RegExp} files paths from the project's root, with forward slashes; the first zone that matches is a file's own
 * @property {RegExp} mayImport our own files it may import, besides those of its own zone
 * @property {RegExp} mayUse packages and Node's built-ins it may import
 * @property {RegExp} [mayImportTypes] our own files of which it may import types only
 * @property {string} because the sentence that explains it
 */

const stages = ['composition', 'sources', 'audio', 'output', 'rtmp'];
const everyPackageButElectron = /^(?!electron(\/|$))/;
const nothing = /(?!)/;
const electronOnlyInShell =
  "Only electron/main.ts, electron/preload.ts and electron/desktop/ import 'electron'";

/** @type {Zone[]} */
export const zones = [
  {
    name: 'shared',
    files: /^shared\//,
    mayImport: nothing,
    mayUse: /^zod$/,
    because: 'shared/ runs on both sides of the wire: it imports zod only, no Node, DOM or Electron (law 3).',
  },
  {
    name: 'renderer',
    files: /^renderer\//,
    mayImport: /^shared\//,
    mayUse: /^(?!electron(\/|$)|node:)/,
    because: 'renderer/ imports shared/ only: the same page runs in a window and in any browser (law 3).',
  },
  {
    name: 'media',
    files: /^electron\/streaming\/media\//,
    mayImport: nothing,
    mayUse: nothing,
    mayImportTypes: /^electron\/streaming\/interfaces\/packet$/,
    because: 'media/ is pure bytes: it imports nothing, except the types of interfaces/packet (law 3).',
  },
  {
    name: 'interfaces',
    files: /^electron\/streaming\/interfaces\//,
    mayImport: /^(electron\/streaming\/lib|shared)\//,
    mayUse: nothing,
    because: 'interfaces/ says what stages hand one another and depends on no stage (law 1).',
  },
  {
    name: 'lib',
    files: /^electron\/streaming\/lib\//,
    mayImport: /^shared\//,
    mayUse: everyPackageButElectron,
    because: 'lib/ is below every stage and knows none of them (law 1).',
  },
  ...stages.map((stage) => ({
    name: stage,
    files: new RegExp(`^electron/streaming/${stage}/`),
    mayImport: /^(electron\/streaming\/(interfaces|lib|media)|shared)\//,
    mayUse: everyPackageButElectron,
    because:
      'frames and packets only move right: stages never import one another, studio/ wires them (law 1).',
  })),
  {
    name: 'streaming',
    files: /^electron\/streaming\//,
    mayImport: /^(electron\/streaming|shared)\//,
    mayUse: everyPackageButElectron,
    because:
      'what lies in streaming/ itself joins stages, but knows neither the studio nor the shell (laws 1 and 2).',
  },
  {
    name: 'studio',
    files: /^electron\/studio\//,
    mayImport: /^(electron\/streaming|shared)\//,
    mayUse: everyPackageButElectron,
    because: `studio/ wires the stages in plain Node. ${electronOnlyInShell} (law 2).`,
  },
  {
    name: 'engine',
    files: /^electron\/engine\.ts$/,
    mayImport: /^(electron\/(studio|streaming)|shared)\//,
    mayUse: everyPackageButElectron,
    because: `the engine is plain Node on every system. ${electronOnlyInShell} (law 2).`,
  },
  {
    name: 'launcher',
    files: /^electron\/launcher\//,
    mayImport: /^(electron\/streaming\/lib|shared)\//,
    mayUse: everyPackageButElectron,
    because: 'the launcher only starts and watches the engine: it must live when the engine cannot (law 2).',
  },
  {
    name: 'preload',
    files: /^electron\/preload\.ts$/,
    mayImport: /^shared\//,
    mayUse: /^electron$/,
    because: "the sandboxed preload is one file: it imports 'electron' and shared/ only (law 2).",
  },
  {
    name: 'shell',
    files: /^electron\/(main\.ts$|desktop\/)/,
    mayImport: /^(electron\/(desktop|launcher|streaming\/lib)|shared)\//,
    mayUse: /./,
    because:
      'the desktop shell speaks with the engine over HTTP only: libvips and Electron crash in one process (law 2).',
  },
  {
    name: 'test',
    files: /^test\//,
    mayImport: /./,
    mayUse: /^(?!electron(\/|$))/,
    because: `${electronOnlyInShell} (law 2); tests run the built shell against a stand-in.`,
  },
];
