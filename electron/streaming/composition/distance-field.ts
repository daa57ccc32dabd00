/** farther than any squared distance in a picture, and small enough to add to without loss */
const far = 1e10;

/**
 * Squared distances along one line, in place: the lower envelope of the parabolas that stand on each sample.
 * P. Felzenszwalb, D. Huttenlocher: Distance Transforms of Sampled Functions (Theory of Computing 8, 2012), section 2.
 */
function transformLine(
  grid: Float64Array,
  offset: number,
  stride: number,
  length: number,
  { heights, feet, bounds }: { heights: Float64Array; feet: Int32Array; bounds: Float64Array },
): void {
  for (let at = 0; at < length; at++) heights[at] = grid[offset + at * stride] as number;
  const crossingWith = (at: number, foot: number): number =>
    ((heights[at] as number) + at * at - (heights[foot] as number) - foot * foot) / (2 * (at - foot));
  feet[0] = 0;
  bounds[0] = -Infinity;
  bounds[1] = Infinity;
  let last = 0;
  for (let at = 1; at < length; at++) {
    let crossing = crossingWith(at, feet[last] as number);
    // Parabolas that this one hides; the first begins at −∞, so that it ends there.
    while (crossing <= (bounds[last] as number)) crossing = crossingWith(at, feet[--last] as number);
    last++;
    feet[last] = at;
    bounds[last] = crossing;
    bounds[last + 1] = Infinity;
  }
  let parabola = 0;
  for (let at = 0; at < length; at++) {
    while ((bounds[parabola + 1] as number) < at) parabola++;
    const foot = feet[parabola] as number;
    grid[offset + at * stride] = (heights[foot] as number) + (at - foot) ** 2;
  }
}

/**
 * How far each pixel's centre is from the edge of a shape, pixels; 0 inside. Partly covered pixels say where within
 * them the edge runs, so that the distances are smooth.
 * @param coverage 0…255, `width` × `height`
 */
export function distancesToShape(coverage: Uint8Array, width: number, height: number): Float64Array {
  const grid = new Float64Array(width * height);
  for (let index = 0; index < grid.length; index++) {
    const part = (coverage[index] as number) / 255;
    // Half covered: the edge runs through the centre.
    grid[index] = part === 0 ? far : Math.max(0, 0.5 - part) ** 2;
  }
  const longest = Math.max(width, height);
  const space = {
    heights: new Float64Array(longest),
    feet: new Int32Array(longest),
    bounds: new Float64Array(longest + 1),
  };
  for (let x = 0; x < width; x++) transformLine(grid, x, width, height, space);
  for (let y = 0; y < height; y++) transformLine(grid, y * width, 1, width, space);
  for (let index = 0; index < grid.length; index++) grid[index] = Math.sqrt(grid[index] as number);
  return grid;
}
