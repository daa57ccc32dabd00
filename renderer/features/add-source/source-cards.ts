import {
  AppWindow,
  Camera,
  Clapperboard,
  Clock3,
  Copy,
  Image,
  Mic,
  Monitor,
  MonitorUp,
  RadioTower,
  Square,
  Timer,
  Type,
  Video,
  Volume2,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export const sourceGroups = [
  'This computer',
  'This browser or another device',
  'Pictures and words',
] as const;
export type SourceGroup = (typeof sourceGroups)[number];

export type SourceCardId =
  | 'screen'
  | 'window'
  | 'camera'
  | 'microphone'
  | 'desktop-sound'
  | 'browser-display'
  | 'browser-camera'
  | 'browser-microphone'
  | 'ingest'
  | 'text'
  | 'image'
  | 'color'
  | 'clock'
  | 'countdown'
  | 'media'
  | 'existing';

export interface SourceCard {
  id: SourceCardId;
  group: SourceGroup;
  title: string;
  /** one, for whoever does not know the word */
  sentence: string;
  /** what else people call it, for the search */
  words: string;
  Icon: LucideIcon;
}

export const sourceCards: readonly SourceCard[] = [
  {
    ...{ id: 'screen', group: 'This computer', title: 'Screen', Icon: Monitor },
    sentence: 'Everything on a monitor.',
    words: 'display desktop monitor capture game',
  },
  {
    ...{ id: 'window', group: 'This computer', title: 'Window', Icon: AppWindow },
    sentence: 'One program, whatever else is open.',
    words: 'application app game program capture',
  },
  {
    ...{ id: 'camera', group: 'This computer', title: 'Camera', Icon: Camera },
    sentence: 'A webcam or capture card.',
    words: 'webcam video face capture card',
  },
  {
    ...{ id: 'microphone', group: 'This computer', title: 'Microphone', Icon: Mic },
    sentence: 'Your voice, heard in every scene.',
    words: 'mic voice sound audio input',
  },
  {
    ...{ id: 'desktop-sound', group: 'This computer', title: 'Desktop sound', Icon: Volume2 },
    sentence: 'What this computer plays: game, music, calls.',
    words: 'audio speaker output system music',
  },
  {
    ...{
      id: 'browser-display',
      group: 'This browser or another device',
      title: 'Screen, window or tab',
      Icon: MonitorUp,
    },
    sentence: 'Picked in the browser; for tabs and Wayland too.',
    words: 'display share wayland tab capture browser',
  },
  {
    ...{
      id: 'browser-camera',
      group: 'This browser or another device',
      title: 'Camera of this browser',
      Icon: Video,
    },
    sentence: 'For when you sit at another computer.',
    words: 'webcam video face remote',
  },
  {
    ...{
      id: 'browser-microphone',
      group: 'This browser or another device',
      title: 'Microphone of this browser',
      Icon: Mic,
    },
    sentence: 'Your voice from where this page is open.',
    words: 'mic voice sound audio remote',
  },
  {
    ...{ id: 'ingest', group: 'This browser or another device', title: 'Phone or encoder', Icon: RadioTower },
    sentence: 'What a phone, OBS or a second PC sends with a key.',
    words: 'rtmp ingest obs phone second pc stream incoming larix',
  },
  {
    ...{ id: 'text', group: 'Pictures and words', title: 'Text', Icon: Type },
    sentence: 'A title, a name, a line below.',
    words: 'title label words caption font',
  },
  {
    ...{ id: 'image', group: 'Pictures and words', title: 'Image', Icon: Image },
    sentence: 'A logo, an overlay, a background.',
    words: 'picture photo logo overlay png jpg background',
  },
  {
    ...{ id: 'color', group: 'Pictures and words', title: 'Colour', Icon: Square },
    sentence: 'A plain area, opaque or see-through.',
    words: 'color background solid fill',
  },
  {
    ...{ id: 'clock', group: 'Pictures and words', title: 'Clock', Icon: Clock3 },
    sentence: 'The time of day.',
    words: 'time watch',
  },
  {
    ...{ id: 'countdown', group: 'Pictures and words', title: 'Countdown', Icon: Timer },
    sentence: 'Minutes until the show begins.',
    words: 'timer starting soon time',
  },
  {
    ...{ id: 'media', group: 'Pictures and words', title: 'Media file', Icon: Clapperboard },
    sentence: 'A video or music that plays, once or in a loop.',
    words: 'video movie music sound mp4 mp3 file',
  },
  {
    ...{ id: 'existing', group: 'Pictures and words', title: 'Existing source again', Icon: Copy },
    sentence: 'One you have, shown in this scene too.',
    words: 'reuse same reference copy again',
  },
];

/** Cards that have every word of the query in title, sentence or other names. */
export function searchCards(query: string): readonly SourceCard[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return sourceCards.filter((card) => {
    const text = `${card.title} ${card.sentence} ${card.words}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
