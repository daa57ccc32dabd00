import { describe, expect, it } from 'vitest';
import { judge } from '../../electron/streaming/rtmp/session-state';
import type { SessionInput, SessionPhase } from '../../electron/streaming/rtmp/session-state';

const inputs: readonly SessionInput[] = [
  'connect',
  'createStream',
  'publish',
  'play',
  'end',
  'otherCommand',
  'media',
  'control',
];

/** next phase, `-` ignored, `!kind` a violation; one column for each input */
const table: Record<SessionPhase, readonly string[]> = {
  // connect, createStream, publish, play, end, otherCommand, media, control
  opened: [
    'connected',
    '!protocol',
    '!protocol',
    '!protocol',
    '!protocol',
    '!protocol',
    '!injection',
    'opened',
  ],
  connected: ['!protocol', 'ready', '!protocol', '!protocol', '-', '-', '!injection', 'connected'],
  ready: ['!protocol', 'ready', 'checking', 'playing', '-', '-', '!injection', 'ready'],
  checking: ['!protocol', '!protocol', '!protocol', '!protocol', 'closing', '-', '!injection', 'checking'],
  publishing: [
    '!protocol',
    '!protocol',
    '!protocol',
    '!protocol',
    'closing',
    '-',
    'publishing',
    'publishing',
  ],
  playing: ['!protocol', '!protocol', '!protocol', '!protocol', 'closing', '-', '!injection', 'playing'],
  closing: ['-', '-', '-', '-', '-', '-', '-', '-'],
};

describe.each(Object.entries(table))('in phase %s', (phase, row) => {
  it.each(inputs.map((input, column) => [input, row[column]] as const))('%s → %s', (input, expected) => {
    const verdict = judge(phase as SessionPhase, input);
    const found =
      verdict.type === 'accept' ? verdict.next : verdict.type === 'ignore' ? '-' : `!${verdict.kind}`;
    expect(found).toBe(expected);
  });
});
