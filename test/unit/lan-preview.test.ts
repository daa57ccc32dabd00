import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lanLimitsSchema } from '../../shared/contract/lan-preview';
import type { PasswordRecord } from '../../shared/contract/lan-preview';
import { LanPassword, readPasswordFile } from '../../electron/studio/lan-password';
import { parseCommandLine } from '../../electron/studio/options';
import { flvFileHeader, flvTag } from '../../electron/streaming/media/flv';
import { FlvReader } from '../../electron/streaming/media/flv-reader';
import { FlvStream } from '../../electron/streaming/media/flv-stream';
import { FlvUnits } from '../../electron/streaming/media/flv-units';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import { Doorkeeper } from '../../electron/streaming/lan-preview/doorkeeper';
import type { Verdict } from '../../electron/streaming/lan-preview/doorkeeper';
import {
  LocalNetwork,
  ownAddresses,
  pageUrl,
  sourceOf,
} from '../../electron/streaming/lan-preview/local-network';
import { isPassword } from '../../electron/streaming/lan-preview/password';
import {
  basicPassword,
  hostOf,
  isOwnOrigin,
  pathOf,
} from '../../electron/streaming/lan-preview/viewer-request';

const address = (text: string, bits: number, internal = false): NetworkInterfaceInfo =>
  ({
    address: text,
    family: text.includes(':') ? 'IPv6' : 'IPv4',
    cidr: `${text}/${bits}`,
    internal,
  }) as NetworkInterfaceInfo;

const interfaces = {
  lo: [address('127.0.0.1', 8, true), address('::1', 128, true)],
  docker0: [address('172.17.0.1', 16)],
  eth0: [address('fe80::1', 64), address('2001:db8:1:2::5', 64), address('203.0.113.7', 24)],
};

describe('the local network', () => {
  it('is private addresses and the links of this computer, and not the rest of the world', () => {
    const network = new LocalNetwork(() => interfaces);
    const inside = [
      '192.168.7.9',
      '10.1.2.3',
      '172.31.0.1',
      '100.101.1.1',
      '127.0.0.1',
      '::1',
      'fe80::9%eth0',
    ];
    const onLinks = ['::ffff:192.168.1.1', '203.0.113.200', '2001:db8:1:2:aaaa::1', 'fd00::1'];
    const outside = ['203.0.114.1', '8.8.8.8', '172.32.0.1', '2001:db8:1:3::1', '::ffff:8.8.8.8', undefined];
    for (const peer of [...inside, ...onLinks]) expect(network.has(peer), peer).toBe(true);
    for (const peer of outside) expect(network.has(peer), peer).toBe(false);
  });

  it('names the addresses that others can type, the likeliest first', () => {
    expect(ownAddresses(interfaces).map((own) => pageUrl(own.address, 7790))).toEqual([
      'http://203.0.113.7:7790/',
      'http://[2001:db8:1:2::5]:7790/',
      'http://172.17.0.1:7790/',
    ]);
  });

  it('counts all addresses of one IPv6 network as one', () => {
    expect(sourceOf('2001:db8:1:2:aaaa::1')).toBe(sourceOf('2001:0db8:0001:0002::9'));
    expect(sourceOf('2001:db8:1:3::1')).not.toBe(sourceOf('2001:db8:1:2::1'));
    expect([sourceOf('::ffff:10.0.0.1'), sourceOf('::1')]).toEqual(['10.0.0.1', '0:0:0:0::/64']);
  });
});

const record: PasswordRecord = {
  ...{ scheme: 'scrypt', cost: 1024, blockSize: 1, parallelization: 1, salt: 'x'.repeat(24) },
  digest: 'x'.repeat(44),
};

