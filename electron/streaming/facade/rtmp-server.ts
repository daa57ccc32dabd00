import { randomBytes } from 'node:crypto';
import type { WireError } from '../../../shared/contract/errors';
import type { ActiveStream } from '../../../shared/contract/snapshot';
import { Emitter } from '../lib/emitter';
import { StudioError } from '../lib/errors';
import { createLogger } from '../lib/logger';
import type { Logger } from '../lib/logger';
import { RtmpServer } from '../rtmp/server';
import { StreamKeys } from '../rtmp/stream-keys';
import { announced } from './announced';
import { Singleton } from './singleton';

/**
 * As in the original document. `chunk_size` and `gop_cache` are what node-media-server 4 fixes (65535, on); they are
 * accepted so that old code runs, and have no effect. A silent publisher is cut after the server's own 10 s.
 */
export interface RTMPServerOptions {
  /** 0: any free one */
  readonly port: number;
  readonly host?: string;
  readonly chunk_size?: number;
  readonly gop_cache?: boolean;
  /** seconds */
  readonly ping?: number;
  /** seconds */
  readonly ping_timeout?: number;
  readonly logger?: Logger;
}

const instances = new Singleton<RTMPServer>('RTMPServer');

/** The embedded RTMP server with its stream keys in memory: `rtmp://host:port/live/<key>` publishes, `…/live/<name>` plays. */
export class RTMPServer {
  readonly #server: RtmpServer;
  readonly #logger: Logger;
  /** the error of the server's state that was told last */
  #told: { readonly wire: WireError; readonly error: StudioError } | null = null;
  readonly #keys = new StreamKeys({ dataDir: null });
  readonly #emitter = new Emitter<{ error: Error; changed: undefined }>();
  #starting: Promise<void> | null = null;
  #added: Promise<unknown> = Promise.resolve();

  private constructor(options: RTMPServerOptions) {
    const { port, host = '127.0.0.1', logger = createLogger('warn') } = options;
    this.#logger = logger;
    this.#server = new RtmpServer({
      host,
      port,
      keys: this.#keys,
      internalKey: randomBytes(32).toString('base64url'),
      logger,
    });
    this.#server.events.on('changed', () => {
      this.#emitter.emit('changed', undefined);
      this.#tellState();
    });
  }

  /** @throws StudioError `already-initialized` until the former one was stopped */
  static initialize(options: RTMPServerOptions): RTMPServer {
    return instances.set(() => new RTMPServer(options));
  }

  /** @throws StudioError `not-initialized` */
  static getInstance(): RTMPServer {
    return instances.get();
  }

  on(name: 'error', listener: (error: Error) => void): this;
  on(name: 'changed', listener: () => void): this;
  on(name: 'error' | 'changed', listener: (payload: never) => void): this {
    this.#emitter.on(name, listener as (payload: unknown) => void);
    return this;
  }

  /** the port it listens on */
  get port(): number {
    return this.#server.port;
  }

  /**
   * Need not be awaited: a failure is an `error` event, too.
   * @throws StudioError `port-in-use`, `rtmp-server-down`
   */
  start(): Promise<void> {
    return (this.#starting ??= announced(
      this.#start(),
      {
        exist: () => this.#emitter.hasListeners('error'),
        tell: (error) => {
          if (error !== this.#told?.error) this.#emitter.emit('error', error);
        },
      },
      this.#logger,
    ));
  }

  /**
   * Lets whoever has this key publish. The key is the caller's own, so it counts as weak; what players ask for is the
   * returned public name, made from `name`, never the key.
   * @throws StudioError `key-invalid`, `key-name-taken`
   */
  addStreamKey(key: string, name = 'stream'): Promise<{ name: string }> {
    const added = this.#added.then(async () => ({
      name: (await this.#keys.add(this.#freeName(name), key)).publicName,
    }));
    this.#added = added.catch((error: unknown) =>
      this.#emitter.emit('error', error instanceof Error ? error : new Error(String(error))),
    );
    return added;
  }

  /** Its publisher is cut off at once. @throws StudioError `key-not-found` */
  removeStreamKey(key: string): Promise<void> {
    const removed = this.#added.then(() => this.#keys.removeByKey(key));
    this.#added = removed.catch(() => undefined);
    return removed;
  }

  getActiveStreams(): ActiveStream[] {
    return this.#server.activeStreams();
  }

  async stop(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#server.stop();
    await this.#keys.stop();
    instances.clear(this);
  }

  async #start(): Promise<void> {
    await this.#keys.start();
    await this.#server.start();
    if (this.#server.state.state === 'degraded' && this.#told) throw this.#told.error;
  }

  /** The same state is reported again when something else changes; its error is told once. */
  #tellState(): void {
    const { state } = this.#server;
    if (!('error' in state) || state.error === this.#told?.wire) return;
    const { code, details } = state.error;
    this.#told = { wire: state.error, error: new StudioError(code, details) };
    this.#emitter.emit('error', this.#told.error);
  }

  #freeName(wanted: string): string {
    const taken = new Set(this.#keys.list().map(({ name }) => name));
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}-${number}`;
      if (!taken.has(name)) return name;
    }
  }
}
