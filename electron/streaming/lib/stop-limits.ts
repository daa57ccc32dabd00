/**
 * How long a stop may take, in milliseconds, from the inside out. Each layer gives up on what is within it before the
 * layer around gives up on it: otherwise an encoder that hangs would cost a recording its last bytes. Within the engine
 * the encoders drain first, then the outputs end. All of it stays below the 5 s that a stop may take.
 */
export const drainMs = 1500;
/** what is queued for an output may still go out for so long */
export const lastPacketsMs = 750;
/** an output that has not ended by then is left behind */
export const outputStopMs = 2000;
/** past this the engine ends, whatever still hangs */
export const engineStopMs = 4500;
/** past this whoever started the engine kills it */
export const launcherKillMs = 4900;
