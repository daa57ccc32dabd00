// Records a fixture in real time until it is killed. Arguments: fixture file (v8-serialized), recording path.
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import { Recording } from '../../electron/streaming/output/recording';
import { configsOf, repeated } from './encoded-fixture';
import type { EncodedFixture } from './encoded-fixture';
import { TestPacketReader } from './test-packets';

const [fixturePath, recordingPath] = process.argv.slice(2);
const fixture = deserialize(readFileSync(fixturePath!)) as EncodedFixture;

function* units(): Generator<StreamUnit> {
  yield* configsOf(fixture);
  let frames = 0;
  for (const packet of repeated(fixture, 100)) {
    yield packet;
    if (packet.kind === 'video') process.stdout.write(`${++frames}\n`);
  }
}

const recording = new Recording({ id: 'r', name: 'r', path: recordingPath! });
await recording.run(
  new TestPacketReader(units(), { isPaced: true }),
  new AbortController().signal,
  () => undefined,
);