describe('Doorkeeper', () => {
  const setUp = (given: object = {}): { keeper: Doorkeeper; clock: { ms: number }; verified: string[] } => {
    const clock = { ms: 0 };
    const verified: string[] = [];
    const limits = lanLimitsSchema.parse({ refusalDelayMinMs: 0, refusalDelayMaxMs: 0, ...given });
    const keeper = new Doorkeeper({
      ...{ password: record, limits, nowMs: () => clock.ms },
      verify: async (password) => {
        verified.push(password);
        await Promise.resolve();
        return password === 'right one';
      },
    });
    return { keeper, clock, verified };
  };

  it('works on a right password once in a while only, and on wrong ones each time', async () => {
    const { keeper, clock, verified } = setUp({ rememberMs: 1000 });
    for (const password of ['right one', 'right one', 'wrong one', 'right one'])
      expect(await keeper.check(password, 'a')).toBe(password.startsWith('right') ? 'right' : 'wrong');
    expect(verified).toEqual(['right one', 'wrong one']);
    clock.ms = 1001;
    expect(await keeper.check('right one', 'a')).toBe('right');
    expect(verified).toHaveLength(3);
  });

  it('tells a locked-out address nothing, not even of a password it remembers', async () => {
    const { keeper, clock } = setUp({ lockoutFailures: 2, lockoutMs: 500 });
    expect(await keeper.check('right one', 'b')).toBe('right');
    for (const guess of ['one', 'two']) expect(await keeper.check(guess, 'a')).toBe('wrong');
    expect(await keeper.check('right one', 'a')).toBe('locked');
    expect(keeper.retryAfterSec('a')).toBe(1);
    expect(await keeper.check('right one', 'b')).toBe('right');
    clock.ms = 501;
    expect(await keeper.check('right one', 'a')).toBe('right');
  });

  it('works on few at a time, on one of each address, and refuses the rest unread', async () => {
    const { keeper, verified } = setUp({ checksAtOnce: 2, checksWaiting: 1 });
    const verdicts: Promise<Verdict>[] = ['a', 'a', 'b', 'c', 'd'].map((from) =>
      keeper.check(`${from} guess`, from),
    );
    expect(await Promise.all(verdicts)).toEqual(['wrong', 'busy', 'wrong', 'wrong', 'busy']);
    expect(verified).toEqual(['a guess', 'b guess', 'c guess']);
    expect(await keeper.check('right one', 'd')).toBe('right');
  });

  it('ends sessions in time, the oldest when there are too many, and all with another password', () => {
    const { keeper, clock } = setUp({ sessions: 2, sessionMs: 1000 });
    const [first, second, third] = [keeper.openSession(), keeper.openSession(), keeper.openSession()];
    expect([first, second, third].map((token) => keeper.hasSession(token))).toEqual([false, true, true]);
    clock.ms = 1001;
    expect(keeper.hasSession(second)).toBe(false);
    const last = keeper.openSession();
    keeper.password = { ...record };
    expect(keeper.hasSession(last)).toBe(false);
  });
});

describe('a request of a viewer', () => {
  const request = (headers: Record<string, string>, url = '/') => ({ headers, url });

  it('is of our own page when it says so itself, and of a program when it says nothing', () => {
    const host = '192.168.1.20:7790';
    expect(isOwnOrigin(request({ host }))).toBe(true);
    expect(isOwnOrigin(request({ host, origin: `http://${host}` }))).toBe(true);
    for (const origin of [
      'null',
      'http://evil.example',
      'http://192.168.1.20',
      `http://${host}.evil.example`,
    ])
      expect(isOwnOrigin(request({ host, origin })), origin).toBe(false);
  });

  it('has a host that may stand in a header, and a path that is taken word for word', () => {
    for (const host of ['studio.local', '[fd00::1]:7790', '10.0.0.1:80'])
      expect(hostOf(request({ host }))).toBe(host);
    for (const host of ['', 'a b', 'x; script-src *', '[::1', 'x:123456'])
      expect(hostOf(request({ host }))).toBeNull();
    expect(pathOf(request({}, '/live/program.flv?x=/'))).toBe('/live/program.flv');
    expect(pathOf(request({}, 'http://127.0.0.1/status'))).toBe('');
  });

  it('has a password with colons and letters of any language in it', () => {
    const authorization = `Basic ${Buffer.from('viewer:pä:ss').toString('base64')}`;
    expect(basicPassword(request({ authorization }))).toBe('pä:ss');
    for (const other of ['Basic !!!!', 'Bearer eHg6eQ==', `Basic ${Buffer.from('none').toString('base64')}`])
      expect(basicPassword(request({ authorization: other }))).toBeNull();
  });
});

