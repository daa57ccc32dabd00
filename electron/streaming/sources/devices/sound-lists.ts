export interface ListedSound {
  readonly input: string;
  readonly name: string;
  readonly isDefault: boolean;
}

/** What FFmpeg's `-sources pulse` and `-sinks pulse` print: `* name [what people call it] (audio)`. */
export function ffmpegSounds(text: string): ListedSound[] {
  return text.split('\n').flatMap((line) => {
    const [, mark, input, name] = /^([* ]) (\S+) \[(.*)\](?: \([a-z, ]+\))?\s*$/.exec(line) ?? [];
    return input === undefined ? [] : [{ input, name: name || input, isDefault: mark === '*' }];
  });
}

/** Sound cards that can record, from /proc/asound/cards and /proc/asound/pcm. */
export function alsaSounds(cards: string, pcm: string): ListedSound[] {
  const names = new Map<number, { id: string; name: string }>();
  for (const line of cards.split('\n')) {
    const [, index, id, name] = /^\s*(\d+) \[(\S+)\s*\]: .*? - (.+)$/.exec(line) ?? [];
    if (id !== undefined) names.set(Number(index), { id, name: name ?? id });
  }
  let isFirst = true;
  return pcm.split('\n').flatMap((line) => {
    const [, card, device, what] = /^(\d+)-(\d+): ([^:]*) :.*\bcapture \d/.exec(line) ?? [];
    const known = names.get(Number(card));
    if (device === undefined || !known) return [];
    const isDefault = isFirst;
    isFirst = false;
    const input = `plughw:CARD=${known.id},DEV=${Number(device)}`;
    return [{ input, name: `${known.name} (${(what ?? '').trim()})`, isDefault }];
  });
}
