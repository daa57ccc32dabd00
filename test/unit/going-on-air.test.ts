import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PatientDisks } from '../../electron/streaming/lib/patient-disks';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { commandHandlers } from '../../electron/studio/command-handlers';
import type { CommandTargets } from '../../electron/studio/command-handlers';
import { DataFolder } from '../../electron/studio/data-folder';
import { Egress } from '../../electron/studio/egress';
import type { Notices } from '../../electron/studio/notices';
import type { EncoderDesk } from '../../electron/studio/encoder-desk';
import { PreflightDesk } from '../../electron/studio/preflight-desk';
import type { PreflightDeskOptions } from '../../electron/studio/preflight-desk';
import type { ProgramFormat } from '../../electron/studio/program-format';
import { RecordingDesk } from '../../electron/studio/recording-desk';
import { RecordingJournal } from '../../electron/studio/recording-journal';
import { SettingsDesk } from '../../electron/studio/settings-desk';
import { SettingsStore } from '../../electron/studio/settings-store';
import { waitFor } from '../support/wait-for';
import { plainDestination } from '../support/plain-destination';

class ToldDisks extends PatientDisks {
  readonly #asked: string[];

  constructor(asked: string[]) {
    super();
    this.#asked = asked;
  }

  override ask<T>(path: string, question: () => Promise<T>) {
    this.#asked.push(path);
    return super.ask(path, question);
  }
}

