import { setTimeout as sleep } from 'node:timers/promises';
import { lanRequestSchema } from '../../../shared/contract/lan-preview';
import type { LanConfig, LanReport, LanRequest } from '../../../shared/contract/lan-preview';
import { paths } from '../lib/paths';
import { Turns } from '../lib/turns';
import { Doorkeeper } from './doorkeeper';
import { LocalNetwork } from './local-network';
import { PreviewServer } from './preview-server';
import { ProgramFeed } from './program-feed';
import { readViewerPage } from './viewer-page';
import { Visitors } from './visitors';

/**
 * The LAN preview's own process (`out/lan-preview.js`, plain Node), a child of the engine. Everything comes over the IPC
 * channel: it takes no arguments, reads no environment, writes no file and prints nothing.
 */

const reportEveryMs = 500;
const listenAgainMs = 2000;

interface Parts {
  readonly keeper: Doorkeeper;
  readonly visitors: Visitors;
  readonly feed: ProgramFeed;
}

let config: LanConfig | null = null;
let parts: Parts | null = null;
let server: PreviewServer | null = null;
/** of the newest request; what was begun for a former one is given up */
let current = new AbortController();
const turns = new Turns();
const page = readViewerPage(paths.renderer);

function report(message: LanReport): void {
  // A failed send means that the engine is going: 'disconnect' follows.
  if (process.connected) process.send?.(message, () => undefined);
}

function handle(request: LanRequest): void {
  current.abort();
  const { signal } = (current = new AbortController());
  void turns.take(() => apply(request, signal)).catch((error: unknown) => fault(error));
}

async function apply({ id, config: next }: LanRequest, signal: AbortSignal): Promise<void> {
  const former = config;
  config = next;
  if (!parts) {
    parts = {
      keeper: new Doorkeeper(next),
      visitors: new Visitors(next.limits, new LocalNetwork()),
      feed: new ProgramFeed(next.programUrl),
    };
    await parts.feed.start();
  }
  parts.feed.url = next.programUrl;
  if (former && former.password.digest !== next.password.digest) {
    parts.keeper.password = next.password;
    server?.endViewers();
  }
  if (server && former?.host === next.host && former.port === next.port)
    return report({ type: 'listening', id, port: server.port });
  await server?.stop();
  server = null;
  await listen(id, next, parts, signal);
}

/** Until it listens: who holds the port may leave. */
async function listen(id: number, next: LanConfig, found: Parts, signal: AbortSignal): Promise<void> {
  const { host, port, limits } = next;
  while (!signal.aborted) {
    const attempt = new PreviewServer({
      ...{ host, port, limits, page, ...found },
      onFault: (reason) => report({ type: 'fault', reason }),
    });
    try {
      await attempt.start();
      server = attempt;
      return report({ type: 'listening', id, port: attempt.port });
    } catch (error) {
      report({ type: 'listen-failed', id, code: (error as NodeJS.ErrnoException).code ?? 'unknown' });
    }
    await sleep(listenAgainMs, undefined, { signal }).catch(() => undefined);
  }
}

const fault = (error: unknown): void =>
  report({ type: 'fault', reason: error instanceof Error ? error.message : 'unknown' });

let lastStats = '';
function reportStats(): void {
  if (!parts) return;
  const { stats } = parts.visitors;
  const text = JSON.stringify(stats);
  if (text !== lastStats) report({ type: 'stats', stats });
  lastStats = text;
}

process.on('message', (message) => {
  const request = lanRequestSchema.safeParse(message);
  if (request.success) handle(request.data);
  else report({ type: 'fault', reason: 'a request had another shape than the contract says' });
});
// The engine is gone, however it went: without it this process has no reason to be.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl+C reaches the whole group; the engine decides when we end.
process.on('SIGINT', () => undefined);

setInterval(reportStats, reportEveryMs);
