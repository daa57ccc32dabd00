import { describe, expect, it } from 'vitest';
import {
  parseX264Options,
  refusedOptions,
  userProfileSchema,
  x264OptionsText,
} from '../../shared/contract/user-profile';
import { settingsSchema } from '../../shared/contract/settings';
import { userVideoProfile } from '../../electron/streaming/output/user-profiles';

const profile = { name: 'games', preset: 'faster', threads: 2, options: { ref: '2', 'aq-mode': '3' } };

describe('x264 options of a person', () => {
  it('are read as x264 writes them, and written so again', () => {
    const options = parseX264Options(' ref=2:aq-mode=3\n--psy-rd=1.0,0.15 no-mbtree weightb ');
    expect(options).toEqual({
      ...{ ref: '2', 'aq-mode': '3', 'psy-rd': '1.0,0.15', mbtree: '0', weightb: '1' },
    });
    expect(parseX264Options(x264OptionsText(options))).toEqual(options);
    expect(parseX264Options('')).toEqual({});
  });

  it('are those that trade speed for quality, in the range x264 takes', () => {
    const good = {
      ...{ tune: 'film', ref: '3', bframes: '2', 'aq-mode': '2', 'aq-strength': '0.9', me: 'umh' },
      ...{ subme: '7', 'rc-lookahead': '20', 'psy-rd': '0.8,0.2', deblock: '-1,-1', trellis: '1' },
    };
    expect(refusedOptions(good)).toEqual([]);
    const reasons = (options: Record<string, string>): string[] =>
      refusedOptions(options).map(({ option, reason }) => `${option}: ${reason}`);
    expect(reasons({ ref: '99', me: 'tesa', subme: '7', deblock: '9' })).toEqual([
      'ref: expected a whole number from 1 to 8, found “99”',
      'me: expected dia, hex, umh, found “tesa”',
      'deblock: expected one or two whole numbers from -6 to 6, as 1,1, found “9”',
    ]);
  });

  it.each([
    'keyint',
    'bitrate',
    'vbv-maxrate',
    'scenecut',
    'filler',
    'threads',
    'profile',
    'open-gop',
    'qpfile',
  ])('the studio sets %s itself', (option) => {
    expect(refusedOptions({ [option]: '1' })).toEqual([
      { option, reason: 'the studio sets it, since the stream depends on it' },
    ]);
  });

  it.each([
    ['dump-yuv', '/etc/passwd'],
    ['ref', '2:keyint=1'],
    ['psy-rd', '1.0,0.15:stats=x'],
    ['constructor', '1'],
  ])('nothing is smuggled in by %s=%s', (option, value) => {
    expect(refusedOptions(Object.fromEntries([[option, value]]))).toHaveLength(1);
    expect(
      settingsSchema.safeParse({
        userProfiles: [{ ...profile, options: Object.fromEntries([[option, value]]) }],
      }).success,
    ).toBe(false);
  });

  it('has a name that a command line can hold, and a bounded number of options', () => {
    expect(userProfileSchema.safeParse(profile).success).toBe(true);
    for (const bad of [
      ...[{ name: 'With Space' }, { name: '-x' }, { name: '' }, { name: 'a'.repeat(41) }, { threads: 0 }],
      ...[{ threads: 17 }, { preset: 'placebo' }],
      { options: Object.fromEntries(Array.from({ length: 41 }, (_, at) => [`o${at}`, '1'])) },
    ])
      expect(userProfileSchema.safeParse({ ...profile, ...bad }).success, JSON.stringify(bad)).toBe(false);
  });
});

describe('userVideoProfile', () => {
  it('is x264 with what was wished; what every stream needs comes last and counts', () => {
    expect(userVideoProfile({ ...profile, options: { ...profile.options, tune: 'film' } })).toMatchObject({
      ...{ name: 'games', encoder: 'libx264', title: 'x264 faster, 2 threads, your own', delayFrames: 15 },
      encoderArguments: [
        ...['-preset', 'faster', '-profile:v', 'high', '-tune', 'film'],
        ...['-x264-params', 'threads=2:ref=2:aq-mode=3:rc-lookahead=10:scenecut=0:filler=1:force-cfr=1'],
      ],
    });
  });
});
