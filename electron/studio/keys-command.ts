import { connect } from 'node:net';
import { StudioError } from '../streaming/lib/errors';
import { StreamKeys } from '../streaming/rtmp/stream-keys';
import type { CommandInput, CommandName, CommandOutput } from '../../shared/contract/commands';
import { commands } from '../../shared/contract/commands';
import { wireErrorSchema } from '../../shared/contract/errors';
import type { WireError } from '../../shared/contract/errors';
import type { EngineFile } from '../../shared/contract/engine-file';
import type { KeyView } from '../../shared/contract/snapshot';
import type { DataFolder } from './data-folder';
import type { KeysCommand } from './options';

/**
 * `keys add|list|remove`. Beside a running engine the command goes through it, so that a revoked publisher is cut off
 * and windows see the change; otherwise the file is changed directly.
 * @returns what stdout should say: the key alone, or one name a line
 * @throws StudioError `engine-unreachable` when one runs and does not answer: it may carry the command out later, so
 * that changing the file beside it could do it twice, and a publisher would not be cut off as promised
 */
export async function runKeysCommand(
  command: KeysCommand,
  folder: DataFolder,
  timeoutMs = 5000,
): Promise<string> {
  folder.create();
  const engine = folder.running();
  const running = engine && new RunningEngine(engine, folder.token(), timeoutMs);
  // A crash leaves engine.json behind and its process id to somebody else. Where nobody listens nobody holds keys in
  // memory either, and an engine that is about to start reads the file.
  const keys: KeyAccess = running && (await running.isListening()) ? running : await openFile(folder);
  try {
    return await apply(command, keys);
  } finally {
    await keys.stop();
  }
}

async function apply(command: KeysCommand, keys: KeyAccess): Promise<string> {
  if (command.action === 'list') return (await keys.list()).map(({ name }) => `${name}\n`).join('');
  if (command.action === 'add') return `${(await keys.add(command.name, command.key)).key}\n`;
  const found = (await keys.list()).find(({ name, id }) => name === command.name || id === command.name);
  if (!found) throw new StudioError('key-not-found', { id: command.name });
  await keys.remove(found.id);
  return '';
}

interface KeyAccess {
  add(name: string, key?: string): Promise<{ key: string }>;
  list(): Promise<readonly KeyView[]> | readonly KeyView[];
  remove(id: string): Promise<void>;
  stop(): Promise<void>;
}

async function openFile(folder: DataFolder): Promise<StreamKeys> {
  const keys = new StreamKeys({ dataDir: folder.path });
  await keys.start();
  if (keys.loadError) throw keys.loadError;
  return keys;
}

class RunningEngine implements KeyAccess {
  readonly #pid: number;
  readonly #url: URL;
  readonly #token: string;
  readonly #timeoutMs: number;

  constructor({ pid, uiUrl }: EngineFile, token: string, timeoutMs: number) {
    this.#pid = pid;
    this.#url = new URL(uiUrl);
    this.#token = token;
    this.#timeoutMs = timeoutMs;
  }

  /** Whether anybody is there at all; false only when the system itself says that nobody is. */
  isListening(): Promise<boolean> {
    const { hostname, port } = this.#url;
    return new Promise((resolve) => {
      const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || 80 });
      const end = (isListening: boolean): void => {
        socket.destroy();
        resolve(isListening);
      };
      socket.setTimeout(this.#timeoutMs, () => end(true));
      socket.once('connect', () => end(true));
      socket.once('error', (error: NodeJS.ErrnoException) => end(error.code !== 'ECONNREFUSED'));
    });
  }

  add(name: string, key?: string): Promise<{ key: string }> {
    return this.#call('key.create', { name, ...(key !== undefined && { key }) });
  }

  async list(): Promise<readonly KeyView[]> {
    return (await this.#call('key.list', {})).keys;
  }

  async remove(id: string): Promise<void> {
    await this.#call('key.revoke', { id });
  }

  /** Nothing is kept open between calls. */
  stop(): Promise<void> {
    return Promise.resolve();
  }

  async #call<Name extends CommandName>(
    command: Name,
    input: CommandInput<Name>,
  ): Promise<CommandOutput<Name>> {
    let answer: WireError;
    try {
      const response = await fetch(new URL('/api/call', this.#url), {
        method: 'POST',
        headers: { Authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ command, input }),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      const body: unknown = await response.json();
      if (response.ok) return commands[command].output.parse(body) as CommandOutput<Name>;
      answer = wireErrorSchema.parse(body);
    } catch (error) {
      throw new StudioError(
        'engine-unreachable',
        { pid: this.#pid, reason: this.#reasonOf(error) },
        { cause: error },
      );
    }
    throw new StudioError(answer.code, answer.details);
  }

  #reasonOf(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    if (error.name === 'TimeoutError') return `it said nothing for ${this.#timeoutMs / 1000} s`;
    // fetch hides the system's error behind “fetch failed”.
    const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
    return code ?? (error.name === 'TypeError' ? error.message : 'its answer makes no sense');
  }
}
