const firstDescriptor = 54;
const descriptorBytes = 18;
const nameTag = 0xfc;

/** The name in a monitor's EDID (VESA E-EDID 1.4, 3.10.3.4: up to 13 characters, ended by a line feed); null: none. */
export function monitorName(edid: Buffer): string | null {
  if (edid.length < 128) return null;
  for (let index = 0; index < 4; index += 1) {
    const at = firstDescriptor + index * descriptorBytes;
    // A descriptor that is no timing begins with three zeros.
    if (edid.readUIntBE(at, 3) !== 0 || edid.readUInt8(at + 3) !== nameTag) continue;
    const text =
      edid
        .toString('latin1', at + 5, at + descriptorBytes)
        .split('\n')[0]
        ?.trim() ?? '';
    return /^[\x20-\x7e]+$/.test(text) ? text : null;
  }
  return null;
}
