import { useState } from 'react';
import { Button } from '../../ui/button';
import { fileName } from '../../ui/format';
import { useIsOnline } from '../../studio-context';
import { FileField } from '../properties/file-field';
import { useAddSource } from './use-add-source';

const kinds = {
  image: { accept: 'image/*', name: 'Image', label: 'Picture file' },
  media: { accept: 'video/*,audio/*,image/gif', name: 'Media', label: 'Video or sound file' },
} as const;

/** `night-sky.jpg` → `night-sky` */
const nameOf = (path: string): string => fileName(path).replace(/\.[^.]{1,5}$/, '');

export function FileStep({ kind, onDone }: { kind: 'image' | 'media'; onDone: () => void }) {
  const { add } = useAddSource();
  const isOnline = useIsOnline();
  const [path, setPath] = useState('');
  const finish = async (chosen: string, name: string): Promise<null> => {
    if ((await add({ kind, path: chosen }, name || kinds[kind].name)) !== null) onDone();
    // A refusal was told, and the path stays in the field.
    return null;
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (path !== '') void finish(path, nameOf(path));
      }}
    >
      <FileField
        label={kinds[kind].label}
        path={path}
        accept={kinds[kind].accept}
        isToldAtOnce
        onChange={(chosen, _gesture, file) => {
          setPath(chosen);
          return file ? finish(chosen, nameOf(file.name)) : undefined;
        }}
      />
      <p className="text-xs text-mute">
        Choose a file of this computer, or type the path of one on the computer that runs the studio.
      </p>
      <div className="flex justify-end">
        <Button look="main" type="submit" isDisabled={path === '' || !isOnline}>
          Add {kinds[kind].name.toLowerCase()}
        </Button>
      </div>
    </form>
  );
}
