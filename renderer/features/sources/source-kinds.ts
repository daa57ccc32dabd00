import { Activity, CircleQuestionMark, Clapperboard, Clock3, Image, Square, Type } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { SourceKind } from '../../../shared/model/collection';

interface KindView {
  label: string;
  Icon: LucideIcon;
}

const kinds: Record<SourceKind, KindView> = {
  image: { label: 'image', Icon: Image },
  color: { label: 'colour', Icon: Square },
  text: { label: 'text', Icon: Type },
  clock: { label: 'clock', Icon: Clock3 },
  media: { label: 'media file', Icon: Clapperboard },
  sync: { label: 'sync test pattern', Icon: Activity },
};

/** A kind of a newer version is shown too, as unknown. */
export const sourceKind = (kind: string): KindView =>
  Object.hasOwn(kinds, kind)
    ? kinds[kind as SourceKind]
    : { label: `unknown kind ${kind}`, Icon: CircleQuestionMark };
