import { isAmf0Object } from '../media/amf0';
import type { Amf0Object, Amf0Value } from '../media/amf0';

/**
 * Which codecs beyond H.264 each side of a connection has, told in `connect` and in its answer: "Enhanced RTMP" v2,
 * “Enhancing NetConnection connect Command”.
 */

/** FourCcInfoMask */
const canDecode = 0x01;
const canEncode = 0x02;
const canForward = 0x04;
/** instead of a FourCC: any codec */
const anyCodec = '*';
/** more of them are of no use to whoever reads it */
const mostNamed = 16;
const isFourCc = (name: string): boolean => name === anyCodec || /^[ -~]{4}$/.test(name);

/** What `connect` says of a stream in this codec: as v1 has it, and as v2 has it. */
export const publishOffer = (fourCc: string): Amf0Object => ({
  fourCcList: [fourCc],
  videoFourCcInfoMap: { [fourCc]: canEncode },
});

/** What our server says, to whoever told of codecs at all: it hands everything on. */
export function relayAnswer(connect: Amf0Value): Amf0Object {
  const members = membersOf(connect);
  const isEnhanced = ['fourCcList', 'videoFourCcInfoMap', 'audioFourCcInfoMap'].some(
    (name) => members[name] !== undefined,
  );
  if (!isEnhanced) return {};
  const all = { [anyCodec]: canForward };
  return { fourCcList: [anyCodec], videoFourCcInfoMap: all, audioFourCcInfoMap: all };
}

/**
 * The codecs that a server names in its answer to `connect`, as FourCC or `*`: those it decodes or hands on.
 * @param answer properties and information, the objects of `_result`
 * @returns null: it says nothing about codecs, as servers from before Enhanced RTMP do
 */
export function namedCodecs(answer: readonly Amf0Value[]): readonly string[] | null {
  let isSaid = false;
  const named = new Set<string>();
  for (const { fourCcList, videoFourCcInfoMap } of answer.map(membersOf)) {
    if (Array.isArray(fourCcList)) {
      isSaid = true;
      for (const name of fourCcList as readonly Amf0Value[]) if (typeof name === 'string') named.add(name);
    }
    if (videoFourCcInfoMap === undefined || videoFourCcInfoMap === null) continue;
    isSaid = true;
    for (const [name, flags] of Object.entries(membersOf(videoFourCcInfoMap)))
      if (typeof flags === 'number' && (flags & (canDecode | canForward)) !== 0) named.add(name);
  }
  return isSaid ? [...named].filter(isFourCc).slice(0, mostNamed) : null;
}

export const isNamed = (fourCc: string, named: readonly string[]): boolean =>
  named.includes(anyCodec) || named.includes(fourCc);

/** of an object or an ECMA array: both are in use for the same */
function membersOf(value: Amf0Value): Amf0Object {
  if (value instanceof Map) return Object.fromEntries(value as ReadonlyMap<string, Amf0Value>);
  return isAmf0Object(value) ? value : {};
}
