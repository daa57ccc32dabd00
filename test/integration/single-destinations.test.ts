import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutputView } from '../../shared/contract/snapshot';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import type { RtmpMessage } from '../../electron/streaming/media/rtmp-chunks';
import { Egress } from '../../electron/studio/egress';
import { encodeFixture } from '../support/encoded-fixture';
import type { EncodedFixture } from '../support/encoded-fixture';
import { PacedProgram } from '../support/paced-program';
import { plainDestination } from '../support/plain-destination';
import { requires } from '../support/requires';
import { RtmpPeer } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';

/** A server, and what pictures it got when. */
class Platform {
  readonly peer = new RtmpPeer();
  readonly pictures: { message: RtmpMessage; at: number }[] = [];
  port = 0;

  constructor() {
    this.peer.onMessage = (message) => {
      if (message.typeId === rtmpType.video && message.payload[1] === 1)
        this.pictures.push({ message, at: performance.now() });
    };
  }
  async open(port = 0): Promise<void> {
    this.port = await this.peer.listen(port);
  }
  get url(): string {
    return `rtmp://127.0.0.1:${this.port}/live`;
  }
}
/** FLV E.4.3.1: the frame type is in the upper four bits */
const isKeyframe = ({ payload }: RtmpMessage): boolean => payload[0]! >> 4 === 1;
const timesOf = (platform: Platform): number[] => platform.pictures.map(({ message }) => message.timestamp);
const isRising = (times: readonly number[]): boolean =>
  times.every((time, index) => index === 0 || time > times[index - 1]!);

