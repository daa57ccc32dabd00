import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button';
import { copyText } from './copy-text';

interface CopyButtonProps {
  /** accessible name: `Copy key` */
  label: string;
  text: string;
  isIcon?: boolean;
}

export function CopyButton({ label, text, isIcon = false }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'failed'>('none');
  useEffect(() => {
    if (outcome === 'none') return;
    const timer = setTimeout(() => {
      setOutcome('none');
    }, 2000);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);

  const copy = async (): Promise<void> => {
    setOutcome((await copyText(text)) ? 'copied' : 'failed');
  };
  const icon = outcome === 'copied' ? <Check size={14} className="text-good" /> : <Copy size={14} />;
  return (
    <>
      {isIcon ? (
        <IconButton label={label} icon={icon} onPress={copy} />
      ) : (
        <Button aria-label={label} onPress={copy}>
          {icon}
          {outcome === 'failed' ? 'Select it by hand' : outcome === 'copied' ? 'Copied' : 'Copy'}
        </Button>
      )}
      <span role="status" className="sr-only">
        {outcome === 'copied' ? 'Copied' : ''}
      </span>
    </>
  );
}
