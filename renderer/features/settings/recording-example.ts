const pad = (value: number): string => String(value).padStart(2, '0');

/** As the studio would name a recording that began at a moment; without the extension. */
export function recordingExample(
  template: string,
  { at, scene, show }: { at: Date; scene: string; show: string },
): string {
  const date = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const time = `${pad(at.getHours())}-${pad(at.getMinutes())}-${pad(at.getSeconds())}`;
  const values: Record<string, string> = { date, time, scene, show };
  const name = template.replace(
    /\{(date|time|scene|show)\}/g,
    (_match, field: string) => values[field] ?? '',
  );
  return name.replace(/[\\/:*?"<>|]+/g, '-').trim() || `${date} ${time}`;
}

/** Words in braces that mean nothing; they would stand in the name as they are. */
export const unknownFields = (template: string): string[] =>
  [...template.matchAll(/\{([^{}]*)\}/g)].flatMap(([whole, field]) =>
    ['date', 'time', 'scene', 'show'].includes(field ?? '') ? [] : [whole],
  );
