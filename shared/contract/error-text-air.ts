import { formatRate } from '../model/frame-rate';
import type { ErrorTexts } from './error-text-form';

/** of a recording, in words */
function lengthText(sec: number): string {
  const minutes = Math.floor(sec / 60);
  return minutes === 0 ? `${sec.toFixed(1)} seconds` : `${minutes} min ${Math.floor(sec % 60)} s`;
}

/** What stands between a show and its viewers: checks, destinations, disk. */
export const airErrorTexts = {
  'live-taken-back': () => ({
    sentence: 'Going live was taken back before it began.',
    remedy: 'Nothing went out; press Go live when you are ready.',
  }),
  'on-air': (d) => ({
    sentence: `${d.what} is not possible while you are live or recording.`,
    remedy: 'End the stream and the recording first.',
  }),
  'folder-silent': (d) => ({
    sentence: `The disk or network share of ${d.path} does not answer.`,
    remedy:
      'Make sure it is switched on and reachable, or choose another folder for recordings in the settings.',
  }),
  'recording-stalled': (d) => ({
    sentence: `The recording to ${d.path} does not grow: ${
      {
        disk: 'its disk takes nothing',
        encoder: 'no pictures come from the encoder',
        'file-gone': 'the file is no longer there',
      }[d.reason]
    }.`,
    remedy: {
      disk: 'Look after the disk. What comes meanwhile waits for it, up to 30 seconds of the program.',
      encoder: 'What was recorded is kept, and the file goes on with the next picture.',
      'file-gone': 'What is recorded into it is lost: end this recording and begin another.',
    }[d.reason],
  }),
  'recording-repaired': (d) => ({
    sentence: `The recording ${d.path} was cut off, and has been repaired: ${lengthText(d.durationSec)} of it can be played.`,
    remedy: 'At most its last second is missing.',
  }),
  'recording-unrepaired': (d) => ({
    sentence: `The recording ${d.path} was cut off, and could not be repaired (${d.reason}).`,
    remedy: 'What is in the file was left as it is. The list of recordings says more.',
  }),
  'recording-not-found': () => ({
    sentence: 'This recording is no longer in the list.',
    remedy: 'Its file is where it was, unless somebody removed it.',
  }),
  'recording-file-gone': (d) => ({
    sentence: `${d.path} is not there any more.`,
    remedy: 'It was moved, renamed or deleted. Put it back, or take it from the list.',
  }),
  'recording-file-unreadable': (d) => ({
    sentence: `${d.path} cannot be read (${d.reason}).`,
    remedy: 'Check its permissions and its disk, then try again.',
  }),
  'recordings-unreadable': (d) => ({
    sentence: `The list of recordings could not be read (${d.reason}).`,
    remedy: `It was put aside beside ${d.path}, and a new one begun. The recordings themselves are not touched.`,
  }),
  'recordings-unsaved': (d) => ({
    sentence: `The list of recordings could not be saved to ${d.path} (${d.reason}).`,
    remedy:
      'It is tried again by itself. Recording goes on; after a crash meanwhile, the file plays but is not finished by itself.',
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
    sentence: `${d.service} takes at most ${d.maxKbps} kbit/s; the picture it gets has ${d.bitrateKbps}.`,
    remedy: `Set the bitrate to ${d.maxKbps} kbit/s or less in the settings, or give it a variant that has less.`,
  }),
  'sound-bitrate-too-high': (d) => ({
    sentence: `${d.service} takes sound of at most ${d.maxKbps} kbit/s; the program has ${d.bitrateKbps}.`,
    remedy: 'It may refuse the stream: test it on a private one, or choose another destination.',
  }),
  'rate-too-high': (d) => ({
    sentence: `${d.service} takes at most ${d.maxFps} pictures a second; it gets ${formatRate(d.fps)}.`,
    remedy: `Set the frame rate to ${d.maxFps} or less in the settings, or give it a variant that has fewer.`,
  }),
  'keyframes-too-rare': (d) => ({
    sentence: `${d.service} wants a keyframe every ${d.maxSec} s at most; the program has one every ${Number(d.intervalSec.toFixed(3))} s.`,
    remedy: 'Choose another destination or frame rate.',
  }),
  'frames-skipped': (d) => ({
    sentence: `The encoder was late or being restarted: ${d.skippedPercent} % of the frames were left out just now.`,
    remedy: 'Choose a faster profile, a lower frame rate or a smaller size, then look again.',
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
  'microphone-muted': (d) => ({
    sentence: `${d.name} is muted: viewers do not hear it.`,
    remedy: 'Unmute it in the mixer, unless it is meant to be silent.',
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
  'destination-key-of-another': (d) => ({
    sentence: `The key of ${d.name} was given for ${d.former}; ${d.next} must not get it.`,
    remedy: `Enter the key of ${d.next}, or keep the former address. Nothing was changed.`,
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
    remedy: 'It is tried again by itself; if it stays so, check address and stream key.',
  }),
  'destination-key-refused': (d) => ({
    sentence: `${d.host} does not accept the stream key (${d.reason}).`,
    remedy: 'Copy the key anew from its page, save it here, then retry.',
  }),
  'destination-in-use': (d) => ({
    sentence: `${d.host} says that somebody streams with this key already (${d.reason}).`,
    remedy: 'End that stream, or give this destination a key of its own; it is tried again by itself.',
  }),
  'destination-banned': (d) => ({
    sentence: `${d.host} does not let this account stream (${d.reason}).`,
    remedy: 'Look for a message of theirs to you; when it is settled, retry.',
  }),
  'destination-app-refused': (d) => ({
    sentence: `${d.host} knows no “${d.app}” to stream to (${d.reason}).`,
    remedy: 'Check what follows the host in the address.',
  }),
  'destination-login': (d) => ({
    sentence: d.isGiven
      ? `${d.host} does not accept the user name or the password.`
      : `${d.host} asks for a user name and a password.`,
    remedy: d.isGiven
      ? 'Check both in the settings of this destination.'
      : 'Enter both in the settings of this destination; its owner knows them.',
  }),
  'codec-unsupported': (d) =>
    d.codec === 'vp8'
      ? {
          sentence: `${d.host} takes no VP8: RTMP does not carry it.`,
          remedy: 'Choose H.264 or VP9 as the codec of the program, then start this destination again.',
        }
      : {
          sentence:
            d.named === null
              ? `${d.host} does not say that it takes VP9, and most servers do not.`
              : `${d.host} takes no VP9 (only ${d.named.join(', ') || 'H.264'}).`,
          remedy: `Choose H.264 as the codec of the program, then start this destination again.${
            d.named === null
              ? ' Of a server of your own that plays VP9 on, say so in the settings of this destination.'
              : ''
          }`,
        },
  'destination-busy': (d) => ({
    sentence: `${d.host} takes no further stream at present (${d.reason}).`,
    remedy: 'It is tried again by itself.',
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
  'delay-too-long': (d) => ({
    sentence: `A delay of ${d.delaySec} s is too long: at ${d.bitrateKbps} kbit/s this computer can hold back ${d.mostSec} s.`,
    remedy: `Set it to ${d.mostSec} s or less, or lower the bitrate.`,
  }),
  'destination-none-enabled': () => ({
    sentence: 'None of the destinations is taken along by “Go live”.',
    remedy: 'Turn on “Goes live with the others” for one of them, or start one by itself.',
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
} satisfies Partial<ErrorTexts>;
