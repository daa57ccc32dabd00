import { Search } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Dialog } from '../../ui/dialog';
import { useSlice } from '../../studio-context';
import { AddSourceStep } from './add-source-step';
import { simpleSource } from './simple-sources';
import { searchCards, sourceGroups } from './source-cards';
import type { SourceCard, SourceCardId } from './source-cards';
import { useAddSource } from './use-add-source';

const captures = {
  'browser-display': { capture: 'display', name: 'Browser capture' },
  'browser-camera': { capture: 'camera', name: 'Browser camera' },
  'browser-microphone': { capture: 'microphone', name: 'Browser microphone' },
} as const;
const isCapture = (id: SourceCardId): id is keyof typeof captures => Object.hasOwn(captures, id);

/** Cards of all kinds; a second step follows only where something must be chosen. */
export function AddSourceDialog({ onClose }: { onClose: () => void }) {
  const canvas = useSlice('program');
  const { add, addCapture } = useAddSource();
  const [card, setCard] = useState<SourceCard | null>(null);

  const choose = async (chosen: SourceCard): Promise<void> => {
    const simple = simpleSource(chosen.id, canvas);
    if (simple) {
      if ((await add(simple.draft, simple.name)) !== null) onClose();
    } else if (isCapture(chosen.id)) {
      const { capture, name } = captures[chosen.id];
      if ((await addCapture(capture, name)) !== null) onClose();
    } else setCard(chosen);
  };
  return (
    <Dialog
      title={card ? `Add: ${card.title}` : 'Add source'}
      isOpen
      isBroad={card === null}
      onClose={onClose}
    >
      {card ? (
        <AddSourceStep
          card={card}
          onBack={() => {
            setCard(null);
          }}
          onChoose={choose}
          onDone={onClose}
        />
      ) : (
        <Cards onChoose={choose} />
      )}
    </Dialog>
  );
}

function Cards({ onChoose }: { onChoose: (card: SourceCard) => Promise<void> }) {
  const [query, setQuery] = useState('');
  const found = searchCards(query);
  return (
    <>
      <form
        role="search"
        className="relative mb-3"
        onSubmit={(event) => {
          event.preventDefault();
          const [first] = found;
          if (first && query.trim() !== '') void onChoose(first);
        }}
      >
        <Search size={14} aria-hidden="true" className="absolute top-2 left-2.5 text-mute" />
        <input
          // The dialog is opened to look for something.
          autoFocus
          type="search"
          aria-label="Search sources"
          placeholder="Search: game, face, voice, logo …"
          className="field pl-8"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
          }}
        />
      </form>
      <p role="status" className="sr-only">
        {query === '' ? '' : `${found.length} found`}
      </p>
      {found.length === 0 && (
        <p className="py-8 text-center text-base text-mute">
          Nothing is called “{query}”. Most things can be shown by capturing a screen or a window.
        </p>
      )}
      {sourceGroups.map((group) => {
        const cards = found.filter((card) => card.group === group);
        return (
          cards.length > 0 && (
            <section key={group} aria-label={group} className="mb-4 last:mb-0">
              <h3 className="mb-1.5 text-xs font-semibold text-mute">{group}</h3>
              <ul className="grid grid-cols-[repeat(auto-fill,minmax(13.5rem,1fr))] gap-2">
                {cards.map((card) => (
                  <li key={card.id} className="flex">
                    <CardButton card={card} onPress={() => void onChoose(card)} />
                  </li>
                ))}
              </ul>
            </section>
          )
        );
      })}
    </>
  );
}

function CardButton({ card, onPress }: { card: SourceCard; onPress: () => void }) {
  return (
    <AriaButton onPress={onPress} className="source-card">
      <span className="source-card-picture" data-group={card.group} aria-hidden="true">
        <card.Icon size={20} strokeWidth={1.75} />
      </span>
      <span className="min-w-0">
        <span className="block text-base font-semibold text-text">{card.title}</span>
        <span className="block text-xs text-mute">{card.sentence}</span>
      </span>
    </AriaButton>
  );
}
