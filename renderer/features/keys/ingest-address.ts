import type { Snapshot } from '../../../shared/contract/snapshot';

const wildcards = new Set(['0.0.0.0', '::', '[::]', '']);

/** What an encoder must be given as server. An engine that listens everywhere is reached where this page came from. */
export function ingestServerUrl(ingest: Pick<Snapshot['ingest'], 'host' | 'port'>, pageHost: string): string {
  const host = wildcards.has(ingest.host) ? pageHost : ingest.host;
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `rtmp://${bracketed}:${ingest.port}/live`;
}
