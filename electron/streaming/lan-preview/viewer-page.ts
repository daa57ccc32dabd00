import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** its name says what is in it, so it never changes */
  readonly isImmutable: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The viewers' page and what it names, by path: read once, so that nothing a request says ever becomes a path of the disk,
 * and nothing else of the studio's own page is served.
 * @param folder of the built pages
 * @throws Error when it is not there
 */
export function readViewerPage(folder: string): ReadonlyMap<string, PageFile> {
  const html = readFileSync(join(folder, 'viewer.html'), 'utf8');
  const names = [...html.matchAll(/(?<=(?:src|href)="\.\/)[\w./-]+(?=")/g)].map(([name]) => name);
  const files = new Map<string, PageFile>([['/', pageFile('viewer.html', Buffer.from(html))]]);
  for (const name of names) files.set(`/${name}`, pageFile(name, readFileSync(join(folder, name))));
  return files;
}

const pageFile = (name: string, body: Buffer): PageFile => ({
  contentType: contentTypes[extname(name)] ?? 'application/octet-stream',
  body,
  // Vite puts a hash into the names of what it has built.
  isImmutable: name.startsWith('assets/') && basename(name).includes('-'),
});