/** The commands over a program of which only the packets are real; it is replaced when the test says so. */
class OnAir implements AsyncDisposable {
  readonly folder = new DataFolder(mkdtempSync(join(tmpdir(), 'on-air-')));
  hub = new PacketHub();
  readonly egress = new Egress(this.hub, silentLogger);
  changes = 0;
  readonly handedOver: ProgramFormat[] = [];
  /** paths of questions that recordings asked a disk */
  readonly asked: string[] = [];
  /** of the encoder's desk */
  readonly calls: string[] = [];
  /** ends the change that is under way */
  replace: () => void = () => undefined;
  readonly settings = new SettingsDesk({
    store: new SettingsStore(this.folder),
    given: {},
    encoders: { check: () => undefined, checkCodec: () => undefined },
    dataFolder: this.folder.path,
    isOnAir: () => this.egress.isOnAir,
    handOver: (wanted) => {
      this.handedOver.push(wanted);
      return Promise.resolve(wanted.profile !== 'auto' || wanted.bitrateKbps !== 6000);
    },
    changeProgram: () => {
      this.changes++;
      this.hub.end();
      return new Promise((resolve) => {
        this.replace = () => {
          this.hub = new PacketHub();
          this.egress.feedFrom(this.hub);
          resolve();
        };
      });
    },
    onChanged: () => undefined,
    notices: { add: () => undefined, clear: () => undefined } as unknown as Notices,
  });
  readonly #recordings = new RecordingDesk({
    egress: this.egress,
    notices: { add: () => undefined } as unknown as Notices,
    wanted: () => this.settings.recordings,
    facts: () => ({ show: 'Show', scene: 'Scene' }),
    journal: new RecordingJournal({ path: this.folder.file('recordings.json') }),
    onChanged: () => undefined,
    logger: silentLogger,
    disks: new ToldDisks(this.asked),
  });
  readonly preflight = new PreflightDesk({
    host: { format: { codec: 'h264' } },
    snapshot: () => ({ outputs: this.egress.outputs() }),
  } as unknown as PreflightDeskOptions);
  readonly handlers = commandHandlers({
    ...{ egress: this.egress, settings: this.settings, recorders: { recordings: this.#recordings } },
    preflight: this.preflight,
    links: { bandwidth: { cancel: () => Promise.resolve() } },
    encoders: { cancelCalibration: () => void this.calls.push('calibration ends') } as unknown as EncoderDesk,
  } as unknown as CommandTargets);

  async [Symbol.asyncDispose](): Promise<void> {
    this.hub.end();
    await this.egress.stop();
    rmSync(this.folder.path, { recursive: true, force: true });
  }
}

describe('going on air', () => {
  let air: OnAir;
  beforeEach(() => (air = new OnAir()));
  afterEach(() => air[Symbol.asyncDispose]());

  it('is refused without a destination, whoever asks', async () => {
    await expect(air.handlers['live.start']({})).rejects.toMatchObject({ code: 'destination-missing' });
    expect(air.egress.live().isLive).toBe(false);
  });

  it('waits for the program that is being started, and is fed from that one', async () => {
    // Nobody listens there: it is tried again and again.
    air.egress.addDestination({
      name: 'Far',
      url: 'rtmp://127.0.0.1:1/live',
      key: 'k',
      serviceId: null,
      ...plainDestination,
    });
    const changed = air.handlers['settings.update']({ patch: { fps: 25 } });
    await waitFor(() => air.changes === 1, 'the change');
    const answers = Promise.all([air.handlers['live.start']({}), air.handlers['recording.start']({})]);
    // A recording begins with a look at its disk: not even that.
    await setImmediate();
    expect(air.asked).toEqual([]);
    expect(air.egress.isOnAir).toBe(false);
    expect(air.egress.recording().state).toBe('idle');
    air.replace();
    await changed;
    await answers;
    await waitFor(() => air.hub.readerCount === 1, 'the recording to read from the new program');
    expect([air.egress.live().isLive, air.egress.recording().state]).toEqual([true, 'recording']);
  });

  it('is taken back while it waits, and begins no more once the program runs', async () => {
    air.egress.addDestination({
      name: 'Far',
      url: 'rtmp://127.0.0.1:1/live',
      key: 'k',
      serviceId: null,
      ...plainDestination,
    });
    const changed = air.handlers['settings.update']({ patch: { fps: 25 } });
    await waitFor(() => air.changes === 1, 'the change');
    const refusal = expect(air.handlers['live.start']({})).rejects.toMatchObject({ code: 'live-taken-back' });
    await air.handlers['live.stop']({});
    air.replace();
    await changed;
    await refusal;
    expect(air.egress.live()).toEqual({ isLive: false, since: null });
    // What is asked for after that is meant.
    await air.handlers['live.start']({});
    expect(air.egress.live().isLive).toBe(true);
  });

  it('begins singly for one destination, and that is taken back singly', async () => {
    const add = (name: string, isEnabled: boolean): string =>
      air.egress.addDestination({
        ...{ name, url: 'rtmp://127.0.0.1:1/live', key: 'k', serviceId: null },
        ...plainDestination,
        isEnabled,
      });
    const wanted = (): string[] =>
      air.egress.outputs().flatMap(({ name, isWanted }) => (isWanted ? [name] : []));
    const [one, two] = [add('One', false), add('Two', false)];
    await expect(air.handlers['live.start']({})).rejects.toMatchObject({ code: 'destination-none-enabled' });
    await expect(air.handlers['destination.start']({ id: 'none' })).rejects.toMatchObject({
      code: 'destination-not-found',
    });
    expect(air.egress.isOnAir).toBe(false);
    const changed = air.handlers['settings.update']({ patch: { fps: 25 } });
    await waitFor(() => air.changes === 1, 'the change');
    const starts = Promise.allSettled([
      air.handlers['destination.start']({ id: one }),
      air.handlers['destination.start']({ id: two }),
    ]);
    await air.handlers['destination.stop']({ id: two });
    air.replace();
    await changed;
    expect((await starts).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(wanted()).toEqual(['One']);
    // Whom a person had on is taken up again, whatever goes live with the others.
    await air.handlers['live.stop']({});
    air.egress.goLive(['Two']);
    expect(wanted()).toEqual(['Two']);
    await air.handlers['destination.stop']({ id: two });
    expect(air.egress.live()).toEqual({ isLive: false, since: null });
  });

  it('keeps its program even while it still looks at the disk', async () => {
    const recording = air.handlers['recording.start']({});
    await expect(air.handlers['settings.update']({ patch: { fps: 25 } })).rejects.toMatchObject({
      code: 'on-air',
    });
    await recording;
    expect(air.changes).toBe(0);
    expect(air.egress.recording().state).toBe('recording');
  });

  it('takes another bitrate or encoder while it is on air, unless that has to be measured first', async () => {
    const update = air.handlers['settings.update'];
    await air.handlers['recording.start']({});
    await update({ patch: { bitrateKbps: 3000, profile: 'superfast-2t' } });
    expect(air.handedOver).toMatchObject([{ bitrateKbps: 3000, profile: 'superfast-2t' }]);
    expect(air.settings.settings.bitrateKbps).toBe(3000);
    await expect(update({ patch: { bitrateKbps: 6000, profile: 'auto' } })).rejects.toMatchObject({
      code: 'on-air',
      details: { what: 'Measuring which encoder is best' },
    });
    await expect(update({ patch: { bitrateKbps: 2500, fps: 30 } })).rejects.toMatchObject({ code: 'on-air' });
    expect(air.settings.settings).toMatchObject({ bitrateKbps: 3000, profile: 'superfast-2t', fps: 60 });
    expect([air.handedOver.length, air.changes]).toEqual([2, 0]);
  });

  it('never meets a folder or a name that recordings cannot have: setting it is refused, with all that came with it', async () => {
    const update = air.handlers['settings.update'];
    await expect(update({ patch: { recordingFolder: 'Videos', fps: 25 } })).rejects.toMatchObject({
      code: 'folder-relative',
    });
    await expect(update({ patch: { recordingName: '{tiem}', fps: 25 } })).rejects.toMatchObject({
      code: 'recording-name-invalid',
    });
    expect(air.settings.settings).toMatchObject({
      ...{ recordingFolder: null, recordingName: '{date} {time}', fps: 60 },
    });
    expect(air.changes).toBe(0);
    const recordingFolder = join(air.folder.path, 'new', 'place');
    await update({ patch: { recordingFolder } });
    expect(air.settings.recordings.folder).toBe(recordingFolder);
  });

  it('ends a calibration first: whoever wants on air does not wait for figures', async () => {
    await air.handlers['live.start']({}).catch(() => undefined);
    await air.handlers['recording.start']({});
    expect(air.calls).toEqual(['calibration ends', 'calibration ends']);
  });

  it('is over for a recording whose program has ended: another one may begin', async () => {
    air.egress.startRecording(join(air.folder.path, 'one.mp4'));
    expect(air.egress.isOnAir).toBe(true);
    air.hub.end();
    await waitFor(() => air.egress.recording().state === 'idle', 'the end of the recording');
    expect(air.egress.isOnAir).toBe(false);
    expect(air.egress.recording()).toMatchObject({ since: null, bytes: 0 });
    air.egress.feedFrom((air.hub = new PacketHub()));
    air.egress.startRecording(join(air.folder.path, 'two.mp4'));
    expect(air.egress.recording().state).toBe('recording');
  });
});
