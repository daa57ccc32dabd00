import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:http';
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

/**
 * A real nginx with its RTMP module, in the place of a platform: takes any key that was not revoked, asks every second
 * whether it still may, and plays what was published with it.
 */
export class NginxServer {
  readonly port: number;
  readonly #folder: string;
  readonly #door: Server;
  readonly #revoked: Set<string>;
  #child: Child;

  /** keys whose publishers have left, in that order */
  readonly unpublished: readonly string[];

  private constructor(port: number, door: Server, revoked: Set<string>, unpublished: readonly string[]) {
    this.unpublished = unpublished;
    this.port = port;
    this.#door = door;
    this.#revoked = revoked;
    const ask = `http://127.0.0.1:${(door.address() as AddressInfo).port}/`;
    this.#folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    writeFileSync(
      join(this.#folder, 'nginx.conf'),
      `load_module ${rtmpModule};
       daemon off;
       master_process off;
       pid nginx.pid;
       error_log error.log;
       events { worker_connections 64; }
       rtmp { server { listen 127.0.0.1:${port}; application live {
         live on; wait_key on; wait_video on;
         record all; record_path ${this.#folder}; record_suffix .flv;
         notify_method get; on_publish ${ask}; on_publish_done ${ask}; on_update ${ask}; notify_update_timeout 1s; notify_update_strict on;
       } } }`,
    );
    this.#child = this.#run();
  }

  static async start(): Promise<NginxServer> {
    const revoked = new Set<string>();
    const unpublished: string[] = [];
    const door = createHttpServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      if (searchParams.get('call') === 'publish_done') unpublished.push(searchParams.get('name') ?? '');
      // Players are asked about, too.
      const mayGoOn =
        searchParams.get('call')?.endsWith('play') || !revoked.has(searchParams.get('name') ?? '');
      response.writeHead(mayGoOn ? 200 : 403).end();
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const server = new NginxServer(await freePort(), door, revoked, unpublished);
    await server.#untilReady();
    return server;
  }

  get url(): string {
    return `rtmp://127.0.0.1:${this.port}/live`;
  }

  /** all that was published with this key, complete when its publisher has left */
  recording(key: string): Buffer {
    return readFileSync(join(this.#folder, `${key}.flv`));
  }

  /** From now on nobody may publish with this key; who does is sent away within a second or two. */
  revoke(key: string): void {
    this.#revoked.add(key);
  }

  restore(key: string): void {
    this.#revoked.delete(key);
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
    this.#door.closeAllConnections();
    await new Promise((resolve) => this.#door.close(resolve));
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
