import { useSlice } from '../../studio-context';
import type { CostPlace } from './cost-text';

/** What costs of variants are reckoned for on this computer, as it is now. */
export function useCostPlace(): CostPlace {
  const { width, height } = useSlice('program');
  const { basis } = useSlice('variants');
  const { cores } = useSlice('machine');
  return { canvas: { width, height }, basis, cores };
}
