import type { ReactNode } from 'react';
import { describeError } from '../../../shared/contract/error-text';
import type { WireError } from '../../../shared/contract/errors';
import { Button } from '../../ui/button';
import { useSecondsSince, useStudio } from '../../studio-context';

function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid h-full place-items-center p-6">
      <div className="w-full max-w-lg">
        <p className="mb-6 flex items-center gap-2.5 text-base font-semibold text-soft">
          <img src="./icon.svg" alt="" width={28} height={28} />
          Stream Manager Studio
        </p>
        <h1 className="mb-2 text-xl font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** No token in the address nor in this tab. */
export function TokenMissingPage() {
  const { sentence, remedy } = describeError({ code: 'unauthorised', details: {} });
  return (
    <Page title="This page needs the studio’s link">
      <p className="text-lg text-soft">
        {sentence} {remedy}
      </p>
      <p className="mt-4 text-base leading-relaxed text-mute">
        The studio prints its link in the terminal when it starts; it ends in{' '}
        <code className="text-soft">#token=…</code>. Starting the studio once more also opens it: a second
        start finds the running one.
      </p>
    </Page>
  );
}

export function RefusedPage({ error }: { error: WireError }) {
  const { sentence, remedy } = describeError(error);
  return (
    <Page
      title={
        error.code === 'unauthorised' ? 'The studio did not accept this link' : 'The studio refused this page'
      }
    >
      <p className="text-lg text-soft">
        {sentence} {remedy}
      </p>
      <div className="mt-5">
        <Button
          look="main"
          isLarge
          onPress={() => {
            location.reload();
          }}
        >
          Reload the page
        </Button>
      </div>
    </Page>
  );
}

export function ConnectingPage() {
  return (
    <Page title="Connecting to the studio…">
      <p className="text-lg text-soft" role="status">
        It answers within a moment.
      </p>
    </Page>
  );
}

/** The engine was never reached since the page was opened. */
export function UnreachablePage({ retryAt, reason }: { retryAt: number; reason: string }) {
  return (
    <Page title="The studio does not answer">
      <p className="text-lg text-soft" role="status">
        Connection lost, reconnecting <Countdown retryAt={retryAt} /> ({reason}).
      </p>
      <p className="mt-3 mb-5 text-base text-mute">
        Is it still running? This page connects by itself once it is.
      </p>
      <RetryButton />
    </Page>
  );
}

/** Over the window while the connection is away; everything stays readable below it. */
export function LostBanner({ retryAt, reason }: { retryAt: number | null; reason: string | null }) {
  return (
    <div
      role="alert"
      className="fixed top-15 left-1/2 z-45 flex -translate-x-1/2 items-center gap-4 rounded-lg border border-warn/40 bg-lift py-2.5 pr-2.5 pl-4 shadow-pop"
    >
      <span aria-hidden="true" className="pulse size-2.5 rounded-full bg-warn" />
      <div className="text-base">
        <p className="font-semibold">Connection lost, reconnecting</p>
        <p className="text-sm text-soft">
          {reason === null ? 'Asking the engine…' : `${capitalized(reason)}; next try `}
          {retryAt !== null && <Countdown retryAt={retryAt} />}
        </p>
      </div>
      <RetryButton />
    </div>
  );
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Countdown({ retryAt }: { retryAt: number }) {
  const secondsLeft = Math.max(0, -useSecondsSince(retryAt));
  return <span className="tabular-nums">{secondsLeft > 0 ? `in ${secondsLeft} s` : 'now'}</span>;
}

function RetryButton() {
  const { client } = useStudio();
  return (
    <Button
      onPress={() => {
        client.connect();
      }}
    >
      Try now
    </Button>
  );
}
