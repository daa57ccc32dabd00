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

/** set for a shell whose engine is the launcher's: the two talk over Node's IPC channel */
export const attachedVariable = 'STUDIO_ATTACHED';

/** shell → launcher: start the engine, or say where it is */
export const shellMessageSchema = z.object({ wants: z.literal('engine') });
export type ShellMessage = z.infer<typeof shellMessageSchema>;

/** launcher → shell: what of the engine's state a window depends on */
export const hostedStateSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    ready: z.object({ uiUrl: z.string().regex(/^https?:\/\//), rtmpUrl: z.string().nullable() }),
  }),
  z.object({ state: z.literal('ended'), exitCode: z.number(), reason: z.string().nullable() }),
]);
export type HostedState = z.infer<typeof hostedStateSchema>;
