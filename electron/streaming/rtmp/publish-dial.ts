import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { handshakeRandomBytes } from '../media/rtmp-handshake';
import type { NameLookup } from './name-lookup';
import { PublishConnection } from './publish-connection';
import { PublishSession } from './publish-session';
import { openSocket } from './rtmp-socket';
import type { RtmpTarget } from './rtmp-url';
import { readUnsentBytes } from './unsent-bytes';

export interface DialOptions {
  /** never logged, never part of an error */
  readonly key: string;
  readonly isRefusalRetryable?: boolean;
  /** PEM of further certificate authorities for rtmps */
  readonly certificateAuthority?: string | undefined;
  /** name look-up, TCP and TLS together; 3 s unless given */
  readonly connectTimeoutMs?: number;
  /** from the start to “publish accepted”; 10 s unless given */
  readonly acceptTimeoutMs?: number;
  /** nothing arrives for so long: the connection is given up; 4 s unless given */
  readonly stallTimeoutMs?: number;
  /** bytes in the kernel's queue of this TCP connection; null where that is unknown */
  readonly readUnsentBytes?: (socket: Socket) => number | null;
  readonly onInFlight?: (ms: number) => void;
  readonly names?: NameLookup | undefined;
}

/** how long a goodbye may take, ms */
export const goodbyeMs = 1000;

/**
 * Connects, shakes hands and publishes, up to the server's word that it takes the stream. Whoever gets the connection
 * closes it.
 * @throws StudioError destination-unreachable, destination-unaccepted, certificate-invalid, and those of `refusalError`;
 * the signal's reason when aborted
 */
export async function dialPublisher(
  target: RtmpTarget,
  options: DialOptions,
  signal: AbortSignal,
): Promise<PublishConnection> {
  const startedAt = performance.now();
  const { connectTimeoutMs = 3000, acceptTimeoutMs = 10_000, certificateAuthority } = options;
  const open = await openSocket(
    target,
    { timeoutMs: connectTimeoutMs, certificateAuthority, names: options.names },
    signal,
  );
  const session = new PublishSession({
    tcUrl: target.tcUrl,
    app: target.app,
    key: options.key,
    random: randomBytes(handshakeRandomBytes),
  });
  const connection = new PublishConnection(open, session, {
    host: target.host,
    port: target.port,
    app: target.app,
    isRefusalRetryable: options.isRefusalRetryable ?? false,
    stallTimeoutMs: options.stallTimeoutMs ?? 4000,
    readUnsentBytes: options.readUnsentBytes ?? readUnsentBytes,
    onInFlight: options.onInFlight ?? (() => undefined),
  });
  try {
    await connection.published(acceptTimeoutMs - (performance.now() - startedAt), signal);
    return connection;
  } catch (error) {
    await connection.close(goodbyeMs);
    throw error;
  }
}
