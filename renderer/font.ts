// Only if the file is there: without it the system's own interface font is used.
const files = import.meta.glob<string>('../resources/fonts/Inter*.{woff2,ttf}', {
  eager: true,
  query: '?url',
  import: 'default',
});

/** Loads Inter after the first paint: a window that is there at once in another font beats an empty one. */
export async function loadInterfaceFont(): Promise<void> {
  const faces = Object.entries(files).map(([path, url]) => {
    const weight = /bold/i.test(path) ? '700' : /variable|\[|-VF/i.test(path) ? '100 900' : '400';
    return new FontFace('Inter', `url(${JSON.stringify(url)})`, { weight, display: 'swap' });
  });
  for (const face of await Promise.allSettled(faces.map((each) => each.load())))
    if (face.status === 'fulfilled') document.fonts.add(face.value);
}
