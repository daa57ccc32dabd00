import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { shortName } from './short-name';

/** What the placeholders of a name stand for. */
export interface RecordingFacts {
  readonly at: Date;
  readonly scene: string;
  readonly show: string;
}

/** of the file's name, bytes in UTF-8, with room for a number and the extension; most file systems take 255 */
const maxNameBytes = 230;

/**
 * The file that a recording begins with: the template with {date} {time} {scene} {show} filled in, in local time; a
 * number is added while the name is taken. Never a name that some file system refuses, or one outside of the folder.
 * @param folder absolute
 * @param extension with its dot
 */
export async function recordingPath(
  folder: string,
  template: string,
  facts: RecordingFacts,
  extension: string,
  isTaken: (path: string) => Promise<boolean> = isThere,
): Promise<string> {
  const name = safeName(fill(template, facts)) || safeName(fill('{date} {time}', facts));
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${name}${number > 1 ? ` (${number})` : ''}${extension}`);
    if (!(await isTaken(path))) return path;
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** @returns what is wrong with a template, in words; null: nothing */
export function nameProblem(template: string): string | null {
  const example = { at: new Date(0), scene: 'Scene', show: 'Show' };
  const unknown = [...template.matchAll(/\{[^{}]*\}/g)]
    .map(([field]) => field)
    .find((field) => fill(field, example) === field);
  if (unknown !== undefined) return `${unknown} stands for nothing`;
  if (/[/\\]/.test(template)) return 'a / or \\ would lead to another folder';
  return safeName(fill(template, example)) === '' ? 'no file can be called that' : null;
}

function fill(template: string, { at, scene, show }: RecordingFacts): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const values: Readonly<Record<string, string>> = {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`,
    scene,
    show,
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** Windows is the strictest: its rules are everybody's, so that a recording can be copied anywhere. */
function safeName(text: string): string {
  const clean = text
    .normalize('NFC')
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, '-')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const fitting = shortName(clean, maxNameBytes).replace(/[\s.]+$/, '');
  return reserved.test(fitting) ? `${fitting}_` : fitting;
}
