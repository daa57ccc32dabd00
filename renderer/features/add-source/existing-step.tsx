import { isSoundOnly } from '../../../shared/model/source';
import { ChoiceList } from '../../ui/choice-list';
import { useSlice } from '../../studio-context';
import { sourceKind } from '../sources/source-kinds';
import { useAddSource } from './use-add-source';

export function ExistingStep({ onDone }: { onDone: () => void }) {
  const sources = useSlice('sources').filter(({ settings }) => !isSoundOnly(settings));
  const { addAgain } = useAddSource();
  if (sources.length === 0)
    return <p className="text-base text-mute">There is no source yet that could be shown again.</p>;
  return (
    <>
      <p className="text-sm text-mute">
        It stays one source: what you change about it changes wherever it is shown. Its place is this scene’s
        own.
      </p>
      <ChoiceList
        label="Which one?"
        choices={sources.map(({ id, name, kind }) => ({
          id,
          title: name,
          note: sourceKind(kind).label,
          Icon: sourceKind(kind).Icon,
        }))}
        onChoose={async (id) => {
          if ((await addAgain(id)) !== null) onDone();
        }}
      />
    </>
  );
}
