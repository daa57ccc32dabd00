import type { WireError } from '../../../shared/contract/errors';
import { describeError } from '../../../shared/contract/error-text';

/** Why nothing plays, and what to do. */
export interface PlaybackFault {
  readonly sentence: string;
  readonly remedy: string;
}

const elsewhere = 'Open its folder and play it with another program, such as VLC.';

/** Matroska is not for every browser; Chromium, and so the desktop window, plays it. */
export const unplayableKind: PlaybackFault = {
  sentence: 'This browser does not play files of this kind.',
  remedy: `${elsewhere} Recordings in MP4 play here.`,
};

export const refusedTicket = (error: WireError): PlaybackFault => describeError(error);

/** @param code of `HTMLMediaElement.error`; @param hasPlayed pictures of it were there */
export function mediaFault(code: number, hasPlayed: boolean): PlaybackFault {
  // 2: the connection, 3: what came over it, 4: there never was anything to play.
  if (code === 2 || (code === 4 && hasPlayed))
    return {
      sentence: 'The file stopped coming.',
      remedy: 'Its disk or the engine may be busy. “Try again” goes on from here.',
    };
  if (code === 3)
    return {
      sentence: 'From here on the file cannot be decoded.',
      remedy: `“Try again” tries once more. ${elsewhere}`,
    };
  return { sentence: 'This browser cannot play this file.', remedy: elsewhere };
}
