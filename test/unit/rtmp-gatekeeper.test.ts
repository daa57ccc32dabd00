import { describe, expect, it } from 'vitest';
import { ingestLimitsSchema } from '../../shared/contract/rtmp-server';
import type { KeyDirectory } from '../../shared/contract/rtmp-server';
import { Gatekeeper } from '../../electron/streaming/rtmp/gatekeeper';
import { digestKey } from '../../electron/streaming/rtmp/key-digest';

const salt = 'some salt';
async function directory(): Promise<KeyDirectory> {
  return {
    salt,
    keys: [
      {
        id: 'p',
        publicName: 'program',
        scheme: 'sha256',
        digest: await digestKey('internal', 'sha256', salt),
      },
      { id: 'a', publicName: 'camera', scheme: 'sha256', digest: await digestKey('strong', 'sha256', salt) },
      { id: 'b', publicName: 'phone', scheme: 'scrypt', digest: await digestKey('weak', 'scrypt', salt) },
    ],
  };
}
const limits = ingestLimitsSchema.parse({
  lockoutFailures: 3,
  lockoutWindowMs: 1000,
  lockoutMs: 500,
  refusalDelayMinMs: 10,
  refusalDelayMaxMs: 20,
});
async function setUp(): Promise<{ keeper: Gatekeeper; clock: { now: number } }> {
  const clock = { now: 0 };
  const keeper = new Gatekeeper(
    await directory(),
    limits,
    () => clock.now,
    () => 0.5,
  );
  return { keeper, clock };
}

describe('Gatekeeper', () => {
  it('admits strong and weak keys under their public names, and nothing else', async () => {
    const { keeper } = await setUp();
    expect((await keeper.admit('strong', 'x'))?.publicName).toBe('camera');
    expect((await keeper.admit('weak', 'x'))?.publicName).toBe('phone');
    for (const wrong of ['camera', 'stron', 'strong ', '', 'x'.repeat(201)])
      expect(await keeper.admit(wrong, wrong)).toBeNull();
  });

  it('locks one address out after so many failures in the window, the program excepted', async () => {
    const { keeper, clock } = await setUp();
    for (const at of [0, 400, 800]) {
      clock.now = at;
      expect(keeper.isLocked('x')).toBe(false);
      await keeper.admit('wrong', 'x');
    }
    expect(keeper.isLocked('x')).toBe(true);
    expect(await keeper.admit('strong', 'x')).toBeNull();
    expect((await keeper.admit('internal', 'x'))?.publicName).toBe('program');
    expect((await keeper.admit('strong', 'y'))?.publicName).toBe('camera');
    clock.now = 1301;
    expect((await keeper.admit('strong', 'x'))?.publicName).toBe('camera');
  });

  it('forgets failures that are older than the window', async () => {
    const { keeper, clock } = await setUp();
    for (const at of [0, 900, 1800, 2700]) {
      clock.now = at;
      await keeper.admit('wrong', 'x');
    }
    expect(keeper.isLocked('x')).toBe(false);
  });

  it('does not admit a key that is revoked while it is being compared', async () => {
    const { keeper } = await setUp();
    const admission = keeper.admit('weak', 'x');
    keeper.directory = { salt, keys: [] };
    expect(await admission).toBeNull();
  });

  it('holds refusals back for a random time between the limits', async () => {
    const { keeper } = await setUp();
    expect(keeper.refusalDelayMs()).toBe(15);
  });
});
