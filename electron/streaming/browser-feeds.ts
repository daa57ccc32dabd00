import type { BrowserFeeds, BrowserFeedSink } from './sources/source';

/** A page's end of a feed, as the capture socket gives it. */
export interface FeedingPage {
  /** another page captures this source now */
  takenOver(): void;
}

/** What a page may do for the source that it captures. Harmless after `leave`, or once another page took over. */
export interface PageFeed extends Omit<BrowserFeedSink, 'end'> {
  leave(reason: string): void;
}

interface Feed {
  readonly page: FeedingPage;
  began: Parameters<BrowserFeedSink['begin']>[0] | null;
}

/**
 * Joins pages that capture with the sources they capture for: one page a source, and the later one takes over. A source
 * that is made anew (its settings changed) finds the page that was already there.
 */
export class BrowserFeedTable implements BrowserFeeds {
  readonly #sinks = new Map<string, BrowserFeedSink>();
  readonly #feeds = new Map<string, Feed>();

  attach(sourceId: string, sink: BrowserFeedSink): () => void {
    this.#sinks.set(sourceId, sink);
    const began = this.#feeds.get(sourceId)?.began;
    if (began) sink.begin(began);
    return () => {
      // Its successor may have come before it went.
      if (this.#sinks.get(sourceId) === sink) this.#sinks.delete(sourceId);
    };
  }

  /** @returns null: there is no source of this id that a page can capture for */
  join(sourceId: string, page: FeedingPage): PageFeed | null {
    if (!this.#sinks.has(sourceId)) return null;
    const feed: Feed = { page, began: null };
    const former = this.#feeds.get(sourceId);
    this.#feeds.set(sourceId, feed);
    former?.page.takenOver();
    /** none: it is not this page's turn (any more), or its source is being made anew */
    const sink = (): BrowserFeedSink | undefined =>
      this.#feeds.get(sourceId) === feed ? this.#sinks.get(sourceId) : undefined;
    return {
      begin: (what) => {
        feed.began = what;
        sink()?.begin(what);
      },
      picture: (...picture) => sink()?.picture(...picture),
      sound: (...sound) => sink()?.sound(...sound),
      leave: (reason) => {
        if (this.#feeds.get(sourceId) !== feed) return;
        const target = sink();
        this.#feeds.delete(sourceId);
        if (feed.began) target?.end(reason);
      },
    };
  }
}
