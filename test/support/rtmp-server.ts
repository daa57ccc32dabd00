import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IngestLimits } from '../../shared/contract/rtmp-server';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { paths } from '../../electron/streaming/lib/paths';
import { RtmpServer } from '../../electron/streaming/rtmp/server';
import { StreamKeys } from '../../electron/streaming/rtmp/stream-keys';

export interface TestServer extends AsyncDisposable {
  readonly server: RtmpServer;
  readonly keys: StreamKeys;
  readonly internalKey: string;
}

/** The real server process on a free port, with keys in memory. */
export async function startRtmpServer(limits: Partial<IngestLimits> = {}): Promise<TestServer> {
  if (!existsSync(paths.rtmpServer))
    throw new Error(`${paths.rtmpServer} is missing: run npm run build first`);
  const keys = new StreamKeys({ dataDir: null });
  const internalKey = randomBytes(32).toString('base64url');
  const server = new RtmpServer({ port: 0, keys, internalKey, logger: silentLogger, limits });
  await server.start();
  return { server, keys, internalKey, [Symbol.asyncDispose]: () => server.stop() };
}
