import type { WireError } from '../../shared/contract/errors';
import type { PreflightCheck } from '../../shared/contract/preflight';
import { bandwidthChecks } from './preflight-bandwidth';
import type { TestedConnection } from './preflight-bandwidth';
import { customService, hostOfUrl, serviceById, serviceOfUrl } from '../../shared/contract/services';
import type { StreamingService } from '../../shared/contract/services';
import { formatRate } from '../../shared/model/frame-rate';
import type { VideoCodec } from '../streaming/interfaces/packet';

export interface CheckedDestination {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly hasKey: boolean;
  readonly serviceId: string | null;
  /** it goes live with the others; the rest is not looked at */
  readonly isEnabled: boolean;
  /** of the variant that it gets; the program's unless given */
  readonly video?: CheckedVideo | null;
  /** its server takes VP9 though it does not say so */
  readonly takesVp9?: boolean | undefined;
  /** of the variant that it is to get and that is not there; null: there is none such */
  readonly lostVariantId?: string | null;
}

export interface CheckedVideo {
  readonly fps: number;
  readonly videoKbps: number;
  readonly keyframeSec: number;
}

export interface CheckedMicrophone {
  readonly name: string;
  readonly isMuted: boolean;
  /** why it does not deliver; null: it does */
  readonly error: WireError | null;
  /** dBFS, the highest of the last seconds; null: not measured */
  readonly peakDb: number | null;
}

/** All that is looked at, as it is at one moment. */
export interface PreflightFacts {
  readonly destinations: readonly CheckedDestination[];
  readonly program: {
    readonly codec: VideoCodec;
    readonly fps: number;
    readonly videoKbps: number;
    readonly audioKbps: number;
  };
  readonly keyframeSec: number;
  readonly encoder: {
    readonly profile: string;
    readonly reason: string;
    readonly isFastEnough: boolean;
    /** pictures a second; null: not measured here */
    readonly measuredFps: number | null;
  };
  /** of the last seconds, shares of the frames; null: it has not run long enough */
  readonly recent: { readonly laggedShare: number; readonly skippedShare: number } | null;
  /** of earlier streams to other computers, kbit/s; null: there was none */
  readonly upload: { readonly bestKbps: number; readonly limitKbps: number | null } | null;
  /** tests of the connections to destinations, of the last day */
  readonly tested: readonly TestedConnection[];
  readonly disk: {
    readonly path: string;
    readonly freeBytes: number | null;
    readonly lowBytes: number;
    readonly silentFolder: string | null;
  };
  readonly microphones: readonly CheckedMicrophone[];
  readonly scene: {
    readonly name: string;
    readonly visibleItems: number;
    /** sources that are to be seen and do not deliver */
    readonly failing: readonly { readonly name: string; readonly error: WireError }[];
    /** null: no picture came in time */
    readonly isBlack: boolean | null;
  };
}

/** share of the frames past which viewers notice */
const noticeable = 0.01;
/** below this nobody speaks: a room's own noise in a working microphone is above it */
const silentDb = -60;

/** What stands between this show and a good stream (pure): each check with what was found, as a sentence. */
export function preflight(all: PreflightFacts): PreflightCheck[] {
  const facts = { ...all, destinations: all.destinations.filter(({ isEnabled }) => isEnabled) };
  return [
    ...(facts.destinations.length === 0
      ? [nowhereCheck(all.destinations.length > 0)]
      : destinationChecks(facts)),
    encoderCheck(facts),
    ...(facts.destinations.length > 0 ? [uploadCheck(facts)] : []),
    ...bandwidthChecks({ ...facts, destinations: facts.destinations.filter(isElsewhere) }),
    diskCheck(facts),
    ...facts.microphones.map(microphoneCheck),
    ...sceneChecks(facts),
  ];
}

/** Why going live makes no sense now, the first reason; null: nothing is missing. */
export function blockingError(destinations: readonly CheckedDestination[]): WireError | null {
  if (destinations.length === 0) return { code: 'destination-missing', details: {} };
  const taken = destinations.filter(({ isEnabled }) => isEnabled);
  return taken.length === 0 ? { code: 'destination-none-enabled', details: {} } : keyError(taken);
}

/** Why one of these cannot be started: the first without a key. */
export function keyError(destinations: readonly CheckedDestination[]): WireError | null {
  const keyless = destinations.find(({ hasKey }) => !hasKey);
  return keyless ? { code: 'key-missing', details: { name: keyless.name } } : null;
}

const ok = (subject: PreflightCheck['subject'], about: string, finding: string): PreflightCheck => ({
  ...{ subject, about, finding },
  ...{ result: 'ok', error: null },
});
const found = (
  subject: PreflightCheck['subject'],
  about: string,
  finding: string,
  error: WireError,
  result: 'warning' | 'blocked' = 'warning',
): PreflightCheck => ({ subject, about, finding, error, result });

