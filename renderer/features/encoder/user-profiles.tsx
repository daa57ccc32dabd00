import { Pencil, SlidersHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import { x264OptionsText } from '../../../shared/contract/user-profile';
import type { UserProfile } from '../../../shared/contract/user-profile';
import { toWireError } from '../../client/engine-error';
import { Button, IconButton } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { UserProfileForm } from './user-profile-form';

/** Encoder profiles that the person made: x264 with a preset and options of their own. */
export function UserProfiles() {
  const { userProfiles } = useSlice('encoder');
  const isOnline = useIsOnline();
  const { client } = useStudio();
  /** the one being edited; null: a new one; undefined: none */
  const [edited, setEdited] = useState<UserProfile | null | undefined>();
  const [error, setError] = useState<WireError | null>(null);
  const remove = async (name: string): Promise<void> => {
    setError(null);
    try {
      await client.call('profile.remove', { name });
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  };
  return (
    <section aria-label="Your own profiles" className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="flex items-center gap-2 text-base font-semibold">
          <SlidersHorizontal size={15} aria-hidden="true" className="text-mute" />
          Your own profiles
        </h3>
        <p className="min-w-40 flex-1 text-xs text-mute">
          Set one under Stream; Automatic never takes them by itself.
        </p>
        {edited === undefined && (
          <Button
            isDisabled={!isOnline}
            onPress={() => {
              setEdited(null);
            }}
          >
            New profile
          </Button>
        )}
      </div>
      {userProfiles.length > 0 && (
        <ul className="flex flex-col gap-1">
          {userProfiles.map((profile) => (
            <li key={profile.name} className="flex items-center gap-2 rounded-md bg-raised py-1 pr-1 pl-3">
              <p className="min-w-0 flex-1 text-xs text-mute">
                <span className="text-sm font-medium text-text">{profile.name}</span> {profile.preset},{' '}
                {profile.threads} {profile.threads === 1 ? 'thread' : 'threads'}
                <span className="block truncate font-mono text-2xs">{x264OptionsText(profile.options)}</span>
              </p>
              <IconButton
                label={`Edit ${profile.name}`}
                icon={<Pencil size={14} />}
                isDisabled={!isOnline}
                onPress={() => {
                  setEdited(profile);
                }}
              />
              <IconButton
                label={`Remove ${profile.name}`}
                icon={<Trash2 size={14} />}
                isDisabled={!isOnline}
                onPress={() => remove(profile.name)}
              />
            </li>
          ))}
        </ul>
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      {edited !== undefined && (
        <UserProfileForm
          key={edited?.name ?? ''}
          profile={edited}
          onClose={() => {
            setEdited(undefined);
          }}
        />
      )}
    </section>
  );
}
