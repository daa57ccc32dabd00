// The only code of ours with access to both the page and the shell. Sandboxed: one CommonJS file, `electron` only.
import { contextBridge, ipcRenderer } from 'electron';
import { desktopBridgeName, desktopChannels } from '../shared/contract/desktop-bridge';
import type { DesktopBridge } from '../shared/contract/desktop-bridge';

const bridge: DesktopBridge = {
  setLive: (isLive) => ipcRenderer.send(desktopChannels.setLive, isLive),
  retryEngine: () => ipcRenderer.send(desktopChannels.retryEngine),
};

contextBridge.exposeInMainWorld(desktopBridgeName, bridge);
