import { StudioError } from '../streaming/lib/errors';
import { StreamKeys } from '../streaming/rtmp/stream-keys';
import type { CommandInput, CommandName, CommandOutput } from '../../shared/contract/commands';
import { commands } from '../../shared/contract/commands';
import { wireErrorSchema } from '../../shared/contract/errors';
import type { KeyView } from '../../shared/contract/snapshot';
import type { DataFolder } from './data-folder';
import type { KeysCommand } from './options';

/**
 * `keys add|list|remove`. Beside a running engine the command goes through it, so that a revoked publisher is cut off
 * and windows see the change; otherwise the file is changed directly.
 * @returns what stdout should say: the key alone, or one name a line
 */
export async function runKeysCommand(command: KeysCommand, folder: DataFolder): Promise<string> {
  folder.create();
  const engine = folder.running();
  const keys: KeyAccess = engine
    ? new RunningEngine(new URL(engine.uiUrl).origin, folder.token())
    : await openFile(folder);
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
  readonly #origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
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
    const response = await fetch(`${this.#origin}/api/call`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ command, input }),
      signal: AbortSignal.timeout(5000),
    });
    const body: unknown = await response.json();
    if (response.ok) return commands[command].output.parse(body) as CommandOutput<Name>;
    const error = wireErrorSchema.parse(body);
    throw new StudioError(error.code, error.details);
  }
}
