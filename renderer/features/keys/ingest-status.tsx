import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { StatusText } from '../../ui/status';
import { TextField } from '../../ui/text-field';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

/** In the head of the dock: whether encoders can connect, and where. */
export function IngestStatus() {
  const ingest = useSlice('ingest');
  const at = `${ingest.host}:${ingest.port}`;
  switch (ingest.state) {
    case 'running':
      return <StatusText tone="good">RTMP on {at}</StatusText>;
    case 'starting':
      return (
        <StatusText tone="warn" isBusy>
          RTMP starting…
        </StatusText>
      );
    case 'restarting':
      return (
        <StatusText tone="warn" isBusy>
          RTMP restarting…
        </StatusText>
      );
    case 'degraded':
      return <StatusText tone="air">RTMP not available</StatusText>;
  }
}

const portOf = (text: string): number | null => {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65535 ? port : null;
};

/** Why encoders cannot connect, with the remedy at hand: another port. */
export function IngestProblem() {
  const ingest = useSlice('ingest');
  const { setIngestPort } = useActions();
  const isOnline = useIsOnline();
  const [text, setText] = useState('');
  if (ingest.state !== 'degraded' || !ingest.error) return null;
  const suggested = String(ingest.port < 65535 ? ingest.port + 1 : 1935);
  const port = portOf(text === '' ? suggested : text);
  return (
    <div
      role="group"
      aria-label="Incoming streams are not available"
      className="mx-3.5 mb-3 flex flex-col gap-2"
    >
      <ErrorNote error={ingest.error} tone="air" />
      <Form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (port !== null) void setIngestPort(port);
        }}
      >
        <TextField
          label="Port (0 picks a free one)"
          inputMode="numeric"
          placeholder={suggested}
          value={text}
          onChange={setText}
          maxLength={5}
        />
        <Button look="main" type="submit" isDisabled={port === null || !isOnline}>
          Use another port
        </Button>
      </Form>
    </div>
  );
}
