import { describe, expect, it } from 'vitest';
import { AskedOnce } from '../../electron/streaming/sources/devices/asked-once';
import { outputOf } from '../../electron/streaming/sources/devices/program-output';

const node = (script: string, limitMs?: number, signal = new AbortController().signal) =>
  outputOf(process.execPath, ['-e', script], signal, limitMs === undefined ? {} : { limitMs });

describe('the output of a program that lists things', () => {
  it('is what it wrote, however it ended by itself', async () => {
    const told = await node(`console.log('a'); console.error('b\\nc'); process.exitCode = 3`);
    expect(told).toEqual({ code: 3, stdout: 'a\n', stderr: ['b', 'c'] });
    const none = await outputOf('no-such-lister', [], new AbortController().signal);
    expect(none.code).toBe(127);
  });

  it('is none when it was ended before it was through', async () => {
    await expect(node(`console.log('half'); setTimeout(() => 0, 60_000)`, 300)).rejects.toThrow(
      /did not answer.* within 0\.3 s/,
    );
    await expect(node(`process.kill(process.pid, 'SIGKILL')`)).rejects.toThrow(/ended.*SIGKILL/);
    const stopping = AbortSignal.abort(new Error('the studio ends'));
    await expect(node(`setTimeout(() => 0, 60_000)`, 30_000, stopping)).rejects.toThrow('the studio ends');
  });
});

it('asks once for what stays as it is, and again after no answer', async () => {
  const asked = new AskedOnce<string>();
  let times = 0;
  const ask = (): Promise<string> => {
    times += 1;
    return times === 1 ? Promise.reject(new Error('too slow')) : Promise.resolve(`answer ${times}`);
  };
  const both = [asked.answer(ask), asked.answer(ask)];
  await expect(both[0]).rejects.toThrow('too slow');
  await expect(both[1]).rejects.toThrow('too slow');
  expect(await asked.answer(ask)).toBe('answer 2');
  expect(await asked.answer(ask)).toBe('answer 2');
  expect(times).toBe(2);
});
