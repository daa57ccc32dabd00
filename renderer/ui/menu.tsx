import { ChevronRight } from 'lucide-react';
import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';
import {
  Header,
  Keyboard,
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  MenuSection as AriaMenuSection,
  Popover,
  Separator,
  SubmenuTrigger,
} from 'react-aria-components';

const surface =
  'z-50 max-h-full min-w-48 overflow-y-auto rounded-lg bg-lift p-1 shadow-pop outline-none select-none';

interface MenuEntryProps {
  label: string;
  /** as it stands on the keys */
  keys?: string;
  icon?: ReactNode;
  isDisabled?: boolean;
  onAction: () => void;
}

/** Closes a menu that has an anchor of its own, from any depth of it. */
const CloseContext = createContext<(() => void) | null>(null);

export function MenuEntry({ label, keys, icon, isDisabled = false, onAction }: MenuEntryProps) {
  const close = useContext(CloseContext);
  const act = (): void => {
    // Closed first: where it gives the focus to must not be where the action did.
    close?.();
    onAction();
  };
  return (
    <AriaMenuItem textValue={label} isDisabled={isDisabled} onAction={act} className="menu-entry">
      {icon}
      <span className="flex-1 truncate">{label}</span>
      {keys !== undefined && <Keyboard className="menu-keys">{keys}</Keyboard>}
    </AriaMenuItem>
  );
}

export function Submenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <SubmenuTrigger delay={120}>
      <AriaMenuItem textValue={label} className="menu-entry">
        <span className="flex-1 truncate">{label}</span>
        <ChevronRight size={13} aria-hidden="true" className="-mr-1 text-mute" />
      </AriaMenuItem>
      <Popover className={surface} offset={2}>
        <AriaMenu aria-label={label} className="outline-none">
          {children}
        </AriaMenu>
      </Popover>
    </SubmenuTrigger>
  );
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <AriaMenuSection aria-label={label}>
      <Header className="truncate px-2.5 pt-1 pb-0.5 text-2xs text-mute">{label}</Header>
      {children}
    </AriaMenuSection>
  );
}

export const MenuLine = () => <Separator className="mx-1.5 my-1 h-px bg-edge" />;

/** The surface of a menu, for use in a `MenuTrigger` or with an anchor of its own. */
export const menuSurface = surface;

interface MenuListProps {
  label: string;
  /** for a menu that no `MenuTrigger` closes */
  onClose?: () => void;
  children: ReactNode;
}

export function MenuList({ label, onClose, children }: MenuListProps) {
  return (
    <CloseContext value={onClose ?? null}>
      <AriaMenu aria-label={label} autoFocus="first" className="outline-none">
        {children}
      </AriaMenu>
    </CloseContext>
  );
}
