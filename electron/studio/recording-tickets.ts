import { randomBytes } from 'node:crypto';
import { isToken } from '../streaming/websocket';

/** a paused video asks for nothing meanwhile; when it is over, the page asks for another */
const idleMs = 30 * 60_000;
/** of windows that look at recordings at the same time; the one that was not used for longest gives way */
const mostTickets = 32;

/** One file that may be read, and no other. */
export interface TicketedFile {
  /** of the recording */
  readonly id: string;
  /** absolute */
  readonly path: string;
  /** no more than these: what lay there of one that still grows; null: all of it */
  readonly bytes: number | null;
  readonly contentType: string;
}

interface Ticket {
  readonly file: TicketedFile;
  readonly secret: string;
  usedAtMs: number;
}

/**
 * A `<video>` can send no token, and an address is no place for the folder's. So it gets a ticket of its own: for one
 * file, for as long as somebody looks at it.
 */
export class RecordingTickets {
  readonly #nowMs: () => number;
  /** the one that was used last comes last */
  #tickets: Ticket[] = [];

  /** @param nowMs monotonic */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @returns 43 characters that stand in an address as they are */
  issue(file: TicketedFile): string {
    const secret = randomBytes(32).toString('base64url');
    this.#tickets = [...this.#valid(), { file, secret, usedAtMs: this.#nowMs() }].slice(-mostTickets);
    return secret;
  }

  /** @returns null: there is no such ticket for this recording, or no longer */
  use(id: string, secret: string): TicketedFile | null {
    const found = this.#valid().find((ticket) => ticket.file.id === id && isToken(secret, ticket.secret));
    if (!found) return null;
    found.usedAtMs = this.#nowMs();
    this.#tickets = [...this.#tickets.filter((ticket) => ticket !== found), found];
    return found.file;
  }

  #valid(): Ticket[] {
    const nowMs = this.#nowMs();
    return this.#tickets.filter(({ usedAtMs }) => nowMs - usedAtMs < idleMs);
  }
}
