import { remedyOfWriting } from './error-text-form';
import type { ErrorTexts } from './error-text-form';

/** Of the preview for viewers in the local network. */
export const lanErrorTexts = {
  'lan-password-missing': () => ({
    sentence: 'The local network preview needs a password before it is switched on.',
    remedy: 'Set one in Settings, Network preview, or give --lan-password-file.',
  }),
  'lan-password-unreadable': (d) => ({
    sentence: `The password of the local network preview in ${d.path} could not be read (${d.reason}).`,
    remedy: 'Set it again in Settings, Network preview.',
  }),
  'lan-password-unsaved': (d) => ({
    sentence: `The password of the local network preview could not be saved to ${d.path} (${d.reason}).`,
    remedy: remedyOfWriting(d.reason, 'The former one counts; check the folder, then set it again.'),
  }),
  'lan-port-in-use': (d) => ({
    sentence: `Port ${d.port} for the local network preview is already in use.`,
    remedy:
      'It is tried again by itself; choose another port in Settings, Network preview, or end the program that holds it.',
  }),
  'lan-preview-down': (d) => ({
    sentence: `The local network preview is not running: ${d.reason}.`,
    remedy: 'It is started again by itself; if it stays down, choose another address or port.',
  }),
} satisfies Partial<ErrorTexts>;
