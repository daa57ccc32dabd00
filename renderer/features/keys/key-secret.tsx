import { CopyButton } from '../../ui/copy-button';

interface KeySecretProps {
  label: string;
  hint?: string;
  value: string;
  copyLabel: string;
  testId?: string;
}

/** Something to be copied to another device: shown in full, taken by a press. */
export function KeySecret({ label, hint, value, copyLabel, testId }: KeySecretProps) {
  return (
    <div>
      <dt className="mb-1 flex items-baseline gap-2 text-xs font-medium text-soft">
        {label}
        {hint !== undefined && <span className="font-normal text-mute">{hint}</span>}
      </dt>
      <dd className="flex items-start gap-2">
        <code
          data-testid={testId}
          className="min-w-0 flex-1 rounded-md border border-line bg-well px-2.5 py-1.25 font-mono text-sm break-all text-text select-all"
        >
          {value}
        </code>
        <CopyButton label={copyLabel} text={value} />
      </dd>
    </div>
  );
}
