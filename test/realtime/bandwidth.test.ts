import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Child } from '../../electron/streaming/lib/child';
import { runBandwidth } from '../../electron/streaming/rtmp/bandwidth-run';
import { NarrowPath, canMakeNetworks } from '../support/narrow-path';
import { programPath, requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

const folder = mkdtempSync(join(tmpdir(), 'bandwidth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const never = new AbortController().signal;

const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
describe.skipIf(!(requires('nginx', 'ip', 'tc') && canMakeNetworks()))('a path of 3 Mbit/s', () => {
  it('is measured within 15 %, as one that is full', async () => {
    using path = new NarrowPath(3000, 64_000);
    writeFileSync(
      join(folder, 'nginx.conf'),
      `load_module ${rtmpModule}; daemon off; master_process off; pid nginx.pid; error_log error.log;
       events { worker_connections 64; }
       rtmp { server { listen ${path.far}:1935; application live { live on; } } }`,
    );
    const [command = '', ...before] = path.inside;
    const nginx = new Child({
      command,
      args: [...before, programPath('nginx'), '-p', folder, '-c', 'nginx.conf', '-e', 'error.log'],
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      await waitFor(() => answers(path.far), 'nginx listens');
      const url = `rtmp://${path.far}:1935/live`;
      const result = await runBandwidth({ url, key: 'k', mostKbps: 10_000, durationMs: 5000 }, never);
      expect(result.isLimited).toBe(true);
      expect(result.medianKbps).toBeGreaterThan(3000 * 0.85);
      expect(result.medianKbps).toBeLessThan(3000 * 1.15);
      // A lost packet holds up what came after it: such half seconds are what this figure tells of.
      expect(result.lowKbps).toBeLessThanOrEqual(result.medianKbps);
    } finally {
      nginx.process.kill('SIGKILL');
      await nginx.exited;
    }
  });
});

const answers = (host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port: 1935 });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
