/** SwiftShader (Chromium), llvmpipe and softpipe (Mesa), WARP and the Basic Render Driver (Windows) */
const emulators = /swiftshader|llvmpipe|softpipe|\bwarp\b|basic render/i;

/**
 * Whether the processor plays the graphics card here (virtual machines, remote desktops, missing drivers). Browsers
 * do not admit it by `failIfMajorPerformanceCaveat`; the driver's name tells.
 */
export function isGraphicsEmulated(): boolean {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return true;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  // Browsers allow a page only a few contexts.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof renderer === 'string' && emulators.test(renderer);
}
