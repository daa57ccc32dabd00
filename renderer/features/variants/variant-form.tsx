import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import type { VariantView } from '../../../shared/contract/variants';
import { formatRate } from '../../../shared/model/frame-rate';
import { rateOf, ticksPerFrame } from '../../../shared/model/variant-rate';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { TextField } from '../../ui/text-field';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { SizeField } from '../settings/size-field';
import { sizeText, suggestedKbps } from '../settings/video-draft';
import { VariantCost } from './variant-cost';
import { nameOf, newVariant, pictureShare, variantRates, withSuggestedRate } from './variant-draft';
import type { VariantDraft } from './variant-draft';

interface VariantFormProps {
  /** null: a new one */
  variant: VariantView | null;
  /** destinations that are on with it: its size and rate stay */
  onAir: readonly string[];
  onClose: () => void;
}

/** Size, rate and bitrate of one variant, and what that costs, while it is being set. */
export function VariantForm({ variant, onAir, onClose }: VariantFormProps) {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const program = useSlice('program');
  const [draft, setDraft] = useState<VariantDraft>(() => variant ?? newVariant(program));
  const [error, setError] = useState<WireError | null>(null);
  const [isSaving, setSaving] = useState(false);
  const change = (patch: Partial<VariantDraft>): void => {
    setDraft((before) => withSuggestedRate(before, { ...before, ...patch }));
    setError(null);
  };
  const fps = rateOf(program.fps, ticksPerFrame(program.fps, draft.maxFps));
  const suggestedName = nameOf(draft, fps);
  const isPictureFixed = onAir.length > 0;
  const save = async (): Promise<void> => {
    setSaving(true);
    const { width, height, maxFps, bitrateKbps } = draft;
    const name = draft.name.trim() || suggestedName;
    try {
      const input = { name, width, height, maxFps, bitrateKbps };
      await client.call('variant.save', variant ? { ...input, id: variant.id } : input);
      onClose();
    } catch (thrown) {
      setError(toWireError(thrown));
      setSaving(false);
    }
  };
  return (
    <form
      aria-label={variant ? `Variant ${variant.name}` : 'New variant'}
      className="flex flex-col gap-3.5 rounded-md border border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (isOnline && !isSaving) void save();
      }}
    >
      <div className="grid grid-cols-2 items-start gap-3">
        <TextField
          label="Name"
          value={draft.name}
          maxLength={40}
          placeholder={suggestedName}
          autoFocus={variant === null}
          description="What destinations choose it by."
          onChange={(name) => {
            change({ name });
          }}
        />
        <SizeField
          label="Size"
          hint={`The canvas (${sizeText(program)}) is scaled to it.`}
          size={draft}
          isDisabled={isPictureFixed}
          fixedNote={isPictureFixed ? `Not while ${onAir.join(', ')} is on.` : undefined}
          onChange={(size) => {
            if (size) change({ width: size.width, height: size.height });
          }}
        />
        <SelectField
          label="Frames per second"
          value={String(fps)}
          choices={variantRates(program.fps).map((rate) => ({
            value: String(rate),
            label: `${formatRate(rate)} fps: ${pictureShare(program.fps, rate)}`,
          }))}
          strayLabel={`${formatRate(fps)} fps: ${pictureShare(program.fps, fps)}`}
          isDisabled={isPictureFixed}
          hint={
            isPictureFixed
              ? `Not while ${onAir.join(', ')} is on.`
              : 'At most so many, should the program have another rate.'
          }
          onChange={(rate) => {
            change({ maxFps: Number(rate) });
          }}
        />
        <NumberField
          label="Bitrate"
          value={draft.bitrateKbps}
          least={100}
          most={100_000}
          step={250}
          unit="kbit/s"
          hint={`About ${suggestedKbps(draft, fps)} kbit/s suits ${sizeText(draft)} at ${formatRate(fps)} fps.`}
          onChange={(bitrateKbps) => {
            change({ bitrateKbps });
          }}
        />
      </div>
      <VariantCost variant={{ ...draft, fps }} isRunning={variant !== null && variant.state !== 'off'} />
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="main" type="submit" isDisabled={!isOnline || isSaving}>
          {variant ? 'Save variant' : 'Add variant'}
        </Button>
      </div>
    </form>
  );
}
