import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { configsOf, repeated } from './encoded-fixture';
import type { EncodedFixture } from './encoded-fixture';
import { TestPacketReader } from './test-packets';

/** The packets of an encoder that keeps time, in a hub; and when each picture was pushed. */
export class PacedProgram {
  readonly hub = new PacketHub();
  /** of each picture, `performance.now()` */
  readonly pushedAt: number[] = [];
  readonly #fixture: EncodedFixture;

  constructor(fixture: EncodedFixture) {
    this.#fixture = fixture;
  }

  /** until `signal`; then the encoder rests, and the hub stays as it is */
  async run(signal: AbortSignal): Promise<void> {
    const encoder = new TestPacketReader(this.#units(), { isPaced: true });
    try {
      for (let unit = await encoder.next(signal); unit; unit = await encoder.next(signal)) {
        this.hub.push(unit);
        if (unit.kind === 'video') this.pushedAt.push(performance.now());
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  *#units(): Generator<StreamUnit> {
    yield* configsOf(this.#fixture);
    yield* repeated(this.#fixture, 1000);
  }
}
