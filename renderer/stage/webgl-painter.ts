import type { PreviewFrame } from '../../shared/contract/preview-frame';
import type { FramePainter } from './frame-painter';

const vertexSource = `
attribute vec2 corner;
varying vec2 at;
void main() {
  at = vec2(corner.x, 1.0 - corner.y);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

// ITU-R BT.709-6 §3: limited range Y 16…235, C 16…240, Kr = 0.2126, Kb = 0.0722.
const fragmentSource = `
precision highp float;
varying vec2 at;
uniform sampler2D planeY;
uniform sampler2D planeU;
uniform sampler2D planeV;
void main() {
  float y = (texture2D(planeY, at).r - 16.0 / 255.0) * (255.0 / 219.0);
  float u = (texture2D(planeU, at).r - 128.0 / 255.0) * (255.0 / 224.0);
  float v = (texture2D(planeV, at).r - 128.0 / 255.0) * (255.0 / 224.0);
  gl_FragColor = vec4(y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u, 1.0);
}`;

const planeNames = ['planeY', 'planeU', 'planeV'] as const;

interface Program {
  textures: WebGLTexture[];
  /** size of the textures that are allocated; a frame of the same size only replaces their content */
  width: number;
  height: number;
}

function compile(gl: WebGLRenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type);
  if (!shader) throw new Error('WebGL gave no shader');
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost())
    throw new Error(`preview shader: ${gl.getShaderInfoLog(shader) ?? 'not compiled'}`);
  return shader;
}

function createProgram(gl: WebGLRenderingContext): Program {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, vertexSource));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, fragmentSource));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`preview shader: ${gl.getProgramInfoLog(program) ?? 'not linked'}`);
  gl.useProgram(program);

  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  const corner = gl.getAttribLocation(program, 'corner');
  gl.enableVertexAttribArray(corner);
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);

  // Rows of odd width are not padded.
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  const textures = planeNames.map((name, unit) => {
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const axis of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(gl.TEXTURE_2D, axis, gl.CLAMP_TO_EDGE);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.LINEAR);
    gl.uniform1i(gl.getUniformLocation(program, name), unit);
    return texture;
  });
  return { textures, width: 0, height: 0 };
}

/** @returns null when the browser has no WebGL */
export function createWebglPainter(canvas: HTMLCanvasElement): FramePainter | null {
  const gl = canvas.getContext('webgl', {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    // The last picture can be read back and stays over a tab switch.
    preserveDrawingBuffer: true,
    powerPreference: 'low-power',
  });
  if (!gl) return null;
  let program: Program | null = createProgram(gl);

  const onLost = (event: Event): void => {
    // Without this the browser never restores the context (driver update, laptop waking up).
    event.preventDefault();
    program = null;
  };
  const onRestored = (): void => {
    program = createProgram(gl);
  };
  canvas.addEventListener('webglcontextlost', onLost);
  canvas.addEventListener('webglcontextrestored', onRestored);

  return {
    kind: 'webgl',
    paint(frame: PreviewFrame) {
      if (!program) return;
      const { width, height } = frame;
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      gl.viewport(0, 0, width, height);
      const isSameSize = program.width === width && program.height === height;
      [frame.y, frame.u, frame.v].forEach((plane, unit) => {
        const planeWidth = unit === 0 ? width : width / 2;
        const planeHeight = unit === 0 ? height : height / 2;
        gl.activeTexture(gl.TEXTURE0 + unit);
        if (isSameSize) {
          gl.texSubImage2D(
            gl.TEXTURE_2D,
            0,
            0,
            0,
            planeWidth,
            planeHeight,
            gl.LUMINANCE,
            gl.UNSIGNED_BYTE,
            plane,
          );
        } else {
          gl.texImage2D(
            gl.TEXTURE_2D,
            0,
            gl.LUMINANCE,
            planeWidth,
            planeHeight,
            0,
            gl.LUMINANCE,
            gl.UNSIGNED_BYTE,
            plane,
          );
        }
      });
      program.width = width;
      program.height = height;
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    },
    dispose() {
      canvas.removeEventListener('webglcontextlost', onLost);
      canvas.removeEventListener('webglcontextrestored', onRestored);
      for (const texture of program?.textures ?? []) gl.deleteTexture(texture);
      program = null;
    },
  };
}
