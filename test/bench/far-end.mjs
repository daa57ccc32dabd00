// The far end of the destinations in a process of its own: a plain node-media-server. Says on stdout when a publisher was
// accepted and when its first picture is in: `publish|video KEY MICROSECONDS`, by the machine's monotonic clock.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const nodeMediaServer = require('node-media-server');
const logger = require('node-media-server/src/core/logger.js');
logger.log = () => undefined;

const video = 9;
const nowUs = () => process.hrtime.bigint() / 1000n;

const server = new nodeMediaServer({
  bind: '127.0.0.1',
  rtmp: { port: Number(process.argv[2]) },
  store: { path: process.argv[3] },
});
server.on('postPublish', (session) => {
  console.log(`publish ${session.streamName} ${nowUs()}`);
  const take = session.rtmp.onPacketCallback;
  session.rtmp.onPacketCallback = (packet) => {
    take(packet);
    if (packet.codec_type !== video) return;
    console.log(`video ${session.streamName} ${nowUs()}`);
    session.rtmp.onPacketCallback = take;
  };
});
server.run();