describe.skipIf(!requires('ffmpeg'))('destinations that start and stop singly', () => {
  let fixture: EncodedFixture;
  let program: PacedProgram;
  let egress: Egress;
  let end: AbortController;
  const platforms: Platform[] = [];
  beforeAll(() => {
    fixture = encodeFixture({ seconds: 4 });
  });
  beforeEach(() => {
    program = new PacedProgram(fixture);
    egress = new Egress(program.hub, silentLogger);
    end = new AbortController();
  });
  afterEach(async () => {
    end.abort();
    await egress.stop();
    await Promise.all(platforms.splice(0).map(({ peer }) => peer.close()));
  });
  const platform = async (port = 0): Promise<Platform> => {
    const made = new Platform();
    platforms.push(made);
    await made.open(port);
    return made;
  };
  const add = (
    name: string,
    { url }: Platform,
    more: { isEnabled?: boolean; delaySec?: number } = {},
  ): string => egress.addDestination({ name, url, key: name, serviceId: null, ...plainDestination, ...more });
  const viewOf = (id: string): OutputView => egress.outputs().find((output) => output.id === id)!;
  const until = (id: string, state: OutputView['status']['state']) =>
    waitFor(() => viewOf(id).status.state === state, `${id} to be ${state}`);

  it('begin with the picture at hand, leave each other alone, and the last one ends the stream', async () => {
    const [one, two] = [await platform(), await platform()];
    const first = add('one', one);
    const second = add('two', two, { isEnabled: false });
    void program.run(end.signal);
    // In the middle of a group of pictures, far from the next keyframe.
    await waitFor(() => program.pushedAt.length % 30 === 8, 'the eighth picture of a group', { pollMs: 5 });
    const pressedAt = performance.now();
    egress.startDestination(second);
    await waitFor(() => two.pictures.length > 20, 'pictures at the second');
    expect(two.pictures[0]!.at - pressedAt).toBeLessThan(700);
    expect(isKeyframe(two.pictures[0]!.message)).toBe(true);
    expect(timesOf(two)[0]).toBe(0);
    expect(isRising(timesOf(two))).toBe(true);
    // What was at hand comes at once, then the program at its own pace.
    expect(two.pictures[7]!.at - two.pictures[0]!.at).toBeLessThan(200);
    expect(egress.live().isLive).toBe(true);
    expect([viewOf(first).isWanted, viewOf(second).isWanted]).toEqual([false, true]);

    // Going live takes along those that are to come along; who runs is left alone.
    egress.goLive();
    await until(first, 'live');
    expect([one.peer.connections, two.peer.connections]).toEqual([1, 1]);
    const stoppedAt = performance.now();
    await egress.stopDestination(second);
    expect(performance.now() - stoppedAt).toBeLessThan(1000);
    expect(two.peer.commandNames()).toContain('deleteStream');
    expect([viewOf(first).status.state, viewOf(second).status.state]).toEqual(['live', 'idle']);
    expect(egress.live().isLive).toBe(true);
    await egress.stopDestination(first);
    expect(egress.live()).toEqual({ isLive: false, since: null });
    egress.goLive();
    await until(first, 'live');
    expect([viewOf(second).status.state, two.peer.connections]).toEqual(['idle', 1]);
  });

  it('are live again soon after the server is back, with a keyframe and rising times', async () => {
    const away = await platform();
    const id = add('one', away);
    void program.run(end.signal);
    egress.goLive();
    await until(id, 'live');
    await away.peer.close();
    await waitFor(() => {
      const { status } = viewOf(id);
      return status.state === 'reconnecting' && status.attempt >= 3;
    }, 'two attempts in vain');
    const back = await platform(away.port);
    const backAt = performance.now();
    await waitFor(() => back.pictures.length > 40, 'pictures after the return');
    expect(back.pictures[0]!.at - backAt).toBeLessThan(5000);
    expect(isKeyframe(back.pictures[0]!.message)).toBe(true);
    expect(isRising(timesOf(back))).toBe(true);
    expect(viewOf(id)).toMatchObject({ reconnects: 1, status: { state: 'live' } });
    // No need to wait when the network says that it is another one.
    await back.peer.close();
    await until(id, 'reconnecting');
    const again = await platform(away.port);
    const changedAt = performance.now();
    egress.networkChanged();
    await waitFor(() => again.pictures.length > 0, 'pictures at once');
    expect(again.pictures[0]!.at - changedAt).toBeLessThan(450);
  });

  it('are as late as they are told to be, and end at once with what is still held back', async () => {
    const [late, prompt] = [await platform(), await platform()];
    const id = add('late', late, { delaySec: 1 });
    add('prompt', prompt);
    egress.goLive();
    void program.run(end.signal);
    await waitFor(() => late.pictures.length > 20, 'late pictures');
    const laterMs = late.pictures.map(({ at }, index) => at - program.pushedAt[index]!);
    expect(Math.min(...laterMs)).toBeGreaterThanOrEqual(999);
    expect(Math.max(...laterMs)).toBeLessThan(1500);
    expect(timesOf(prompt).slice(0, 20)).toEqual(timesOf(late).slice(0, 20));
    const stoppedAt = performance.now();
    await egress.stopDestination(id);
    expect(performance.now() - stoppedAt).toBeLessThan(1000);
    expect(late.peer.commandNames()).toContain('deleteStream');
    expect(program.pushedAt.length - late.pictures.length).toBeGreaterThan(25);

    // One that is far behind connects only when its time has come.
    egress.replaceDestination(id, { ...egress.destination(id), delaySec: 60 });
    const connections = late.peer.connections;
    egress.startDestination(id);
    await until(id, 'waiting');
    expect(viewOf(id).status).toMatchObject({ until: expect.closeTo(Date.now() + 57_000, -4) });
    await egress.stopDestination(id);
    expect([viewOf(id).status.state, late.peer.connections]).toEqual(['idle', connections]);
    // One that memory would not hold is refused, and says so.
    const heavy = new Egress(program.hub, silentLogger, { videoKbps: () => 100_000 });
    expect(() =>
      heavy.addDestination({
        name: 'x',
        url: late.url,
        key: 'x',
        serviceId: null,
        ...plainDestination,
        delaySec: 900,
      }),
    ).toThrow(expect.objectContaining({ code: 'delay-too-long' }));
  });
});
