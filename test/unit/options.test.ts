import { describe, expect, it } from 'vitest';
import { parseCommandLine, usage } from '../../electron/studio/options';
import { StudioError } from '../../electron/streaming/lib/errors';

const run = (...args: string[]) => {
  const line = parseCommandLine(args);
  if (line.command !== 'run') throw new Error(`expected run, found ${line.command}`);
  return line.options;
};
const refused = (...args: string[]): StudioError => {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error(`${args.join(' ')} was accepted`);
};

describe('the engine command line', () => {
  it('has the documented defaults', () => {
    expect(run()).toMatchObject({
      http: { host: '127.0.0.1', port: 7780 },
      rtmp: { host: '127.0.0.1', port: 1935 },
      given: {},
      clock: 'real',
      isLive: false,
      endsWithParent: false,
    });
  });

  it('reads hosts, ports, sizes and files', () => {
    const options = run(
      '--http',
      'localhost:0',
      '--rtmp',
      '[::1]:1936',
      '--size',
      '640x360',
      '--fps',
      '29.97',
      '--destinations',
      '-',
      '--record',
      'a.mp4',
    );
    expect(options).toMatchObject({
      http: { host: '127.0.0.1', port: 0 },
      rtmp: { host: '::1', port: 1936 },
      given: { size: { width: 640, height: 360 }, fps: 30_000 / 1001 },
      destinationsPath: '-',
    });
    expect(options.recordPath).toBe(`${process.cwd()}/a.mp4`);
  });

  it.each([
    [['--colour', 'red'], '--colour'],
    [['--http', '0.0.0.0:7780'], '--http'],
    [['--rtmp', '192.168.1.4:1935'], '--rtmp'],
    [['--http', 'nonsense'], '--http'],
    [['--rtmp', '70000'], '--rtmp'],
    [['--size', '1919x1080'], '--size'],
    [['--size', '10x10'], '--size'],
    [['--fps', '0'], '--fps'],
    [['--fps', ''], '--fps'],
    [['--fps', '30000/0'], '--fps'],
    [['--fps', '241'], '--fps'],
    [['--bitrate', 'fast'], '--bitrate'],
    [['--codec', 'h266'], '--codec'],
    [['--clock', 'slow'], '--clock'],
    [['--duration', '-1'], '--duration'],
    [['--destinations', '-', '--parent-pipe'], '--destinations'],
    [['--size'], '--size'],
    [['extra'], 'extra'],
    [['keys'], 'keys'],
    [['keys', 'add'], 'keys'],
    [['keys', 'add', 'a', 'b'], 'keys'],
    [['keys', 'list', '--colour'], '--colour'],
  ])('refuses %j and names the option', (args, option) => {
    const error = refused(...args);
    expect(error.code).toBe('option-invalid');
    expect(error.details).toMatchObject({ option });
    expect(error.message).toMatch(/expected .+, found .+/);
  });

  it('takes destinations from a descriptor beside a lifeline', () => {
    expect(run('--destinations', 'fd:3', '--parent-pipe')).toMatchObject({
      destinationsPath: 'fd:3',
      endsWithParent: true,
    });
  });

  it.each([[['-h']], [['--help']], [['--fps', '30', '-h']], [['keys', '-h']], [['keys', 'add', '--help']]])(
    '%j asks for help',
    (args) => {
      expect(parseCommandLine(args)).toEqual({ command: 'help' });
    },
  );

  it('explains every option that people may give', () => {
    for (const option of ['-h, --help', '--version', '--headless', '--destinations', '--summary'])
      expect(usage).toContain(`  ${option}`);
  });

  it('knows the keys commands', () => {
    expect(parseCommandLine(['keys', 'add', 'phone', '--key', 'k-1', '--data-dir', '/d'])).toEqual({
      command: 'keys',
      dataDir: '/d',
      keys: { action: 'add', name: 'phone', key: 'k-1' },
    });
    expect(parseCommandLine(['keys', 'list'])).toMatchObject({ keys: { action: 'list' } });
    expect(parseCommandLine(['keys', 'remove', 'phone'])).toMatchObject({
      keys: { action: 'remove', name: 'phone' },
    });
  });
});
