import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { PointerEvent as ReactPointerEvent } from 'react';
import { cursorFor, frameView, gripUnder } from '../editor/frame-view';
import type { Point } from '../editor/geometry';
import { itemsAt } from '../editor/placed-item';
import type { StageEditor } from '../editor/stage-editor';
import { stageKey } from '../editor/stage-keys';
import type { PointerInput } from '../editor/tool-state';
import { useEditor, useEditorState } from '../editor/use-editor';
import { toCanvas } from '../editor/view-port';
import { useIsOnline } from '../studio-context';
import { EditorFrame } from './editor-frame';
import { ItemMenu } from './item-menu';
import { UploadCards } from './upload-cards';
import { useIncomingFiles } from './use-incoming-files';

type Modified = Pick<PointerEvent, 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>;

function inputOf(editor: StageEditor, screen: Point, event: Modified): PointerInput {
  return {
    screen,
    at: toCanvas(editor.view, screen),
    shift: event.shiftKey,
    ctrl: event.ctrlKey || event.metaKey,
    alt: event.altKey,
  };
}

/** The surface over the picture that takes pointer and keys; what they mean is decided by the tools. */
export function CanvasEditor() {
  const editor = useEditor();
  const isOnline = useIsOnline();
  const surfaceRef = useRef<HTMLDivElement>(null);
  const [menuAt, setMenuAt] = useState<Point | null>(null);
  const [isDropping, setDropping] = useState(false);
  const incoming = useIncomingFiles();
  useRoom(surfaceRef, editor);
  useWheel(surfaceRef, editor);
  useEffect(() => editor.attach(), [editor]);
  const handlers = useSurface(editor, surfaceRef);

  const openMenu = (at: Point, isPointer: boolean): void => {
    if (isPointer) {
      const [hit] = itemsAt(editor.items, toCanvas(editor.view, at));
      const isChosen = editor.selectedItems.some(({ item }) => item.id === hit?.item.id);
      if (!isChosen) editor.select(hit ? [hit.item.id] : []);
    }
    setMenuAt(at);
  };

  return (
    <div
      ref={surfaceRef}
      role="application"
      aria-label="Canvas editor"
      aria-roledescription="canvas"
      aria-describedby="canvas-editor-help"
      aria-disabled={!isOnline}
      tabIndex={0}
      className="stage-editor"
      data-testid="canvas-editor"
      {...(isOnline && handlers)}
      onDragOver={(event) => {
        if (!isOnline || !event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={(event) => {
        setDropping(false);
        const files = [...event.dataTransfer.files];
        if (!isOnline || files.length === 0) return;
        event.preventDefault();
        const bounds = event.currentTarget.getBoundingClientRect();
        const at = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
        incoming.take(files, toCanvas(editor.view, at));
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        if (!isOnline) return;
        // The keyboard's menu key comes without a place.
        const isPointer = event.button === 2;
        const bounds = event.currentTarget.getBoundingClientRect();
        const frame = frameView(editor.world, editor.view, bounds).frame;
        const byKey = frame ?? { x: 0, y: 0, width: bounds.width, height: bounds.height };
        openMenu(
          isPointer
            ? { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
            : { x: byKey.x + byKey.width / 2, y: byKey.y + byKey.height / 2 },
          isPointer,
        );
      }}
    >
      <EditorFrame />
      {isDropping && <div className="drop-veil">Drop to add to the scene</div>}
      <UploadCards incoming={incoming} />
      <p id="canvas-editor-help" className="sr-only">
        Arrow keys move what is selected by one pixel, with Shift by ten. The menu key opens all commands.
        Items are chosen in the list of sources.
      </p>
      <Said />
      <ItemMenu
        at={menuAt}
        here={menuAt ? itemsAt(editor.items, toCanvas(editor.view, menuAt)) : []}
        onClose={() => {
          setMenuAt(null);
          surfaceRef.current?.focus();
        }}
      />
    </div>
  );
}

/** What happened, for who does not see it. */
function Said() {
  const said = useEditorState((state) => state.said);
  return (
    <p role="status" className="sr-only" data-testid="editor-said">
      <span key={said.number}>{said.text}</span>
    </p>
  );
}

/** Pointer and keys, told to the tools; the cursor is set without a render. */
function useSurface(editor: StageEditor, surfaceRef: React.RefObject<HTMLDivElement | null>) {
  const pointer = useRef<PointerInput | null>(null);
  const isSpaceHeld = useRef(false);

  const screenOf = (event: { clientX: number; clientY: number }): Point => {
    const bounds = surfaceRef.current?.getBoundingClientRect();
    return { x: event.clientX - (bounds?.left ?? 0), y: event.clientY - (bounds?.top ?? 0) };
  };
  const showCursor = (): void => {
    const surface = surfaceRef.current;
    const { room, tool } = editor.store.getState();
    const input = pointer.current;
    if (!surface || !room || !input) return;
    const { world } = editor;
    const frame = frameView(world, editor.view, room);
    const under = { grip: gripUnder(frame, input.screen), at: input.at, isPan: isSpaceHeld.current };
    surface.style.cursor = cursorFor(tool, frame, under, world);
    const isFree = tool.tool === 'idle' && under.grip === null;
    editor.hover(isFree ? (itemsAt(world.items, input.at)[0]?.item.id ?? null) : null);
  };
  const moveTo = (input: PointerInput): void => {
    pointer.current = input;
    if (editor.store.getState().tool.tool !== 'idle') editor.dispatch({ type: 'move', ...input });
    showCursor();
  };
  /** Shift, control and alt change what a drag does, also while the hand is still. */
  const modified = (event: Modified & { key: string }): void => {
    const input = pointer.current;
    if (!input || !['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    moveTo(inputOf(editor, input.screen, event));
  };

  return {
    onPointerDown(event: ReactPointerEvent<HTMLDivElement>) {
      if (event.target !== event.currentTarget || event.button === 2) return;
      // A ring around everything is for who comes by keyboard.
      event.currentTarget.dataset.pointer = '';
      event.currentTarget.focus({ preventScroll: true });
      event.currentTarget.setPointerCapture(event.pointerId);
      // No text selection, and no scrolling by the middle button.
      event.preventDefault();
      const input = inputOf(editor, screenOf(event), event);
      pointer.current = input;
      const { room } = editor.store.getState();
      if (!room) return;
      const grip = gripUnder(frameView(editor.world, editor.view, room), input.screen);
      editor.dispatch({ type: 'press', ...input, grip, isPan: event.button === 1 || isSpaceHeld.current });
      showCursor();
    },
    onPointerMove(event: ReactPointerEvent<HTMLDivElement>) {
      moveTo(inputOf(editor, screenOf(event), event));
    },
    onPointerUp(event: ReactPointerEvent<HTMLDivElement>) {
      const input = inputOf(editor, screenOf(event), event);
      pointer.current = input;
      editor.dispatch({ type: 'release', ...input });
      showCursor();
    },
    onPointerCancel() {
      editor.dispatch({ type: 'cancel' });
    },
    onPointerLeave() {
      editor.hover(null);
    },
    onBlur() {
      isSpaceHeld.current = false;
    },
    onKeyDown(event: React.KeyboardEvent<HTMLDivElement>) {
      if (event.target !== event.currentTarget) return;
      delete event.currentTarget.dataset.pointer;
      if (event.key === ' ') {
        isSpaceHeld.current = true;
        event.preventDefault();
        showCursor();
        return;
      }
      if (stageKey(editor, event)) {
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      // Alt alone would take the focus to the window's menu in the middle of a drag.
      if (event.key === 'Alt' && editor.store.getState().tool.tool !== 'idle') event.preventDefault();
      modified(event);
    },
    onKeyUp(event: React.KeyboardEvent<HTMLDivElement>) {
      if (event.key === ' ') isSpaceHeld.current = false;
      modified(event);
      showCursor();
    },
  };
}

/** The editor knows how much room there is before the first paint. */
function useRoom(surfaceRef: React.RefObject<HTMLDivElement | null>, editor: StageEditor): void {
  useLayoutEffect(() => {
    const surface = surfaceRef.current;
    if (!surface) return;
    const measure = (): void => {
      if (surface.clientWidth > 0)
        editor.measure({ width: surface.clientWidth, height: surface.clientHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(surface);
    return () => observer.disconnect();
  }, [surfaceRef, editor]);
}

/** The wheel pans, with control it zooms at the pointer. React's own handler could not keep the page from zooming. */
function useWheel(surfaceRef: React.RefObject<HTMLDivElement | null>, editor: StageEditor): void {
  useEffect(() => {
    const surface = surfaceRef.current;
    if (!surface) return;
    const turn = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey && editor.store.getState().zoom === null) return;
      event.preventDefault();
      const bounds = surface.getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (event.ctrlKey || event.metaKey) {
        const at = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
        editor.zoomTo(editor.view.scale * Math.exp(-event.deltaY * lines * 0.002), at);
      } else {
        const [x, y] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
        editor.pan({ x: -x * lines, y: -y * lines });
      }
    };
    surface.addEventListener('wheel', turn, { passive: false });
    return () => surface.removeEventListener('wheel', turn);
  }, [surfaceRef, editor]);
}
