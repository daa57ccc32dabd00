import type { ErrorTexts } from './error-text-form';

/** The way to a destination: which server, and how much it carries. */
export const linkErrorTexts = {
  'servers-unlisted': (d) => ({
    sentence: `The list of servers could not be had from ${d.host} (${d.reason}).`,
    remedy: 'The servers that were known before are shown. Check your network, then measure again.',
  }),
  'bandwidth-busy': (d) => ({
    sentence: `The connection to ${d.name} is being tested.`,
    remedy: 'Wait for its end or cancel it: two at once would measure one another.',
  }),
  'bandwidth-public': (d) => ({
    sentence: `${d.name} shows viewers whatever it gets, so no test is sent there.`,
    remedy:
      'Test by way of a server of your own: add it as a destination of the kind “Other”, then choose it here.',
  }),
  'bandwidth-watched': (d) => ({
    sentence: `Whether ${d.name} shows viewers what it gets is not known here.`,
    remedy: 'Say that nobody watches there, or test by way of Twitch or of a server in your network.',
  }),
  'bandwidth-unmeasured': (d) => ({
    sentence: `Too little came through to ${d.host} to measure the connection.`,
    remedy: 'Check your network, then test again.',
  }),
  'bandwidth-too-small': (d) => ({
    sentence: `${d.name} gets ${d.neededKbps} kbit/s; the connection carried ${d.measuredKbps} when it was tested.`,
    remedy: `Send ${d.mostKbps} kbit/s or less, so that there is room for bad moments, or test again.`,
  }),
} satisfies Partial<ErrorTexts>;
