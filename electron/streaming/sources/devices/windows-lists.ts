import { z } from 'zod';
import type { FoundDevice } from '../source';

const rectangle = { x: z.number(), y: z.number(), width: z.number(), height: z.number() };
const desktopSchema = z.object({
  screens: z.array(z.object({ name: z.string(), isPrimary: z.boolean(), ...rectangle })),
  windows: z.array(z.object({ title: z.string(), program: z.string() })),
});

/** Asks Windows for its screens and for the programs that show a window; answers in JSON as `windowsDesktop` reads it. */
export const desktopScript = [
  'Add-Type -AssemblyName System.Windows.Forms;',
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8;',
  '$s = @([System.Windows.Forms.Screen]::AllScreens | ForEach-Object { @{',
  'name = $_.DeviceName; isPrimary = $_.Primary; x = $_.Bounds.X; y = $_.Bounds.Y;',
  'width = $_.Bounds.Width; height = $_.Bounds.Height } });',
  "$w = @(Get-Process | Where-Object { $_.MainWindowTitle -ne '' } | ForEach-Object {",
  '@{ title = $_.MainWindowTitle; program = $_.ProcessName } });',
  'ConvertTo-Json -Compress -Depth 3 @{ screens = $s; windows = $w }',
].join(' ');

/**
 * @param canDuplicate this FFmpeg knows Desktop Duplication
 * @throws Error (zod's, or JSON's) for anything else than what the script prints
 */
export function windowsDesktop(json: string, canDuplicate: boolean): FoundDevice[] {
  const { screens, windows } = desktopSchema.parse(JSON.parse(json));
  return [
    ...screens.map(({ name, isPrimary, x, y, width, height }, output): FoundDevice => {
      const number = /(\d+)$/.exec(name)?.[1] ?? String(output + 1);
      return {
        ...{
          id: `windows:${name}`,
          kind: 'screen',
          name: `Display ${number}`,
          isDefault: isPrimary,
          modes: [],
        },
        size: { width, height },
        address: { system: 'gdigrab', output, canDuplicate, title: null, x, y },
      };
    }),
    ...windows.map(({ title, program }): FoundDevice => ({
      ...{
        id: `windows:window:${program}:${title}`.slice(0, 480),
        kind: 'window',
        name: title.slice(0, 300),
      },
      ...{ isDefault: false, size: null, modes: [] },
      address: { system: 'gdigrab', output: 0, canDuplicate: false, title, x: 0, y: 0 },
    })),
  ];
}
