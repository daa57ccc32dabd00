import { describe, expect, it } from 'vitest';
import { adobeAnswer } from '../../electron/streaming/rtmp/adobe-auth';

const login = { user: 'me', password: 'secret' };
const answerTo = (description: string): string | null => adobeAnswer(login, description, '0badf00d');

describe('Adobe’s authentication', () => {
  it('says who is there when it is asked', () => {
    expect(answerTo('[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ')).toBe(
      'authmod=adobe&user=me',
    );
    expect(answerTo('authmod=adobe code=403 need auth')).toBe('authmod=adobe&user=me');
    expect(adobeAnswer({ user: 'a&b=c d', password: '' }, 'authmod=adobe need auth', '0')).toBe(
      'authmod=adobe&user=a%26b=c%20d',
    );
  });

  it('proves it, with the opaque value in place of the challenge where there is one', () => {
    const asks =
      '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=me&salt=c2FsdA==&challenge=Y2g=';
    // md5(md5("me" "c2FsdA==" "secret") … "0badf00d"), reckoned with openssl.
    expect(answerTo(asks)).toBe('authmod=adobe&user=me&challenge=0badf00d&response=L1iibFgtgEUJ20dWavoVhg==');
    expect(answerTo(`${asks}&opaque=b3A+/Q==`)).toBe(
      'authmod=adobe&user=me&challenge=0badf00d&response=4O9d5gxX0An9uPvN5ThzTQ==&opaque=b3A+/Q==',
    );
  });

  it.each([
    ['another kind', 'code=403 need auth; authmod=llnw'],
    ['a wrong password', '[ authmod=adobe ] : ?reason=authfailed&opaque=x'],
    ['a wrong user', '[ authmod=adobe ] : ?reason=nosuchuser'],
    ['a question without a salt', '[ authmod=adobe ] : ?reason=needauth&user=me'],
    ['nothing of the kind', 'There is no such application.'],
    ['nothing', ''],
    ['nonsense', `authmod=adobe ?${'&='.repeat(400)}`],
  ])('has no answer to %s', (_, description) => {
    expect(answerTo(description)).toBeNull();
  });
});
