import { describe, expect, it } from 'vitest';
import { mediaFault } from '../../renderer/features/recordings/playback-fault';

describe('why a recording does not play', () => {
  it.each([
    [2, false, 'stopped coming'],
    [2, true, 'stopped coming'],
    [3, true, 'cannot be decoded'],
    [4, false, 'This browser cannot play'],
    // A ticket that is over by then is no matter of the file.
    [4, true, 'stopped coming'],
  ])('error %i of a video, with pictures before it: %s', (code, hasPlayed, words) => {
    const { sentence, remedy } = mediaFault(code, hasPlayed);
    expect(sentence).toContain(words);
    expect(remedy).toMatch(/Try again|Open its folder/);
  });
});
