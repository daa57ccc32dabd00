import { Download, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import { toWireError } from '../../client/engine-error';
import type { ExportedShow } from '../../client/engine-files';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { formatBytes, plural } from '../../ui/format';
import { CaptureQuestion } from './capture-question';
import type { CaptureQuestionProps } from './capture-question';
import { useIsOnline, useStudio } from '../../studio-context';

/** Gives the browser a file to keep, under the show's name. */
function saveAs(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download reads it after the click has returned.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}

/** `Friday: the show` → `Friday- the show.zip` */
export const exportName = (showName: string): string =>
  `${showName.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-').trim() || 'show'}.zip`;

/** Says what goes out: a path may have come into the show by a paste, and with it a file nobody meant to give away. */
export const exportedText = (
  name: string,
  { fileCount, fileBytes }: Omit<ExportedShow, 'archive'>,
): string =>
  fileCount === 0
    ? `Saved as ${name}, without any files of this computer.`
    : `Saved as ${name}, with ${plural(fileCount, 'file', 'files')} of this computer (${formatBytes(fileBytes)}).`;

/** An import that waits for its answer. */
interface AskedCaptures extends Omit<CaptureQuestionProps, 'onAnswer'> {
  readonly file: File;
}

/** The show with all its pictures and videos as one file, out and in. */
export function ShowFiles() {
  const { files, store } = useStudio();
  const isOnline = useIsOnline();
  const inputRef = useRef<HTMLInputElement>(null);
  const [part, setPart] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const [error, setError] = useState<WireError | null>(null);
  const [asked, setAsked] = useState<AskedCaptures | null>(null);

  const run = async (work: () => Promise<string>): Promise<void> => {
    setError(null);
    setSaid('');
    try {
      setSaid(await work());
    } catch (thrown) {
      setError(toWireError(thrown));
    }
    setPart(null);
  };
  const exportShow = (): Promise<void> =>
    run(async () => {
      const name = exportName(store.getState().snapshot?.show.name ?? '');
      const exported = await files.exportShow();
      saveAs(exported.archive, name);
      return exportedText(name, exported);
    });
  const importShow = (file: File, mayCapture = false): Promise<void> =>
    run(async () => {
      setPart(0);
      try {
        await files.importShow(file, { onProgress: setPart, mayCapture });
      } catch (thrown) {
        const wire = toWireError(thrown);
        if (wire.code !== 'import-captures') throw thrown;
        setAsked({ file, ...wire.details });
        return '';
      }
      return `${file.name} is the show now. Undo brings the former one back.`;
    });
  return (
    <>
      <input
        ref={inputRef}
        type="file"
        hidden
        accept=".zip,application/zip"
        aria-label="Show file"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file) void importShow(file);
        }}
      />
      <div className="flex gap-2">
        <Button isDisabled={!isOnline} onPress={exportShow}>
          <Download size={14} aria-hidden="true" />
          Export…
        </Button>
        <Button
          isDisabled={!isOnline || part !== null}
          onPress={() => {
            inputRef.current?.click();
          }}
        >
          <Upload size={14} aria-hidden="true" />
          Import…
        </Button>
      </div>
      {part !== null && (
        <progress aria-label="Sending the file" className="progress w-full" value={part} max={1} />
      )}
      <p role="status" className="text-xs text-good empty:hidden">
        {said}
      </p>
      {asked && (
        <CaptureQuestion
          {...asked}
          onAnswer={(isAgreed) => {
            setAsked(null);
            if (isAgreed) void importShow(asked.file, true);
          }}
        />
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} />
        </div>
      )}
    </>
  );
}
