import { X } from 'lucide-react';
import { useStore } from 'zustand';
import { IconButton } from '../ui/button';
import type { IncomingFiles, Upload } from './use-incoming-files';

/** Files on their way to the engine. */
export function UploadCards({ incoming }: { incoming: IncomingFiles }) {
  const uploads = useStore(incoming.uploads);
  if (uploads.length === 0) return null;
  return (
    <div className="absolute bottom-2 left-3 flex w-72 flex-col gap-1.5">
      {uploads.map((upload) => (
        <UploadCard key={upload.id} {...upload} />
      ))}
    </div>
  );
}

function UploadCard({ name, part, cancel }: Upload) {
  const percent = Math.round(part * 100);
  return (
    <div className="flex items-center gap-2 rounded-md bg-lift py-1.5 pr-1 pl-3 shadow-pop">
      <div className="min-w-0 flex-1">
        <p className="truncate text-xs text-text">{name}</p>
        <div
          role="progressbar"
          aria-label={`Sending ${name}`}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
          className="mt-1 h-1 overflow-hidden rounded-full bg-edge"
        >
          <div className="h-full bg-ice" style={{ width: `${percent}%` }} />
        </div>
      </div>
      <span className="w-8 text-right text-xs text-mute tabular-nums">{percent} %</span>
      <IconButton label={`Cancel ${name}`} icon={<X size={14} />} onPress={cancel} />
    </div>
  );
}
