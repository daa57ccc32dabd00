import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../electron/streaming/lib/child';
import { programPath } from './requires';
import { waitFor } from './wait-for';

/** where Debian's libnginx-mod-rtmp puts it */
const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** A port that nobody listens on at this moment, for servers that are started more than once on the same one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** A real nginx with its RTMP module, in the place of a platform: takes any key and plays what was published with it. */
export class NginxServer {
  readonly port: number;
  readonly #folder: string;
  #child: Child;

  private constructor(port: number) {
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    writeFileSync(
      join(this.#folder, 'nginx.conf'),
      `load_module ${rtmpModule};
       daemon off;
       master_process off;
       pid nginx.pid;
       error_log error.log;
       events { worker_connections 64; }
       rtmp { server { listen 127.0.0.1:${port}; application live { live on; wait_key on; wait_video on; } } }`,
    );
    this.#child = this.#run();
  }

  static async start(): Promise<NginxServer> {
    const server = new NginxServer(await freePort());
    await server.#untilReady();
    return server;
  }

  get url(): string {
    return `rtmp://127.0.0.1:${this.port}/live`;
  }

  /** As if its machine had lost power: connections are cut, nobody says goodbye. */
  async cut(): Promise<void> {
    this.#child.process.kill('SIGKILL');
    await this.#child.exited;
  }

  async restart(): Promise<void> {
    this.#child = this.#run();
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    await this.cut();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(): Child {
    return new Child({
      command: programPath('nginx'),
      args: ['-p', this.#folder, '-c', 'nginx.conf', '-e', 'error.log'],
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  async #untilReady(): Promise<void> {
    const child = this.#child;
    let hasEnded = false;
    void child.exited.then(() => (hasEnded = true));
    await waitFor(
      () => {
        if (hasEnded) throw new Error(`nginx ended: ${child.lastLine}`);
        return answers(this.port);
      },
      () => `nginx listens on ${this.port} (${child.lastLine})`,
    );
  }
}
