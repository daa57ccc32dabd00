import {
  Activity,
  AppWindow,
  Camera,
  CircleQuestionMark,
  Clapperboard,
  Clock3,
  Image,
  Mic,
  Monitor,
  RadioTower,
  Square,
  Type,
  Volume2,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { SourceKind } from '../../../shared/model/source';

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
  screen: { label: 'screen', Icon: Monitor },
  camera: { label: 'camera', Icon: Camera },
  microphone: { label: 'microphone', Icon: Mic },
  'desktop-sound': { label: 'desktop sound', Icon: Volume2 },
  'browser-capture': { label: 'browser capture', Icon: AppWindow },
  ingest: { label: 'incoming stream', Icon: RadioTower },
};

/** A kind of a newer version is shown too, as unknown. */
export const sourceKind = (kind: string): KindView =>
  Object.hasOwn(kinds, kind)
    ? kinds[kind as SourceKind]
    : { label: `unknown kind ${kind}`, Icon: CircleQuestionMark };
