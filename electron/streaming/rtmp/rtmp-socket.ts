import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { StudioError } from '../lib/errors';
import { raceAddresses } from './address-race';
import { NameLookup } from './name-lookup';
import type { RtmpTarget } from './rtmp-url';

export interface SocketOptions {
  readonly timeoutMs: number;
  /** more certificate authorities to trust (PEM), beside the system's; for servers of one's own */
  readonly certificateAuthority?: string | undefined;
  readonly names?: NameLookup | undefined;
}

/** An open connection. */
export interface OpenSocket {
  /** what is said goes in and comes out here; encrypted where the target asks for it */
  readonly socket: Socket;
  /** the TCP connection beneath, the same one without encryption: only it can be reset */
  readonly tcp: Socket;
}

/** one for the whole engine: the threads that look-ups take are everybody's */
export const sharedNames = new NameLookup();

/**
 * Looks the name up, connects to the address that answers first, and for rtmps verifies the certificate, all within the
 * time-out.
 * @throws StudioError destination-unreachable, certificate-invalid; the signal's reason when aborted
 */
export async function openSocket(
  target: RtmpTarget,
  options: SocketOptions,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const { host, port } = target;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), options.timeoutMs);
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    const addresses = await (options.names ?? sharedNames).resolve(host, either);
    const tcp = await raceAddresses(addresses, { port }, either);
    if (!target.isTls) return { socket: tcp, tcp };
    return { socket: await encrypted(tcp, target, options.certificateAuthority, either), tcp };
  } catch (error) {
    signal.throwIfAborted();
    const distrust = certificateReason(error);
    if (distrust !== null)
      throw new StudioError('certificate-invalid', { host, reason: distrust }, { cause: error });
    const reason = timeout.signal.aborted
      ? `no connection within ${options.timeoutMs / 1000} s`
      : describeSocketError(error);
    throw new StudioError(
      'destination-unreachable',
      { host, port, reason },
      { retryable: true, cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** TLS over a connected socket, which it takes over; resolves when the certificate was found good. */
function encrypted(
  tcp: Socket,
  { host, serverName }: RtmpTarget,
  certificateAuthority: string | undefined,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // RFC 6066 §3: names only, a bare address is not to be sent; the certificate is verified against it all the same.
    const socket = connectTls({
      socket: tcp,
      ...(serverName === undefined ? { host } : { servername: serverName }),
      ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
    });
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail).off('close', onClose);
      settle();
    };
    const fail = (error: Error): void =>
      end(() => {
        // A destroyed socket may still report an error; nobody wants it any more.
        socket.on('error', () => undefined).destroy();
        tcp.destroy();
        reject(error);
      });
    const onClose = (): void => fail(Object.assign(new Error('closed'), { code: 'EPIPE' }));
    const onAbort = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', fail).once('close', onClose);
    socket.once('secureConnect', () => end(() => resolve(socket)));
    if (signal.aborted) onAbort();
  });
}

const reasons: Record<string, string> = {
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name could not be looked up',
  EAI_FAIL: 'the name could not be looked up',
  ETIMEOUT: 'the name could not be looked up in time',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'the network is down',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

/** What node:tls says of a certificate that it does not accept (X509_V_ERR_… of OpenSSL, and its own for the name). */
const certificateReasons: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; or the clock of this computer is wrong',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not from a known authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not from a known authority',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is not from a known authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not from a known authority',
  CERT_UNTRUSTED: 'its certificate is not from a known authority',
  CERT_SIGNATURE_FAILURE: 'its certificate is forged or damaged',
  HOSTNAME_MISMATCH: 'its certificate is for another name',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** @returns null when the error is not about a certificate */
function certificateReason(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === undefined ? null : (certificateReasons[code] ?? null);
}

/** A socket's error in plain words; an unknown one by its code. Never the message: it may name what was asked for. */
export function describeSocketError(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === undefined ? 'the connection failed' : (reasons[code] ?? code);
}
