import type { SourceSettingsOf } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { ColorField } from '../../ui/color-field';
import { FileField } from './file-field';
import { NumberField } from '../../ui/number-field';
import { Row } from './section';
import { useSourceEdits } from './use-edits';

export function ImageFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'image'>;
}) {
  const patch = useSourceEdits(source);
  return (
    <>
      <FileField
        label="File"
        path={settings.path}
        accept="image/*"
        onChange={(path, gesture) => patch({ path }, 'File', gesture)}
      />
      {source.size && (
        <p className="text-xs text-mute">
          {source.size.width}×{source.size.height} pixels
        </p>
      )}
    </>
  );
}

export function ColorSourceFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'color'>;
}) {
  const patch = useSourceEdits(source);
  return (
    <>
      <ColorField
        label="Colour"
        value={settings.color}
        hasAlpha
        onChange={(color, gesture) => patch({ color }, 'Colour', gesture)}
      />
      <Row>
        <NumberField
          label="Own width"
          value={settings.width}
          least={1}
          most={8192}
          unit="px"
          onChange={(width, gesture) => patch({ width }, 'Size', gesture)}
        />
        <NumberField
          label="Own height"
          value={settings.height}
          least={1}
          most={8192}
          unit="px"
          onChange={(height, gesture) => patch({ height }, 'Size', gesture)}
        />
      </Row>
    </>
  );
}
