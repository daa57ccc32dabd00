import { z } from 'zod';
import { editSchema } from '../model/edit';
import { transitionSchema } from '../model/scene';
import { lanPasswordSchema } from './lan-preview';
import { serverChoiceSchema } from './link';
import { preflightCheckSchema } from './preflight';
import { settingsPatchSchema } from './settings';
import { restorePointSchema } from './show';
import { keyViewSchema } from './snapshot';
import { userProfileSchema } from './user-profile';
import { variantSchema } from './variants';

const none = z.object({}).strict();
const id = z.string().min(1).max(200);
/** for a server that asks for a user name and a password beside the stream key */
const destinationLogin = z.object({ user: z.string().min(1).max(200), password: z.string().min(1).max(200) });

/** the longest a destination may be behind the program, seconds */
export const mostDelaySec = 900;
const delaySec = z.number().int().min(0).max(mostDelaySec);

/** Command name → schemas of what it takes and gives. The handlers are a mapped type over this table. */
export const commands = {
  /** the collection's transition unless another is given */
  'scene.switch': {
    input: z.object({ sceneId: id, transition: transitionSchema.optional() }),
    output: none,
  },
  /**
   * All of these edits or none; one step of undo. Steps with the same `gesture` that follow one another (a drag, typing
   * in one field) count as one.
   */
  'show.edit': {
    input: z.object({
      edits: z.array(editSchema).min(1).max(500),
      /** what a person did, for the undo menu: "Move Title" */
      label: z.string().min(1).max(120),
      gesture: id.optional(),
    }),
    output: none,
  },
  'show.undo': { input: none, output: none },
  'show.redo': { input: none, output: none },
  'show.restorePoints': { input: none, output: z.object({ points: z.array(restorePointSchema) }) },
  'show.saveRestorePoint': { input: z.object({ label: z.string().min(1).max(120) }), output: none },
  /** can be undone */
  'show.restore': { input: z.object({ id }), output: none },
  'media.play': { input: z.object({ sourceId: id }), output: none },
  'media.pause': { input: z.object({ sourceId: id }), output: none },
  'media.seek': { input: z.object({ sourceId: id, positionSec: z.number().min(0) }), output: none },
  /** look again now; the answer comes in the slice */
  'devices.refresh': { input: none, output: none },
  /** those that are enabled and do not run yet; waits for a program that is being replaced */
  'live.start': { input: none, output: none },
  /** all that run; takes back a start that still waits, too */
  'live.stop': { input: none, output: none },
  'recording.start': { input: none, output: z.object({ path: z.string() }) },
  'recording.stop': { input: none, output: none },
  /** writes the last seconds, as many as `replaySec` says, into a file; two where the parameter sets are others in between */
  'replay.save': {
    input: none,
    output: z.object({ paths: z.array(z.string()).min(1), durationSec: z.number() }),
  },
  /** takes it from the list; the file stays. Refused for the one that runs */
  'recording.forget': { input: z.object({ id }), output: none },
  /** leave to play one: an address of this engine for a `<video>`, good for as long as somebody looks at it */
  'recording.ticket': {
    input: z.object({ id }),
    output: z.object({ url: z.string(), bytes: z.number(), contentType: z.string() }),
  },
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
      /** a person knows that this server takes VP9, though it does not say so when it is asked */
      takesVp9: z.boolean().optional(),
      serviceId: id.nullable().default(null),
      /** `live.start` takes it along */
      isEnabled: z.boolean().default(true),
      /** how long after the program it goes out */
      delaySec: delaySec.default(0),
      /** the bitrate of the program follows its network: down where that is too narrow, and up again */
      isAdaptive: z.boolean().default(false),
      /** the picture that it gets; null: the program itself */
      variantId: id.nullable().default(null),
      /** to whichever server of its service is nearest when it goes live; `url` where none is known */
      isNearest: z.boolean().default(false),
      login: destinationLogin.optional(),
    }),
    output: z.object({ id }),
  },
  /** what is left out stays, but for the key of another server: refused without a key; refused while its own stream runs */
  'destination.update': {
    input: z.object({
      id,
      name: z.string().min(1).max(60).optional(),
      url: z.string().min(1).max(500).optional(),
      key: z.string().min(1).max(500).optional(),
      takesVp9: z.boolean().optional(),
      serviceId: id.nullable().optional(),
      delaySec: delaySec.optional(),
      variantId: id.nullable().optional(),
      /** these may change at any time */
      isEnabled: z.boolean().optional(),
      isAdaptive: z.boolean().optional(),
      isNearest: z.boolean().optional(),
      /** null: none any more; a password that is left out stays, but for another server */
      login: destinationLogin.partial({ password: true }).nullable().optional(),
    }),
    output: none,
  },
  /** this one alone, whether the others are live or not; waits for a program that is being replaced */
  'destination.start': { input: z.object({ id }), output: none },
  /** At once: what a delay still holds back is not sent. Takes back a start that still waits, too. */
  'destination.stop': { input: z.object({ id }), output: none },
  /** only when a person asked to see it */
  'destination.revealKey': { input: z.object({ id }), output: z.object({ key: z.string() }) },
  /**
   * Connects as if to publish and leaves at once, for a saved one (`id`) or one being typed. Fails with the reason.
   * `isKeyChecked`: this server is known to look at the key, since it has refused another one; many platforms accept
   * any key at first and look at it when pictures arrive.
   */
  'destination.test': {
    input: z.union([
      z.object({ id, takesVp9: z.boolean().optional() }),
      z.object({
        url: z.string().min(1).max(500),
        key: z.string().min(1).max(500),
        takesVp9: z.boolean().optional(),
        login: destinationLogin.optional(),
      }),
    ]),
    output: z.object({ connectMs: z.number(), isEncrypted: z.boolean(), isKeyChecked: z.boolean() }),
  },
  /**
   * The servers that a service names itself, and how near each is. Asks the service (once a day, or as `isAnew` says) and
   * connects to each server, up to 5 s: only for a person who has such a destination, or makes one.
   */
  'destination.servers': {
    input: z.object({ serviceId: id, isAnew: z.boolean().default(false) }),
    output: serverChoiceSchema,
  },
  /**
   * Sends a stream of nothing for some 10 s and measures how much of it arrives: to Twitch, where it is hidden, or to a
   * server of one's own (`viaId`, another destination). Refused while live; going live ends it. Answers once it has begun,
   * the rest comes in the slice `bandwidth`.
   */
  'destination.testBandwidth': {
    input: z.object({
      id,
      viaId: id.optional(),
      /** the person says that nobody watches at that server now */
      isUnwatched: z.boolean().default(false),
    }),
    output: none,
  },
  'destination.cancelBandwidthTest': { input: none, output: none },
  'preflight.run': { input: none, output: z.object({ checks: z.array(preflightCheckSchema) }) },
  /** Canvas, output, rate and encoder take effect by a restart of the program, and are refused while on air or recording. */
  'settings.update': { input: z.object({ patch: settingsPatchSchema }), output: none },
  /**
   * Measures every profile with pictures of the program, some 20 s without a picture; refused on air. Answers once it has
   * begun, the rest comes in the slice `encoder`; going on air ends it.
   */
  'encoder.calibrate': { input: none, output: none },
  'encoder.cancelCalibration': { input: none, output: none },
  /** In place of the one of that name. The one that runs is handed over to, on air, too. */
  'profile.save': { input: userProfileSchema, output: none },
  'profile.remove': { input: z.object({ name: id }), output: none },
  /**
   * A new one (without `id`) or in place of the one of that id. Another bitrate is handed over to, on air, too; another
   * size or rate is refused while one of its destinations is on.
   */
  'variant.save': { input: variantSchema.partial({ id: true }), output: z.object({ id }) },
  /** refused while a destination is to get it */
  'variant.remove': { input: z.object({ id }), output: none },
  /** in the file manager of the engine's computer: that of the settings, or the one this recording lies in */
  'recording.openFolder': { input: z.object({ id: id.optional() }), output: none },
  'destination.remove': { input: z.object({ id }), output: none },
  'destination.retryNow': { input: z.object({ id }), output: none },
  'ingest.setPort': {
    input: z.object({ port: z.number().int().min(0).max(65535) }),
    output: z.object({ port: z.number() }),
  },
  /** of viewers in the local network; kept as a digest, so that nobody can ask for it */
  'lanPreview.setPassword': { input: z.object({ password: lanPasswordSchema }), output: none },
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
