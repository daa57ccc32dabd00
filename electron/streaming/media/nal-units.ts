/** H.264 NAL units inside packets: each with a 4-byte big-endian length before it (ISO/IEC 14496-15 5.3.4.2). */

/** nal_unit_type, ITU-T H.264 table 7-1 */
export const nalType = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, filler: 12 } as const;

/** @throws RangeError when a length runs past the end */
export function* nalUnits(data: Uint8Array): Generator<Uint8Array> {
  let at = 0;
  while (at < data.length) {
    if (at + 4 > data.length)
      throw new RangeError(`NAL length field cut off at byte ${at} of ${data.length}`);
    const length = ((data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!) >>> 0;
    if (at + 4 + length > data.length)
      throw new RangeError(`NAL unit of ${length} bytes at byte ${at} runs past ${data.length}`);
    yield data.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

/** nal_unit_type of a unit (without its length field) */
export const typeOf = (unit: Uint8Array): number => (unit[0] ?? 0) & 0x1f;
/** nal_ref_idc ≠ 0: other pictures refer to it (7.4.1) */
export const isReference = (unit: Uint8Array): boolean => ((unit[0] ?? 0) & 0x60) !== 0;

/** A picture none of whose slices is referred to: it can be left out alone. */
export function isDisposablePicture(data: Uint8Array): boolean {
  let hasSlice = false;
  for (const unit of nalUnits(data)) {
    const type = typeOf(unit);
    if (type !== nalType.slice && type !== nalType.idr) continue;
    if (isReference(unit)) return false;
    hasSlice = true;
  }
  return hasSlice;
}

/** The same picture without filler data (7.3.2.7): CBR padding is for the wire, not for a file. Returns `data` itself when there is none. */
export function withoutFiller(data: Uint8Array): Uint8Array {
  let size = 0;
  let hasFiller = false;
  for (const unit of nalUnits(data)) {
    if (typeOf(unit) === nalType.filler) hasFiller = true;
    else size += unit.length + 4;
  }
  if (!hasFiller) return data;
  const result = new Uint8Array(size);
  const view = new DataView(result.buffer);
  let at = 0;
  for (const unit of nalUnits(data)) {
    if (typeOf(unit) === nalType.filler) continue;
    view.setUint32(at, unit.length);
    result.set(unit, at + 4);
    at += unit.length + 4;
  }
  return result;
}
