import { execFileSync } from 'node:child_process';
import { programPath } from './requires';

const run = (program: 'ip' | 'tc', ...args: string[]): void => {
  execFileSync(programPath(program), args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/** Whether this process may make networks of its own. */
export function canMakeNetworks(): boolean {
  try {
    const name = `may-${process.pid}`;
    run('ip', 'netns', 'add', name);
    run('ip', 'netns', 'del', name);
    return true;
  } catch {
    return false;
  }
}

/**
 * A network of its own behind a cable of two ends, whose way there carries as much as is said and no more: a token bucket
 * (tc-htb(8)) before a buffer of so many bytes (tc-bfifo(8)), as at a home router. The way back is as wide as the machine.
 */
export class NarrowPath implements Disposable {
  readonly #name = `sms-${process.pid}`;
  readonly #ends = { near: `smsa${process.pid}`, far: `smsb${process.pid}` };
  /** of this side, and of the far one */
  readonly near = '10.231.77.1';
  readonly far = '10.231.77.2';

  constructor(kbps: number, bufferBytes: number) {
    const { near, far } = this.#ends;
    run('ip', 'netns', 'add', this.#name);
    try {
      run('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', this.#name);
      // Whole packets: a segment that the card would cut up later is more than the buffer takes.
      run('ip', 'link', 'set', near, 'gso_max_size', '1514', 'up');
      run('ip', 'addr', 'add', `${this.near}/30`, 'dev', near);
      run('ip', '-n', this.#name, 'addr', 'add', `${this.far}/30`, 'dev', far);
      run('ip', '-n', this.#name, 'link', 'set', far, 'up');
      run('ip', '-n', this.#name, 'link', 'set', 'lo', 'up');
      run('tc', 'qdisc', 'add', 'dev', near, 'root', 'handle', '1:', 'htb', 'default', '1');
      run('tc', 'class', 'add', 'dev', near, 'parent', '1:', 'classid', '1:1', ...rate(kbps));
      run('tc', 'qdisc', 'add', 'dev', near, 'parent', '1:1', 'bfifo', 'limit', String(bufferBytes));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** what stands before a command that is to run on the far side */
  get inside(): readonly string[] {
    return [programPath('ip'), 'netns', 'exec', this.#name];
  }

  carry(kbps: number): void {
    run('tc', 'class', 'change', 'dev', this.#ends.near, 'parent', '1:', 'classid', '1:1', ...rate(kbps));
  }

  [Symbol.dispose](): void {
    run('ip', 'netns', 'del', this.#name);
  }
}

const rate = (kbps: number): string[] => ['htb', 'rate', `${kbps}kbit`, 'burst', '3000', 'cburst', '3000'];
