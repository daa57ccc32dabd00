import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { editSchema } from '../../shared/model/edit';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { softwareProfiles } from '../../electron/streaming/output/profiles';
import { FileStore } from '../../electron/studio/file-store';
import { Notices } from '../../electron/studio/notices';
import { parseCommandLine } from '../../electron/studio/options';
import type { ProfileChoice } from '../../electron/studio/profile-choice';
import type { Program } from '../../electron/studio/program';
import { ProgramHost } from '../../electron/studio/program-host';
import { ProgramReplacement } from '../../electron/studio/program-replacement';
import { RestorePoints } from '../../electron/studio/restore-points';
import { ShowDesk } from '../../electron/studio/show-desk';
import { ShowFile } from '../../electron/studio/show-file';
import { initialSnapshot } from '../../electron/studio/snapshot';
import { StudioState } from '../../electron/studio/state';
import { waitFor } from '../support/wait-for';

const collection = collectionSchema.parse({
  version: 1,
  name: 'Two scenes',
  sources: [],
  scenes: ['a', 'b'].map((id) => ({ id, name: id.toUpperCase(), items: [] })),
  programSceneId: 'a',
});
const size = { width: 640, height: 360 };
const format = {
  canvas: size,
  output: size,
  fps: 30,
  bitrateKbps: 500,
  codec: 'h264',
  profile: 'superfast-2t',
} as const;
const [profile] = softwareProfiles;
const choice: ProfileChoice = {
  ...{ profile, reason: '', isFastEnough: true, measurements: [], candidates: [] },
  ...{ cpu: { features: [], summary: '' }, forget: () => undefined },
} as unknown as ProfileChoice;

/** What a program is to those who change it: once it has stopped, a change of it is seen by nobody. */
class FakeProgram {
  shown: { collection: Collection; sceneId: string };
  isStarting = false;
  hasStopped = false;
  hasStarted: () => void = () => undefined;
  untilEncoded = (): Promise<void> => Promise.resolve();
  readonly show = { compositor: { counters: {} }, sourcesView: (): [] => [] };
  readonly pipeline = { counters: {}, pids: {}, setup: { profile } };

  constructor(collection: Collection) {
    this.shown = { collection, sceneId: collection.programSceneId ?? '' };
  }
  start(): Promise<void> {
    this.isStarting = true;
    return new Promise((resolve) => (this.hasStarted = resolve));
  }
  stop(): Promise<void> {
    this.hasStopped = true;
    return Promise.resolve();
  }
  apply(collection: Collection, sceneId: string): Promise<void> {
    if (!this.hasStopped) this.shown = { collection, sceneId };
    return Promise.resolve();
  }
  switchScene(sceneId: string): Promise<void> {
    return this.apply(this.shown.collection, sceneId);
  }
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'replacement-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('shows what was edited and switched to while the new program started, before anything is fed from it', async () => {
  const line = parseCommandLine([]);
  if (line.command !== 'run') throw new Error('the command line is understood as another command');
  const ffmpeg = { path: 'ffmpeg', origin: 'PATH', version: '5.1', encoders: [], hasFpsMode: true } as const;
  const state = new StudioState(initialSnapshot(line.options, format, folder, ffmpeg));
  const points = new RestorePoints(join(folder, 'points'));
  const file = new ShowFile({
    ...{ path: join(folder, 'show.json'), isOwn: true, points, logger: silentLogger },
  });
  const programs: FakeProgram[] = [];
  const desk = new ShowDesk({
    ...{ collection, sceneId: 'a', file, state, notices: new Notices(state) },
    files: new FileStore({ folder: join(folder, 'files') }),
    program: () => host.program,
  });
  const host: ProgramHost = new ProgramHost({
    ...{ format, choice },
    create: () => {
      const program = new FakeProgram(desk.editor.collection);
      programs.push(program);
      return program as unknown as Program;
    },
    choose: () => Promise.resolve(choice),
    run: () => undefined,
  });
  let fed: FakeProgram['shown'] | undefined;
  const replacement = new ProgramReplacement({
    ...{ host, desk, state, stopping: new AbortController().signal },
    onReplaced: () => {
      fed = programs[1]?.shown;
      return Promise.resolve();
    },
    onLost: (error) => expect.unreachable(error.message),
  });

  const replaced = replacement.replace({ ...format, fps: 25 });
  const next = await waitFor(() => programs.find(({ isStarting }) => isStarting), 'the start of the new one');
  expect(state.snapshot.program.state).toBe('restarting');
  await desk.edit([editSchema.parse({ type: 'scene.rename', sceneId: 'b', name: 'Late' })], 'Rename B');
  await desk.switchScene('b');
  expect(next.shown.sceneId).toBe('a');
  next.hasStarted();
  await replaced;
  expect(fed).toEqual({ collection: desk.editor.collection, sceneId: 'b' });
  expect(fed?.collection.scenes[1]?.name).toBe('Late');
  expect(state.snapshot.program.sceneId).toBe('b');
  await file.stop();
});
