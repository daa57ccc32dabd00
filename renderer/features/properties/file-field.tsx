import { FolderUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { toWireError } from '../../client/engine-error';
import type { WireError } from '../../../shared/contract/errors';
import { useStudio } from '../../studio-context';
import { Button } from '../../ui/button';
import { DraftTextField } from '../../ui/draft-text-field';
import type { Answer } from '../../ui/use-draft';
import { ErrorNote } from '../../ui/error-note';

interface FileFieldProps {
  label: string;
  /** on the engine's computer */
  path: string;
  /** of the file dialog: `image/*` */
  accept: string;
  isDisabled?: boolean;
  isOptional?: boolean;
  /** every letter is told; otherwise a typed path is once it is complete: nothing is to look for half a name */
  isToldAtOnce?: boolean;
  /** @param file what was uploaded, when the path is that of an upload */
  onChange: (path: string, gesture: string, file?: File) => Answer;
}

/** A file by its path on the engine's computer, or one of this computer, which is sent there. */
export function FileField({
  label,
  path,
  accept,
  isDisabled = false,
  isOptional = false,
  isToldAtOnce = false,
  onChange,
}: FileFieldProps) {
  const { files } = useStudio();
  const inputRef = useRef<HTMLInputElement>(null);
  const abortRef = useRef<AbortController | null>(null);
  const [upload, setUpload] = useState<{ name: string; part: number } | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  useEffect(() => () => abortRef.current?.abort(), []);

  const send = async (file: File): Promise<void> => {
    const abort = new AbortController();
    abortRef.current = abort;
    setError(null);
    setUpload({ name: file.name, part: 0 });
    try {
      const answer = await files.upload(file, file.name, {
        signal: abort.signal,
        onProgress: (part) => {
          setUpload({ name: file.name, part });
        },
      });
      await onChange(answer, crypto.randomUUID(), file);
    } catch (thrown) {
      if (!abort.signal.aborted) setError(toWireError(thrown));
    }
    setUpload(null);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-end gap-2">
        <DraftTextField
          label={label}
          className="flex-1"
          value={path}
          mostLength={4096}
          isMono
          isSentOnLeaving={!isToldAtOnce}
          isOptional={isOptional}
          isDisabled={isDisabled}
          placeholder="/path/on/the/studio’s/computer"
          onChange={(typed, gesture) => onChange(typed.trim(), gesture)}
        />
        <input
          ref={inputRef}
          type="file"
          hidden
          accept={accept}
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            event.target.value = '';
            if (file) void send(file);
          }}
        />
        <Button
          isDisabled={isDisabled || upload !== null}
          onPress={() => {
            inputRef.current?.click();
          }}
        >
          <FolderUp size={14} aria-hidden="true" />
          Choose…
        </Button>
      </div>
      {upload && (
        <div className="flex items-center gap-2 text-xs text-mute" role="status">
          <progress
            aria-label={`Sending ${upload.name}`}
            className="progress flex-1"
            value={upload.part}
            max={1}
          />
          <span className="truncate">
            {upload.name} {Math.round(upload.part * 100)} %
          </span>
          <Button look="ghost" onPress={() => abortRef.current?.abort()}>
            Cancel
          </Button>
        </div>
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} />
        </div>
      )}
    </div>
  );
}