function nowhereCheck(areThere: boolean): PreflightCheck {
  const finding = areThere ? 'No destination is taken along.' : 'There is no destination.';
  const code = areThere ? 'destination-none-enabled' : 'destination-missing';
  return found('destination', '', finding, { code, details: {} }, 'blocked');
}

function destinationChecks({ destinations, program, keyframeSec }: PreflightFacts): PreflightCheck[] {
  return destinations.flatMap((destination) => {
    const { name, url, hasKey, serviceId } = destination;
    const video = destination.video ?? { ...program, keyframeSec };
    const service = serviceId === null ? serviceOfUrl(url) : serviceById(serviceId);
    const key = hasKey
      ? ok('destination', name, `${name} has an address and a key.`)
      : found(
          'destination',
          name,
          `${name} has no key.`,
          { code: 'key-missing', details: { name } },
          'blocked',
        );
    return [
      key,
      ...variantChecks(destination),
      ...codecChecks(destination, program),
      ...bitrateChecks(name, service, video),
      ...soundChecks(name, service, program),
      ...rateChecks(name, service, video),
      ...keyframeChecks(name, service, video),
    ];
  });
}

/** Whether a server takes VP9 it says only when it is asked; a variant is H.264. */
function codecChecks(
  { name, url, serviceId, video, takesVp9 = false }: CheckedDestination,
  { codec }: PreflightFacts['program'],
): PreflightCheck[] {
  // Of a platform it is known beforehand; any other server may well say yes.
  const isPlatform =
    (serviceId === null ? serviceOfUrl(url) : serviceById(serviceId)).id !== customService.id;
  if (video || codec === 'h264' || (codec === 'vp9' && (takesVp9 || !isPlatform))) return [];
  const details = { host: hostOfUrl(url) ?? url, codec, named: null };
  const finding = `${name} would be sent ${codec.toUpperCase()}.`;
  return [found('destination', name, finding, { code: 'codec-unsupported', details })];
}

/** Told only where it is gone: the destination could not be started. */
function variantChecks({ name, lostVariantId: id = null }: CheckedDestination): PreflightCheck[] {
  if (id === null) return [];
  const finding = `${name}: its picture is not there any more.`;
  return [found('destination', name, finding, { code: 'variant-not-found', details: { id } })];
}

function bitrateChecks(
  about: string,
  service: StreamingService,
  { videoKbps }: CheckedVideo,
): PreflightCheck[] {
  const { name, maxVideoKbps } = service;
  if (maxVideoKbps === null) return [];
  const finding = `${about}: ${videoKbps} of at most ${maxVideoKbps} kbit/s.`;
  if (videoKbps <= maxVideoKbps) return [ok('bitrate', about, finding)];
  const details = { service: name, bitrateKbps: videoKbps, maxKbps: maxVideoKbps };
  return [found('bitrate', about, finding, { code: 'bitrate-too-high', details })];
}

/** Told only where it is too much: the sound's bitrate is nobody's setting. */
function soundChecks(
  about: string,
  service: StreamingService,
  { audioKbps }: PreflightFacts['program'],
): PreflightCheck[] {
  const { name, maxAudioKbps } = service;
  if (maxAudioKbps === null || audioKbps <= maxAudioKbps) return [];
  const finding = `${about}: sound of ${audioKbps}, of at most ${maxAudioKbps} kbit/s.`;
  const details = { service: name, bitrateKbps: audioKbps, maxKbps: maxAudioKbps };
  return [found('bitrate', about, finding, { code: 'sound-bitrate-too-high', details })];
}

/** Told only where it is too much: hardly anybody wants more. */
function rateChecks(
  about: string,
  { name, maxFps }: StreamingService,
  { fps }: CheckedVideo,
): PreflightCheck[] {
  if (maxFps === null || fps <= maxFps) return [];
  const finding = `${about}: ${formatRate(fps)} of at most ${maxFps} pictures a second.`;
  return [found('rate', about, finding, { code: 'rate-too-high', details: { service: name, fps, maxFps } })];
}

function keyframeChecks(
  about: string,
  service: StreamingService,
  { keyframeSec: intervalSec }: CheckedVideo,
): PreflightCheck[] {
  const { name, maxKeyframeSec } = service;
  if (maxKeyframeSec === null) return [];
  const finding = `${about}: a keyframe every ${Number(intervalSec.toFixed(2))} s.`;
  // A grid of whole frames may be off by half of one.
  if (intervalSec <= maxKeyframeSec * 1.02) return [ok('keyframes', about, finding)];
  const details = { service: name, intervalSec, maxSec: maxKeyframeSec };
  return [found('keyframes', about, finding, { code: 'keyframes-too-rare', details })];
}