describe('the password of viewers', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lan-password-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lies on disk as a digest, for its owner alone, and is known again', async () => {
    const path = join(folder, 'lan-preview.json');
    const password = new LanPassword(path);
    expect(password.load()).toBeNull();
    await password.set('canary élan 42');
    expect(readFileSync(path, 'utf8')).not.toMatch(/canary|lan 42/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const later = new LanPassword(path);
    expect(later.load()).toBeNull();
    expect(await isPassword('canary e\u0301lan 42', later.record!)).toBe(true);
    expect(await isPassword('canary elan 42', later.record!)).toBe(false);
    writeFileSync(path, '{"scheme":"scrypt","cost":1e99}');
    expect(later.load()).toMatchObject({ code: 'lan-password-unreadable', details: { path } });
  });

  it('comes from the first line of a file, and is in no message about it', () => {
    const path = join(folder, 'password');
    writeFileSync(path, 'canary-password\r\nsecond line\n');
    expect(readPasswordFile(path)).toBe('canary-password');
    writeFileSync(path, 'canary\n');
    expect(() => readPasswordFile(path)).toThrow(/--lan-password-file: .* found one of 6 characters/);
    expect(() => readPasswordFile(join(folder, 'none'))).toThrow(/found ENOENT/);
  });
});

describe('--lan-preview', () => {
  const given = (value: string): unknown => {
    const line = parseCommandLine(['--lan-preview', value]);
    return line.command === 'run' && line.options.given.lanPreview;
  };

  it('takes a port, and an address of this computer', () => {
    expect(given('7790')).toEqual({ isOn: true, port: 7790, address: null });
    expect(given('192.168.1.20:8000')).toEqual({ isOn: true, port: 8000, address: '192.168.1.20' });
    expect(given('[fd00::1]:0')).toEqual({ isOn: true, port: 0, address: 'fd00::1' });
    for (const wrong of ['', 'x', '70000', 'studio.local:7790', '1.2.3:80'])
      expect(() => given(wrong), wrong).toThrow(/--lan-preview: expected/);
  });
});

describe('FlvUnits', () => {
  it('gives back what was made into FLV, to the millisecond, over the wrap of its times', () => {
    const avcc = Buffer.from(
      '0142c00affe100166742c00ad9073f9e7840000003004000000c83c4899201000568cb83cb20',
      'hex',
    );
    const picture = Buffer.from('0000000165', 'hex');
    const wrapUs = 2 ** 31 * 1000;
    const units: StreamUnit[] = [
      { kind: 'video-config', codec: 'h264', width: 100, height: 100, fps: 30, bitrateKbps: 800, data: avcc },
      ...[
        { kind: 'audio-config', codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 160 } as const,
      ].map((config) => ({ ...config, data: Buffer.of(0x11, 0x90) })),
      ...[0, wrapUs - 33_000, wrapUs + 33_000].flatMap((dtsUs, index): StreamUnit[] => [
        {
          ...{ kind: 'video', codec: 'h264', dtsUs, ptsUs: dtsUs + 66_000, isKeyframe: index === 0 },
          ...{ isDisposable: false, frameIndex: index, data: picture },
        },
        { kind: 'audio', codec: 'aac', dtsUs, ptsUs: dtsUs, data: Buffer.of(1, 2, 3) },
      ]),
    ];
    const stream = new FlvStream('test');
    const found: StreamUnit[] = [];
    const back = new FlvUnits();
    const reader = new FlvReader((tag) => {
      const unit = back.push(tag);
      if (unit) found.push(unit);
    });
    reader.push(flvFileHeader({ video: true, audio: true }));
    for (const { typeId, timestampMs, parts } of units.flatMap((unit) => stream.push(unit)))
      reader.push(Buffer.concat(flvTag(typeId, timestampMs, parts)));
    const plain = (all: readonly StreamUnit[]): unknown =>
      all.map((unit) => ({ ...unit, data: Buffer.from(unit.data).toString('hex'), isDisposable: undefined }));
    expect(plain(found)).toEqual(plain(units));
    expect(() => back.push({ type: 'video', timestampMs: 0, data: Buffer.of(0x12, 0, 0, 0, 0) })).toThrow(
      RangeError,
    );
  });
});
