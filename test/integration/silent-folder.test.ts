import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandInput, CommandName } from '../../shared/contract/commands';
import { TestEngine } from '../support/engine';
import { paths } from '../../electron/streaming/lib/paths';
import { PatientDisks } from '../../electron/streaming/lib/patient-disks';
import { isCancelled } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { Egress } from '../../electron/studio/egress';
import type { Notices } from '../../electron/studio/notices';
import { RecordingDesk } from '../../electron/studio/recording-desk';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import type { WireError } from '../../shared/contract/errors';
import { decodeFile } from '../support/probe';
import { Program } from '../support/program';
import { requires } from '../support/requires';
import { SilentDisk } from '../support/silent-disk';

const small = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];
/** a disk that sleeps is given four seconds; longer nobody waits for an answer */
const patienceMs = 5000;

const never = (): Promise<never> => new Promise(() => undefined);

describe('recordings beside disks that do not answer', () => {
  let folder: string;
  let egress: Egress;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'silent-folder-'));
    egress = new Egress(new PacketHub(), silentLogger);
  });
  afterEach(async () => {
    await egress.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Disks by the first folder of a path. */
  const disksOf = () => new PatientDisks({ driveOf: (path) => path.split('/')[1] ?? '', silentAfterMs: 50 });
  function deskOn(disks: PatientDisks, wanted: () => string, said: string[] = []): RecordingDesk {
    return new RecordingDesk({
      ...{ egress, disks, logger: silentLogger, onChanged: () => undefined },
      journal: new RecordingJournal({ path: join(folder, 'recordings.json') }),
      notices: {
        add: ({ code }: WireError) => said.push(code),
        clear: (code: string) => said.push(`${code} is over`),
      } as unknown as Notices,
      wanted: () => ({ folder: wanted(), name: 'take', codec: 'h264', format: 'mp4', split: { by: 'none' } }),
      facts: () => ({ show: 'Show', scene: 'Scene' }),
    });
  }

  it('find their own, though two are dead and it was never asked before', async () => {
    const disks = disksOf();
    expect(await Promise.all(['/first/a', '/second/b'].map((path) => disks.ask(path, never)))).toEqual([
      null,
      null,
    ]);
    expect(await deskOn(disks, () => folder).startRecording()).toBe(join(folder, 'take.mp4'));
  });

  it('are refused on one of them, and begin in another folder', async () => {
    const disks = disksOf();
    let wanted = '/nas/films';
    const said: string[] = [];
    const desk = deskOn(disks, () => wanted, said);
    expect(await disks.ask('/nas', never)).toBeNull();
    await expect(desk.startRecording()).rejects.toMatchObject({ code: 'folder-silent' });
    expect([said, desk.silentFolder]).toEqual([['folder-silent'], '/nas/films']);
    wanted = folder;
    expect(await desk.startRecording()).toBe(join(folder, 'take.mp4'));
    expect([said, desk.silentFolder]).toEqual([['folder-silent', 'folder-silent is over'], null]);
  });

  it('do not begin once the engine ends', async () => {
    const disks = disksOf();
    const desk = deskOn(disks, () => folder);
    await desk.start();
    const beginning = desk.startRecording();
    const refusal = expect(beginning).rejects.toSatisfy(isCancelled);
    await desk.stop();
    await refusal;
    expect(egress.recording().state).toBe('idle');
  });
});

// Where nothing may be mounted, the disks above have to do.
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
      await using engine = await TestEngine.ready(small, { dataDir: folder });
      // Asked for at once: nothing is known of the disk yet.
      const recording = timed(engine, 'recording.start', {});
      await engine.call('destination.add', { name: 'Channel', url: platform.rtmpUrl, key });
      expect(await recording).toMatchObject({ code: 'folder-silent' });
      expect((await recording).tookMs).toBeLessThan(patienceMs);
      await engine.until(({ recording, notices }) => {
        expect(recording).toMatchObject({
          state: 'idle',
          freeBytes: null,
          silentFolder: settings.recordingFolder,
        });
        expect(notices.map(({ error, severity }) => [error.code, severity])).toContainEqual([
          'folder-silent',
          'warning',
        ]);
      });

      // Known by now: nothing waits for it any more.
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
        expect(recording.silentFolder).toBeNull();
        expect(notices.map(({ error }) => error.code)).not.toContain('folder-silent');
      });
      const { path } = await engine.call('recording.start', {});
      await engine.until(({ recording }) => expect(recording.bytes).toBeGreaterThan(20_000));
      await engine.call('recording.stop', {});
      await engine.until(({ recording }) => expect(recording.state).toBe('idle'));
      expect(decodeFile(path).complaints).toBe('');
    });

    it('does not keep a run from its end under a launcher, which takes it for no crash', async () => {
      const settings = { isFirstRunDone: true, recordingFolder: disk.folder };
      writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
      const args = ['--headless', '--data-dir', folder, '--http', '0', '--rtmp', '0', '--duration', '6'];
      await using studio = new Program([paths.launcher, ...args, '--profile', 'superfast-2t', ...small]);
      expect(await studio.exited).toEqual({ code: 0, signal: null });
      expect(studio.stdout.match(/^ready /gm)).toHaveLength(1);
      expect(studio.stdout).not.toContain('ended');
    });

    it('does not keep the engine from its end', async () => {
      const settings = { isFirstRunDone: true, recordingFolder: disk.folder };
      writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
      await using engine = await TestEngine.ready(small, { dataDir: folder });
      await engine.until(({ recording }) => expect(recording.silentFolder).toBe(disk.folder));
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
