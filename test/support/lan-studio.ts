import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LanLimits } from '../../shared/contract/lan-preview';
import { LanPreview } from '../../electron/streaming/lan-preview/lan-preview';
import { recordPassword } from '../../electron/streaming/lan-preview/password';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { serveHttpFlv } from '../../electron/streaming/output/http-flv';
import type { EncodedFixture } from './encoded-fixture';
import { PacedProgram } from './paced-program';
import { waitFor } from './wait-for';

export const lanPassword = 'canary-7f3k-tulip';

/** The real preview process on loopback, before a program that keeps time; the engine's HTTP-FLV stands in between. */
export class LanStudio implements AsyncDisposable {
  readonly preview: LanPreview;
  readonly #engine: Server;
  readonly #stopping = new AbortController();
  #program: PacedProgram;
  #run: Promise<void>;
  readonly #fixture: EncodedFixture;

  private constructor(fixture: EncodedFixture, engine: Server, preview: LanPreview) {
    this.#fixture = fixture;
    this.#engine = engine;
    this.preview = preview;
    this.#program = new PacedProgram(fixture);
    this.#run = this.#program.run(this.#stopping.signal);
    engine.on('request', (_request, response) => {
      const reader = this.#program.hub.subscribe({ name: 'LAN', from: 'cached' });
      void serveHttpFlv(reader, response, this.#stopping.signal);
    });
  }

  static async start(fixture: EncodedFixture, limits: Partial<LanLimits> = {}, port = 0): Promise<LanStudio> {
    const engine = createServer();
    await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
    const programUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/live/program.flv`;
    const preview = new LanPreview({
      wish: { host: '127.0.0.1', port, programUrl, password: await recordPassword(lanPassword) },
      logger: silentLogger,
      limits: { refusalDelayMinMs: 10, refusalDelayMaxMs: 20, ...limits },
    });
    const studio = new LanStudio(fixture, engine, preview);
    await preview.start();
    return studio;
  }

  /** once it listens */
  async origin(): Promise<string> {
    const state = await waitFor(
      () => (this.preview.state.state === 'on' ? this.preview.state : null),
      'the preview',
    );
    return `http://127.0.0.1:${state.port}`;
  }

  /** once there is something to watch */
  async liveUrl(): Promise<string> {
    const url = `${await this.origin()}/live/program.flv`;
    await waitFor(async () => (await fetch(url, { method: 'HEAD', headers: basic() })).ok, 'the program');
    return url;
  }

  /** another program takes the place of this one */
  replaceProgram(): void {
    const former = this.#program;
    this.#program = new PacedProgram(this.#fixture);
    this.#run = Promise.all([this.#run, this.#program.run(this.#stopping.signal)]).then(() => undefined);
    former.hub.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.preview.stop();
    this.#stopping.abort();
    await this.#run;
    await new Promise((resolve) => {
      this.#engine.close(resolve);
      this.#engine.closeAllConnections();
    });
  }
}

export const basic = (password = lanPassword): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(`viewer:${password}`).toString('base64')}`,
});
