import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { StudioError } from '../lib/errors';
import type { RtmpTarget } from './rtmp-url';

export interface SocketOptions {
  readonly timeoutMs: number;
  /** more certificate authorities to trust (PEM), beside the system's; for servers of one's own */
  readonly certificateAuthority?: string | undefined;
}

/**
 * Resolves the name, connects, and for rtmps verifies the certificate, all within the time-out.
 * @throws StudioError destination-unreachable, certificate-invalid; the signal's reason when aborted
 */
export function openSocket(target: RtmpTarget, options: SocketOptions, signal: AbortSignal): Promise<Socket> {
  const unreachable = (reason: string, cause?: unknown): StudioError =>
    new StudioError(
      'destination-unreachable',
      { host: target.host, port: target.port, reason },
      { retryable: true, cause },
    );
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const { host, port, serverName } = target;
    const socket = target.isTls
      ? connectTls({
          host,
          port,
          ...(serverName !== undefined && { servername: serverName }),
          ...(options.certificateAuthority !== undefined && { ca: options.certificateAuthority }),
        })
      : connectTcp({ host, port });
    socket.setNoDelay(true);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose);
      settle();
    };
    const fail = (error: Error): void =>
      end(() => {
        // A destroyed socket may still report an error; nobody wants it any more.
        socket.on('error', () => undefined).destroy();
        reject(error);
      });
    const onError = (error: Error): void => {
      const distrust = certificateReason(error);
      fail(
        distrust === null
          ? unreachable(describeSocketError(error), error)
          : new StudioError('certificate-invalid', { host: target.host, reason: distrust }, { cause: error }),
      );
    };
    const onClose = (): void => fail(unreachable('it closed the connection at once'));
    const onAbort = (): void => fail(signal.reason as Error);
    const timer = setTimeout(
      () => fail(unreachable(`no connection within ${options.timeoutMs / 1000} s`)),
      options.timeoutMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError).once('close', onClose);
    socket.once(target.isTls ? 'secureConnect' : 'connect', () => end(() => resolve(socket)));
  });
}

const reasons: Record<string, string> = {
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name could not be looked up',
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
function certificateReason(error: Error): string | null {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? null : (certificateReasons[code] ?? null);
}

/** A socket's error in plain words; an unknown one by its code. Never the message: it may name what was asked for. */
export function describeSocketError(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === undefined ? 'the connection failed' : (reasons[code] ?? code);
}
