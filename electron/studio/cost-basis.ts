import { carriageMs, x264MsPerMegapixel } from '../../shared/model/variant-cost';
import type { X264Step } from '../../shared/model/variant-cost';
import type { CostBasis } from '../../shared/contract/variants';
import type { VideoProfile } from '../streaming/output/profiles';
import type { Measurement } from '../streaming/output/selection-cache';
import { presetOf, variantProfile } from '../streaming/output/variant-profile';
import { x264StepByName } from '../streaming/output/x264-ladder';
import type { ProgramFormat } from './program-format';

export interface CostFacts {
  readonly format: Pick<ProgramFormat, 'canvas' | 'output'>;
  /** the program's */
  readonly profile: VideoProfile;
  /** CPU milliseconds a picture of the program's encoder, as it runs now; null: not known */
  readonly runningMs: number | null;
  /** what profiles took in this format */
  readonly measurements: readonly Measurement[];
}

/**
 * What encoding a variant is reckoned with (pure): how hard the pictures of now are for the program's own encoder, else
 * what was measured here with pictures of some time, else what another computer takes.
 */
export function costBasis(facts: CostFacts): Omit<CostBasis, 'idleCorePercent'> {
  const { profile, runningMs, measurements } = facts;
  const wanted = variantProfile(profile);
  const tableMs = tableMsOf(wanted) ?? x264MsPerMegapixel.veryfast;
  const known = (pictureMs: number | null, measured: VideoProfile | undefined): number | null => {
    const ofMeasuredMs = measured && tableMsOf(measured);
    if (pictureMs === null || !ofMeasuredMs) return null;
    return (encodingMs(facts, pictureMs) * tableMs) / ofMeasuredMs;
  };
  const running = known(runningMs, profile);
  if (running !== null) return { profile: wanted.name, msPerMegapixel: running, origin: 'running' };
  const same = measurements.find((one) => one.profile === wanted.name);
  const usable = [...(same ? [same] : []), ...measurements];
  for (const { profile: name, cpuMs } of usable) {
    const measured = known(cpuMs, x264StepByName(name));
    if (measured !== null) return { profile: wanted.name, msPerMegapixel: measured, origin: 'measured' };
  }
  return { profile: wanted.name, msPerMegapixel: tableMs, origin: 'table' };
}

/** for a million pixels, without what brings them there */
function encodingMs({ format: { canvas, output } }: CostFacts, pictureMs: number): number {
  const ownMs = Math.max(pictureMs / 4, pictureMs - carriageMs(canvas, output));
  return (ownMs * 1e6) / (output.width * output.height);
}

/** null: it is another encoder's, or none whose cost is known */
function tableMsOf(profile: VideoProfile): number | null {
  const step = profile.name === 'reference-2t' ? 'reference' : presetOf(profile);
  return step !== null && step in x264MsPerMegapixel ? x264MsPerMegapixel[step as X264Step] : null;
}
