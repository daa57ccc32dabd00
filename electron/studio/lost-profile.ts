import { StudioError } from '../streaming/lib/errors';
import type { ProfileChooser } from './profile-choice';
import type { SettingsStore } from './settings-store';

/**
 * A saved encoder profile that there is no more, as FFmpeg is another or a profile of one's own was lost, must not keep the
 * studio from starting: `auto` is set in its place.
 * @returns what to tell; null: the saved one is known
 */
export async function forgetLostProfile(
  settings: SettingsStore,
  encoders: Pick<ProfileChooser, 'check'>,
): Promise<StudioError | null> {
  try {
    encoders.check(settings.settings.profile);
    return null;
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'profile-unknown') throw error;
    const { profile } = settings.settings;
    await settings.update({ profile: 'auto' });
    return new StudioError('profile-lost', { profile });
  }
}

/** The same of a saved codec that this FFmpeg cannot encode. @returns what to tell; null: it can */
export async function forgetLostCodec(
  settings: SettingsStore,
  encoders: Pick<ProfileChooser, 'checkCodec'>,
): Promise<StudioError | null> {
  try {
    encoders.checkCodec(settings.settings.codec);
    return null;
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'codec-unavailable') throw error;
    await settings.update({ codec: 'h264' });
    return error;
  }
}
