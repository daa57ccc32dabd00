import { rtmpServerRequestSchema } from '../../../shared/contract/rtmp-server';
import type { RtmpServerReport, RtmpServerRequest } from '../../../shared/contract/rtmp-server';
import { Ingest } from './ingest';

/**
 * The RTMP server's own process (`out/rtmp-server.js`, plain Node), a child of the engine. Everything comes over the IPC
 * channel: it takes no arguments, reads no environment, writes no file and prints nothing.
 */

const reportEveryMs = 250;
const fanoutEveryMs = 100;
/** reports that the engine has not taken yet; beyond, gauges are left out: the next ones say more */
const unsentReportsMax = 20;

let unsent = 0;
function report(message: RtmpServerReport): void {
  if (!process.connected) return;
  unsent++;
  // A failed send means that the engine is going: 'disconnect' follows.
  process.send?.(message, () => unsent--);
}

let ingest: Ingest | null = null;
let lastStats = '';
let lastStreams = '';

function reportGauges(): void {
  if (!ingest || unsent > unsentReportsMax) return;
  const { stats, activeStreams: streams } = ingest;
  const statsText = JSON.stringify(stats);
  const streamsText = JSON.stringify(streams);
  if (statsText !== lastStats) report({ type: 'stats', stats });
  if (streamsText !== lastStreams) report({ type: 'streams', streams });
  lastStats = statsText;
  lastStreams = streamsText;
}

function reportFanout(): void {
  const packets = ingest?.takeFanout() ?? [];
  if (packets.length > 0 && unsent <= unsentReportsMax) report({ type: 'fanout', packets });
}

async function listen(request: Extract<RtmpServerRequest, { type: 'listen' }>): Promise<void> {
  if (!ingest) return;
  const { id, port } = request;
  try {
    const address = await ingest.listen(request.host, port);
    report({ type: 'listening', id, host: address.address, port: address.port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    report({ type: 'listen-failed', id, code, port });
  }
}

function handle(request: RtmpServerRequest): void {
  switch (request.type) {
    case 'configure':
      ingest ??= new Ingest({
        limits: request.limits,
        keys: request.keys,
        onFault: (reason) => report({ type: 'fault', reason }),
      });
      return;
    case 'keys':
      if (ingest) ingest.keys = request.keys;
      return;
    case 'listen':
      void listen(request);
      return;
  }
}

process.on('message', (message) => {
  const request = rtmpServerRequestSchema.safeParse(message);
  if (request.success) handle(request.data);
  else report({ type: 'fault', reason: 'a request had another shape than the contract says' });
});
// The engine is gone, however it went: without it this process has no reason to be.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl+C reaches the whole group; the engine decides when we end.
process.on('SIGINT', () => undefined);

setInterval(reportGauges, reportEveryMs);
setInterval(reportFanout, fanoutEveryMs);
report({ type: 'started' });
