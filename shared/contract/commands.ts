import { z } from 'zod';
import { sceneItemSchema } from '../model/collection';
import { keyViewSchema } from './snapshot';

const none = z.object({}).strict();
const id = z.string().min(1).max(200);

const item = sceneItemSchema.shape;
/** What a patch leaves out stays as it is; so the defaults of a new item must not apply here (`partial()` keeps them). */
const itemPatch = z
  .object({
    x: item.x.unwrap(),
    y: item.y.unwrap(),
    width: item.width,
    height: item.height,
    crop: item.crop.unwrap(),
    opacity: item.opacity.unwrap(),
    visible: item.visible.unwrap(),
  })
  .partial()
  .strict();

/** Command name → schemas of what it takes and gives. The handlers are a mapped type over this table. */
export const commands = {
  'scene.switch': { input: z.object({ sceneId: id }), output: none },
  'item.update': { input: z.object({ itemId: id, patch: itemPatch }), output: none },
  'live.start': { input: none, output: none },
  'live.stop': { input: none, output: none },
  'recording.start': { input: none, output: z.object({ path: z.string() }) },
  'recording.stop': { input: none, output: none },
  'key.create': {
    input: z.object({ name: z.string().min(1).max(60), key: z.string().min(1).max(200).optional() }),
    /** the key is shown this once and cannot be asked for again */
    output: z.object({ id, key: z.string(), publicName: z.string() }),
  },
  'key.list': { input: none, output: z.object({ keys: z.array(keyViewSchema) }) },
  'key.revoke': { input: z.object({ id }), output: none },
  'destination.add': {
    input: z.object({
      name: z.string().min(1).max(60),
      url: z.string().min(1).max(500),
      key: z.string().min(1).max(500),
    }),
    output: z.object({ id }),
  },
  'destination.remove': { input: z.object({ id }), output: none },
  'destination.retryNow': { input: z.object({ id }), output: none },
  'ingest.setPort': {
    input: z.object({ port: z.number().int().min(0).max(65535) }),
    output: z.object({ port: z.number() }),
  },
  'notice.dismiss': { input: z.object({ id }), output: none },
} as const;

export type CommandName = keyof typeof commands;
/** as a caller may write it: defaults may be left out */
export type CommandInput<Name extends CommandName> = z.input<(typeof commands)[Name]['input']>;
export type CommandOutput<Name extends CommandName> = z.output<(typeof commands)[Name]['output']>;
/** A missing handler does not compile. */
export type CommandHandlers = {
  [Name in CommandName]: (
    input: z.output<(typeof commands)[Name]['input']>,
  ) => Promise<CommandOutput<Name>> | CommandOutput<Name>;
};
