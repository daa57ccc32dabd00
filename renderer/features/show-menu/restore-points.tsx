import { useEffect, useState } from 'react';
import type { RestorePoint } from '../../../shared/contract/show';
import { Button } from '../../ui/button';
import { plural } from '../../ui/format';
import { TextField } from '../../ui/text-field';
import { useActions, useIsOnline } from '../../studio-context';

const when = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** States that can be gone back to: the last ten saved by themselves, and those that a person named. */
export function RestorePoints() {
  const { restorePoints, saveRestorePoint, restoreShow } = useActions();
  const isOnline = useIsOnline();
  const [points, setPoints] = useState<readonly RestorePoint[] | null>(null);
  const [label, setLabel] = useState('');
  const [said, setSaid] = useState('');

  useEffect(() => {
    let isMounted = true;
    void restorePoints().then((answer) => {
      if (isMounted && answer) setPoints(answer.points);
    });
    return () => {
      isMounted = false;
    };
  }, [restorePoints]);
  const load = async (): Promise<void> => {
    const answer = await restorePoints();
    if (answer) setPoints(answer.points);
  };

  const save = async (): Promise<void> => {
    if (!(await saveRestorePoint(label.trim()))) return;
    setLabel('');
    setSaid('Restore point saved.');
    await load();
  };
  const restore = async (point: RestorePoint): Promise<void> => {
    if (!(await restoreShow(point.id))) return;
    setSaid('The show is as it was then. Undo takes that back.');
    await load();
  };
  return (
    <>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (label.trim() !== '') void save();
        }}
      >
        <TextField
          label="Name of a new restore point"
          isLabelHidden
          placeholder="Before the big change"
          value={label}
          onChange={setLabel}
          maxLength={120}
          autoComplete="off"
        />
        <Button type="submit" isDisabled={!isOnline || label.trim() === ''}>
          Save restore point
        </Button>
      </form>
      <p role="status" className="text-xs text-good empty:hidden">
        {said}
      </p>
      {points?.length === 0 && <p className="text-xs text-mute">None yet; the next change makes one.</p>}
      {points !== null && points.length > 0 && (
        <ul aria-label="Restore points" className="flex max-h-56 flex-col overflow-y-auto">
          {points.map((point) => (
            <li key={point.id} className="flex items-center gap-2 py-1">
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm">{point.label ?? 'Saved by itself'}</span>
                <span className="block truncate text-xs text-mute">
                  {when.format(point.at)} · {plural(point.scenes, 'scene', 'scenes')},{' '}
                  {plural(point.sources, 'source', 'sources')}
                </span>
              </span>
              <Button
                aria-label={`Restore ${point.label ?? when.format(point.at)}`}
                isDisabled={!isOnline}
                onPress={() => restore(point)}
              >
                Restore
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
