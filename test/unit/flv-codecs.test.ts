import { expect, it } from 'vitest';
import type { VideoCodec } from '../../electron/streaming/interfaces/packet';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { Egress } from '../../electron/studio/egress';
import { plainDestination } from '../support/plain-destination';
import { waitFor } from '../support/wait-for';

it('tells a destination at once that RTMP does not carry the codec, and feeds no server with it', async () => {
  let codec: VideoCodec = 'vp8';
  const hub = new PacketHub();
  const size = { width: 640, height: 360, fps: 30, bitrateKbps: 1000 };
  hub.push({ kind: 'video-config', codec, ...size, data: new Uint8Array() });
  const egress = new Egress(hub, silentLogger, { codec: () => codec });
  await egress.serveLocally('rtmp://127.0.0.1:9/live', 'key');
  egress.addDestination({
    ...plainDestination,
    serviceId: null,
    name: 'Away',
    url: 'rtmp://127.0.0.1:9/live',
    key: 'k',
  });
  egress.goLive();
  const failed = await waitFor(
    () => egress.outputs().find(({ status }) => status.state === 'failed'),
    'the refusal',
  );
  expect(failed).toMatchObject({
    name: 'Away',
    status: { error: { code: 'codec-unsupported', details: { codec: 'vp8' } } },
  });
  expect(egress.outputs().map(({ kind }) => kind)).toEqual(['destination']);
  await egress.endLive();

  // Another program: nobody listens there, and it is tried again and again.
  codec = 'h264';
  egress.feedFrom(new PacketHub());
  egress.goLive();
  await waitFor(() => egress.outputs()[0]?.status.state === 'reconnecting', 'an attempt');
  await egress.stop();
});
