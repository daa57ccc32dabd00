import { z } from 'zod';

/** What the launcher and the desktop shell tell each other. Both sides are our own, on one machine. */

/** JSON array: the options for the engine */
export const engineArgsVariable = 'STUDIO_ENGINE_ARGS';
export const engineArgsSchema = z.array(z.string());

/** path of the real Node that runs the engine */
export const nodeVariable = 'STUDIO_NODE';

/** on the desktop's stdout as soon as its window exists */
export const windowOpenLine = 'window open';

/** `<dataDir>/desktop.json` while a desktop window is open */
export const desktopFileName = 'desktop.json';
export const desktopFileSchema = z.object({ pid: z.number().int().positive() });
