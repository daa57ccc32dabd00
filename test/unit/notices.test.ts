import { beforeEach, describe, expect, it } from 'vitest';
import type { WireError } from '../../shared/contract/errors';
import type { Snapshot } from '../../shared/contract/snapshot';
import { Notices } from '../../electron/studio/notices';
import { parseCommandLine } from '../../electron/studio/options';
import { programFormat } from '../../electron/studio/program-format';
import { settingsSchema } from '../../shared/contract/settings';
import { initialSnapshot } from '../../electron/studio/snapshot';
import { StudioState } from '../../electron/studio/state';

const behind = (behindMs: number): WireError => ({ code: 'encoder-behind', details: { behindMs } });
const crashed = (role: string, lastLine = ''): WireError => ({
  code: 'ffmpeg-crashed',
  details: { role, exit: 'exit 1', lastLine },
});
const lost = (host: string): WireError => ({ code: 'destination-lost', details: { host, reason: 'reset' } });

describe('notices', () => {
  let now: number;
  let state: StudioState;
  let notices: Notices;
  const shown = (): Snapshot['notices'] => state.snapshot.notices;

  beforeEach(() => {
    const line = parseCommandLine([]);
    if (line.command !== 'run') throw new Error('no options');
    const format = programFormat(settingsSchema.parse({}), {});
    const ffmpeg = { path: '/f', origin: 'PATH', version: '5', encoders: [], hasFpsMode: true } as const;
    state = new StudioState(initialSnapshot(line.options, format, '/data', ffmpeg));
    now = 1000;
    notices = new Notices(state, () => now);
  });

  it('say the same trouble once, with what was found last, in its place', () => {
    notices.add(behind(1000), 'warning');
    notices.add(crashed('video encoder'), 'warning');
    const [first, second] = shown();
    now = 2000;
    notices.add(behind(500), 'error');
    expect(shown()).toEqual([{ id: first?.id, at: 2000, severity: 'error', error: behind(500) }, second]);
  });

  it('tell apart what concerns another process, file or host', () => {
    for (const error of [crashed('video encoder'), crashed('audio encoder'), lost('one'), lost('two')])
      notices.add(error, 'warning');
    notices.add(crashed('video encoder', 'another last line'), 'warning');
    notices.add(lost('two'), 'warning');
    expect(shown()).toHaveLength(4);
  });

  it('stay away once dismissed, until the trouble was silent for 30 s', () => {
    notices.add(behind(500), 'warning');
    notices.dismiss(shown()[0]?.id ?? '');
    for (now = 20_000; now <= 100_000; now += 20_000) notices.add(behind(500), 'warning');
    expect(shown()).toEqual([]);
    notices.add(crashed('video encoder'), 'warning');
    expect(shown()).toHaveLength(1);
    now = 100_000 + 30_001;
    notices.add(behind(500), 'warning');
    expect(shown()).toHaveLength(2);
  });

  it('are news again after the trouble was over', () => {
    const taken: WireError = { code: 'port-in-use', details: { port: 1935, purpose: 'rtmp' } };
    notices.add(taken, 'warning');
    notices.dismiss(shown()[0]?.id ?? '');
    notices.clear('port-in-use');
    notices.add(taken, 'warning');
    expect(shown()).toHaveLength(1);
    notices.clear('port-in-use');
    expect(shown()).toEqual([]);
  });

  it('are fifty at most, the newest', () => {
    for (let number = 0; number < 60; number++) notices.add(lost(`host ${number}`), 'warning');
    expect(shown()).toHaveLength(50);
    expect(shown().at(-1)?.error).toEqual(lost('host 59'));
  });

  it('do not mind a dismissal of what is not there', () => {
    notices.add(behind(500), 'warning');
    notices.dismiss('unknown');
    notices.add(behind(500), 'warning');
    expect(shown()).toHaveLength(1);
  });
});
