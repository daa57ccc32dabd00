import type { ProfileView } from '../../shared/contract/encoder';
import type { UserProfile } from '../../shared/contract/user-profile';
import type { CandidateVerdict } from '../streaming/output/candidate-verdicts';
import type { VideoProfile } from '../streaming/output/profiles';
import type { Measurement } from '../streaming/output/selection-cache';
import { holdsRate } from '../streaming/output/step-choice';

export interface ProfileFacts {
  /** those that can be forced here, the documented one first */
  readonly profiles: readonly VideoProfile[];
  readonly chosen: VideoProfile;
  readonly measurements: readonly Measurement[];
  readonly candidates: readonly CandidateVerdict[];
  readonly userProfiles: readonly UserProfile[];
  readonly fps: number;
  readonly cores: number;
}

/** Every profile that can be forced, with its figures and why it was taken or was not (pure). */
export function profileViews(facts: ProfileFacts): ProfileView[] {
  const { profiles, chosen } = facts;
  const isListed = profiles.some(({ name }) => name === chosen.name);
  const [first] = profiles;
  const listed = isListed ? profiles : [...profiles, chosen];
  return listed.map((profile) => ({
    name: profile.name,
    title: profile.title,
    encoder: profile.encoder,
    kind: kindOf(facts, profile, profile.name === first?.name),
    isChosen: profile.name === chosen.name,
    figures: figuresOf(facts, profile),
    delayMs: Math.round((profile.delayFrames * 1000) / facts.fps),
    note: noteOf(facts, profile),
  }));
}

function kindOf(
  { candidates, userProfiles }: ProfileFacts,
  { name }: VideoProfile,
  isFirst: boolean,
): ProfileView['kind'] {
  if (userProfiles.some((own) => own.name === name)) return 'user';
  if (candidates.some(({ id }) => id === name)) return 'hardware';
  return isFirst ? 'documented' : 'ladder';
}

const measurementOf = (facts: ProfileFacts, { name }: VideoProfile): Measurement | undefined =>
  facts.measurements.find((one) => one.profile === name);

function figuresOf(facts: ProfileFacts, profile: VideoProfile): ProfileView['figures'] {
  const measured = measurementOf(facts, profile);
  if (!measured) return null;
  const { fps, ssim, cpuMs } = measured;
  return {
    ...{ fps, ssim },
    headroomPercent: Math.round((fps / facts.fps - 1) * 100),
    isHolding: holdsRate(fps, facts.fps),
    cpuPercent: cpuMs === null ? null : Math.round((cpuMs * facts.fps) / 10 / facts.cores),
  };
}

function noteOf(facts: ProfileFacts, profile: VideoProfile): string {
  const { chosen, candidates, fps } = facts;
  if (profile.name === chosen.name) return 'runs now';
  const candidate = candidates.find(({ id }) => id === profile.name);
  if (candidate) return candidate.words;
  const measured = measurementOf(facts, profile);
  if (!measured) return 'not measured at this size and rate';
  if (!holdsRate(measured.fps, fps)) return `too slow: ${Math.ceil(fps * 1.2)} fps needed`;
  const taken = measurementOf(facts, chosen);
  if (!taken || measured.ssim === null || taken.ssim === null) return 'holds';
  const gain = measured.ssim - taken.ssim;
  if (gain === 0) return 'holds, with the same SSIM';
  return `holds, SSIM ${Math.abs(gain).toFixed(4)} ${gain < 0 ? 'lower' : 'higher'}`;
}