function encoderCheck({ encoder, recent, program }: PreflightFacts): PreflightCheck {
  const { profile, reason, isFastEnough, measuredFps } = encoder;
  const percent = (share: number): number => Math.round(share * 1000) / 10;
  if (recent && recent.skippedShare > noticeable)
    return found(
      'encoder',
      profile,
      `${percent(recent.skippedShare)} % of the frames were left out just now.`,
      {
        code: 'frames-skipped',
        details: { skippedPercent: percent(recent.skippedShare) },
      },
    );
  if (recent && recent.laggedShare > noticeable)
    return found(
      'encoder',
      profile,
      `${percent(recent.laggedShare)} % of the frames were repeated just now.`,
      {
        code: 'compositor-behind',
        details: { laggedPercent: percent(recent.laggedShare) },
      },
    );
  if (!isFastEnough)
    return found('encoder', profile, reason, { code: 'profile-too-slow', details: { profile, reason } });
  const live = `The encoder ${profile} ${recent ? 'keeps up' : 'has only just begun'}`;
  if (measuredFps === null) return ok('encoder', profile, `${live}; its headroom is not measured.`);
  const headroom = Math.round((measuredFps / program.fps - 1) * 100);
  return headroom >= 0
    ? ok('encoder', profile, `${live}, with ${headroom} % to spare when it was measured.`)
    : found(
        'encoder',
        profile,
        `The encoder ${profile} did ${measuredFps} of ${formatRate(program.fps)} pictures a second when it was measured.`,
        {
          code: 'profile-too-slow',
          details: { profile, reason: `it does ${measuredFps} pictures a second` },
        },
      );
}

function uploadCheck({ destinations, program, upload }: PreflightFacts): PreflightCheck {
  const away = destinations.filter(({ url }) => !isThisComputer(url));
  if (away.length === 0) return ok('upload', '', 'Nothing leaves this computer.');
  const neededKbps = away.reduce(
    (sum, { video }) => sum + (video ?? program).videoKbps + program.audioKbps,
    0,
  );
  if (upload?.limitKbps != null && neededKbps > upload.limitKbps)
    return found('upload', '', `All destinations together need ${neededKbps} kbit/s.`, {
      code: 'upload-too-small',
      details: { neededKbps, measuredKbps: upload.limitKbps },
    });
  if (upload && upload.bestKbps >= neededKbps * 0.95)
    return ok(
      'upload',
      '',
      `All destinations together need ${neededKbps} kbit/s; as much went through last time.`,
    );
  // More was never sent: that says nothing of what the connection can carry.
  if (upload)
    return ok(
      'upload',
      '',
      `All destinations together need ${neededKbps} kbit/s; up to ${upload.bestKbps} kbit/s went through last time, more is not measured.`,
    );
  return ok(
    'upload',
    '',
    `All destinations together need ${neededKbps} kbit/s; your connection is not measured.`,
  );
}

const isElsewhere = ({ url }: { readonly url: string }): boolean => !isThisComputer(url);

/** @returns whether what is sent there never reaches the network */
export function isThisComputer(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function diskCheck({ disk, program }: PreflightFacts): PreflightCheck {
  const { path, freeBytes, lowBytes, silentFolder } = disk;
  if (silentFolder !== null) {
    const details = { path: silentFolder };
    return found('disk', path, 'There is nothing to record on.', { code: 'folder-silent', details });
  }
  if (freeBytes === null) return ok('disk', path, 'How much room a recording has is not known.');
  const bytesPerHour = ((program.videoKbps + program.audioKbps) * 1000 * 3600) / 8;
  const hours = freeBytes / bytesPerHour;
  const room = hours >= 1 ? `${Math.floor(hours)} h` : `${Math.floor(hours * 60)} min`;
  const finding = `There is room for a recording of ${room}.`;
  if (freeBytes >= lowBytes) return ok('disk', path, finding);
  return found('disk', path, finding, { code: 'disk-low', details: { path, freeBytes } });
}

function microphoneCheck({ name, isMuted, error, peakDb }: CheckedMicrophone): PreflightCheck {
  if (error) return found('microphone', name, `${name} does not deliver.`, error);
  if (isMuted)
    return found('microphone', name, `${name} is muted.`, { code: 'microphone-muted', details: { name } });
  if (peakDb === null) return ok('microphone', name, `${name} delivers; its level is not measured.`);
  if (peakDb > silentDb) return ok('microphone', name, `${name} is heard, up to ${Math.round(peakDb)} dB.`);
  return found('microphone', name, `${name} is silent.`, { code: 'microphone-silent', details: { name } });
}

function sceneChecks({ scene }: PreflightFacts): PreflightCheck[] {
  const { name, visibleItems, failing, isBlack } = scene;
  if (visibleItems === 0)
    return [
      found('scene', name, `The scene “${name}” is empty.`, {
        code: 'scene-empty',
        details: { scene: name },
      }),
    ];
  if (failing.length > 0)
    return failing.map((source) =>
      found('scene', source.name, `${source.name} does not deliver.`, source.error),
    );
  if (isBlack)
    return [
      found('scene', name, `The scene “${name}” is black.`, {
        code: 'picture-black',
        details: { scene: name },
      }),
    ];
  return [
    ok('scene', name, `The scene “${name}” has ${isBlack === null ? 'sources that deliver' : 'a picture'}.`),
  ];
}
