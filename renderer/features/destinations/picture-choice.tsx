import { serviceById, serviceOfUrl, customService } from '../../../shared/contract/services';
import { formatRate } from '../../../shared/model/frame-rate';
import { formatKbps } from '../../ui/format';
import { SelectField } from '../../ui/select-field';
import { useSlice } from '../../studio-context';
import { sizeText } from '../settings/video-draft';
import { VariantCost } from '../variants/variant-cost';
import { soundKbps } from '../variants/cost-text';
import type { DestinationDraft } from './destination-draft';
import type { DraftChange } from './use-destination-draft';

interface PictureChoiceProps {
  draft: DestinationDraft;
  /** of the saved one that is edited: it is among the users of its own variant */
  savedId: string | undefined;
  onChange: (next: DraftChange) => void;
}

const programValue = 'program';

/** Which picture a destination gets, the program or a variant of it, and what that costs. */
export function PictureChoice({ draft, savedId, onChange }: PictureChoiceProps) {
  const program = useSlice('program');
  const { list } = useSlice('variants');
  const outputs = useSlice('outputs');
  const { variantId } = draft;
  const chosen = list.find(({ id }) => id === variantId);
  const own = { ...program.output, fps: program.fps, bitrateKbps: program.bitrateKbps };
  const others = outputs.filter((output) => output.variantId === variantId && output.id !== savedId);
  // Nothing to choose from.
  if (list.length === 0 && variantId === null) return null;
  return (
    <div className="flex flex-col gap-1.5">
      <SelectField
        label="Picture"
        value={variantId ?? programValue}
        choices={[
          { value: programValue, label: `The program: ${pictureText(own)}` },
          ...list.map((variant) => ({
            value: variant.id,
            label: `${variant.name}: ${pictureText(variant)}`,
          })),
        ]}
        strayLabel="A variant that is not there any more"
        onChange={(value) =>
          onChange((now) => ({ ...now, variantId: value === programValue ? null : value }))
        }
      />
      {chosen &&
        (others.length > 0 ? (
          <p role="status" aria-label="Cost" className="text-xs text-mute">
            {others.map(({ name }) => name).join(', ')} {others.length === 1 ? 'gets' : 'get'} the same: only{' '}
            {formatKbps(chosen.bitrateKbps + soundKbps)} of upload more while they are on together.
          </p>
        ) : (
          <VariantCost variant={chosen} isRunning={chosen.state !== 'off'} />
        ))}
      {variantId === null && (
        <p role="status" aria-label="Cost" className="text-xs text-mute">
          No encoder more; {formatKbps(own.bitrateKbps + soundKbps)} of upload.
        </p>
      )}
      {limitsPassed(draft, chosen ?? own).map((sentence) => (
        <p key={sentence} className="text-xs text-warn">
          {sentence}
        </p>
      ))}
    </div>
  );
}

interface PictureForm {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
}

const pictureText = (picture: PictureForm): string =>
  `${sizeText(picture)}, ${formatRate(picture.fps)} fps, ${formatKbps(picture.bitrateKbps)}`;

/** What its service does not take of this picture, as sentences. */
function limitsPassed({ serviceId, url }: DestinationDraft, { fps, bitrateKbps }: PictureForm): string[] {
  const service = serviceId === customService.id ? serviceOfUrl(url) : serviceById(serviceId);
  const { name, maxVideoKbps, maxFps } = service;
  return [
    ...(maxVideoKbps !== null && bitrateKbps > maxVideoKbps
      ? [`${name} takes at most ${formatKbps(maxVideoKbps)}.`]
      : []),
    ...(maxFps !== null && fps > maxFps ? [`${name} takes at most ${maxFps} pictures a second.`] : []),
  ];
}
