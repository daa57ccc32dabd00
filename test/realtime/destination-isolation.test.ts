import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutputView } from '../../shared/contract/snapshot';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { Egress } from '../../electron/studio/egress';
import { TestAuthority } from '../support/certificates';
import { encodeFixture } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { FaultyLine } from '../support/faulty-line';
import type { LineFault } from '../support/faulty-line';
import { PacedProgram } from '../support/paced-program';
import { plainDestination } from '../support/plain-destination';
import { decodeFile } from '../support/probe';
import { requires } from '../support/requires';
import { RtmpPeer } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';

/** what the issue promises */
const mostGapMs = 200;
const mostStopMs = 5000;
const frameMs = 1000 / 30;
/** of the program, while something is wrong */
const watchedFrames = 66;

/** What a case has opened; the last first. */
class Closing implements AsyncDisposable {
  readonly #ends: (() => unknown)[] = [];

  defer(end: () => unknown): void {
    this.#ends.unshift(end);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end();
  }
}

type State = OutputView['status']['state'];
interface Fault {
  readonly name: string;
  /** @returns the address; what it opens is closed by `closing` */
  readonly open: (closing: Closing) => Promise<string>;
  /** where the destination is found while the others go on */
  readonly states: readonly State[];
  /** frames have to be left out for it */
  readonly isSlow?: boolean;
}

const retried: readonly State[] = ['reconnecting', 'connecting'];
const url = (port: number, host = '127.0.0.1', scheme = 'rtmp'): string => `${scheme}://${host}:${port}/live`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function peerAt(closing: Closing, ...behaviour: ConstructorParameters<typeof RtmpPeer>) {
  const peer = new RtmpPeer(...behaviour);
  const port = await peer.listen();
  closing.defer(() => peer.close());
  return { peer, port };
}

async function behind(closing: Closing, fault: LineFault): Promise<string> {
  const { port } = await peerAt(closing);
  const line = new FaultyLine(port, fault);
  closing.defer(() => line[Symbol.asyncDispose]());
  return url(await line.listen());
}

const authority = requires('openssl') ? new TestAuthority() : null;
const badName = { level: 'error', code: 'NetStream.Publish.BadName', description: 'no' };
const faults: readonly Fault[] = [
  { name: 'refused', open: async () => url(await freePort()), states: retried },
  {
    name: 'never answers',
    open: async (closing) => url((await peerAt(closing, { isSilent: true })).port),
    states: ['connecting'],
  },
  {
    name: 'stalls after 200 kB',
    open: (closing) => behind(closing, { afterBytes: 200_000, then: 'stall' }),
    states: ['live'],
    isSlow: true,
  },
  {
    name: 'resets after 200 kB, again and again',
    open: (closing) => behind(closing, { afterBytes: 200_000, then: 'reset' }),
    states: [...retried, 'live'],
  },
  {
    name: '1 kB/s',
    open: (closing) => behind(closing, { afterBytes: 50_000, then: 1000 }),
    states: ['live'],
    isSlow: true,
  },
  {
    name: 'bad key',
    open: async (closing) => url((await peerAt(closing, { publishStatus: badName })).port),
    states: ['failed'],
  },
  {
    name: 'TLS failure',
    open: async (closing) =>
      url((await peerAt(closing, { tls: authority!.selfSigned('localhost') })).port, 'localhost', 'rtmps'),
    states: ['failed'],
  },
  { name: 'DNS failure', open: () => Promise.resolve(url(1935, 'nowhere.invalid')), states: retried },
];

const cases = [
  ...faults.map((fault) => ({ name: fault.name, wrong: [fault] })),
  { name: 'all of these at once', wrong: faults },
];

const longestGap = (times: readonly number[]): number =>
  Math.max(...times.slice(1).map((time, index) => time - times[index]!));

describe.skipIf(!requires('ffmpeg', 'openssl'))('a destination that goes wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  const recordings: { path: string; frames: number }[] = [];
  let fixture: EncodedFixture;
  beforeAll(() => {
    fixture = encodeFixture({ seconds: 2, bitrateKbps: 4000, hasFiller: true });
  });
  afterAll(() => {
    authority?.[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it.concurrent.each(cases)('$name: costs the others nothing, and stops in time', async ({ name, wrong }) => {
    await using closing = new Closing();
    const program = new PacedProgram(fixture);
    const egress = new Egress(program.hub, silentLogger);
    closing.defer(() => egress.stop());
    const { peer, port } = await peerAt(closing);
    const arrivedAt: number[] = [];
    peer.onMessage = ({ typeId }) => {
      if (typeId === rtmpType.video) arrivedAt.push(performance.now());
    };
    const add = (id: string, address: string): string =>
      egress.addDestination({ name: id, url: address, key: id, serviceId: null, ...plainDestination });
    const healthy = add('healthy', url(port));
    const ids = await Promise.all(wrong.map(async (fault) => add(fault.name, await fault.open(closing))));
    const viewOf = (id: string): OutputView => egress.outputs().find((output) => output.id === id)!;

    const path = join(folder, `${name.replace(/\W/g, '-')}.mp4`);
    egress.startRecording(path);
    await waitFor(() => program.hub.readerCount === 1, 'the recording to wait for its first picture');
    egress.goLive();
    const end = new AbortController();
    closing.defer(() => end.abort());
    const running = program.run(end.signal);
    await waitFor(() => arrivedAt.length > watchedFrames, 'two seconds at the healthy one');

    for (const [index, { states, isSlow, name: fault }] of wrong.entries()) {
      const view = viewOf(ids[index]!);
      expect(states, fault).toContain(view.status.state);
      if (isSlow) await waitFor(() => viewOf(ids[index]!).droppedFrames > 0, `frames left out for: ${fault}`);
    }
    expect(viewOf(healthy).status.state).toBe('live');
    // Where the machine itself held up the program, no receiver can be better.
    const allowedMs = Math.max(mostGapMs, longestGap(program.pushedAt) + mostGapMs - frameMs);
    expect(longestGap(arrivedAt)).toBeLessThanOrEqual(allowedMs);

    // Those that are wrong, each by itself, while the others go on.
    const stoppedAt = performance.now();
    await Promise.all(ids.map((id) => egress.stopDestination(id)));
    expect(performance.now() - stoppedAt).toBeLessThan(mostStopMs);
    expect(ids.map((id) => viewOf(id).status.state)).toEqual(ids.map(() => 'idle'));
    expect([viewOf(healthy).status.state, egress.live().isLive]).toEqual(['live', true]);
    end.abort();
    await running;
    const endedAt = performance.now();
    await Promise.all([egress.endLive(), egress.stopRecording()]);
    expect(performance.now() - endedAt).toBeLessThan(mostStopMs);
    expect(longestGap(arrivedAt)).toBeLessThanOrEqual(
      Math.max(mostGapMs, longestGap(program.pushedAt) + mostGapMs - frameMs),
    );
    expect(viewOf(healthy)).toMatchObject({ droppedFrames: 0, reconnects: 0, status: { state: 'idle' } });
    recordings.push({ path, frames: program.pushedAt.length });
  });

  // By itself: who decodes while others keep time takes theirs.
  it('costs no recording a frame', () => {
    expect(recordings).toHaveLength(cases.length);
    for (const { path, frames } of recordings)
      expect(decodeFile(path), path).toEqual({ complaints: '', videoFrames: frames });
  });
});
