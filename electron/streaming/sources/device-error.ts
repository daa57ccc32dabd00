import { StudioError } from '../lib/errors';

/**
 * What FFmpeg's last lines mean for the person whose device it is. In the order of the table: the first that fits is it.
 * Texts of x11grab, v4l2, pulse, alsa, dshow, gdigrab and avfoundation.
 */
const meanings: readonly [pattern: RegExp, code: 'device-busy' | 'device-denied' | 'device-missing'][] = [
  [/device or resource busy|already in use|in use by another|could not run graph/i, 'device-busy'],
  [
    /permission denied|operation not permitted|not authori[sz]ed|access is denied|no protocol specified|authorization required/i,
    'device-denied',
  ],
  [
    /no such (file or directory|device|entity|process)|could not find (video|audio)|(video|audio) device not found|cannot open display|can't find window|error_code:(3|9)\b|no such device or address/i,
    'device-missing',
  ],
];

const chatter =
  /^(conversion failed|exiting|error opening input files?|error while|.*?: input\/output error$)/i;
const prefix = /^(\[[^\]]*\]\s*)+/;

/**
 * @param lines what FFmpeg wrote to stderr, in order
 * @param name of the device, as people know it
 */
export function deviceError(lines: readonly string[], name: string): StudioError {
  const texts = lines.map((line) => line.replace(prefix, '').trim()).filter((text) => text !== '');
  for (const [pattern, code] of meanings) {
    const reason = texts.find((text) => pattern.test(text));
    if (reason === undefined) continue;
    if (code === 'device-missing') return new StudioError(code, { name }, { retryable: true });
    return new StudioError(code, { name, reason: reason.slice(0, 300) }, { retryable: true });
  }
  const reason = texts.findLast((text) => !chatter.test(text)) ?? texts.at(-1) ?? 'it ended without a word';
  return new StudioError('device-failed', { name, reason: reason.slice(0, 300) }, { retryable: true });
}
