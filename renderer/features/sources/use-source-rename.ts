import { editLabel } from '../../actions/edit-label';
import type { WireError } from '../../../shared/contract/errors';
import { useStudio } from '../../studio-context';

/** @returns how to give a source another name; resolves with the refusal, or null */
export function useSourceRename(): (sourceId: string, from: string, to: string) => Promise<WireError | null> {
  const { liveEdits, editor } = useStudio();
  return async (sourceId, from, to) => {
    const label = editLabel(`Rename ${from}`);
    const error = await liveEdits.send([{ type: 'source.rename', sourceId, name: to }], label);
    if (!error) editor.say(label);
    return error;
  };
}
