import { z } from 'zod';
import { commands } from '../../shared/contract/commands';
import type { CommandHandlers, CommandName } from '../../shared/contract/commands';
import { StudioError, toWireError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { callCommand, isToken } from '../streaming/websocket';

const bodySchema = z.object({
  command: z.enum(Object.keys(commands) as [CommandName, ...CommandName[]]),
  input: z.unknown().optional(),
});

/** `POST /api/call` with the folder's token: the RPC for programs, above all for `engine keys` beside a running engine. */
export async function rpcCall(
  handlers: CommandHandlers | undefined,
  token: string,
  authorization: string | undefined,
  body: string,
  logger: Logger,
): Promise<{ status: number; body: unknown }> {
  try {
    if (!isToken(authorization?.replace(/^Bearer /, '') ?? '', token))
      return { status: 401, body: new StudioError('unauthorised', {}).toWire() };
    if (!handlers) throw new StudioError('invalid-request', { reason: 'the engine is still starting' });
    const parsed = bodySchema.safeParse(parseJson(body));
    if (!parsed.success)
      throw new StudioError('invalid-request', { reason: 'expected {command, input} with a known command' });
    return { status: 200, body: await callCommand(handlers, parsed.data.command, parsed.data.input) };
  } catch (error) {
    if (!(error instanceof StudioError)) logger.error({ err: error }, 'a command failed');
    return { status: error instanceof StudioError ? 400 : 500, body: toWireError(error) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
