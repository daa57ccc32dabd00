import { pbkdf2 } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FileStore } from '../../electron/studio/file-store';

it('leaves nothing of a file that broke off while it was still being opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  try {
    const store = new FileStore({ folder, freeBytes: () => Promise.resolve(2 ** 40), reserveBytes: 0 });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the connection broke');
    }
    for (let round = 0; round < 60; round += 1) {
      // The threads that open files have other things to do.
      for (let job = 0; job < 8; job += 1) pbkdf2('a', 'b', 3000, 64, 'sha512', () => undefined);
      const put = store.put({ name: 'a.png', content: broken(), bytes: null });
      await expect(put).rejects.toMatchObject({ code: 'upload-incomplete' });
      await setTimeout(20);
      expect(readdirSync(folder)).toEqual([]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
