import { z } from 'zod';
import { wireErrorSchema } from '../../shared/contract/errors';
import { connectionLost, EngineError } from './engine-error';

interface SendOptions {
  /** 0…1 */
  onProgress?: (part: number) => void;
  signal?: AbortSignal;
}

interface ImportOptions extends SendOptions {
  /** the person agreed that it begins to capture devices */
  mayCapture?: boolean;
}

const pathSchema = z.object({ path: z.string().min(1) });

export interface ExportedShow {
  readonly archive: Blob;
  /** files of this computer that are in it */
  readonly fileCount: number;
  /** how large they are in all */
  readonly fileBytes: number;
}

/**
 * Files between the page and the engine, over HTTP with the token of the socket. The engine may run on another computer:
 * a path that it can use is what it answers.
 */
export class EngineFiles {
  readonly #token: string;
  readonly #openRequest: () => XMLHttpRequest;

  constructor(token: string, openRequest: () => XMLHttpRequest = () => new XMLHttpRequest()) {
    this.#token = token;
    this.#openRequest = openRequest;
  }

  /** @returns the path under which sources find it. @throws EngineError; AbortError when the signal came */
  async upload(file: Blob, name: string, options: SendOptions = {}): Promise<string> {
    const text = await this.#send(`/api/files?name=${encodeURIComponent(name)}`, file, options);
    const answer = pathSchema.safeParse(parsed(text));
    if (!answer.success) throw connectionLost('its answer to the file has another shape');
    return answer.data.path;
  }

  /**
   * The file becomes the show.
   * @throws EngineError, with `import-captures` when it would capture devices and `mayCapture` is not given
   */
  async importShow(file: Blob, { mayCapture = false, ...options }: ImportOptions = {}): Promise<void> {
    await this.#send(`/api/show/import${mayCapture ? '?captures=start' : ''}`, file, options);
  }

  /** The show with all its files. @throws EngineError, also when it breaks off in the middle */
  async exportShow(): Promise<ExportedShow> {
    try {
      const response = await fetch('/api/show/export', {
        headers: { authorization: `Bearer ${this.#token}` },
      });
      if (!response.ok) throw failure(response.status, await response.text());
      return {
        archive: await response.blob(),
        fileCount: Number(response.headers.get('X-Show-Files')),
        fileBytes: Number(response.headers.get('X-Show-File-Bytes')),
      };
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw connectionLost(error instanceof Error ? error.message : String(error));
    }
  }

  // Not fetch: it does not tell how far an upload is.
  #send(path: string, body: Blob, { onProgress, signal }: SendOptions): Promise<string> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new DOMException('the upload was cancelled', 'AbortError'));
        return;
      }
      const request = this.#openRequest();
      request.open('POST', path);
      request.setRequestHeader('authorization', `Bearer ${this.#token}`);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0);
      request.onload = () => {
        if (request.status >= 200 && request.status < 300) resolve(request.responseText);
        else reject(failure(request.status, request.responseText));
      };
      request.onerror = () => reject(connectionLost('the connection broke while the file was sent'));
      request.onabort = () => reject(new DOMException('the upload was cancelled', 'AbortError'));
      signal?.addEventListener('abort', () => request.abort(), { once: true });
      request.send(body);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function failure(status: number, text: string): EngineError {
  const wire = wireErrorSchema.safeParse(parsed(text));
  return wire.success ? new EngineError(wire.data) : connectionLost(`it answered with status ${status}`);
}
