import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandInput, CommandName } from '../../shared/contract/commands';
import { TestEngine } from '../support/engine';
import { decodeFile } from '../support/probe';
import { requires } from '../support/requires';
import { SilentDisk } from '../support/silent-disk';

const small = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];
/** a disk that sleeps is given four seconds; longer nobody waits for an answer */
const patienceMs = 5000;

describe.skipIf(!requires('ffmpeg') || !SilentDisk.isPossible)(
  'a recording folder on a share that does not answer',
  () => {
    let folder: string;
    let disk: SilentDisk;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'silent-folder-'));
      disk = new SilentDisk();
    });
    afterEach(() => {
      disk[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    /** the code that it fails with, or null, and how long that took */
    async function timed<Name extends CommandName>(
      engine: TestEngine,
      command: Name,
      input: CommandInput<Name>,
    ): Promise<{ code: string | null; tookMs: number }> {
      const beganMs = performance.now();
      const code = await engine.call(command, input).then(
        () => null,
        (error: unknown) => (error as { wire?: { code: string } }).wire?.code ?? 'no answer',
      );
      return { code, tookMs: performance.now() - beganMs };
    }

    it('holds up neither the start nor going live, is told, and another folder takes its place', async () => {
      const settings = { isFirstRunDone: true, recordingFolder: join(disk.folder, 'films') };
      writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
      await using platform = await TestEngine.ready(small);
      const { key } = await platform.call('key.create', { name: 'Channel' });
      const engine = await TestEngine.ready(small, { dataDir: folder });
      try {
        // Asked for at once: nothing is known of the disk yet.
        const recording = timed(engine, 'recording.start', {});
        await engine.call('destination.add', { name: 'Channel', url: platform.rtmpUrl, key });
        expect(await recording).toMatchObject({ code: 'folder-silent' });
        expect((await recording).tookMs).toBeLessThan(patienceMs);
        await engine.until(({ recording, notices }) => {
          expect(recording).toMatchObject({ state: 'idle', freeBytes: null, isFolderSilent: true });
          expect(notices.map(({ error, severity }) => [error.code, severity])).toContainEqual([
            'folder-silent',
            'warning',
          ]);
        });

        // Known by now: nothing waits for it any more.
        expect(await timed(engine, 'recording.openFolder', {})).toMatchObject({
          code: expect.stringMatching(/^folder-(silent|unopenable)$/) as string,
        });
        for (const command of ['recording.start', 'live.start'] as const) {
          const { code, tookMs } = await timed(engine, command, {});
          expect(code).toBe(command === 'live.start' ? null : 'folder-silent');
          expect(tookMs, command).toBeLessThan(1000);
        }
        const { checks } = await engine.call('preflight.run', {});
        expect(checks.find(({ subject }) => subject === 'disk')).toMatchObject({
          result: 'warning',
          error: { code: 'folder-silent' },
        });
        await engine.until(({ outputs }) =>
          expect(outputs.find(({ name }) => name === 'Channel')?.status.state).toBe('live'),
        );

        const elsewhere = { recordingFolder: join(disk.folder, 'elsewhere') };
        expect(await timed(engine, 'settings.update', { patch: elsewhere })).toMatchObject({
          code: 'folder-silent',
        });
        await engine.call('settings.update', { patch: { recordingFolder: join(folder, 'here') } });
        await engine.until(({ recording, notices }) => {
          expect(recording.freeBytes).toBeGreaterThan(0);
          expect(recording.isFolderSilent).toBe(false);
          expect(notices.map(({ error }) => error.code)).not.toContain('folder-silent');
        });
        const { path } = await engine.call('recording.start', {});
        await engine.until(({ recording }) => expect(recording.bytes).toBeGreaterThan(20_000));
        await engine.call('recording.stop', {});
        await engine.until(({ recording }) => expect(recording.state).toBe('idle'));
        expect(decodeFile(path).complaints).toBe('');
      } finally {
        await engine[Symbol.asyncDispose]();
      }
    });

    it('does not keep the engine from its end', async () => {
      const settings = { isFirstRunDone: true, recordingFolder: disk.folder };
      writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
      const engine = await TestEngine.ready(small, { dataDir: folder });
      await engine.until(({ recording }) => expect(recording.isFolderSilent).toBe(true));
      const file = join(folder, 'engine.json');
      expect(existsSync(file)).toBe(true);
      const beganMs = performance.now();
      engine.process.kill('SIGTERM');
      // Its `exit` would wait for the disk; the signal that asked it to end ends it once its work is done.
      const code = await engine.ended.then((run) => run.code);
      expect([code, engine.process.signalCode]).toEqual([null, 'SIGTERM']);
      expect(existsSync(file), 'said that it is gone').toBe(false);
      expect(performance.now() - beganMs).toBeLessThan(patienceMs);
    });
  },
);
