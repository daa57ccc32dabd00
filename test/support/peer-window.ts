import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ContractPeer } from './contract-peer';
import type { UiPage } from './ui-browser';

/** The studio's page before a peer that speaks the engine's contract. */
export interface PeerWindow {
  readonly peer: ContractPeer;
  readonly ui: UiPage;
  readonly page: Page;
}

/** @param show opens the page: in a tab that is kept from test to test, or in one of its own */
export async function openPeerWindow(
  show: (url: string) => Promise<UiPage>,
  peer = new ContractPeer(),
): Promise<PeerWindow> {
  await peer.start();
  const ui = await show(peer.url);
  return { peer, ui, page: ui.page };
}

/** Within the content security policy, and within the contract: in every test. */
export async function closePeerWindow({ peer, ui }: Pick<PeerWindow, 'peer' | 'ui'>): Promise<void> {
  await ui.close();
  await peer.stop();
  expect(ui.problems).toEqual([]);
  expect(peer.violations).toEqual([]);
}
