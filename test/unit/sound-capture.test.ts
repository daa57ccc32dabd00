import { describe, expect, it } from 'vitest';
import { defaultSoundAddress, soundCaptureArgs } from '../../electron/streaming/sources/sound-arguments';
import { soundCaptureError } from '../../electron/streaming/sources/sound-capture-error';

const ended = { code: 1, signal: null, lines: [], hasDelivered: false, hasStalled: false };

describe('the arguments of a sound capture', () => {
  it.each([
    [
      'pulse',
      'alsa_input.usb-Yeti',
      '-sample_rate 48000 -channels 2 -fragment_size 1920 -i alsa_input.usb-Yeti',
    ],
    ['alsa', 'plughw:CARD=PCH,DEV=0', '-f alsa -sample_rate 48000 -channels 2 -i plughw:CARD=PCH,DEV=0'],
    [
      'dshow',
      'audio=Mikrofon (Yeti)',
      '-f dshow -audio_buffer_size 20 -rtbufsize 4M -i audio=Mikrofon (Yeti)',
    ],
    ['avfoundation', 'none:MacBook Microphone', '-f avfoundation -i none:MacBook Microphone'],
  ] as const)('of %s ask for little delay and for what the program takes', (system, input, expected) => {
    const args = soundCaptureArgs({ system, input }).join(' ');
    expect(args).toContain(expected);
    expect(args).toMatch(/^-hide_banner -nostdin .*-fflags nobuffer/);
    expect(args).toMatch(/-map 0:a:0 -af pan=stereo\S+ -ar 48000 -f f32le -flush_packets 1 pipe:1$/);
  });

  it.each([
    ['linux', 'microphone', { system: 'pulse', input: 'default' }],
    ['linux', 'desktop-sound', { system: 'pulse', input: '@DEFAULT_MONITOR@' }],
    ['freebsd', 'microphone', { system: 'pulse', input: 'default' }],
    ['darwin', 'microphone', { system: 'avfoundation', input: 'none:default' }],
    ['darwin', 'desktop-sound', null],
    ['win32', 'microphone', null],
    ['win32', 'desktop-sound', null],
  ] as const)(
    'follow the default of %s for a %s, where there is a word for it',
    (platform, kind, address) => {
      expect(defaultSoundAddress(kind, platform)).toEqual(address);
    },
  );
});

describe('the end of a sound capture', () => {
  it.each([
    [{ lines: ['[error] nosuch: Input/output error'] }, 'device-missing'],
    [
      { lines: ['[alsa @ 0x56] [error] cannot open audio device hw:9 (No such file or directory)'] },
      'device-missing',
    ],
    [
      { lines: ['[alsa @ 0x56] [error] cannot open audio device hw:0 (Device or resource busy)'] },
      'device-busy',
    ],
    [{ lines: ['[error] hw:0: Permission denied'] }, 'device-denied'],
    [{ lines: ["[fatal] Unknown input format: 'pulse'"] }, 'capture-unsupported'],
    [
      { lines: ['[error] one.monitor: Generic error in an external library'], hasDelivered: true },
      'device-failed',
    ],
    [{ lines: [], hasStalled: true }, 'device-failed'],
    [{ lines: [] }, 'device-failed'],
  ])('%j means %s', (end, code) => {
    const error = soundCaptureError('Yeti', { ...ended, ...end });
    expect(error.code).toBe(code);
    expect(JSON.stringify(error.details)).toContain('Yeti');
    expect(error.retryable).toBe(code !== 'capture-unsupported');
  });
});
