/** Line icons of 24 units, drawn here: the page loads nothing else. */
const drawings = {
  play: ['M7 4.5v15l12-7.5z'],
  pause: ['M8 5v14', 'M16 5v14'],
  sound: ['M11 5 6 9H3v6h3l5 4z', 'M15 9.2a4 4 0 0 1 0 5.6', 'M17.8 6.4a8 8 0 0 1 0 11.2'],
  silence: ['M11 5 6 9H3v6h3l5 4z', 'm16 9.5 5 5', 'm21 9.5-5 5'],
  full: ['M4 9V4h5', 'M20 9V4h-5', 'M4 15v5h5', 'M20 15v5h-5'],
  small: ['M9 4v5H4', 'M15 4v5h5', 'M9 20v-5H4', 'M15 20v-5h5'],
  window: ['M3 5h18v14H3z', 'M12.5 12h6v5h-6z'],
  eye: [
    'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z',
    'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  ],
} as const;
export type IconName = keyof typeof drawings;

const namespace = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  for (const d of drawings[name]) {
    const line = document.createElementNS(namespace, 'path');
    line.setAttribute('d', d);
    svg.append(line);
  }
  return svg;
}
