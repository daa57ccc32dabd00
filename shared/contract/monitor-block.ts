/**
 * A piece of the program's sound on the WebSocket, for listening along: a 24-byte little-endian header, then 48 kHz
 * stereo samples, interleaved f32.
 * 0 u32 magic 'SMSA' · 4 u32 reserved · 8 f64 number of the first sample since the program's start · 16 f64 unix time of its tick in ms
 */
export const monitorHeaderBytes = 24;
const magic = 0x41534d53;

export interface MonitorBlock {
  /** per channel, since the program's start; a gap means that blocks were left out */
  firstSample: number;
  tickUnixMs: number;
  /** interleaved stereo */
  samples: Float32Array;
}

export function writeMonitorHeader(target: Uint8Array, block: Omit<MonitorBlock, 'samples'>): void {
  const view = new DataView(target.buffer, target.byteOffset, monitorHeaderBytes);
  view.setUint32(0, magic, true);
  view.setUint32(4, 0, true);
  view.setFloat64(8, block.firstSample, true);
  view.setFloat64(16, block.tickUnixMs, true);
}

export const isMonitorBlock = (message: ArrayBuffer): boolean =>
  message.byteLength >= monitorHeaderBytes && new DataView(message).getUint32(0, true) === magic;

/** @throws RangeError when the message is not a whole block */
export function readMonitorBlock(message: ArrayBuffer): MonitorBlock {
  if (!isMonitorBlock(message) || (message.byteLength - monitorHeaderBytes) % 8 !== 0)
    throw new RangeError(`monitor block: ${message.byteLength} bytes are none`);
  const view = new DataView(message);
  return {
    firstSample: view.getFloat64(8, true),
    tickUnixMs: view.getFloat64(16, true),
    samples: new Float32Array(message, monitorHeaderBytes),
  };
}
