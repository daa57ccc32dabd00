import { setTimeout } from 'node:timers/promises';
import { StudioError } from '../lib/errors';
import { dialPublisher, goodbyeMs } from './publish-dial';
import type { DialOptions } from './publish-dial';
import { parseRtmpUrl } from './rtmp-url';

export interface ProbeOptions extends DialOptions {
  /** `rtmp(s)://host[:port]/app` */
  readonly url: string;
  /** a server that takes any key and looks at it a moment later has had that moment; 1 s unless given */
  readonly lingerMs?: number;
}

export interface ProbeResult {
  /** from nothing to “publish accepted” */
  readonly connectMs: number;
  readonly isEncrypted: boolean;
}

/**
 * Goes all the way to a publisher's place without sending any media, waits for second thoughts of the server, and leaves.
 * @throws StudioError destination-url-invalid and all of `dialPublisher`; a server that hangs up on the key has refused it
 */
export async function probePublish(options: ProbeOptions, signal: AbortSignal): Promise<ProbeResult> {
  const target = parseRtmpUrl(options.url);
  const startedAt = performance.now();
  const connection = await dialPublisher(target, options, signal);
  const connectMs = performance.now() - startedAt;
  try {
    const either = AbortSignal.any([signal, connection.broken]);
    await setTimeout(options.lingerMs ?? 1000, undefined, { signal: either }).catch(() => undefined);
    signal.throwIfAborted();
    if (connection.broken.aborted)
      throw new StudioError(
        'destination-key-refused',
        { host: target.host, reason: 'it accepted the stream at first and then hung up' },
        { cause: connection.broken.reason },
      );
    return { connectMs, isEncrypted: target.isTls };
  } finally {
    await connection.close(goodbyeMs);
  }
}
