import { useStore } from 'zustand';
import { createLayoutStore } from './layout-store';
import type { Layout } from './layout-store';

export const layoutStore = createLayoutStore(localStorage, innerHeight);

export const useLayout = (): Layout => useStore(layoutStore);
