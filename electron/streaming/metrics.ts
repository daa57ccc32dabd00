import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; around one frame's time at 30–60 fps. */
const frameBuckets = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.1, 0.2];
/** Seconds; encoder and pipeline delays. */
const delayBuckets = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2];

/** Seconds; the packet hub, from where nothing waits to where pictures are dropped. */
const waitBuckets = [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1];

/** The Prometheus registry and every name in it. The names are a promise to dashboards: they never change. */
export class Metrics {
  readonly registry = new Registry();

  readonly rtmpConnections = this.#counter(
    'rtmp_connections_total',
    'Connections the RTMP server has accepted',
  );
  readonly rtmpActiveStreams = this.#gauge(
    'rtmp_active_streams',
    'Streams being published to the RTMP server now',
  );
  readonly rtmpBandwidth = this.#counter('rtmp_bandwidth_bytes', 'Bytes the RTMP server received and sent', [
    'direction',
  ]);
  readonly rtmpErrors = this.#counter(
    'rtmp_errors_total',
    'Connections and messages the RTMP server refused, by kind',
    ['kind'],
  );
  readonly encoderFps = this.#gauge(
    'encoder_fps',
    'Frames a second the video encoder delivers (mean of 2 s)',
  );
  readonly encoderBitrate = this.#gauge(
    'encoder_bitrate',
    'Video bits per second the encoder delivers (mean of 2 s)',
  );
  readonly encoderQueueSize = this.#gauge(
    'encoder_queue_size',
    'Frames handed to the encoder that have not come out yet',
  );
  readonly encoderDroppedFrames = this.#counter(
    'encoder_dropped_frames',
    'Frames skipped because the encoder was late',
  );
  readonly encoderRtmpLatency = this.#gauge(
    'encoder_rtmp_latency',
    'Seconds from a frame tick to its packet at the RTMP server fan-out',
  );

  readonly composeTime = this.#histogram(
    'compositor_frame_seconds',
    'Time to compose one frame',
    frameBuckets,
  );
  readonly encodeTime = this.#histogram(
    'encoder_frame_seconds',
    'From a frame tick to its encoded packet',
    delayBuckets,
  );
  readonly pipelineTime = this.#histogram(
    'pipeline_frame_seconds',
    'From a frame tick to its packet at the RTMP server fan-out',
    delayBuckets,
  );
  readonly ticks = this.#counter('compositor_ticks_total', 'Frame ticks since the start');
  readonly laggedFrames = this.#counter(
    'compositor_lagged_frames_total',
    'Ticks for which the compositor was late',
  );
  readonly droppedFrames = this.#counter(
    'output_dropped_frames_total',
    'Frames left out of an output because its network was late',
    ['output'],
  );

  readonly hubTime = this.#histogram(
    'hub_packet_seconds',
    'How long a picture waited in the packet hub until the output took it',
    waitBuckets,
    ['output'],
  );
  readonly renditionFps = this.#gauge(
    'rendition_fps',
    'Frames a second the encoder of the program, or of a variant that runs, delivers (mean of 5 s)',
    ['rendition'],
  );
  readonly renditionBitrate = this.#gauge(
    'rendition_bitrate',
    'Video bits per second the encoder of the program, or of a variant that runs, delivers (mean of 5 s)',
    ['rendition'],
  );
  readonly renditionSkippedFrames = this.#counter(
    'rendition_skipped_frames_total',
    'Frames left out of the program, or of a variant, because its encoder was late',
    ['rendition'],
  );

  readonly lanViewers = this.#gauge('lan_preview_viewers', 'Viewers in the local network now');
  readonly lanBytes = this.#counter('lan_preview_bytes_total', 'Bytes sent to viewers in the local network');
  readonly lanRefused = this.#counter(
    'lan_preview_refused_total',
    'Requests from the local network that were refused, by reason',
    ['reason'],
  );

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] });
  }

  async text(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}

/** Counters only rise: moves one to a total that is counted elsewhere. */
export class TotalFollower {
  readonly #increase: (by: number) => void;
  #seen = 0;

  constructor(increase: (by: number) => void) {
    this.#increase = increase;
  }

  follow(total: number): void {
    // A part that was restarted counts from zero again.
    const by = total >= this.#seen ? total - this.#seen : total;
    if (by > 0) this.#increase(by);
    this.#seen = total;
  }
}
