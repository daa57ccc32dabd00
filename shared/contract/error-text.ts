import type { ErrorCode, ErrorDetails, WireError } from './errors';

export interface ErrorText {
  /** what was expected and what was found */
  sentence: string;
  /** what the person can do about it */
  remedy: string;
}

const texts: { [Code in ErrorCode]: (details: ErrorDetails[Code]) => ErrorText } = {
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
  'folder-unwritable': (d) => ({
    sentence: `The folder ${d.path} cannot be written (${d.reason}).`,
    remedy: 'Choose another folder or change its permissions.',
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
  'source-file-missing': (d) => ({
    sentence: `The file ${d.path} does not exist.`,
    remedy: 'Put it back or choose another file for this source.',
  }),
  'source-file-unreadable': (d) => ({
    sentence: `The file ${d.path} is not a picture that can be read (${d.reason}).`,
    remedy: 'Choose another file for this source.',
  }),
  'media-decode-failed': (d) => ({
    sentence: `The media file ${d.path} cannot be played on (${d.reason}).`,
    remedy: 'The last good picture stays; choose another file or repair this one.',
  }),
  'source-kind-unknown': (d) => ({
    sentence: `The source “${d.name}” is of a kind this version does not know (${d.kind}).`,
    remedy: 'It is kept as it is and left out of the picture; a newer version may show it.',
  }),
  'text-unrenderable': (d) => ({
    sentence: `This text could not be drawn (${d.reason}).`,
    remedy: 'Shorten it or choose another font or size.',
  }),
  'collection-unreadable': (d) => ({
    sentence: `The scene collection ${d.path} could not be read (${d.reason}).`,
    remedy: 'The file was left untouched; the demo scene is shown instead.',
  }),
  'scene-not-found': (d) => ({
    sentence: `There is no scene “${d.scene}”.`,
    remedy: 'Choose one of the scenes in the list.',
  }),
  'item-not-found': (d) => ({
    sentence: `There is no scene item ${d.itemId}.`,
    remedy: 'Reload the page to see the present state.',
  }),
  'source-not-found': () => ({
    sentence: 'This source is not there any more.',
    remedy: 'Somebody removed it in another window; undo brings it back.',
  }),
  'edit-invalid': (d) => ({
    sentence: `This change does not fit the show: ${d.reason}.`,
    remedy: 'Nothing was changed; try another value.',
  }),
  'show-recovered': (d) => ({
    sentence: `The show ${d.path} could not be read (${d.reason}).`,
    remedy: `${d.versionAt === null ? 'The demo scene' : `Its state of ${new Date(d.versionAt).toLocaleString()}`} is shown instead; ${d.keptAs === null ? 'nothing that lies there is written over' : `what lay there is kept as ${d.keptAs}`}.`,
  }),
  'restore-point-not-found': () => ({
    sentence: 'This earlier state of the show is not there any more.',
    remedy: 'Choose another one of the list.',
  }),
  'upload-too-large': (d) => ({
    sentence: `${d.name} is too large: at most ${(d.maxBytes / 1e9).toFixed(1)} GB can be taken in.`,
    remedy: 'Put it on the studio’s computer and give its path there instead.',
  }),
  'upload-no-room': (d) => ({
    sentence: `There is no room for ${d.name}: ${(d.freeBytes / 1e9).toFixed(1)} GB are free in ${d.path}.`,
    remedy: 'Make room on that disk, then try again.',
  }),
  'upload-incomplete': (d) => ({
    sentence: `${d.name} did not arrive whole (${d.reason}).`,
    remedy: 'Try it again; nothing was changed.',
  }),
  'import-refused': (d) => ({
    sentence: `This file is not a show that can be imported: ${d.reason}.`,
    remedy: 'Choose a file that a studio has exported; your show is as it was.',
  }),
  'show-incomplete': (d) => ({
    sentence: `Files of the show “${d.name}” are missing: ${d.files.slice(0, 5).join(', ')}${d.files.length > 5 ? ` and ${d.files.length - 5} more` : ''}.`,
    remedy: 'Choose them again in the properties of their sources.',
  }),
  'nothing-to-play': (d) => ({
    sentence: `${d.name} has nothing that could be played or paused.`,
    remedy: 'Only media files can; choose one.',
  }),
  'show-unsaved': (d) => ({
    sentence: `The show could not be saved to ${d.path} (${d.reason}).`,
    remedy: 'It is tried again by itself; make room on the disk or check the folder.',
  }),
  'device-missing': (d) => ({
    sentence: `${d.name} is not connected.`,
    remedy: 'Plug it in: it comes back by itself. Or choose another device.',
  }),
  'window-missing': (d) => ({
    sentence: `The window “${d.name}” is not open.`,
    remedy: 'Open it again, not minimised: it comes back by itself. Or choose another window.',
  }),
  'device-busy': (d) => ({
    sentence: `${d.name} is in use by another program (${d.reason}).`,
    remedy: 'Close the other program; the studio tries again by itself.',
  }),
  'device-denied': (d) => ({
    sentence: `The studio may not use ${d.name} (${d.reason}).`,
    remedy: 'Allow it in the system or browser settings, then capture again.',
  }),
  'device-failed': (d) => ({
    sentence: `${d.name} stopped delivering: ${d.reason}.`,
    remedy: 'It is tried again by itself; if this repeats, choose another mode or device.',
  }),
  'capture-unsupported': (d) => ({
    sentence: `${d.what} cannot be captured here: ${d.reason}.`,
    remedy: 'Use the capture of the browser instead.',
  }),
  'capture-page-gone': (d) => ({
    sentence: `${d.name} is not being captured: the page that did it is closed or has stopped.`,
    remedy: 'Open the studio’s page, select the source and press Start capture.',
  }),
  'capture-taken-over': (d) => ({
    sentence: `${d.name} is captured by another window of the studio now.`,
    remedy: 'Press Start capture to take it back into this one.',
  }),
  'capture-not-allowed': (d) => ({
    sentence: d.isPicker
      ? 'Nothing was chosen to be captured, or the browser does not allow it.'
      : `The browser does not let this page use ${d.name}.`,
    remedy: d.isPicker
      ? 'Press Start capture and choose a screen, a window or a tab. On a Mac, allow the browser to record the screen in System Settings.'
      : 'Allow it: click the icon beside the address, allow it there, then press Start capture.',
  }),
  'capture-insecure': () => ({
    sentence: 'Browsers let a page capture only over HTTPS or on the computer where the studio runs.',
    remedy:
      'Open the studio at http://127.0.0.1 on that computer, or use the devices of that computer instead.',
  }),
  'browser-unfit': (d) => ({
    sentence: `This browser cannot capture ${d.what} for the studio.`,
    remedy:
      'Open the studio’s page in a present Chrome, Edge or Firefox, or use the devices of the engine’s computer.',
  }),
  'ingest-silent': (d) => ({
    sentence: `Nobody is publishing with the key ${d.key}.`,
    remedy: 'Start the other encoder; its picture appears by itself.',
  }),
  'picture-too-large': (d) => ({
    sentence: `The picture ${d.path} is ${d.width}×${d.height}, more than can be opened.`,
    remedy: 'Make it smaller (at most 100 megapixels) and choose it again.',
  }),
  'font-missing': (d) => ({
    sentence: `The font ${d.font} is not on this computer; ${d.used} is shown instead.`,
    remedy: 'Install it or choose another font.',
  }),
  'on-air': (d) => ({
    sentence: `${d.what} is not possible while you are live or recording.`,
    remedy: 'End the stream and the recording first.',
  }),
  'disk-low': (d) => ({
    sentence: `Only ${(d.freeBytes / 1e9).toFixed(1)} GB are free in ${d.path}.`,
    remedy: 'Make room or choose another recording folder; below 0.5 GB the recording is ended.',
  }),
  'disk-full': (d) => ({
    sentence: `Only ${(d.freeBytes / 1e9).toFixed(2)} GB are free in ${d.path}: too little to record on.`,
    remedy: 'Whatever was recorded is complete. Make room or choose another folder before you record on.',
  }),
  'bitrate-too-high': (d) => ({
    sentence: `${d.service} takes at most ${d.maxKbps} kbit/s; the program has ${d.bitrateKbps}.`,
    remedy: `Set the bitrate to ${d.maxKbps} kbit/s or less in the settings.`,
  }),
  'keyframes-too-rare': (d) => ({
    sentence: `${d.service} wants a keyframe every ${d.maxSec} s at most; the program has one every ${d.intervalSec} s.`,
    remedy: 'Choose another destination or frame rate.',
  }),
  'compositor-behind': (d) => ({
    sentence: `This computer draws too slowly: ${d.laggedPercent} % of the frames were repeated.`,
    remedy: 'Close other programs, or choose a lower frame rate or a smaller canvas.',
  }),
  'scene-empty': (d) => ({
    sentence: `Nothing is to be seen in the scene “${d.scene}”.`,
    remedy: 'Show one of its sources, add one, or switch to another scene.',
  }),
  'picture-black': (d) => ({
    sentence: `The picture of the scene “${d.scene}” is black.`,
    remedy: 'See that its sources deliver and are not covered, or switch to another scene.',
  }),
  'key-missing': (d) => ({
    sentence: `${d.name} has no stream key.`,
    remedy: 'Edit it among the destinations and enter the key that its page shows you.',
  }),
  'upload-too-small': (d) => ({
    sentence: `All destinations together need ${d.neededKbps} kbit/s; ${d.measuredKbps} kbit/s went through last time.`,
    remedy: 'Lower the bitrate or stream to fewer destinations.',
  }),
  'microphone-silent': (d) => ({
    sentence: `${d.name} has been silent.`,
    remedy: 'Speak into it and watch its meter; check its mute switch, or choose another device.',
  }),
  'destination-missing': () => ({
    sentence: 'There is no destination to go live to.',
    remedy: 'Add one: a platform or any RTMP server.',
  }),
  'certificate-invalid': (d) => ({
    sentence: `${d.host} could not prove who it is (${d.reason}), so nothing was sent.`,
    remedy: 'Check the address; ask the server’s owner for a valid certificate.',
  }),
  'destinations-unreadable': (d) => ({
    sentence:
      d.line === 0
        ? `The destinations file ${d.path} could not be read (${d.reason}).`
        : `Line ${d.line} of ${d.path}: ${d.reason}.`,
    remedy:
      d.line === 0 ? 'Check its path and its permissions.' : 'Write one destination a line: NAME URL KEY.',
  }),
  'key-store-unavailable': (d) => ({
    sentence: `The saved destinations are locked: their key lies in this system’s key store, which cannot be used now (${d.reason}).`,
    remedy:
      'Unlock the key store, or start the studio once with its window on this computer, then start it again. Nothing was changed.',
  }),
  'destination-name-taken': (d) => ({
    sentence: `A destination named “${d.name}” is there already.`,
    remedy: 'Choose another name or remove the old one.',
  }),
  'destination-not-found': (d) => ({
    sentence: `There is no destination ${d.id}.`,
    remedy: 'Reload the page to see the present state.',
  }),
  'destination-unreachable': (d) => ({
    sentence: `${d.host}:${d.port} could not be reached (${d.reason}).`,
    remedy: 'It is tried again by itself; check the address and your network.',
  }),
  'destination-refused': (d) => ({
    sentence: `${d.host} refused the stream (${d.reason}).`,
    remedy: 'Check the stream key of this destination.',
  }),
  'destination-lost': (d) => ({
    sentence: `The connection to ${d.host} was lost (${d.reason}).`,
    remedy: 'It is made again by itself.',
  }),
  'destination-unaccepted': (d) => ({
    sentence: `${d.host} closed the connection before it accepted the stream.`,
    remedy:
      'Platforms do this to a stream key that is wrong or no longer valid: check it. While you are live it is tried again by itself.',
  }),
  'air-cut-off': (d) => ({
    sentence: `The studio’s engine ended unexpectedly ${[
      ...(d.destinations.length > 0 ? [`while you were live on ${d.destinations.join(', ')}`] : []),
      ...(d.recording === null ? [] : [`while it recorded to ${d.recording}`]),
    ].join(' and ')}. It was started again, and your show is as it was.`,
    remedy: [
      ...(d.destinations.length === 0
        ? []
        : [
            d.isLiveAgain
              ? 'It is going live again by itself.'
              : 'Your viewers see nothing: press Go live to be back.',
          ]),
      ...(d.recording === null
        ? []
        : ['The recording plays up to its last second: press Record to begin another.']),
    ].join(' '),
  }),
  'destination-url-invalid': (d) => ({
    sentence: `${d.url} is not a usable address (${d.reason}).`,
    remedy: 'Use rtmp://host[:port]/app or rtmps://host[:port]/app.',
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
