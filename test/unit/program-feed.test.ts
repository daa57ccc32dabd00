import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { ProgramFeed } from '../../electron/streaming/lan-preview/program-feed';
import { flvFileHeader, flvTag } from '../../electron/streaming/media/flv';
import { FlvStream } from '../../electron/streaming/media/flv-stream';
import { waitFor } from '../support/wait-for';

it('tells viewers that it does not carry a VP9 program, instead of that there is none', async () => {
  const stream = new FlvStream('test');
  const size = { width: 640, height: 360, fps: 30, bitrateKbps: 1000 };
  const config = { kind: 'video-config', codec: 'vp9', ...size, data: new Uint8Array(8) } as const;
  const place = { ptsUs: 0, dtsUs: 0, frameIndex: 0, isKeyframe: true, isDisposable: false };
  const picture = { kind: 'video', codec: 'vp9', ...place, data: Uint8Array.of(0x82, 0x49) } as const;
  const tags = [config, picture].flatMap((unit) => stream.push(unit));
  let asked = 0;
  const engine = createServer((_request, response) => {
    asked++;
    response.writeHead(200, { 'Content-Type': 'video/x-flv' });
    response.write(flvFileHeader({ video: true, audio: false }));
    for (const { typeId, timestampMs, parts } of tags)
      for (const part of flvTag(typeId, timestampMs, parts)) response.write(part);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const { port } = engine.address() as AddressInfo;
  const feed = new ProgramFeed(`http://127.0.0.1:${port}/live/program.flv`);
  await feed.start();
  await waitFor(() => 'status' in feed.program && feed.program.status === 406, 'the reason');
  expect(feed.program).toMatchObject({ reason: expect.stringContaining('H.264') as string });
  expect(asked).toBe(1);
  await feed.stop();
  engine.closeAllConnections();
  await new Promise((resolve) => engine.close(resolve));
});
