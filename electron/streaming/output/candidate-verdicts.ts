import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { EncoderCandidate } from './encoder-candidates';
import type { VideoProfile } from './profiles';
import type { KnownTrial } from './selection-cache';

/** What became of an encoder that could be in this computer. */
export interface CandidateVerdict {
  readonly id: string;
  /** for people */
  readonly title: string;
  /** its name in FFmpeg */
  readonly encoder: string;
  /**
   * `chosen` runs; `usable` passed its trial; `refused` did not, or failed in use; `absent`: this FFmpeg was built without
   * it; `other-system`: there is none for this one; `untried`
   */
  readonly verdict: 'chosen' | 'usable' | 'refused' | 'absent' | 'other-system' | 'untried';
  /** why, in FFmpeg's words where it spoke */
  readonly words: string;
}

export interface CandidateFacts {
  readonly candidates: readonly EncoderCandidate[];
  readonly build: FfmpegBuild;
  readonly platform: NodeJS.Platform;
  /** name → outcome, as far as they were tried */
  readonly trials: ReadonlyMap<string, KnownTrial>;
  /** name → FFmpeg's last words in use */
  readonly failed: ReadonlyMap<string, string>;
  readonly chosen: VideoProfile;
  /** a person named the chosen one */
  readonly isNamed: boolean;
}

const systems: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Linux',
  win32: 'Windows',
  darwin: 'macOS',
};

/** Every encoder of the table and x264, the best liked first, with what became of it (pure). */
export function candidateVerdicts(facts: CandidateFacts): CandidateVerdict[] {
  return [...facts.candidates.map((candidate) => ofCandidate(facts, candidate)), ofX264(facts)];
}

function ofCandidate(facts: CandidateFacts, candidate: EncoderCandidate): CandidateVerdict {
  const { build, platform, trials, failed, chosen, isNamed } = facts;
  const { name, title, encoder, platforms } = candidate;
  const say = (verdict: CandidateVerdict['verdict'], words: string): CandidateVerdict => ({
    ...{ id: name, title, encoder, verdict, words },
  });
  if (!platforms.includes(platform))
    return say('other-system', `only on ${platforms.map((each) => systems[each] ?? each).join(' and ')}`);
  if (!build.encoders.includes(encoder))
    return say('absent', `FFmpeg ${build.version} was built without ${encoder}`);
  const trial = trials.get(name);
  const passed = trial?.isUsable === true ? `it does ${trial.fps} pictures a second here` : '';
  if (chosen.name === name) return say('chosen', passed || 'chosen by name, without a trial');
  const lastWords = failed.get(name);
  if (lastWords !== undefined) return say('refused', `failed in use: ${lastWords}`);
  if (!trial)
    return say(
      'untried',
      isNamed ? 'another encoder was chosen by name' : 'not tried at this size and rate yet',
    );
  if (!trial.isUsable) return say('refused', trial.words);
  return say(
    'usable',
    isNamed ? `${passed}; another was chosen by name` : `${passed}; another is liked better`,
  );
}

function ofX264({ build, chosen, isNamed, candidates }: CandidateFacts): CandidateVerdict {
  const x264 = { id: 'x264', title: 'x264, on the processor', encoder: 'libx264' };
  if (!build.encoders.includes('libx264'))
    return { ...x264, verdict: 'absent', words: `FFmpeg ${build.version} was built without libx264` };
  const isOther = candidates.some(({ name }) => name === chosen.name);
  if (isOther) return { ...x264, verdict: 'usable', words: 'takes over when the hardware fails' };
  return {
    ...{ ...x264, verdict: 'chosen' },
    words: `${chosen.name}, ${isNamed ? 'chosen by name' : 'as no hardware encoder works here'}`,
  };
}
