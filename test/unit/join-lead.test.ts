import { expect, it } from 'vitest';
import { JoinLead } from '../../electron/streaming/sources/join-lead';

it('leaves a decoder the time that those before it took, and half a second when it knows nothing or they are slow', () => {
  const lead = new JoinLead();
  expect(lead.sec).toBe(0.5);
  lead.learn(0.2);
  expect(lead.sec).toBeCloseTo(0.25);
  // One that was held up is no measure for the next.
  for (const seconds of [0.1, 2, 0.12]) lead.learn(seconds);
  expect(lead.sec).toBeCloseTo(0.17);
  for (let later = 0; later < 5; later += 1) lead.learn(3);
  expect(lead.sec).toBe(0.5);
});
