import type { ItemBox } from '../../shared/model/placement';
import { frameView, readoutOf } from '../editor/frame-view';
import { centreOf, cornersOf } from '../editor/geometry';
import type { Point, Rect } from '../editor/geometry';
import type { PlacedGrip } from '../editor/handles';
import type { PlacedItem } from '../editor/placed-item';
import { uncutRect } from '../editor/reshape';
import { useEditor, useEditorState, useItemsOnShow } from '../editor/use-editor';
import { boxToScreen, rectToScreen, toScreen } from '../editor/view-port';
import type { ViewPort } from '../editor/view-port';
import { useSlice } from '../studio-context';

const points = (corners: readonly Point[]): string => corners.map(({ x, y }) => `${x},${y}`).join(' ');
const outline = (box: ItemBox): string => points(cornersOf(box));

/** What is selected, held, hovered and snapped to, drawn over the picture. */
export function EditorFrame() {
  const editor = useEditor();
  const { items, selection } = useItemsOnShow();
  const tool = useEditorState((state) => state.tool);
  const hoveredId = useEditorState((state) => state.hoveredId);
  const room = useEditorState((state) => state.room);
  useEditorState((state) => state.zoom);
  useSlice('program');
  if (!room) return null;
  const { view, canvas } = editor;
  const world = { canvas, items, selection, scale: view.scale };
  const { outlines, frame, grips } = frameView(world, view, room);
  const hovered = tool.tool === 'idle' ? items.find(({ item }) => item.id === hoveredId) : undefined;
  const isHeld =
    tool.tool === 'moving' ||
    tool.tool === 'rotating' ||
    tool.tool === 'cropping' ||
    tool.tool === 'resizing';
  const readout = readoutOf(tool, world);
  return (
    <>
      <svg className="stage-overlay" aria-hidden="true" data-testid="editor-frame">
        <defs>
          <pattern
            id="cut-hatch"
            width="8"
            height="8"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="8" height="8" fill="rgb(12 15 17 / 0.45)" />
            <rect width="1.5" height="8" fill="rgb(134 205 245 / 0.55)" />
          </pattern>
        </defs>
        {hovered?.box && !selection.includes(hovered.item.id) && (
          <polygon className="frame-hover" points={outline(boxToScreen(view, hovered.box))} />
        )}
        {tool.tool === 'cropping' &&
          outlines.map(({ placed }) => <CutPart key={placed.item.id} placed={placed} view={view} />)}
        {outlines.map(({ placed: { item }, box }) => (
          <g key={item.id} data-item={item.id}>
            <polygon className="frame-shade" points={outline(box)} />
            <polygon
              className="frame-line"
              points={outline(box)}
              data-quiet={item.isLocked || !item.visible || undefined}
            />
          </g>
        ))}
        {outlines.length > 1 && frame && (
          <polygon className="frame-line" data-quiet points={outline(frame)} />
        )}
        {(isHeld ? tool.guides : []).map((guide) => (
          <GuideLine key={`${guide.axis}${guide.at}`} {...guide} view={view} />
        ))}
        {frame && tool.tool !== 'moving' && tool.tool !== 'marquee' && <Grips frame={frame} grips={grips} />}
        {tool.tool === 'marquee' && (
          <rect className="frame-marquee" {...crisp(rectToScreen(view, tool.rect))} />
        )}
      </svg>
      {frame && readout !== null && (
        <output
          className="frame-readout"
          data-testid="frame-readout"
          style={readoutPlace(frame, room.height)}
        >
          {readout}
        </output>
      )}
    </>
  );
}

const crisp = ({ x, y, width, height }: Rect): Rect => ({
  x: Math.round(x) + 0.5,
  y: Math.round(y) + 0.5,
  width: Math.round(width),
  height: Math.round(height),
});

/** Below the box, or in it where there is no room below. */
function readoutPlace(frame: ItemBox, roomHeight: number): { left: number; top: number } {
  const corners = cornersOf(frame);
  const bottom = Math.max(...corners.map(({ y }) => y));
  return { left: centreOf(frame).x, top: Math.max(4, Math.min(bottom + 8, roomHeight - 24)) };
}

function Grips({ frame, grips }: { frame: ItemBox; grips: readonly PlacedGrip[] }) {
  const rotate = grips.find(({ grip }) => grip === 'rotate');
  const [topLeft, topRight, bottomRight, bottomLeft] = cornersOf(frame);
  const top = { x: (topLeft.x + topRight.x) / 2, y: (topLeft.y + topRight.y) / 2 };
  const bottom = { x: (bottomLeft.x + bottomRight.x) / 2, y: (bottomLeft.y + bottomRight.y) / 2 };
  const isNearTop = rotate && distance(rotate.at, top) <= distance(rotate.at, bottom);
  const foot = isNearTop ? top : bottom;
  return (
    <g>
      {rotate && (
        <>
          <line className="frame-shade" x1={foot.x} y1={foot.y} x2={rotate.at.x} y2={rotate.at.y} />
          <line className="frame-line" x1={foot.x} y1={foot.y} x2={rotate.at.x} y2={rotate.at.y} />
          <circle className="frame-grip" data-grip="rotate" cx={rotate.at.x} cy={rotate.at.y} r={5} />
        </>
      )}
      {grips
        .filter(({ grip }) => grip !== 'rotate')
        .map(({ grip, at }) => (
          <rect
            key={grip}
            className="frame-grip"
            data-grip={grip}
            x={at.x - 4.5}
            y={at.y - 4.5}
            width={9}
            height={9}
            rx={2}
            transform={`rotate(${frame.rotation} ${at.x} ${at.y})`}
          />
        ))}
    </g>
  );
}
const distance = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y);

/** The whole picture around the part that is left. */
function CutPart({ placed, view }: { placed: PlacedItem; view: ViewPort }) {
  const { item, size, box } = placed;
  if (!size || !box) return null;
  const whole = rectToScreen(view, uncutRect(item, size, box));
  const part = boxToScreen(view, box);
  const centre = centreOf(part);
  const ring = (rect: Rect): string => `M${rect.x} ${rect.y}h${rect.width}v${rect.height}h${-rect.width}z`;
  return (
    <path
      className="frame-cut"
      data-testid="cut-part"
      fillRule="evenodd"
      d={ring(whole) + ring(part)}
      transform={`rotate(${part.rotation} ${centre.x} ${centre.y})`}
    />
  );
}

function GuideLine({
  axis,
  at,
  from,
  to,
  view,
}: {
  axis: 'x' | 'y';
  at: number;
  from: number;
  to: number;
  view: ViewPort;
}) {
  const place = (along: number): Point =>
    toScreen(view, axis === 'x' ? { x: at, y: along } : { x: along, y: at });
  const [start, end] = [place(from), place(to)];
  // On a pixel's middle a line of one pixel is one pixel wide.
  const half = (value: number): number => Math.floor(value) + 0.5;
  return (
    <line
      className="frame-guide"
      data-guide={axis}
      x1={axis === 'x' ? half(start.x) : start.x}
      y1={axis === 'y' ? half(start.y) : start.y}
      x2={axis === 'x' ? half(end.x) : end.x}
      y2={axis === 'y' ? half(end.y) : end.y}
    />
  );
}
