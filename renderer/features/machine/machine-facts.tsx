import type { ReactNode } from 'react';
import { formatRate } from '../../../shared/model/frame-rate';
import { Chip } from '../../ui/status';
import { formatCodec, formatDuration } from '../../ui/format';
import { useSecondsSince, useSlice } from '../../studio-context';

/** A full FFmpeg lists more than two hundred; these are what a stream or a recording can carry. */
const streamingCodecs = /264|265|hevc|av1|vp[89]|libvpx|^aac|^libfdk_aac|opus/;

/** Encoder, processor, FFmpeg, folders: what the studio runs on. */
export function MachineFacts() {
  const machine = useSlice('machine');
  const ffmpeg = useSlice('ffmpeg');
  const program = useSlice('program');
  const engine = useSlice('engine');
  const usableEncoders = ffmpeg?.encoders.filter((name) => streamingCodecs.test(name)) ?? [];
  const upSeconds = useSecondsSince(engine.startedAt);
  return (
    <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-2.5 text-base">
      <Fact name="Encoder">
        {program.encoder ? (
          <>
            <span className="font-medium">{program.encoder.name}</span>, profile{' '}
            <span className="font-medium">{program.encoder.profile}</span>
            <p className="text-sm text-mute">{program.encoder.reason}</p>
          </>
        ) : (
          'not chosen yet'
        )}
      </Fact>
      <Fact name="Program">
        {program.width}×{program.height} at {formatRate(program.fps)} fps, {formatCodec(program.codec)},{' '}
        {program.bitrateKbps} kbit/s
      </Fact>
      <Fact name="Processor">
        {machine.cpuModel}, {machine.cores} {machine.cores === 1 ? 'core' : 'cores'}
        <Tags names={machine.cpuFeatures} none="No SIMD features reported" />
      </Fact>
      <Fact name="FFmpeg">
        {ffmpeg ? (
          <>
            {ffmpeg.version} <span className="text-mute">from {ffmpeg.origin}</span>
            <p className="font-mono text-sm break-all text-mute">{ffmpeg.path}</p>
            <Tags names={usableEncoders} none="No encoder that the studio can use" />
            {ffmpeg.encoders.length > usableEncoders.length && (
              <p className="mt-1 text-sm text-mute">
                and {ffmpeg.encoders.length - usableEncoders.length} others that streaming has no use for
              </p>
            )}
          </>
        ) : (
          <span className="text-warn">none found</span>
        )}
      </Fact>
      <Fact name="Local stream">
        <span className="font-mono text-sm break-all">{engine.rtmpUrl ?? 'not available'}</span>
      </Fact>
      <Fact name="Saved keys">
        encrypted; what opens them lies in{' '}
        {machine.keyStore === 'system' ? 'the key store of this system' : 'a file of the data folder'}
      </Fact>
      <Fact name="Data folder">
        <span className="font-mono text-sm break-all">{engine.dataDir}</span>
      </Fact>
      <Fact name="Studio">
        version {engine.version}, process {engine.pid}, up {formatDuration(upSeconds * 1000)} on{' '}
        {machine.platform}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-sm text-mute">{name}</dt>
      <dd className="min-w-0 text-soft">{children}</dd>
    </>
  );
}

function Tags({ names, none }: { names: readonly string[]; none: string }) {
  if (names.length === 0) return <p className="text-sm text-mute">{none}</p>;
  return (
    <ul className="mt-1.5 flex flex-wrap gap-1">
      {names.map((name) => (
        <li key={name}>
          <Chip tone="calm">{name}</Chip>
        </li>
      ))}
    </ul>
  );
}
