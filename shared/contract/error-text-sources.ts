import type { ErrorTexts } from './error-text-form';

/** What keeps sources from delivering: files, devices, captures. */
export const sourceErrorTexts = {
  'source-file-missing': (d) => ({
    sentence: `The file ${d.path} does not exist.`,
    remedy: 'Put it back or choose another file for this source.',
  }),
  'source-file-is-folder': (d) => ({
    sentence: `${d.path} is a folder, where a file was expected.`,
    remedy: 'Choose a file in it for this source.',
  }),
  'source-file-denied': (d) => ({
    sentence: `The studio is not permitted to read the file ${d.path}.`,
    remedy:
      'Give the user that runs the studio the right to read it and to open its folder: it is back by itself. Or choose another file.',
  }),
  'source-file-silent': (d) => ({
    sentence: `The disk or network share of the file ${d.path} does not answer.`,
    remedy:
      'Connect it again: the file is back by itself. Or choose a file on a disk of the engine’s computer.',
  }),
  'source-file-failed': (d) => ({
    sentence: `The file ${d.path} cannot be opened (${d.reason}).`,
    remedy: 'Check the disk it lies on, or choose another file for this source.',
  }),
  'source-file-unreadable': (d) => ({
    sentence: `The file ${d.path} is not a picture that can be read (${d.reason}).`,
    remedy: 'Choose another file for this source.',
  }),
  'media-decode-failed': (d) => ({
    sentence: `The media file ${d.path} cannot be played on (${d.reason}).`,
    remedy: 'The last good picture stays; choose another file or repair this one.',
  }),
  'media-is-list': (d) => ({
    sentence: `${d.path} holds no picture and no sound of its own: in the format ${d.format} it would have other files opened.`,
    remedy: 'Choose one of those files instead, or convert it to MP4, MKV or WebM.',
  }),
  'source-kind-unknown': (d) => ({
    sentence: `The source “${d.name}” is of a kind this version does not know (${d.kind}).`,
    remedy: 'It is kept as it is and left out of the picture; a newer version may show it.',
  }),
  'text-unrenderable': (d) => ({
    sentence: `This text could not be drawn (${d.reason}).`,
    remedy: 'Shorten it or choose another font or size.',
  }),
  'device-missing': (d) => ({
    sentence: `${d.name} is not connected.`,
    remedy:
      d.isRetried === false
        ? 'Plug it in, then capture again. Or choose another device.'
        : 'Plug it in: it comes back by itself. Or choose another device.',
  }),
  'window-missing': (d) => ({
    sentence: `The window “${d.name}” is not open.`,
    remedy: 'Open it again, not minimised: it comes back by itself. Or choose another window.',
  }),
  'device-busy': (d) => ({
    sentence: `${d.name} is in use by another program (${d.reason}).`,
    remedy:
      d.isRetried === false
        ? 'Close the other program, then capture again.'
        : 'Close the other program; the studio tries again by itself.',
  }),
  'device-denied': (d) => ({
    sentence: `The studio may not use ${d.name} (${d.reason}).`,
    remedy: 'Allow it in the system or browser settings, then capture again.',
  }),
  'device-failed': (d) => ({
    sentence: `${d.name} stopped delivering: ${d.reason}.`,
    remedy: `${d.isRetried === false ? 'Capture again' : 'It is tried again by itself'}; if this repeats, choose another mode or device.`,
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
  'ingest-stalled': (d) => ({
    sentence: `Nothing comes from the encoder that publishes with the key ${d.key}.`,
    remedy: 'Look at its network; its picture comes back by itself.',
  }),
  'picture-too-large': (d) => ({
    sentence: `The picture ${d.path} is ${d.width}×${d.height}, more than can be opened.`,
    remedy: 'Make it smaller (at most 100 megapixels) and choose it again.',
  }),
  'picture-too-slow': (d) => ({
    sentence: `The picture ${d.path} takes too long to draw.`,
    remedy: 'Simplify it (fewer filters, fewer shapes), or export it as PNG and choose that.',
  }),
  'drawing-stuck': () => ({
    sentence: 'Nothing new can be drawn: pictures that take too long hold every worker.',
    remedy: 'Remove those pictures; if it stays so for minutes, start the studio again.',
  }),
  'font-missing': (d) => ({
    sentence: `The font ${d.font} is not on this computer; ${d.used} is shown instead.`,
    remedy:
      'Choose another font, or install it and then start the studio again: it does not see new fonts before.',
  }),
} satisfies Partial<ErrorTexts>;
