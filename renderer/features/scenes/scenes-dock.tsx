import { Button as AriaButton } from 'react-aria-components';
import { Dock, EmptyNote } from '../../ui/dock';
import { classNames } from '../../ui/class-names';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

export function ScenesDock() {
  const { switchScene } = useActions();
  const isOnline = useIsOnline();
  const scenes = useSlice('scenes');
  const { sceneId } = useSlice('program');
  const isLive = useSlice('live').isLive;
  return (
    <Dock title="Scenes" note={scenes.length}>
      {scenes.length === 0 && <EmptyNote>This collection has no scene.</EmptyNote>}
      <ul className="flex flex-col gap-0.5 px-2">
        {scenes.map((scene) => {
          const isProgram = scene.id === sceneId;
          return (
            <li key={scene.id}>
              <AriaButton
                aria-pressed={isProgram}
                aria-label={scene.name}
                isDisabled={!isOnline}
                onPress={() => {
                  if (!isProgram) void switchScene(scene.id);
                }}
                className={classNames(
                  'flex h-8 w-full items-center gap-2 rounded-md px-2 text-left text-base transition-colors data-[disabled]:opacity-50',
                  isProgram
                    ? 'bg-lift font-medium text-text'
                    : 'text-soft data-[hovered]:bg-raised data-[hovered]:text-text',
                )}
              >
                <span
                  aria-hidden="true"
                  className={classNames(
                    'h-3.5 w-0.75 shrink-0 rounded-full',
                    isProgram ? (isLive ? 'bg-air' : 'bg-text') : 'bg-transparent',
                  )}
                />
                <span className="min-w-0 flex-1 truncate">{scene.name}</span>
                {isProgram && (
                  <span
                    aria-hidden="true"
                    className={classNames(
                      'text-2xs font-semibold tracking-wider',
                      isLive ? 'text-air-soft' : 'text-mute',
                    )}
                  >
                    PGM
                  </span>
                )}
              </AriaButton>
            </li>
          );
        })}
      </ul>
    </Dock>
  );
}
