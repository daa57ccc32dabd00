import type { IngestErrorKind } from '../../../shared/contract/rtmp-server';

/**
 * How far an RTMP connection has come. `checking`: asked to publish, the key is being compared, nothing was promised.
 * `closing`: refused or ending; whatever still arrives is thrown away unread.
 */
export type SessionPhase =
  'opened' | 'connected' | 'ready' | 'checking' | 'publishing' | 'playing' | 'closing';

/** What a vetted message is to the state of its connection. */
export type SessionInput =
  | 'connect'
  | 'createStream'
  | 'publish'
  | 'play'
  /** deleteStream, closeStream */
  | 'end'
  /** releaseStream, FCPublish, pause …: nothing depends on them */
  | 'otherCommand'
  /** audio, video, metadata */
  | 'media'
  /** protocol and user control */
  | 'control';

export type Verdict =
  | { readonly type: 'accept'; readonly next: SessionPhase }
  | { readonly type: 'ignore' }
  | { readonly type: 'violation'; readonly kind: IngestErrorKind };

const accept = (next: SessionPhase): Verdict => ({ type: 'accept', next });
const ignore: Verdict = { type: 'ignore' };
const violation = (kind: IngestErrorKind): Verdict => ({ type: 'violation', kind });

/**
 * The order that RTMP prescribes: connect → createStream → publish or play, once. Media counts from nobody but an
 * accepted publisher: from a player it is an injection, before acceptance it is pipelined, and both end the connection.
 */
export function judge(phase: SessionPhase, input: SessionInput): Verdict {
  if (phase === 'closing') return ignore;
  switch (input) {
    case 'control':
      return accept(phase);
    case 'media':
      return phase === 'publishing' ? accept(phase) : violation('injection');
    case 'connect':
      return phase === 'opened' ? accept('connected') : violation('protocol');
    case 'createStream':
      return phase === 'connected' || phase === 'ready' ? accept('ready') : violation('protocol');
    case 'publish':
      return phase === 'ready' ? accept('checking') : violation('protocol');
    case 'play':
      return phase === 'ready' ? accept('playing') : violation('protocol');
    case 'end':
      if (phase === 'opened') return violation('protocol');
      return phase === 'publishing' || phase === 'playing' || phase === 'checking'
        ? accept('closing')
        : ignore;
    case 'otherCommand':
      return phase === 'opened' ? violation('protocol') : ignore;
  }
}
