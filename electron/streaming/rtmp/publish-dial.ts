import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { handshakeRandomBytes } from '../media/rtmp-handshake';
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
  /** nothing arrives for so long: the connection is given up; 10 s unless given */
  readonly stallTimeoutMs?: number;
  /** bytes in the kernel's queue; null where that is unknown */
  readonly readUnsentBytes?: (socket: Socket) => number | null;
  readonly onInFlight?: (ms: number) => void;
}

/** how long a goodbye may take, ms */
export const goodbyeMs = 1000;

/**
 * Connects, shakes hands and publishes, up to the server's word that it takes the stream. Whoever gets the connection
 * closes it.
 * @throws StudioError destination-unreachable, destination-refused, destination-unaccepted, destination-lost,
 * certificate-invalid; the signal's reason when aborted
 */
export async function dialPublisher(
  target: RtmpTarget,
  options: DialOptions,
  signal: AbortSignal,
): Promise<PublishConnection> {
  const startedAt = performance.now();
  const { connectTimeoutMs = 3000, acceptTimeoutMs = 10_000, certificateAuthority } = options;
  const socket = await openSocket(target, { timeoutMs: connectTimeoutMs, certificateAuthority }, signal);
  const session = new PublishSession({
    tcUrl: target.tcUrl,
    app: target.app,
    key: options.key,
    random: randomBytes(handshakeRandomBytes),
  });
  const connection = new PublishConnection(socket, session, {
    host: target.host,
    port: target.port,
    isRefusalRetryable: options.isRefusalRetryable ?? false,
    stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
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
