import { takeSameKey } from '../../shared/contract/services';
import { StudioError } from '../streaming/lib/errors';
import type { RtmpLogin } from '../streaming/rtmp/adobe-auth';
import type { Destination } from './destinations-file';

/** What a change says of the login: nothing, none, or whose; a password that is left out stays. */
export type LoginPatch = { readonly user: string; readonly password?: string | undefined } | null | undefined;

/**
 * The login after a change. It belongs to the server that it was given for: another one gets it only when both halves
 * are given anew.
 * @throws StudioError `invalid-request` for a user name without any password
 */
export function changedLogin(
  former: Pick<Destination, 'url' | 'login'>,
  next: { readonly url: string; readonly login: LoginPatch },
): Pick<Destination, 'login'> {
  if (next.login === null) return {};
  const kept = takeSameKey(former.url, next.url) ? former.login : undefined;
  if (next.login === undefined) return kept ? { login: kept } : {};
  const password = next.login.password ?? kept?.password;
  if (password === undefined)
    throw new StudioError('invalid-request', { reason: 'a user name for this server needs its password' });
  const login: RtmpLogin = { user: next.login.user, password };
  return { login };
}
