import { expect, it } from 'vitest';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { RtmpClient } from '../support/rtmp-client';
import { attackFill, fuzzRtmp } from '../support/rtmp-fuzz';
import { startRtmpServer } from '../support/rtmp-server';
import { waitFor } from '../support/wait-for';

/** `npm run fuzz` asks for more */
const count = Number(process.env['FUZZ_COUNT'] ?? 2000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

it(
  `the same process serves the same player through ${count} malformed inputs`,
  async () => {
    const test = await startRtmpServer({
      lockoutFailures: 1_000_000_000,
      refusalDelayMinMs: 0,
      refusalDelayMaxMs: 5,
      unauthenticatedMs: 1000,
    });
    try {
      const { port, pid } = test.server;
      const viewed = await test.keys.add('Viewed');
      const attacked = await Promise.all(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => test.keys.add(`Attacked ${name}`)),
      );
      const { client: publisher } = await RtmpClient.publish(port, viewed.key);
      const { client: viewer } = await RtmpClient.play(port, viewed.publicName);
      publisher.video('config', 0, 60, 1);
      let sent = 1;
      const show = setInterval(() => {
        publisher.video(sent % 25 === 1 ? 'keyframe' : 'inter', sent * 40, 500, sent % 200);
        sent++;
      }, 20);
      const done = await fuzzRtmp({ port, keys: attacked.map(({ key }) => key), count, seed });
      clearInterval(show);
      publisher.video('keyframe', sent * 40, 500, sent % 200);
      sent++;

      expect(Object.values(done).reduce((sum, each) => sum + each, 0)).toBe(count);
      expect(Object.keys(done)).toHaveLength(10);
      await viewer.until(
        () => viewer.media(rtmpType.video).length === sent,
        'every picture of the publisher',
      );
      // Exactly the publisher's pictures, in order, and never an attacker's.
      const fills = viewer.media(rtmpType.video).map(({ payload }) => payload[50]);
      expect(fills).toEqual([1, ...Array.from({ length: sent - 1 }, (_, index) => (index + 1) % 200)]);
      expect(fills).not.toContain(attackFill);
      expect(test.server.pid).toBe(pid);
      expect(publisher.isClosed || viewer.isClosed).toBe(false);
      await waitFor(
        () => test.server.stats.players === 1 && test.server.stats.publishers === 1,
        'attackers gone',
      );
      const { errors } = test.server.stats;
      // Nothing got as far as an unforeseen exception, and the inputs were bad in more than one way.
      expect(errors.internal ?? 0).toBe(0);
      expect(errors).toMatchObject({
        handshake: expect.any(Number) as number,
        protocol: expect.any(Number) as number,
        injection: expect.any(Number) as number,
      });
      for (const client of [publisher, viewer]) client.destroy();
    } finally {
      await test.server.stop();
    }
  },
  60_000 + count * 30,
);
