import { airErrorTexts } from './error-text-air';
import { codecErrorTexts } from './error-text-codec';
import { remedyOfWriting } from './error-text-form';
import type { ErrorText, ErrorTexts } from './error-text-form';
import { lanErrorTexts } from './error-text-lan';
import { linkErrorTexts } from './error-text-link';
import { showErrorTexts } from './error-text-show';
import { sourceErrorTexts } from './error-text-sources';
import { variantErrorTexts } from './error-text-variants';
import type { WireError } from './errors';

const texts: ErrorTexts = {
  ...sourceErrorTexts,
  ...showErrorTexts,
  ...airErrorTexts,
  ...variantErrorTexts,
  ...linkErrorTexts,
  ...lanErrorTexts,
  ...codecErrorTexts,
  internal: (d) => ({
    sentence: `Something went wrong inside the studio: ${d.reason}.`,
    remedy: 'Your show goes on; please report this with the log.',
  }),
  'invalid-request': (d) => ({
    sentence: `The engine could not use this request: ${d.reason}.`,
    remedy: 'Reload the page so that both sides have the same version.',
  }),
  unauthorised: () => ({
    sentence: 'This page has no valid access token.',
    remedy: 'Open the link that the studio printed when it started.',
  }),
  'connection-lost': (d) => ({
    sentence: `The studio's engine could not be asked: ${d.reason}.`,
    remedy: 'The connection is made again by itself; then try once more.',
  }),
  'option-invalid': (d) => ({
    sentence: `${d.option}: expected ${d.expected}, found ${d.found}.`,
    remedy: 'See --help for all options.',
  }),
  'folder-relative': (d) => ({
    sentence: `Expected the whole path of a folder, found “${d.path}”.`,
    remedy: 'Begin at the top, as in /home/me/Videos or C:\\Users\\me\\Videos.',
  }),
  'recording-name-invalid': (d) => ({
    sentence: `“${d.name}” cannot name recordings: ${d.reason}.`,
    remedy: 'Use letters and figures, and {date}, {time}, {scene} and {show} for what changes.',
  }),
  'folder-full': (d) => ({
    sentence: `The disk of the folder ${d.path} is full.`,
    remedy: 'Make some room on it (1 MB is enough to start), or give another --data-dir.',
  }),
  'folder-unwritable': (d) => ({
    sentence: `The folder ${d.path} cannot be written (${d.reason}).`,
    remedy: remedyOfWriting(d.reason, 'Choose another folder or change its permissions.'),
  }),
  'file-unwritable': (d) => ({
    sentence: `The file ${d.path} cannot be written (${d.reason}).`,
    remedy: remedyOfWriting(d.reason, 'Change the permissions of it and of its folder, then try again.'),
  }),
  'settings-unreadable': (d) => ({
    sentence: `The settings in ${d.path} could not be read (${d.reason}).`,
    remedy: `Until you set something, ${d.used} count; the file is left as it is, and put aside then.`,
  }),
  'settings-unsaved': (d) => ({
    sentence: `The settings could not be saved to ${d.path} (${d.reason}).`,
    remedy:
      'They count all the same, and saving is tried again by itself; make room on the disk or check the folder.',
  }),
  'folder-unopenable': (d) => ({
    sentence: `The folder could not be opened (${d.reason}).`,
    remedy: `You find it on the computer of the studio: ${d.path}`,
  }),
  'port-in-use': (d) => ({
    sentence: `Port ${d.port} for ${d.purpose === 'http' ? 'the window and the browser' : 'the RTMP server'} is already in use.`,
    remedy: `Use another port (--${d.purpose} PORT, 0 picks a free one) or end the program that holds it.`,
  }),
  'already-running': (d) => ({
    sentence: `A studio already runs on ${d.dataDir} (process ${d.pid}).`,
    remedy: 'Use that one, stop it, or give another --data-dir.',
  }),
  'engine-unreachable': (d) => ({
    sentence: `The studio that runs here (process ${d.pid}) does not answer: ${d.reason}.`,
    remedy: 'Try again; if it stays so, stop that studio and start it anew.',
  }),
  'ffmpeg-missing': (d) => ({
    sentence: `No working FFmpeg was found (tried: ${d.tried.join(', ') || 'nothing'}).`,
    remedy: 'Install FFmpeg (Debian: apt-get install ffmpeg) or set FFMPEG_BIN to its path.',
  }),
  'ffmpeg-unfit': (d) => ({
    sentence: `The FFmpeg at ${d.path} lacks ${d.missing}.`,
    remedy: 'Install a full FFmpeg build or set FFMPEG_BIN to one.',
  }),
  'ffmpeg-crashed': (d) => ({
    sentence: `FFmpeg (${d.role}) ended unexpectedly with ${d.exit}${d.lastLine ? `: ${d.lastLine}` : ''}.`,
    remedy: 'It is being restarted; if this repeats, try another encoder or FFmpeg build.',
  }),
  'program-unstartable': (d) => ({
    sentence: `With these settings no picture comes about: ${d.reason}.`,
    remedy: 'Nothing was changed, your former settings count; choose another encoder, size, rate or bitrate.',
  }),
  'encoder-behind': (d) => ({
    sentence: `The encoder is ${d.behindMs} ms behind, so frames are skipped.`,
    remedy: 'Choose a faster profile, a lower frame rate or a smaller size.',
  }),
  'profile-lost': (d) => ({
    sentence: `The encoder profile “${d.profile}” that was set is not there any more, so the best one is chosen.`,
    remedy: 'Look at Settings, Encoder, for what there is; another FFmpeg may lack an encoder.',
  }),
  'replay-off': () => ({
    sentence: 'Nothing is kept for replays.',
    remedy: 'Set in Settings, Recording, how many seconds are to be kept.',
  }),
  'replay-empty': () => ({
    sentence: 'There is nothing to save yet: the program has just begun.',
    remedy: 'Try again in two seconds.',
  }),
  'hand-over-failed': (d) => ({
    sentence: `${d.profile} could not take over: ${d.reason}.`,
    remedy: 'Nothing was changed, the encoder goes on as before; choose another profile or bitrate.',
  }),
  'encoder-fell-back': (d) => ({
    sentence: `${d.from} ended while it was in use (${d.reason}), so ${d.to} goes on in its place.`,
    remedy: 'Outputs stayed connected. It is tried anew at the next start; look for a driver update.',
  }),
  'rtmp-server-down': (d) => ({
    sentence: `The RTMP server is not running (${d.reason}).`,
    remedy: 'It is restarted by itself; if it stays down, use another port.',
  }),
  'key-name-taken': (d) => ({
    sentence: `A stream key named “${d.name}” already exists.`,
    remedy: 'Choose another name or revoke the old key.',
  }),
  'key-not-found': (d) => ({
    sentence: `There is no stream key ${d.id}.`,
    remedy: 'See the list for the present keys.',
  }),
  'key-invalid': (d) => ({
    sentence: `This stream key cannot be used: ${d.reason}.`,
    remedy: 'Leave the key out and a strong one is made for you.',
  }),
  'keys-unreadable': (d) => ({
    sentence: `The stream keys in ${d.path} could not be read (${d.reason}).`,
    remedy: 'The file was kept aside; create new keys.',
  }),
  'recording-failed': (d) => ({
    sentence: `The recording to ${d.path} failed (${d.reason}).`,
    remedy: 'Anything written so far is playable; put that right or choose another file, then record again.',
  }),
  'profile-unknown': (d) => ({
    sentence: `There is no encoder profile “${d.profile}”.`,
    remedy: `Use auto or one of: ${d.known.join(', ')}.`,
  }),
  'profile-refused': (d) => ({
    sentence: `The profile ${d.profile} was not saved: ${d.refused.map(({ option, reason }) => `${option}: ${reason}`).join('; ')}.`,
    remedy: 'Correct or leave out what was refused.',
  }),
  'profile-name-taken': (d) => ({
    sentence: `“${d.profile}” is the name of a profile that the studio brings.`,
    remedy: 'Choose another name.',
  }),
  'profile-in-use': (d) => ({
    sentence: `The profile ${d.profile} is the encoder that is set.`,
    remedy: 'Set another encoder under Stream first.',
  }),
  'profiles-full': (d) => ({
    sentence: `There are ${d.most} profiles of your own already.`,
    remedy: 'Remove one you no longer need.',
  }),
  'calibration-running': () => ({
    sentence: 'The profiles are being measured already.',
    remedy: 'Wait for its end, or cancel it.',
  }),
  'profile-too-slow': (d) => ({
    sentence: `The profile ${d.profile} is too slow here: ${d.reason}.`,
    remedy: 'A faster one was chosen; lower the size or rate for better quality.',
  }),
  'queue-full': (d) => ({
    sentence: `The queue holds ${d.limit} frames already.`,
    remedy: 'Wait for earlier frames before you send more.',
  }),
  'frame-invalid': (d) => ({
    sentence: `A frame had the wrong form: expected ${d.expected}, found ${d.found}.`,
    remedy: 'Send frames of the announced size and format.',
  }),
  'not-initialized': (d) => ({
    sentence: `${d.part} was used before it was initialized.`,
    remedy: `Call ${d.part}.initialize(options) first.`,
  }),
  'already-initialized': (d) => ({
    sentence: `${d.part} is initialized already.`,
    remedy: `Await ${d.part}.getInstance().stop() before you initialize it again.`,
  }),
};

/** The plain-language form of an error, the same in the window, on the command line and in the log. */
export function describeError(error: WireError): ErrorText {
  return (texts[error.code] as (details: unknown) => ErrorText)(error.details);
}
