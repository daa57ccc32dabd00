import { describe, expect, it } from 'vitest';
import { rateOffers, sizeOffers, strayOffer } from '../../renderer/features/capture/capture-offers';
import { cameraLimits } from '../../renderer/capture/camera-limits';

const labels = (choices: readonly { label: string }[]): string[] => choices.map(({ label }) => label);

describe('what a camera of the browser is offered with', () => {
  it('is the usual while nothing is known', () => {
    expect(labels(sizeOffers(null))).toEqual(['As the canvas', '1080 lines', '720 lines', '480 lines']);
    expect(labels(rateOffers(null))).toEqual(['15', '24', '30', '60']);
    expect(labels(rateOffers({ mostHeight: 720, mostFps: null }))).toEqual(['15', '24', '30', '60']);
  });

  it('is what it reaches, and its largest', () => {
    const large = { mostHeight: 2160, mostFps: 20 };
    expect(labels(sizeOffers(large))).toEqual([
      'As the canvas',
      '2160 lines',
      '1080 lines',
      '720 lines',
      '480 lines',
    ]);
    expect(labels(rateOffers(large))).toEqual(['15', '20']);
    const small = { mostHeight: 240, mostFps: 30 };
    expect(labels(sizeOffers(small))).toEqual(['As the canvas', '240 lines']);
    expect(labels(rateOffers(small))).toEqual(['15', '24', '30']);
  });

  it('says of a choice beyond it what it is', () => {
    expect(strayOffer(60, '', 30)).toBe('60 (this camera: 30)');
    expect(strayOffer(1944, ' lines', null)).toBe('1944 lines');
  });

  it('is read from what browsers say, and left open where they say nothing', () => {
    const track = (capabilities?: object) =>
      ({ kind: 'video', ...(capabilities && { getCapabilities: () => capabilities }) }) as MediaStreamTrack;
    expect(cameraLimits(track({ height: { min: 1, max: 1080 }, frameRate: { max: 29.97 } }))).toEqual({
      mostHeight: 1080,
      mostFps: 30,
    });
    expect(cameraLimits(track({ height: {}, frameRate: { max: 0 } }))).toEqual({
      mostHeight: null,
      mostFps: null,
    });
    expect(cameraLimits(track())).toBeNull();
  });
});
