import type { CapturedDevice, DeviceKind } from './device';
import { remedyOfWriting } from './error-text-form';
import type { ErrorTexts } from './error-text-form';

const kindTexts: Record<DeviceKind, string> = {
  screen: 'the screen',
  window: 'the window',
  camera: 'the camera',
  microphone: 'the microphone',
  'desktop-sound': 'the desktop sound',
};

/** `the microphone Desk, the screen HDMI-1` */
const capturedText = (devices: readonly CapturedDevice[]): string =>
  devices.map(({ kind, name }) => `${kindTexts[kind]} ${name}`).join(', ');

/** What goes wrong with the show itself: its edits, its file, what is taken in and given out. */
export const showErrorTexts = {
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
  'show-repaired': (d) => ({
    sentence: `The show “${d.name}” did not hold together and was mended: ${d.repairs.join('; ')}.`,
    remedy: 'Look whether it is as you want it; the file it came from is kept as it was.',
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
  'import-captures': (d) => ({
    sentence: `The show “${d.name}” captures ${capturedText(d.devices)} as soon as it is there.`,
    remedy: 'Agree to that when it is imported; your show is as it was.',
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
  'restore-point-unsaved': (d) => ({
    sentence: `The restore point “${d.label}” could not be kept in ${d.path} (${d.reason}).`,
    remedy: `Your show is as it was. ${remedyOfWriting(d.reason, 'Change the permissions of that folder, then try again.')}`,
  }),
} satisfies Partial<ErrorTexts>;
