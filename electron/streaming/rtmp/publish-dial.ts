import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { VideoCodec } from '../interfaces/packet';
import { StudioError } from '../lib/errors';
import { enhancedFourCc } from '../media/enhanced-flv';
import { isFlvVideo } from '../media/flv';
import { handshakeRandomBytes } from '../media/rtmp-handshake';
import { adobeAnswer } from './adobe-auth';
import type { RtmpLogin } from './adobe-auth';
import type { NameLookup } from './name-lookup';
import { PublishConnection } from './publish-connection';
import type { LinkReading } from './publish-connection';
import { PublishSession, RtmpRefusal } from './publish-session';
import { openSocket } from './rtmp-socket';
import type { RtmpTarget } from './rtmp-url';
import { readUnsentBytes } from './unsent-bytes';

export interface DialOptions {
  /** never logged, never part of an error */
  readonly key: string;
  /** for servers that ask for one; told to no other */
  readonly login?: RtmpLogin | null;
  /** what the pictures will be; H.264 unless given */
  readonly videoCodec?: VideoCodec;
  /** a server that says nothing about codecs takes this one all the same */
  readonly isSilenceConsent?: boolean | undefined;
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
  readonly onMeasured?: (link: LinkReading) => void;
  readonly names?: NameLookup | undefined;
}

/** however long the login before it took */
const leastAnswerMs = 100;
/** a server asks who is there, and for the password; one that asks on is not answered */
const maxAnswers = 2;
/** how long a goodbye may take, ms */
export const goodbyeMs = 1000;

/**
 * Connects, shakes hands, logs in where that is asked for, and publishes, up to the server's word that it takes the
 * stream. Whoever gets the connection closes it.
 * @throws StudioError destination-unreachable, destination-unaccepted, certificate-invalid, codec-unsupported, and those of `refusalError`;
 * the signal's reason when aborted
 */
export async function dialPublisher(
  target: RtmpTarget,
  options: DialOptions,
  signal: AbortSignal,
): Promise<PublishConnection> {
  const deadline = performance.now() + (options.acceptTimeoutMs ?? 10_000);
  const { login = null } = options;
  let authenticated = target;
  for (let answers = 0; ; answers++) {
    try {
      return await dialOnce(authenticated, options, deadline, signal);
    } catch (error) {
      const query = login && answers < maxAnswers ? answerTo(error, login) : null;
      if (query === null) throw error;
      authenticated = withQuery(target, query);
    }
  }
}

async function dialOnce(
  target: RtmpTarget,
  options: DialOptions,
  deadline: number,
  signal: AbortSignal,
): Promise<PublishConnection> {
  const { connectTimeoutMs = 3000, certificateAuthority, names, videoCodec = 'h264' } = options;
  const { isSilenceConsent = false } = options;
  if (!isFlvVideo(videoCodec))
    throw new StudioError('codec-unsupported', { host: target.host, codec: videoCodec, named: null });
  const open = await openSocket(target, { timeoutMs: connectTimeoutMs, certificateAuthority, names }, signal);
  const session = new PublishSession({
    tcUrl: target.tcUrl,
    app: target.app,
    key: options.key,
    random: randomBytes(handshakeRandomBytes),
    fourCc: videoCodec === 'h264' ? null : enhancedFourCc[videoCodec],
    isSilenceConsent,
  });
  const connection = new PublishConnection(open, session, {
    host: target.host,
    port: target.port,
    // Without what may be a token, or the answer of a login.
    app: target.app.replace(/\?.*$/s, ''),
    hasLogin: Boolean(options.login),
    videoCodec,
    isRefusalRetryable: options.isRefusalRetryable ?? false,
    stallTimeoutMs: options.stallTimeoutMs ?? 4000,
    readUnsentBytes: options.readUnsentBytes ?? readUnsentBytes,
    onMeasured: options.onMeasured ?? (() => undefined),
  });
  try {
    await connection.published(Math.max(deadline - performance.now(), leastAnswerMs), signal);
    return connection;
  } catch (error) {
    await connection.close(goodbyeMs);
    throw error;
  }
}

/** @returns what to say when it is dialled anew; null: nothing will help */
function answerTo(error: unknown, login: RtmpLogin): string | null {
  const refusal = error instanceof StudioError ? error.cause : null;
  if (!(refusal instanceof RtmpRefusal)) return null;
  return adobeAnswer(login, refusal.words.description, randomBytes(4).toString('hex'));
}

function withQuery(target: RtmpTarget, query: string): RtmpTarget {
  const joined = `${target.app.includes('?') ? '&' : '?'}${query}`;
  return { ...target, app: target.app + joined, tcUrl: target.tcUrl + joined };
}
